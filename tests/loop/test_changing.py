"""Changing a project: evidence is voided only when that was confirmed, and labels keep their answers."""

from __future__ import annotations

import pytest
from worlds import answer, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, TaskError
from cowise.core.types import Answer, Promise
from cowise.loop.changing import Change, change
from cowise.loop.history import history
from cowise.loop.plan import advance
from cowise.store import opinions, projects


@pytest.fixture(scope="module")
def gold():
    return texts(420)


def test_words_touch_no_certificate(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold)
        before = loop.status(ws, "p")
        made = change(ws, "p", Change(instructions="Which team?", language="en", name="mails"))
        assert (made.name, made.task.instructions, made.task.language) == ("mails", "Which team?", "en")
        after = loop.status(ws, "mails")
        assert (after.certificate, after.automated) == (before.certificate, before.automated)
        assert loop.verify(ws).ok


def test_what_voids_evidence_says_so_first(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold)
        before = loop.status(ws, "p")
        for wanted in (Change(promise=Promise(0.01)), Change(labels=("billing", "bug", "praise", "other")),
                       Change(renamed={"bug": "fault"})):  # fmt: skip
            with pytest.raises(ConflictError, match=r"1 certificate.* withdrawn"):
                change(ws, "p", wanted)
        assert loop.status(ws, "p") == before
        change(ws, "p", Change(promise=Promise(0.01)), confirmed=True)
        now = loop.status(ws, "p")
        assert (now.certificate, now.automated) == ("", 0)
        assert history(ws, "p").certificates[-1].state == "withdrawn"


def test_a_renamed_label_keeps_its_answers(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, limit=30)
        change(ws, "p", Change(renamed={"bug": "praise", "praise": "bug"}), confirmed=True)  # even two at once
        swapped = {t: {"bug": "praise", "praise": "bug"}.get(label, label) for t, label in gold.items()}
        with ws.store.read() as tx:
            project = projects.get(tx, "p")
            said = list(opinions.current(tx, project.id))
        assert project.task.labels == ("billing", "praise", "bug")
        assert len(said) == 30
        answer(ws, swapped)
        now = loop.status(ws, "p")
        assert now.open == 0
        assert now.automated > 0
        assert loop.verify(ws).ok


def test_a_label_is_added_while_the_model_learns_on(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, limit=30)
        made = change(ws, "p", Change(labels=("billing", "bug", "praise", "other")))
        assert made.task.labels[-1] == "other"
        with loop.session(ws, "p", "ann") as review:
            review.take(review.ask(1)[0], Answer.of("other"))
        answer(ws, gold, limit=10)
        assert advance(ws, "p").queued > 0


@pytest.mark.parametrize(
    "labels", [("bug", "billing", "praise"), ("billing", "bug"), ("billing", "bug", "other", "praise")]
)
def test_labels_are_never_dropped_or_shuffled(tmp_path, gold, labels):
    with world(tmp_path / "home", dict(list(gold.items())[:20])) as ws:
        with pytest.raises(TaskError, match="added at the end"):
            change(ws, "p", Change(labels=labels), confirmed=True)
        with pytest.raises(TaskError, match="not in the task"):
            change(ws, "p", Change(renamed={"x": "y"}), confirmed=True)
        with pytest.raises(TaskError, match="count as the same"):
            change(ws, "p", Change(renamed={"bug": "Billing"}), confirmed=True)

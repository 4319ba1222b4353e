"""Changing a project: evidence is voided only when that was confirmed, and labels keep their answers."""

from __future__ import annotations

from contextlib import closing

import pytest
from worlds import answer, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, InputError, TaskError
from cowise.core.types import Answer, Promise, multilabel
from cowise.loop.board import read
from cowise.loop.changing import Change, change, consequences
from cowise.loop.consequences import Cost
from cowise.loop.history import history
from cowise.loop.plan import advance
from cowise.store import imports, opinions, projects


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


def test_what_a_renaming_gave_back_to_people_may_be_automated_again(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold)
        before = loop.status(ws, "p")
        change(ws, "p", Change(renamed={"bug": "fault"}), confirmed=True)
        assert loop.status(ws, "p").open == before.automated
        answer(ws, {t: "fault" if label == "bug" else label for t, label in gold.items()})
        now = loop.status(ws, "p")
        assert (now.open, now.automated > 0) == (0, True)
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


def test_steps_are_counted_together_and_done_in_one_go(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, limit=40)
        with ws.store.read() as tx:
            said = [one.answer.value for one in opinions.current(tx, 1)]
        wanted = Change(
            merged={"bug": "praise"}, split={"praise": ("joy", "thanks")}, renamed={"billing": "money"}, added=("x",)
        )
        cost = consequences(ws, "p", wanted)
        assert cost == Cost(again=sum(one != "billing" for one in said)), "what is merged and then split is asked again"
        assert change(ws, "p", wanted, confirmed=True).task.labels == ("money", "joy", "thanks", "x")
        with ws.store.read() as tx:
            assert {one.answer.value for one in opinions.current(tx, 1)} == {"money"}
        assert loop.verify(ws).ok


@pytest.mark.parametrize(
    "wrong",
    [
        {"split": {"zz": ("x", "y")}},
        {"renamed": {"bug": "fault"}},
        {"added": ("Praise",)},
        {"balance": 2.0},
        {"name": ""},
    ],
)
def test_a_step_that_is_refused_leaves_no_trace_of_the_others(tmp_path, gold, wrong):
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold)
        before = loop.status(ws, "p"), loop.get(ws, "p"), loop.verify(ws).entries
        with pytest.raises(InputError):
            change(ws, "p", Change(merged={"bug": "praise"}, promise=Promise(0.01), **wrong), confirmed=True)
        assert (loop.status(ws, "p"), loop.get(ws, "p"), loop.verify(ws).entries) == before


def test_a_label_added_to_sets_counts_against_every_answer_so_far(tmp_path):
    with closing(loop.open_workspace(settings(tmp_path / "home"), create=True)) as ws:
        loop.create(ws, "p", multilabel("joy", "fear"), Promise(), encoder="hashing")
        loop.add(
            ws, "p", [{"text": f"t {i}", "l": "joy" if i % 2 else "[]"} for i in range(6)], loop.Columns("text", "l")
        )
        loop.add(ws, "p", ["a text", "another"])
        with loop.session(ws, "p", "ann") as review:
            review.take(review.ask(1)[0], Answer("labels", ("fear",)))
        given = loop.status(ws, "p").human.answers + 6
        with pytest.raises(ConflictError, match=f"{given} answers given so far count as without each new label"):
            change(ws, "p", Change(added=("anger",)))
        change(ws, "p", Change(added=("anger",)), confirmed=True)
        board = read(ws, "p")
        assert {board.project.task.answer(int(code)).value for code in board.label if code >= 0} == {
            ("joy",),
            ("fear",),
            (),
        }
        assert not board.open[[*board.said]].any(), "what is answered stays answered, as without it"
        wanted = Change(split={"fear": ("dread", "panic")}, added=("awe",))
        assert (consequences(ws, "p", wanted).again, consequences(ws, "p", wanted).without) == (1, given - 1)


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


def test_labels_stay_while_an_import_is_open(ws):
    """Its later rows bring labels under the names of now: one that is renamed meanwhile would be no label at all."""
    with ws.store.read() as tx:
        project = projects.get(tx, "p")
    held = ws.store.write(lambda tx: imports.begin(tx, project.id, "more.csv", owner="process 1"))
    for wanted in (
        Change(renamed={"bug": "fault"}),
        Change(merged={"bug": "praise"}),
        Change(split={"bug": ("a", "b")}),
    ):
        with pytest.raises(ConflictError, match=r"import from more\.csv is open"):
            change(ws, "p", wanted, confirmed=True)
    change(ws, "p", Change(instructions="Read it all.", added=("other",)))
    while ws.store.write(lambda tx: imports.undo(tx, held)):
        pass
    change(ws, "p", Change(renamed={"bug": "fault"}))
    assert loop.get(ws, "p").task.labels == ("billing", "fault", "praise", "other")

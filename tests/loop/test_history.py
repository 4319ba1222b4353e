"""A project over time, and certificates in words that promise no more than they prove."""

from __future__ import annotations

import re

import pytest
from worlds import answer, texts, world

from cowise import loop
from cowise.core.types import Certificate, Promise
from cowise.loop.history import history, models, pace_s, sentence
from cowise.store.certificates import CertificateRow


def _row(state="valid", of="delivered", window="batch", per_label=False, **more) -> CertificateRow:
    fields = {
        "promise": Promise(0.05, 0.95, of, per_label), "method": "out", "version": "v", "window": window, "n_items": 1000,
        "n_automated": 800, "n_audited": 60, "n_errors": 1, "threshold": 0.4, "delta": 0.04, "details": {"bound": 0.0491},
    }  # fmt: skip
    return CertificateRow(Certificate(**{**fields, **more}), state, "changed" if state != "valid" else "", 1.0)


@pytest.mark.parametrize("of", ["delivered", "selective"])
@pytest.mark.parametrize("window", ["batch", "stream"])
def test_a_sentence_says_what_is_promised_and_what_is_not(of, window):
    said = sentence(_row(of=of, window=window))
    assert "95 %" in said["en"]
    assert "95 %" in said["zh"]
    assert "Not promised" in said["en"]
    assert "不包括" in said["zh"]
    assert re.findall(r"[\d.,]+ ?%?", said["en"].replace(",", ""))
    numbers = [sorted(re.findall(r"\d[\d.,]*", said[lang].rstrip("."))) for lang in ("en", "zh")]
    assert numbers[0] == numbers[1]


def test_a_bound_is_never_rounded_down_nor_a_confidence_up():
    said = sentence(_row(details={"bound": 0.04901}, promise=Promise(0.05, 0.9999)))
    assert "5 %" in said["en"]
    assert "4.9 %" not in said["en"]
    assert "99.9 %" in said["en"]


def test_a_withdrawn_one_promises_nothing():
    said = sentence(_row(state="withdrawn"))
    assert "promises nothing" in said["en"]
    assert "不再作任何承诺" in said["zh"]
    assert not re.search(r"\d", said["en"] + said["zh"])


def test_labels_are_mentioned_where_they_are_promised():
    assert "each label" in sentence(_row(per_label=True))["en"]
    assert "每个标签" in sentence(_row(per_label=True))["zh"]


def test_the_story_of_a_whole_project(tmp_path):
    gold = texts(420)
    with world(tmp_path / "home", gold) as ws:
        assert history(ws, "p").points[-1].open == 420
        assert pace_s(ws, "p") is None
        answer(ws, gold)
        now, found = loop.status(ws, "p"), history(ws, "p", points=50)
        assert len(found.points) <= 50
        last = found.points[-1]
        assert (last.training, last.audit, last.deferred) == (now.human.training, now.human.audit, now.human.deferred)
        assert (last.automated, last.open) == (now.automated, now.open)
        times = [point.at for point in found.points]
        assert times == sorted(times)
        for name in ("answers", "training", "audit", "deferred"):
            series = [getattr(point, name) for point in found.points]
            assert series == sorted(series), name
        assert found.certificates[-1].state == "valid"
        assert found.certificates[-1].n_automated == now.automated
        assert {one.state for one in found.versions} >= {"released"}
        assert pace_s(ws, "p") == 1.0
        shown = models(ws, "p")
        assert [one["id"] for one in shown["certificates"]] == [one.id for one in reversed(found.certificates)]
        assert found.to_json()["points"][0]["answers"] == 0


def test_no_step_of_the_history_tells_that_an_answer_was_an_audit(tmp_path):
    gold = texts(420)
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, until="audit")
        before = history(ws, "p", points=2000).points[-1]
        steps = []
        for _ in range(12):
            answer(ws, gold, limit=1)
            now = history(ws, "p", points=2000)
            steps.append((now.points[-1].training, now.points[-1].audit, now.points[-1].deferred))
        assert now.points[-1].answers == before.answers + 12
        assert set(steps) == {(before.training, before.audit, before.deferred)}
        during = [p for p in now.points if p.answers > before.answers]
        assert {(p.training, p.audit, p.deferred) for p in during} == {(before.training, before.audit, before.deferred)}

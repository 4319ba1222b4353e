"""Shares of labels and the model's accuracy, estimated while it learns: from lots alone, read without a model, told of no audit."""

import numpy as np
import pytest
from worlds import LABELS, PROMISE, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.types import Answer, Promise, classify
from cowise.loop import records, sampled
from cowise.loop.board import read
from cowise.loop.desk import Desk
from cowise.store import projects

GOLD = texts(900, 1, 0.1)
STRICT = Promise(0.02, 0.95)


def lots_of(ws):
    with ws.store.read() as tx:
        return projects.get(tx, "p").settings["lots"]


def test_nothing_is_estimated_before_thirty_lots_are_answered(tmp_path):
    with world(tmp_path, GOLD, STRICT) as ws:
        assert loop.estimates(ws, "p") == loop.estimates(ws, "p").__class__("early")
        answer(ws, GOLD, limit=20)
        loop.advance(ws, "p")
        assert loop.estimates(ws, "p").state == "early"


def test_shares_hold_the_truth_and_say_what_they_stand_on(tmp_path):
    with world(tmp_path, GOLD, STRICT) as ws:
        answer(ws, GOLD, limit=160)
        found = loop.estimates(ws, "p")
        assert found.state == "ready"
        assert 30 <= found.lots < found.asked <= 160
        assert 800 < found.texts < 900, "texts that are reserved are not estimated about"
        assert {label for label, _ in found.labels} == set(LABELS)
        for label, one in found.labels:
            share = np.mean([each == label for each in GOLD.values()])
            # How often the interval itself holds is tests/claims/test_estimates.py.
            assert one.low - 0.08 < share < one.high + 0.08
            assert one.low < one.share < one.high
        assert found.right.low - 0.08 < 0.9 < found.right.high + 0.08
        assert sum(one.share for _, one in found.labels) == pytest.approx(1, abs=0.1)


def test_lots_are_those_that_the_picker_drew(tmp_path):
    """Every question before the first look is noted once, chosen or by lot; half of the first sixty, a tenth of the others."""
    with world(tmp_path, GOLD, Promise(0.005, 0.99)) as ws:
        answer(ws, GOLD, limit=100)
        assert not read(ws, "p").project.settings.get("looks"), "so strict a promise is looked at later"
        noted = list(sampled.asked(lots_of(ws)))
        assert set(read(ws, "p").said) <= {ordinal for ordinal, *_ in noted}
        by_turn = [(len(lots), len(chosen)) for lots, chosen in lots_of(ws)["turns"]]
        assert by_turn[:2] == [(30, 0), (0, 30)]
        assert all(lots <= max(1, round(0.1 * (lots + chosen)) + 1) for lots, chosen in by_turn[2:])


def test_the_very_first_questions_of_the_page_are_lots(tmp_path):
    with world(tmp_path, GOLD, STRICT) as ws:
        desk = Desk(ws, lambda project: None)
        asked = [one.item for n in (3, 5) for one in desk.questions("p", f"person {n}", n).questions]
        noted = list(sampled.asked(lots_of(ws)))
        assert len(asked) == len(noted) == 8
        assert all(by_lot for *_, by_lot in noted)


def test_no_lot_is_noted_once_a_look_began_and_an_open_look_moves_no_estimate(tmp_path):
    easy = texts(500, 2, 0.0)
    with world(tmp_path, easy, PROMISE) as ws:
        answer(ws, easy, until="audit")
        before, lots = loop.estimates(ws, "p"), lots_of(ws)
        answer(ws, easy, limit=12)
        assert loop.estimates(ws, "p") == before
        answer(ws, easy)
        assert lots_of(ws) == lots


def test_texts_that_come_later_begin_the_sample_anew(tmp_path):
    with world(tmp_path, GOLD, STRICT) as ws:
        answer(ws, GOLD, limit=80)
        first = lots_of(ws)
        more = texts(300, 9, 0.1)
        loop.add(ws, "p", list(more))
        while (second := lots_of(ws))["n"] == first["n"]:
            assert answer(ws, {**GOLD, **more}, limit=20), "lots are drawn anew before the answers end"
        assert second["n"] > first["n"]
        assert {ordinal for ordinal, *_ in sampled.asked(first)} & set(second["before"])


def test_questions_that_nobody_could_answer_widen_the_interval(tmp_path):
    """They count as the worst for either end: who is unsure of one label's texts moves no estimate unseen."""
    known = by_id(GOLD)
    spans = {}
    for unsure in (False, True):
        with world(tmp_path / str(unsure), GOLD, STRICT) as ws:
            with loop.session(ws, "p", "ann") as review:
                for i in range(120):
                    [question] = review.ask(1)
                    said = Answer("unsure") if unsure and i % 4 == 0 else Answer.of(known[question.item])
                    review.take(question, said, 1.0)
            loop.advance(ws, "p")
            found = loop.estimates(ws, "p")
            spans[unsure] = np.mean([one.high - one.low for _, one in found.labels])
            assert (found.missing > 0) == unsure
    assert spans[True] > 1.3 * spans[False]


def test_labels_that_are_called_otherwise_are_not_told_under_old_names(tmp_path):
    with world(tmp_path, GOLD, STRICT) as ws:
        answer(ws, GOLD, limit=140)
        assert loop.estimates(ws, "p").state == "ready"
        loop.merge(ws, "p", {"bug": "praise"}, confirmed=True)
        assert loop.estimates(ws, "p").state == "early"


def test_a_project_whose_first_look_came_early_says_that_nothing_comes(tmp_path):
    with world(tmp_path, GOLD) as ws:
        answer(ws, GOLD, limit=10)
        lots = lots_of(ws)
        ws.store.write(
            lambda tx: records.change(tx, 1, looks=1, lots={**lots, "turns": [[lots["turns"][0][0][:5], []]]})
        )
        loop.advance(ws, "p")
        assert loop.estimates(ws, "p").state == "none"


def test_where_a_models_own_answers_are_audited_nothing_is_drawn_by_lot(tmp_path):
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        rows = [{"t": text, "o": label} for text, label in GOLD.items()]
        loop.add(ws, "p", rows, loop.Columns(text="t", opinion="o"), how=loop.How(by="robot"))
        answer(ws, GOLD, limit=40)
        assert loop.estimates(ws, "p").state == "none"

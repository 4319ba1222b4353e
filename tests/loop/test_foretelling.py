"""What a promise would cost and grant: kept before lots are drawn, the same while a look is open, and held against what came."""

import itertools
import json
import time
from dataclasses import replace

import numpy as np
import pytest
from worlds import PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.types import Answer, Promise
from cowise.loop import foretelling
from cowise.loop.ground import Facts, ground
from cowise.loop.promised import promises
from cowise.store import ledger, projects


@pytest.fixture
def fixed_lots(monkeypatch):
    """The keys, and so the lots, are the same each time."""
    count = itertools.count(1)
    monkeypatch.setattr("cowise.guard.keys.new_key", lambda: bytes([next(count) % 251]) * 32)


def looks(tmp_path, promise):
    """Looks that are over, with what each granted, of four easy and hard samples."""
    for seed, noise in ((0, 0.0), (1, 0.05), (2, 0.05), (3, 0.1)):
        gold = texts(500, seed, noise)
        with world(tmp_path / str(seed), gold, promise) as ws:
            answer(ws, gold)
            for one in promises(ws, "p").looks:
                yield one.foretold, one.granted or 0.0, one.state


@pytest.mark.usefixtures("fixed_lots")
@pytest.mark.parametrize(
    "promise", [Promise(0.1, 0.8), Promise(0.1, 0.8, "selective"), Promise(0.1, 0.8, per_label=True)], ids=str
)
def test_what_was_granted_lies_within_what_was_foretold(tmp_path, promise):
    """The interval is one of eight in ten, and holds what a check that failed granted: nothing."""
    found = list(looks(tmp_path, promise))
    whole = promise.of == "delivered"
    spans = [(one["automation"], granted) for one, granted, state in found if state == "granted" or not whole]
    inside = [span["low"] <= granted <= span["high"] for span, granted in spans]
    assert len(inside) >= 3
    assert np.mean(inside) >= 0.75, spans


@pytest.mark.usefixtures("fixed_lots")
def test_a_selective_check_is_granted_as_often_as_foretold(tmp_path):
    found = list(looks(tmp_path, Promise(0.1, 0.8, "selective")))
    chance = np.array([one["chance"] for one, *_ in found])
    granted = sum(state == "granted" for *_, state in found)
    spread = np.sqrt((chance * (1 - chance)).sum())
    assert abs(granted - chance.sum()) <= 2 * spread


def test_a_stricter_promise_costs_more_and_grants_less(played):
    found = loop.forecast(played, "p")
    assert found.state == "ready"
    assert found.here.max_error == PROMISE.max_error
    assert [one.max_error for one in found.curve] == sorted({*foretelling.ERRORS, PROMISE.max_error})
    middle = [one.automation.middle for one in found.curve]
    assert middle[0] < middle[-1]
    assert np.all(np.diff(middle) > -0.03)
    for one in (*found.curve, *found.more):
        assert 0 <= one.automation.low <= one.automation.middle <= one.automation.high <= 1
        assert one.answers.low <= one.answers.middle <= one.answers.high
    strict = loop.forecast(played, "p", max_error=0.02, confidence=0.99)
    assert strict.here.confidence == 0.99
    assert strict.here.answers.middle > found.here.answers.middle
    assert loop.forecast(played, "p", max_error=0.02, confidence=0.99) is strict


def test_goals_are_reached_by_the_answers_they_name():
    margin = np.linspace(0, 1, 3000)
    risk = 0.4 * np.exp(-5 * margin)
    wrong = np.random.default_rng(0).random(3000) < risk
    known = ground(Facts(3000, 2900, 100, 0.5, 0.0, 3, 0), margin, np.arange(3000) % 3, (margin[::10], wrong[::10]))
    found = foretelling._forecast(known, known.risks(10), Promise(0.02, 0.9), 0.0)
    now = found.more[0].automation.middle
    assert found.goals
    assert all(goal.automation > now and goal.more > 0 for goal in found.goals)
    assert list(found.goals) == sorted(found.goals, key=lambda goal: (goal.automation, goal.more))
    assert found.here.answers.middle == min(one.answers.middle for one in found.more)


def test_too_few_answers_foretell_nothing(ws, gold):
    assert loop.forecast(ws, "p").state == "early"
    answer(ws, gold, limit=10)
    assert loop.forecast(ws, "p").here is None


def test_of_a_selective_promise_for_each_label_nothing_is_foretold(tmp_path, gold):
    with world(tmp_path, gold, Promise(0.1, 0.8, "selective", per_label=True)) as ws:
        answer(ws, gold, limit=150)
        assert loop.forecast(ws, "p").state == "other"
        assert all(one.foretold == {} for one in promises(ws, "p").looks)


def test_while_a_look_is_open_no_answer_moves_it(tmp_path):
    gold = texts(700, 5, noise=0.1)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        before = loop.forecast(ws, "p").to_json(), promises(ws, "p").to_json()
        assert before[1]["looks"][0]["state"] == "open"
        assert before[1]["looks"][0]["granted"] is None
        with loop.session(ws, "p", "ann") as review:
            for _ in range(15):
                (asked,) = review.ask(1)
                review.take(asked, Answer.of(known[asked.item]), 1.0)
                ws.memory.clear()
                assert (loop.forecast(ws, "p").to_json(), promises(ws, "p").to_json()) == before


def test_it_is_on_the_ledger_before_the_first_audit_is_asked(played):
    with played.store.read() as tx:
        project = projects.get(tx, "p")
        (designed,) = [one for one in ledger.each(tx, project=project.id) if one.kind == "designed"][-1:]
    foretold = json.loads(bytes(designed.record))["foretold"]
    assert foretold["automation"]["low"] <= foretold["automation"]["high"]
    assert promises(played, "p").looks[0].foretold == foretold
    assert loop.verify(played).ok


def test_a_withdrawal_is_told_with_what_was_done(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        automated = loop.status(ws, "p").automated
        loop.withdraw(ws, "p", "the world has changed")
        (gone,) = promises(ws, "p").gone
        assert (gone.cause, gone.reason, gone.back, gone.certificate) == (
            "withdrawn",
            "the world has changed",
            automated,
            "",
        )
        answer(ws, gold)
        (gone,) = promises(ws, "p").gone
        assert gone.certificate == loop.status(ws, "p").certificate
        answer(ws, gold)
        loop.change(ws, "p", promise=Promise(0.05, 0.8))
        assert [one.cause for one in promises(ws, "p").gone] == (
            ["changed", "withdrawn"] if gone.certificate else ["withdrawn"]
        )


def test_a_forecast_over_100_000_items_is_quick(ws):
    """What it stands on has a fixed size: a second promise is foretold in the time of one look at a page."""
    rng = np.random.default_rng(0)
    margin = rng.random(20_000)
    past = rng.random(3000)
    wrong, label = rng.random(3000) < 0.3 * np.exp(-5 * past), rng.integers(0, 5, 20_000)
    known = ground(Facts(100_000, 97_000, 3000, 0.4, 0.0, 5, 0), margin, label, (past, wrong))
    with ws.store.read() as tx:
        project = projects.get(tx, "p")
    foretelling.keep(ws, project, known)
    first = loop.forecast(ws, "p")
    begun = time.perf_counter()
    second = loop.forecast(ws, "p")
    assert time.perf_counter() - begun < 0.3
    assert second is first
    assert first.items == 100_000
    assert first.here.automation.low < first.here.automation.high


def known(n=3000, labels=3, wrong=0.3):
    """A rest of `n` items of 97,000 and 3,000 predictions made before."""
    rng = np.random.default_rng(0)
    past, margin = rng.random(3000), rng.random(n)
    missed = rng.random(3000) < wrong * np.exp(-5 * past)
    facts = Facts(100_000, 97_000, 3000, 0.4, 0.0, labels, 0)
    return ground(facts, margin, rng.integers(0, labels, n), (past, missed))


def test_a_promise_of_each_label_costs_more_the_more_labels_there_are():
    told = {
        labels: foretelling._forecast(one, one.risks(10), Promise(0.05, 0.9, per_label=True), 0.0).here
        for labels in (2, 14)
        for one in [known(labels=labels)]
    }
    whole = known()
    one = foretelling._forecast(whole, whole.risks(10), Promise(0.05, 0.9), 0.0).here
    assert one.answers.middle < told[2].answers.middle < told[14].answers.middle


def test_a_selective_promise_that_no_part_is_expected_to_keep_grants_nothing():
    hard = known(wrong=1.0)
    told = foretelling._forecast(hard, hard.risks(10), Promise(0.001, 0.95, "selective"), 0.0)
    assert told.here.automation.high == 0
    assert told.here.chance == 0
    assert told.here.answers.low >= 100_000 - 1
    easy = foretelling._forecast(hard, hard.risks(10), Promise(0.3, 0.8, "selective"), 0.0).here
    assert easy.chance > 0.5
    assert easy.automation.high > 0.3


def test_what_was_kept_before_labels_were_foretells_nothing_for_each(ws):
    one = known()
    with ws.store.read() as tx:
        project = projects.get(tx, "p")
    foretelling.keep(ws, project, replace(one, label=np.full(len(one.label), foretelling.NO_LABEL)))
    assert loop.forecast(ws, "p").state == "ready"
    loop.change(ws, "p", promise=replace(project.promise, per_label=True))
    foretelling.keep(ws, project, replace(one, label=np.full(len(one.label), foretelling.NO_LABEL)))
    assert loop.forecast(ws, "p").state == "early"

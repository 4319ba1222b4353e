"""What a promise would cost and grant: kept before lots are drawn, the same while a look is open, and held against what came."""

import itertools
import json
import time

import numpy as np
import pytest
from worlds import PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.types import Answer, Promise
from cowise.loop import foretelling
from cowise.loop.foretelling import Facts, ground
from cowise.loop.promised import promises
from cowise.store import ledger, projects


def test_what_was_granted_lies_within_what_was_foretold(tmp_path, monkeypatch):
    """On four easy and hard samples; the interval is one of eight in ten. Seeded: the keys, and so the lots, are fixed."""
    count = itertools.count(1)
    monkeypatch.setattr("cowise.guard.keys.new_key", lambda: bytes([next(count) % 251]) * 32)
    inside = []
    for seed, noise in ((0, 0.0), (1, 0.05), (2, 0.05), (3, 0.1)):
        gold = texts(500, seed, noise)
        with world(tmp_path / str(seed), gold, Promise(0.1, 0.8)) as ws:
            answer(ws, gold)
            for one in promises(ws, "p").looks:
                if one.state == "granted":
                    span = one.foretold["automation"]
                    inside.append((span["low"] <= one.granted <= span["high"], one.granted, span))
    assert len(inside) >= 3
    assert np.mean([ok for ok, *_ in inside]) >= 0.75, inside


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
    known = ground(Facts(3000, 2900, 100, 0.5, 0.0, 3, 0), margin, margin[::10], wrong[::10])
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


@pytest.mark.parametrize("promise", [Promise(0.1, 0.8, "selective"), Promise(0.1, 0.8, per_label=True)])
def test_of_other_promises_nothing_is_foretold(tmp_path, gold, promise):
    with world(tmp_path, gold, promise) as ws:
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
    known = ground(
        Facts(100_000, 97_000, 3000, 0.4, 0.0, 5, 0), margin, past, rng.random(3000) < 0.3 * np.exp(-5 * past)
    )
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

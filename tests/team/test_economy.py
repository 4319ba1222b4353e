"""The economy on tasks whose learning curve is known: when it trains, when it audits, when it leaves things to people."""

import dataclasses

import numpy as np
import pytest

from cowise.core.types import Promise, Step
from cowise.team.economy import KAPPAS, Standing, another_look, batch_size, best_walk, next_step
from cowise.team.out import lots_needed
from cowise.team.tails import errors_that_break


def standing(answered, n=6000, floor=0.002, hard=0.5, promise=None, **more):
    """Margins spread evenly; risk falls from `hard` at margin 0 to `floor`, the faster the easier the task."""
    rest = n - answered
    margin = np.linspace(0, 1, rest) if rest else np.zeros(0)
    risk = np.maximum(hard * np.exp(-6 * margin), floor)
    return Standing(n, answered, margin, risk, promise or Promise(0.05, 0.9), **more)


def journey(task, n=2000, start=60):
    """Steps taken until the economy stops training; `task(answered)` is the standing at that many answers."""
    answered, steps = start, []
    while answered < n:
        step = next_step(task(answered))
        steps.append((answered, step))
        if step.kind != "train":
            return steps
        assert 1 <= step.n <= n - answered
        answered += step.n
    return steps


def easy(answered):
    return standing(answered, hard=0.5 * (60 / answered) ** 0.5, gain=0.5)


def hard(answered):
    rest = 2000 - answered
    margin = np.linspace(0, 1, rest)
    risk = np.clip(0.45 - 0.35 * margin, 0, 1) * (60 / answered) ** 0.08
    return Standing(2000, answered, margin, risk, Promise(0.02, 0.9), gain=0.08)


def test_an_easy_task_is_audited_after_a_few_hundred_answers():
    answered, step = journey(easy, n=6000)[-1]
    assert step.kind == "audit"
    assert 60 <= answered <= 600
    assert step.n == lots_needed(6000 - answered, errors_that_break(0.05, 6000), step.kappa, 1 - 0.9)
    assert step.kappa in KAPPAS


def test_a_hard_task_is_not_audited_early():
    """With nearly half of the doubtful ones wrong, people have most of it before a walk pays."""
    answered, step = journey(hard)[-1]
    assert answered > 1000
    assert step.kind in ("audit", "decide")


def test_a_hopeless_task_ends_with_what_cannot_break_the_promise():
    def hopeless(answered):
        rest = 2000 - answered
        return Standing(2000, answered, np.linspace(0, 1, rest), np.full(rest, 0.9), Promise(0.05, 0.9), gain=0.0)

    answered, step = journey(hopeless)[-1]
    assert step.kind == "decide"
    assert 2000 - answered - step.n == 100, "not one answer more than the promise asks for"
    last = next_step(hopeless(1900))
    assert (last.kind, last.n) == ("audit", 0)
    assert "too few to break" in last.reason


@pytest.mark.parametrize("rest", [1, 50, 300])
def test_a_trivial_rest_goes_out_without_an_audit(rest):
    """300 of 6,000 at 5 %: all of them wrong would keep the promise."""
    found = next_step(standing(6000 - rest, hard=0.9))
    assert (found.kind, found.n, found.kappa) == ("audit", 0, 0)
    assert best_walk(standing(6000 - rest)).answers == 0


@pytest.mark.parametrize("promise", [Promise(0.05, 0.9, "selective"), Promise(0.05, 0.9, per_label=True)])
def test_other_promises_know_no_trivial_rest(promise):
    step = next_step(standing(5990, hard=0.9, promise=promise))
    assert step.kind == "decide"
    assert step.n == 10


def test_one_item_more_than_trivial_asks_for_one_answer():
    step = next_step(standing(6000 - 301, hard=0.9, floor=0.5))
    assert step.kind in ("train", "decide")
    assert step.n == 1


def test_nothing_left():
    assert next_step(standing(6000)) == Step("stop", reason="every item is answered")
    assert best_walk(standing(6000)).answers == 0
    assert next_step(Standing(0, 0, np.zeros(0), np.zeros(0), Promise())).kind == "stop"


@pytest.mark.parametrize(("answered", "n"), [(0, 60), (45, 15)])
def test_the_first_answers_come_first(answered, n):
    step = next_step(standing(answered))
    assert (step.kind, step.n) == ("train", n)


def test_a_pool_smaller_than_the_first_answers():
    assert next_step(standing(0, n=20)).n == 20
    assert next_step(standing(12, n=20)).n == 8


@pytest.mark.parametrize("max_error", [1e-9, 1e-4, 0.5, 0.999999])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.999999])
def test_extreme_promises(max_error, confidence):
    promise = Promise(max_error, confidence)
    for answered in (0, 60, 300, 1499):
        step = next_step(standing(answered, n=1500, promise=promise))
        walk = best_walk(standing(answered, n=1500, promise=promise))
        assert step.kind in ("train", "audit", "decide")
        assert 0 <= walk.answers <= 1500 - answered
        assert step.kind == "audit" or step.n >= 1


def test_a_promise_of_no_error_at_all_is_left_to_people():
    """One wrong item breaks it: no audit short of everything can exclude that at such confidence."""
    promise = Promise(1e-9, 0.999999)
    assert best_walk(standing(60, n=500, promise=promise)).lots == 0
    assert next_step(standing(60, n=500, promise=promise)).kind == "train"
    assert next_step(standing(495, n=500, promise=promise)).kind == "decide"


def test_a_looser_promise_never_costs_more():
    costs = [best_walk(standing(300, promise=Promise(a, 0.9))).answers for a in (0.005, 0.01, 0.02, 0.05, 0.1)]
    assert costs == sorted(costs, reverse=True)


def test_the_share_of_a_look_stands_in_for_the_whole_delta():
    whole, part = best_walk(standing(300)), best_walk(standing(300, delta=0.01))
    assert part.answers > whole.answers
    assert best_walk(standing(300, delta=0.1)) == whole


def test_answers_expected_add_up():
    """No risk at all: the walk costs its audits and the company that they always have."""
    sure = Standing(6000, 0, np.zeros(6000), np.zeros(6000), Promise(0.02, 0.9))
    walk = best_walk(sure)
    assert (walk.kappa, walk.lots, walk.beyond) == (0, 112, 0)
    assert walk.answers == pytest.approx(112 * 1.25)
    assert best_walk(sure, 6000).answers == 6000


def test_it_never_sees_lots_or_answers_of_audits():
    """Certificates stand on lots drawn after planning: nothing of a lot may come near the economy."""
    seen = {field.name for field in dataclasses.fields(Standing)}
    assert seen == {
        "n_items",
        "answered",
        "confidence",
        "risk",
        "promise",
        "gain",
        "delta",
        "teaches",
        "doubt",
        "weight",
        "labels",
        "parts",
    }


def test_order_of_the_items_does_not_matter():
    one = standing(300)
    rng = np.random.default_rng(0)
    mixed = rng.permutation(len(one.risk))
    other = dataclasses.replace(one, confidence=one.confidence[mixed], risk=one.risk[mixed])
    assert best_walk(other).answers == pytest.approx(best_walk(one).answers)
    assert next_step(other) == next_step(one)


def test_inputs_stay_untouched():
    found = standing(300)
    found.risk.setflags(write=False)
    found.confidence.setflags(write=False)
    before = found.risk.copy(), found.confidence.copy()
    assert next_step(found).kind in ("train", "audit", "decide", "stop")
    assert np.array_equal(found.risk, before[0])
    assert np.array_equal(found.confidence, before[1])


@pytest.mark.parametrize(("answered", "n"), [(0, 20), (199, 20), (500, 50), (5000, 100)])
def test_batches(answered, n):
    assert batch_size(answered) == n


def test_what_cannot_train_is_no_reason_to_put_the_walk_off():
    """Unsure items that may never train would be waited for in vain: people answer them in the walk."""
    n = 6000
    margin = np.concatenate([np.zeros(300), np.full(n - 900, 1.0)])
    risk = np.where(margin > 0, 0.001, 0.5)
    stuck = Standing(n, 600, margin, risk, Promise(0.05, 0.9), gain=0.4, teaches=margin > 0)
    assert stuck.lessons == n - 900
    assert next_step(dataclasses.replace(stuck, teaches=None)).kind == "train"
    assert best_walk(dataclasses.replace(stuck, teaches=None)).beyond > 30, "half a batch"
    assert best_walk(stuck).beyond == 0
    assert next_step(stuck).kind == "audit"


def test_training_first_takes_only_what_may_train():
    margin = np.linspace(0, 1, 1000)
    risk = np.linspace(0.5, 0.0, 1000)
    nothing = Standing(1000, 60, margin, risk, Promise(0.05, 0.9), teaches=np.zeros(1000, np.bool_))
    assert best_walk(nothing, 200).answers == best_walk(nothing).answers
    assert next_step(nothing).kind != "train"


def test_a_walk_has_to_beat_what_goes_out_alone_in_any_case():
    """20 of 400 may be wrong: they go out unaudited in the end, so a walk for one more is no bet to take."""
    rest = 79
    found = {}
    for sure in (0, 4, 8, 12, 16, 20):
        risk = np.where(np.arange(rest) < sure, 0.0, 0.65)
        at = best_walk(Standing(400, 321, np.linspace(1, 0, rest), risk, Promise(0.05, 0.9), delta=0.08))
        found[sure] = rest - 20 - at.answers
        assert (at.lots > 0) == (found[sure] > 0)
    assert found[0] == 0
    assert all(saved == 0 or saved > 2 for saved in found.values()), found
    assert found[20] > 2


def after_a_walk(n=3000, risk=0.002, **more):
    return Standing(n, 300, np.linspace(1, 0, n - 300), np.full(n - 300, risk), Promise(0.05, 0.9), **more)


def test_a_walk_that_stopped_early_is_left_unused_when_the_next_one_is_expected_to_save_much():
    assert another_look(after_a_walk(delta=0.01), granted=200)
    assert not another_look(after_a_walk(delta=0.01), granted=2600)
    assert not another_look(after_a_walk(risk=0.5, delta=0.01), granted=200), "nothing better is in sight"


@pytest.mark.parametrize("promise", [Promise(0.05, 0.9, per_label=True), Promise(0.05, 0.9, "selective")])
def test_a_grant_is_kept_where_the_next_walk_cannot_be_foretold(promise):
    assert not another_look(dataclasses.replace(after_a_walk(delta=0.01), promise=promise), granted=200)


def test_later_looks_cost_more_so_they_are_taken_less_lightly():
    """The same walk, the same forecast: at a smaller share of delta fewer walks are worth repeating."""
    most = [max(g for g in range(0, 2700, 50) if another_look(after_a_walk(delta=d), g)) for d in (0.08, 0.01, 0.0001)]
    assert most == sorted(most, reverse=True)
    assert most[0] > most[-1]

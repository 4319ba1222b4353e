from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.core.errors import GuaranteeError, InputError
from cowise.team import out

LOTS = {0.02: [112, 188, 255, 317, 433, 591, 782, 1119], 0.05: [45, 76, 104, 130, 179, 248, 335, 497]}


@pytest.mark.parametrize(("max_error", "row"), LOTS.items())
def test_lots_by_tolerated_errors(max_error: float, row: list[int]) -> None:
    plans = [out.design(6000, 6000, max_error, 0.1, kappa) for kappa in (0, 1, 2, 3, 5, 8, 12, 20)]
    assert [plan.lots for plan in plans] == row
    assert all(plan.p <= 0.1 for plan in plans)


def test_kappa_for_audits_is_the_inverse() -> None:
    for kappa, lots in zip((0, 1, 2, 3, 5, 8), LOTS[0.02], strict=False):
        assert out.kappa_allowed(6000, 121, lots, 0.1) == kappa
        assert out.kappa_allowed(6000, 121, lots - 1, 0.1) == kappa - 1


def test_a_plan_for_given_audits_keeps_the_level() -> None:
    plan = out.design_for_audits(6000, 5000, 0.02, 0.1, 400)
    assert (plan.lots, plan.breaking) == (400, 121)
    assert plan.p <= 0.1 < out.break_chance(5000, 121, plan.kappa + 1, 400)


def test_too_few_audits_are_refused_with_what_is_missing() -> None:
    with pytest.raises(GuaranteeError, match=r"at least 112 audited items, got 80; audit 32 more or raise max_error"):
        out.design_for_audits(6000, 6000, 0.02, 0.1, 80)


def test_a_rest_too_small_to_break_the_promise_needs_no_audit() -> None:
    plan = out.design(6000, 100, 0.05, 0.1, 0)
    assert (plan.lots, plan.p) == (0, 0.0)
    rng = np.random.default_rng(0)
    walk = out.begin(plan, np.arange(100.0), rng.permutation(100), rng.permutation(100))
    assert out.automated(walk).all()


def start(n: int = 60, kappa: int = 1, cap: int | None = None, seed: int = 0) -> out.Walk:
    rng = np.random.default_rng(seed)
    plan = out.design(n, n, 0.1, 0.2, kappa)
    return out.begin(plan, rng.integers(0, 4, n), rng.permutation(n), rng.permutation(n), cap)


def test_asks_outward_and_only_drawn_items() -> None:
    walk = start()
    items = out.ask(walk, ahead=100)
    scores = [walk.scores[i] for i in items]
    assert len(items) == walk.plan.lots
    assert scores == sorted(scores, reverse=True)


def test_the_walk_ends_at_the_error_too_many() -> None:
    walk = start(kappa=1)
    first, second, third = out.ask(walk, ahead=3)
    for item in (first, third):
        walk = out.take(walk, item, wrong=True)
    assert out.ask(walk, ahead=9) == (second,)
    walk = out.take(walk, second, wrong=False)
    assert out.ask(walk) == ()
    place = np.flatnonzero(walk.order == third)[0]
    result = out.verdict(walk)
    assert result.stop == place
    assert result.n_automated == place - 2
    assert (result.n_audited, result.n_errors) == (3, 2)


def test_skips_and_open_audits_count_as_errors() -> None:
    walk = start(kappa=1)
    first, second, third = out.ask(walk, ahead=3)
    assert out.verdict(walk).stop == np.flatnonzero(walk.order == second)[0]
    skipped = out.take(out.take(walk, first, wrong=None), second, wrong=False)
    assert out.verdict(skipped).stop == np.flatnonzero(walk.order == third)[0]
    assert "unanswered" not in out.verdict(out.play(walk, np.zeros(60, bool))).reason
    assert "unanswered" in out.verdict(skipped).reason or out.verdict(skipped).n_errors == 1


def test_an_answer_can_be_corrected() -> None:
    walk = start(kappa=0)
    (item,) = out.ask(walk)
    wrong = out.take(walk, item, wrong=True)
    assert out.ask(wrong) == ()
    assert not out.automated(wrong)[walk.order[np.flatnonzero(walk.order == item)[0] :]].any()
    right = out.take(wrong, item, wrong=False)
    assert len(out.ask(right)) == 1


def test_an_item_that_was_not_drawn_is_refused() -> None:
    walk = start()
    other = next(i for i in range(60) if i not in set(walk.order[walk.drawn].tolist()))
    with pytest.raises(InputError, match="not drawn"):
        out.take(walk, other, wrong=False)


def test_the_cap_is_the_most_that_people_are_asked() -> None:
    walk = start(cap=4)
    for _ in range(4):
        (item,) = out.ask(walk)
        walk = out.take(walk, item, wrong=False)
    assert out.ask(walk) == ()
    assert out.verdict(walk).n_audited == 4


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 4), st.one_of(st.none(), st.integers(0, 20)), st.integers(1, 5))
def test_folding_answers_one_by_one_equals_playing_them_all(seed: int, kappa: int, cap: int | None, ahead: int) -> None:
    rng = np.random.default_rng(seed)
    wrong = rng.random(60) < rng.choice([0.02, 0.1, 0.4])
    walk = start(kappa=kappa, cap=cap, seed=seed)
    played = out.automated(out.play(walk, wrong))
    while items := out.ask(walk, ahead):
        for item in items:
            walk = out.take(walk, item, wrong=bool(wrong[item]))
    assert np.array_equal(out.automated(walk), played)
    assert not out.automated(walk)[walk.order[walk.drawn]].any()
    result = out.verdict(walk)
    assert result.n_automated == played.sum()
    assert result.granted == played.any()


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_exact_validity_by_enumeration(data: st.DataObject) -> None:
    # every possible sample of a small batch, any pattern of errors: the promise breaks with probability at most p
    n = data.draw(st.integers(4, 9))
    wrong = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    max_error, kappa = data.draw(st.sampled_from([0.1, 0.2, 0.3])), data.draw(st.integers(0, 2))
    plan = out.design(n, n, max_error, 0.3, kappa)
    broken = 0
    samples = list(combinations(range(n), plan.lots))
    for sample in samples:
        order = np.arange(n)
        walk = out.Walk(plan, -order.astype(float), order, np.array(sample, int), (-1,) * plan.lots, plan.lots)
        broken += int((wrong & out.automated(out.play(walk, wrong))).sum()) >= plan.breaking
    assert broken / len(samples) <= plan.p + 1e-12


def test_bad_layouts_are_refused() -> None:
    plan = out.design(100, 100, 0.1, 0.2, 0)
    good, ranks = np.arange(100.0), np.random.default_rng(0).permutation(100).astype(float)
    for scores, tie, lots in (
        (good[:50], good, ranks),
        (np.full(100, np.nan), good, ranks),
        (good, good, np.zeros(100)),
        (good, ranks, ranks),
        (good, -2 * ranks, ranks),
    ):
        with pytest.raises(InputError):
            out.begin(plan, scores, tie, lots)


def test_impossible_designs_are_refused() -> None:
    for call in (
        lambda: out.design(10, 11, 0.1, 0.1, 0),
        lambda: out.design(10, 10, 0.1, 0.1, -1),
        lambda: out.design(10, 10, 0.0, 0.1, 0),
        lambda: out.design_for_audits(10, 10, 0.1, 0.1, 11),
    ):
        with pytest.raises(InputError):
            call()


def test_auditing_nearly_everything_tolerates_everything() -> None:
    assert out.kappa_allowed(100, 6, 96, 0.1) == 96
    assert out.break_chance(100, 6, 5, 3) == 1.0


def test_an_empty_rest_is_delivered_by_people() -> None:
    walk = out.begin(out.design(50, 0, 0.1, 0.1, 0), np.zeros(0), np.zeros(0), np.zeros(0))
    result = out.verdict(walk)
    assert not result.granted
    assert out.ask(walk) == ()


def test_missed_errors_are_the_mean_over_how_many_there_may_be():
    """The level with missed errors, against a plain average over the binomial number of them."""
    n, c, kappa, lots, missed = 400, 21, 3, 120, 0.2
    law = scipy.stats.binom(c + kappa, missed)
    plain = sum(law.pmf(m) * scipy.stats.hypergeom(n, c + kappa - m, lots).cdf(kappa) for m in range(c + kappa + 1))
    assert out.break_chance(n, c, kappa, lots, missed) == pytest.approx(plain, abs=2e-6)
    assert out.break_chance(n, c, kappa, lots, 0.0) == out.break_chance(n, c, kappa, lots)


@pytest.mark.parametrize("missed", [0.01, 0.1, 0.5])
def test_more_lots_make_up_for_missed_errors(missed):
    lots = out.lots_needed(6000, 121, 5, 0.1, missed)
    assert lots > out.lots_needed(6000, 121, 5, 0.1)
    assert out.break_chance(6000, 121, 5, lots, missed) <= 0.1 < out.break_chance(6000, 121, 5, lots - 1, missed)
    assert out.kappa_allowed(6000, 121, lots, 0.1, missed) == 5


def test_a_chance_of_missing_everything_is_refused():
    with pytest.raises(InputError, match="missed"):
        out.design(100, 100, 0.05, 0.1, 0, 1.0)

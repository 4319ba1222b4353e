"""Ranges of a walk to come: where they lie, what widens them, and that a part foretells the whole."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.types import Promise
from cowise.team.batch import b2_lots, b2_tail
from cowise.team.economy import Standing, best_walk
from cowise.team.forecast import error_curve, error_curves
from cowise.team.foretell import foretell, of_region, walked, walked_each
from cowise.team.out import design

N, REST = 6000, 5500
MARGIN = np.linspace(1, 0, REST)
RISK = np.maximum(0.4 * np.exp(-6 * MARGIN), 0.002)


PROMISE = Promise(0.05, 0.9)


def standing(promise=PROMISE, part=REST):
    at = ((np.arange(part) + 0.5) * REST / part).astype(int)
    return Standing(N, N - REST, MARGIN[at], RISK[at], promise, weight=REST / part)


@pytest.mark.parametrize("more", [0, 100, 800])
@pytest.mark.parametrize("max_error", [0.01, 0.05, 0.2])
def test_a_part_foretells_the_whole(more, max_error):
    promise = Promise(max_error, 0.9)
    whole, part = best_walk(standing(promise), more), best_walk(standing(promise, 512), more)
    assert part.answers == pytest.approx(whole.answers, rel=0.03)
    assert part.lots == pytest.approx(whole.lots, rel=0.15)


def test_the_range_holds_what_walks_do():
    """Errors and lots drawn at random: eight walks in ten or more end within it. Seeded; 400 walks."""
    rng, here = np.random.default_rng(5), standing()
    plan = best_walk(here)
    told = walked(here, RISK[None], (plan.kappa, plan.lots), np.random.default_rng(0))
    granted = []
    for _ in range(400):
        wrong = rng.random(REST) < 1.2 * RISK  # the economy plans with a fifth more than it foretells
        drawn = np.zeros(REST, bool)
        drawn[rng.permutation(REST)[: plan.lots]] = True
        hits = np.flatnonzero(wrong & drawn)
        stop = hits[plan.kappa] if len(hits) > plan.kappa else REST
        granted.append((~drawn[:stop]).sum() / N)
    inside = np.mean([told.automation.low <= one <= told.automation.high for one in granted])
    assert 0.75 <= inside <= 1
    assert told.automation.middle == pytest.approx(np.median(granted), abs=0.02)


def test_the_range_of_walks_for_each_label_holds_what_they_do():
    """Three labels with walks of their own, errors and lots drawn at random: eight in ten or more end within. Seeded."""
    rng, promise = np.random.default_rng(6), Promise(0.05, 0.9, per_label=True)
    here, label = standing(promise), np.arange(REST) % 3
    told = walked_each(here, RISK[None], label, np.random.default_rng(0))
    granted = []
    for _ in range(200):
        wrong, alone, audits = rng.random(REST) < 1.2 * RISK, 0, 0
        for one in range(3):
            rows = np.flatnonzero(label == one)
            part = Standing(len(rows), 0, MARGIN[rows], RISK[rows], promise, delta=0.1 / 3)
            plan = design(len(rows), len(rows), 0.05, 0.1 / 3, best_walk(part).kappa)
            drawn = np.zeros(len(rows), bool)
            drawn[rng.permutation(len(rows))[: plan.lots]] = True
            hits = np.flatnonzero(wrong[rows] & drawn)
            stop = hits[plan.kappa] if len(hits) > plan.kappa else len(rows)
            alone, audits = alone + (~drawn[:stop]).sum(), audits + drawn[:stop].sum()
        granted.append(min(alone, REST - audits * 1.25) / N)
    inside = np.mean([told.automation.low <= one <= told.automation.high for one in granted])
    assert 0.75 <= inside <= 1
    assert told.automation.middle == pytest.approx(np.median(granted), abs=0.02)
    assert told.chance == 1


def test_a_region_is_granted_as_often_as_foretold():
    """Errors and audits drawn at random, over regions that pass nearly always, sometimes and hardly ever. Seeded."""
    rng, here = np.random.default_rng(7), standing(Promise(0.05, 0.9, "selective"))
    for inside, kappa in ((2000, 2), (4000, 2), (REST, 5)):
        lots = b2_lots(inside, kappa, 0.05, 0.1)
        told = of_region(here, RISK[None], (inside, lots), np.random.default_rng(0))
        passed = []
        for _ in range(300):
            wrong = rng.random(inside) < 1.2 * RISK[:inside]
            found = int(wrong[rng.permutation(inside)[:lots]].sum())
            passed.append(b2_tail(inside, lots, found, 0.05) <= 0.1)
        assert told.chance == pytest.approx(np.mean(passed), abs=0.1)
        assert told.automation.high in (0, pytest.approx((inside - lots) / N, abs=0.02)) or inside == REST
        if told.chance < 0.85:
            assert told.automation.low == 0


def test_no_region_grants_nothing_and_people_answer_all():
    told = of_region(standing(Promise(0.05, 0.9, "selective")), RISK[None], (0, 0), np.random.default_rng(0))
    assert (told.automation.high, told.chance, told.answers.middle) == (0, 0, N)


@pytest.mark.parametrize("missed", [0.0, 0.05])
def test_fewest_lots_of_a_region_keep_the_level_and_fewer_do_not(missed):
    for inside, kappa, error, delta in (
        (50, 0, 0.1, 0.1),
        (700, 3, 0.05, 0.05),
        (9000, 1, 0.02, 0.01),
        (3, 5, 0.2, 0.1),
    ):
        lots = b2_lots(inside, kappa, error, delta, missed)
        assert lots == inside or b2_tail(inside, lots, kappa, error, missed) <= delta
        if kappa + 1 < lots < inside:
            assert b2_tail(inside, lots - 1, kappa, error, missed) > delta


def test_less_is_known_the_wider_the_range():
    rng = np.random.default_rng(1)
    spans = []
    for n in (60, 3000):
        past = rng.random(n)
        wrong = rng.random(n) < 0.4 * np.exp(-6 * past)
        curves = (error_curve(past, wrong), *error_curves(past, wrong, 30, np.random.default_rng(2)))
        span = foretell(
            standing(), np.array([one.risk(MARGIN) for one in curves]), np.random.default_rng(0), 0
        ).automation
        spans.append(span.high - span.low)
    assert spans[0] > spans[1] > 0


def test_where_no_walk_pays_people_answer_until_the_rest_is_trivial():
    hopeless = Standing(1000, 100, np.zeros(900), np.full(900, 0.9), Promise(0.05), gain=0.0)
    told = foretell(hopeless, np.full((1, 900), 0.9), np.random.default_rng(0))
    assert told.automation.middle == 0.05
    assert told.answers.middle == 950


def test_a_row_for_each_curve():
    with pytest.raises(InputError, match="a row for each curve"):
        walked(standing(), RISK, (0, 10), np.random.default_rng(0))

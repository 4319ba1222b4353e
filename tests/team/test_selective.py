from __future__ import annotations

import numpy as np
import pytest

from cowise.core.errors import GuaranteeError, InputError
from cowise.team.selective import calibrated_level, counts_at, coverages, s1, s2, thresholds
from cowise.team.tails import binomial_cdf

POOL = np.linspace(0, 1, 5001)


def test_thresholds_come_from_the_pool_and_fall() -> None:
    grid = thresholds(POOL, 50)
    assert len(grid) == 50
    assert (np.diff(grid) < 0).all()
    assert coverages(grid, POOL) == pytest.approx(np.arange(1, 51) / 50, abs=1e-3)
    assert thresholds(np.array([1.0, 1.0, 0.5]), 50).tolist() == [1.0, 0.5]
    with pytest.raises(InputError, match="pool"):
        thresholds(np.zeros(0))


def test_counts_are_cumulative() -> None:
    m, k = counts_at(np.array([0.9, 0.5]), np.array([0.95, 0.9, 0.6, 0.1]), np.array([False, True, True, True]))
    assert (m.tolist(), k.tolist()) == ([2, 3], [1, 2])


@pytest.mark.parametrize("procedure", [s1, s2])
def test_an_errorless_model_is_accepted_everywhere(procedure) -> None:
    rng = np.random.default_rng(0)
    result = procedure(rng.random(400), np.zeros(400, bool), POOL, 0.02, 0.1)
    assert result.granted
    assert result.coverage == pytest.approx(1, abs=1e-3)
    assert result.max_automated_error == 0.02


@pytest.mark.parametrize("procedure", [s1, s2])
def test_a_bad_model_is_refused_with_a_reason(procedure) -> None:
    rng = np.random.default_rng(0)
    result = procedure(rng.random(400), rng.random(400) < 0.5, POOL, 0.02, 0.1)
    assert not result.granted
    assert result.reason.startswith("no certificate")
    assert not result.accepts(POOL).any()


@pytest.mark.parametrize("procedure", [s1, s2])
def test_too_few_answers_are_refused(procedure) -> None:
    with pytest.raises(GuaranteeError, match="at least 149 audited items, got 80"):
        procedure(np.zeros(80), np.zeros(80, bool), POOL, 0.02, 0.05)


def test_s1_starts_at_the_loosest_when_answers_are_few() -> None:
    result = s1(np.random.default_rng(0).random(60), np.zeros(60, bool), POOL, 0.05, 0.1)
    assert result.coverage == pytest.approx(1, abs=1e-3)


def test_the_level_is_seeded_and_strict() -> None:
    shares = np.full(20, 0.05)
    level = calibrated_level(300, shares, 0.05, 0.1, np.random.default_rng(1))
    assert level == calibrated_level(300, shares, 0.05, 0.1, np.random.default_rng(1))
    assert 0 < level < 0.1
    # a single region has nothing to be corrected for, and its atoms must not be passed over
    alone = calibrated_level(300, np.ones(1), 0.05, 0.1, np.random.default_rng(1))
    assert alone == binomial_cdf(9, 300, 0.05)  # the largest tail not above 0.1
    # where the least p-value is one large atom above delta there is no level at all
    assert calibrated_level(45, np.ones(1), 0.05, 0.09, np.random.default_rng(1)) == 0.0


def test_a_generator_of_ones_own_is_used() -> None:
    rng = np.random.default_rng(0)
    scores, wrong = rng.random(400), np.zeros(400, bool)
    assert s2(scores, wrong, POOL, 0.05, 0.1, np.random.default_rng(3)).granted


@pytest.mark.parametrize(("alpha", "n"), [(0.05, 150), (0.05, 200), (0.02, 504)])
def test_labelled_scores_that_are_the_pool_themselves_keep_the_level(alpha, n):
    """As the loop asks it of texts to come: counts are then fixed; a level made for drawn ones alone was exceeded, .0867 at .08."""
    rng, scores, delta, trials = np.random.default_rng(3), np.arange(1.0, n + 1), 0.08, 1500
    granted = sum(s2(scores, rng.random(n) < alpha, scores, alpha, delta).granted for _ in range(trials))
    assert granted / trials <= delta + 2.5 * (delta * (1 - delta) / trials) ** 0.5

from __future__ import annotations

import numpy as np
import pytest

from cowise.core.errors import GuaranteeError, InputError
from cowise.team.selective import counts_at, coverages, ever_passes, level_for_all, s1, s2, thresholds
from cowise.team.tails import answers_needed, binomial_cdf

POOL = np.linspace(0, 1, 5001)
PROCEDURES = {"s1": lambda scores, wrong, *rates: s1(scores, wrong, POOL, *rates), "s2": s2}
every = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


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


@every
def test_an_errorless_model_is_accepted_everywhere(procedure) -> None:
    rng = np.random.default_rng(0)
    result = procedure(rng.random(400), np.zeros(400, bool), 0.02, 0.1)
    assert result.granted
    assert result.coverage == pytest.approx(1, abs=1e-3)
    assert result.max_automated_error == 0.02


@every
def test_a_bad_model_is_refused_with_a_reason(procedure) -> None:
    rng = np.random.default_rng(0)
    result = procedure(rng.random(400), rng.random(400) < 0.5, 0.02, 0.1)
    assert not result.granted
    assert result.reason.startswith("no certificate")
    assert not result.accepts(POOL).any()


@every
def test_too_few_answers_are_refused(procedure) -> None:
    with pytest.raises(GuaranteeError, match="at least 149 audited items, got 80"):
        procedure(np.zeros(80), np.zeros(80, bool), 0.02, 0.05)


def test_s1_starts_at_the_loosest_when_answers_are_few() -> None:
    result = s1(np.random.default_rng(0).random(60), np.zeros(60, bool), POOL, 0.05, 0.1)
    assert result.coverage == pytest.approx(1, abs=1e-3)


def test_the_level_is_exact() -> None:
    """By playing every sequence of right and wrong answers to n = 14, and by a simulation beyond."""
    n, alpha = 14, 0.3
    paths = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    errors = np.cumsum(paths, axis=1)
    least = binomial_cdf(errors, np.arange(1, n + 1), alpha).min(axis=1)
    weight = alpha ** errors[:, -1] * (1 - alpha) ** (n - errors[:, -1])
    for level in (0.0, 0.005, 0.03, 0.1, 0.4):
        assert ever_passes(n, alpha, level) == pytest.approx(weight[least <= level].sum(), abs=1e-12)
    rng = np.random.default_rng(0)
    walks = np.cumsum(rng.random((20_000, 300)) < 0.05, axis=1)
    lowest = binomial_cdf(walks, np.arange(1, 301), 0.05).min(axis=1)
    level = level_for_all(300, 0.05, 0.1)
    assert ever_passes(300, 0.05, level) <= 0.1
    assert (lowest <= level).mean() == pytest.approx(ever_passes(300, 0.05, level), abs=0.007)


def test_no_higher_level_would_do() -> None:
    for n, alpha, delta in ((45, 0.05, 0.1), (150, 0.05, 0.08), (1000, 0.02, 0.05)):
        level = level_for_all(n, alpha, delta)
        assert 0 < level <= delta
        assert level == delta or ever_passes(n, alpha, level * (1 + 1e-9) + 1e-15) > delta
    assert answers_needed(0.05, 0.1) == 45
    assert level_for_all(45, 0.05, 0.1) == 0.1, "one place only: nothing to be corrected for"
    assert ever_passes(44, 0.05, 0.1) == 0.0, "too few for any outcome"


def test_equal_scores_are_accepted_together_or_not_at_all() -> None:
    scores, wrong = np.repeat([3.0, 2.0, 1.0], [100, 100, 100]), np.zeros(300, bool)
    wrong[150:] = True  # half of the middle block is wrong
    found = s2(scores, wrong, 0.05, 0.1)
    assert (found.threshold, found.n_audited, found.n_errors) == (3.0, 100, 0)
    assert found.accepts(scores).tolist() == (scores == 3.0).tolist()
    shuffled = np.random.default_rng(1).permutation(300)
    assert s2(scores[shuffled], wrong[shuffled], 0.05, 0.1) == found


@pytest.mark.parametrize(("alpha", "n"), [(0.05, 150), (0.05, 200), (0.02, 504)])
def test_a_model_at_the_accepted_error_passes_as_often_as_is_stated(alpha, n):
    """Thresholds in the labelled texts' own scores: a level made for those of others was exceeded, .0867 at .08."""
    rng, scores, delta, trials = np.random.default_rng(3), np.arange(1.0, n + 1), 0.08, 4000
    granted = sum(s2(scores, rng.random(n) < alpha, alpha, delta).granted for _ in range(trials))
    exact = ever_passes(n, alpha, level_for_all(n, alpha, delta))
    assert granted / trials == pytest.approx(exact, abs=3 * (delta * (1 - delta) / trials) ** 0.5)
    assert 0.9 * delta < exact <= delta

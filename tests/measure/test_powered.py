"""The powered mean: coverage, width, and what it refuses."""

import doctest
from pathlib import Path

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.measure.powered import powered_mean

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "share-of-a-label.md"
CLASSICAL = 1.6448536


def trials(right: float, runs: int = 2000, n: int = 150, m: int = 3000) -> tuple[float, float]:
    """(coverage of the true share 0.3, mean width beside the classical interval's), at 90 %."""
    rng = np.random.default_rng(7)
    covered, ratios = 0, []
    for _ in range(runs):
        truth = (rng.random(n + m) < 0.3).astype(float)
        guess = np.where(rng.random(n + m) < right, truth, rng.random(n + m) < 0.3).astype(float)
        found = powered_mean(truth[:n], guess[:n], guess[n:])
        covered += found.low <= 0.3 <= found.high
        ratios.append((found.high - found.low) / (2 * CLASSICAL * truth[:n].std(ddof=1) / np.sqrt(n)))
    return covered / runs, float(np.mean(ratios))


@pytest.mark.parametrize(("right", "least", "most"), [(0.9, 0.3, 0.6), (0.5, 0.8, 0.95), (0.0, 0.97, 1.01)])
def test_covers_and_is_narrower_where_predictions_are_good(right, least, most):
    coverage, ratio = trials(right)
    assert coverage == pytest.approx(0.9, abs=0.025)
    assert least < ratio < most


def test_predictions_that_do_not_vary_leave_the_answers_mean():
    y = np.arange(40.0)
    found = powered_mean(y, np.ones(40), np.ones(90))
    assert (found.mean, found.weight) == (y.mean(), 0)
    assert found.high - found.mean == pytest.approx(CLASSICAL * y.std(ddof=1) / np.sqrt(40))


def test_predictions_that_say_the_contrary_are_left_out():
    y = np.arange(40.0)
    assert powered_mean(y, -y, -np.arange(90.0)).weight == 0


Y = np.arange(40.0)


@pytest.mark.parametrize(
    ("y", "f", "rest", "confidence", "said"),
    [
        (Y, Y, Y, 1.0, "confidence 1.0"),
        (Y, Y, Y, float("nan"), "confidence nan"),
        (Y, Y[:39], Y, 0.9, "40 answers for 39 predictions"),
        (Y[:29], Y[:29], Y, 0.9, "at least 30"),
        (Y, Y, Y[:29], 0.9, "at least 30"),
        (Y, np.where(Y < 1, np.nan, Y), Y, 0.9, "finite"),
        (Y.reshape(20, 2), Y, Y, 0.9, r"shape \(20, 2\)"),
        (np.ones(40), Y, Y, 0.9, "the same"),
    ],
)
def test_bad_input(y, f, rest, confidence, said):
    with pytest.raises(InputError, match=said):
        powered_mean(y, f, rest, confidence=confidence)


def test_the_how_to_runs():
    failed, tried = doctest.testfile(str(HOW_TO), module_relative=False)
    assert (failed, tried > 3) == (0, True)

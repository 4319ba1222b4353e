"""The share of a label from turns of questions, some by lot and some chosen: held by its interval, and bent by no choice."""

import numpy as np
import pytest
from scipy.stats import binomtest

from cowise.core.errors import InputError
from cowise.measure.powered import Drawn, powered_share


def world(n, share, right, seed):
    """What is true of n items, and what is predicted."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(float)
    guess = np.where(rng.random(n) < right, y, 1 - y)
    return y, np.clip(guess * 0.8 + 0.1 + rng.normal(0, 0.08, n), 0, 1), rng


def asked(y, f, rng, turns=10):
    """60 by lot, then turns of eight that the model half believes in and two by lot: the rows and how they were drawn."""
    rows = rng.permutation(len(y))[:60].tolist()
    turn, lot = [0] * 60, [True] * 60
    for t in range(1, turns + 1):
        free = np.setdiff1d(np.arange(len(y)), rows)
        doubted = free[np.argsort(np.abs(f[free] - 0.7), kind="stable")][:8]
        lots = rng.choice(np.setdiff1d(free, doubted), 2, replace=False)
        rows += [*doubted.tolist(), *lots.tolist()]
        turn, lot = turn + [t] * 10, lot + [False] * 8 + [True] * 2
    return np.array(rows), Drawn(len(y), np.array(turn), np.array(lot))


@pytest.mark.parametrize(
    ("n", "share", "right"), [(3000, 0.3, 0.85), (600, 0.3, 0.97), (3000, 0.1, 0.9), (3000, 0.3, 0.5), (400, 0.02, 0.9)]
)
def test_the_interval_holds_the_share_however_many_were_chosen_by_doubt(n, share, right):
    held, bias, naive = [], [], []
    for seed in range(400):
        y, f, rng = world(n, share, right, seed)
        rows, drawn = asked(y, f, rng)
        found = powered_share(y[rows], f[rows], f, drawn)
        held.append(found.low <= y.mean() <= found.high)
        bias.append(found.mean - y.mean())
        naive.append(y[rows].mean() - y.mean())
    assert np.mean(held) >= 0.9 - 2 * np.sqrt(0.09 / 400)
    assert abs(np.mean(bias)) < 0.012
    if right == 0.97:
        assert abs(np.mean(naive)) > 0.05, "counting all answers is bent by the model's doubt"


def test_good_predictions_are_worth_many_lots_and_bad_ones_none():
    y, f, rng = world(3000, 0.3, 0.97, 1)
    rows, drawn = asked(y, f, rng, turns=0)
    good, bad = powered_share(y[rows], f[rows], f, drawn), powered_share(y[rows], rng.permutation(f)[:60], f, drawn)
    assert good.worth > 2 * 60
    assert bad.worth < 1.2 * 60
    assert good.high - good.low < 0.7 * (bad.high - bad.low)


def test_everything_answered_is_known():
    """Lots of all that is left leave nothing to estimate."""
    y = (np.arange(80) % 4 == 0).astype(float)
    drawn = Drawn(80, np.zeros(80, np.int64), np.ones(80, bool))
    found = powered_share(y, np.full(80, 0.5), np.full(80, 0.5), drawn)
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_what_is_seen_too_seldom_gets_the_exact_interval():
    y = np.zeros(60)
    y[:3] = 1
    drawn = Drawn(5000, np.zeros(60, np.int64), np.ones(60, bool))
    found = powered_share(y, y, np.full(5000, 0.05), drawn)
    assert found.exact
    assert (found.low, found.high) == pytest.approx(tuple(binomtest(3, 60).proportion_ci(0.9, "exact")), rel=1e-9)


def test_known_and_left_are_counted_turn_by_turn():
    drawn = Drawn(100, np.array([0, 0, 0, 2, 2, 1]), np.array([True, True, False, True, False, False]))
    assert drawn.left().tolist() == [99, 99, 99, 95, 95, 96]
    assert drawn.known(np.array([1.0, 2, 4, 8, 16, 32])).tolist() == [4, 4, 4, 55, 55, 39]


ONE = Drawn(100, np.zeros(40, np.int64), np.ones(40, bool))
Y = (np.arange(40) % 2).astype(float)


@pytest.mark.parametrize(
    ("y", "f", "drawn", "said"),
    [
        (Y[:39], Y[:39], ONE, "39 answers, 39 predictions, 40 draws"),
        (Y + 0.5, Y, ONE, "each 0 or 1"),
        (Y, Y, Drawn(100, np.zeros(40, np.int64), np.arange(40) < 29), "29 answers by lot; give at least 30"),
        (Y, np.where(Y < 1, np.nan, Y), ONE, "finite"),
    ],
)
def test_bad_input(y, f, drawn, said):
    with pytest.raises(InputError, match=said):
        powered_share(y, f, np.full(100, 0.5), drawn)

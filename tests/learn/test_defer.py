"""Learning to defer: slopes are those of the losses, and what is deferred is what the person knows better."""

from __future__ import annotations

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.learn.defer import _one_vs_all, _softmax, fit_defer


@pytest.mark.parametrize("value", [_softmax, _one_vs_all])
def test_slopes_are_those_of_the_losses(value):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(6, 4))
    targets = np.hstack([np.eye(3)[rng.integers(3, size=6)], rng.integers(2, size=(6, 1))]).astype(float)
    _, slope = value(scores, targets)
    for i, j in [(0, 0), (2, 3), (5, 1)]:
        moved = scores.copy()
        moved[i, j] += 1e-6
        back = scores.copy()
        back[i, j] -= 1e-6
        assert abs((value(moved, targets)[0] - value(back, targets)[0]) / 2e-6 - slope[i, j]) < 1e-7


def world(n=4000, seed=0):
    """Two classes told by the first direction, with noise where the second is low; a person who is right where it is low."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    hard = x[:, 1] < 0
    y = np.where(hard, rng.integers(2, size=n), (x[:, 0] > 0).astype(int))
    right = np.where(hard, rng.random(n) < 0.95, rng.random(n) < 0.6)
    return x, y.astype(np.int64), right, hard


@pytest.mark.parametrize("loss", ["softmax", "one_vs_all"])
def test_what_the_person_knows_better_is_deferred(loss):
    x, y, right, _ = world()
    found = fit_defer(x, y, right, loss)
    new, truth, told, hard = world(seed=1)
    worth = found.worth(new)
    deferred = worth >= np.quantile(worth, 0.5)
    assert hard[deferred].mean() > 0.7
    team = np.where(deferred, told, found.predict(new) == truth)
    assert team.mean() > max((found.predict(new) == truth).mean(), told.mean()) + 0.05


def test_one_vs_all_says_how_likely_the_person_is_right():
    x, y, right, _ = world()
    found = fit_defer(x, y, right, "one_vs_all")
    p = 1 / (1 + np.exp(-found.scores(x)[:, -1]))
    assert abs(p.mean() - right.mean()) < 0.02
    low, high = p < np.quantile(p, 0.3), p > np.quantile(p, 0.7)
    assert abs(p[low].mean() - right[low].mean()) < 0.06
    assert abs(p[high].mean() - right[high].mean()) < 0.06


def test_what_does_not_fit_is_refused():
    x, y, right, _ = world(20)
    with pytest.raises(InputError, match="give one of each"):
        fit_defer(x, y[:5], right)
    with pytest.raises(InputError, match="class numbers from 0 on"):
        fit_defer(x, y - 1, right)
    with pytest.raises(InputError, match="use softmax or one_vs_all"):
        fit_defer(x, y, right, "hinge")

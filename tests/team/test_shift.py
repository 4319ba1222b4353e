"""Shift of inputs and of labels: level, power, known weights, and what is refused."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.team.shift import input_shift, label_shift


def unit(rng, n, towards=0.0, d=24):
    x = rng.normal(size=(n, d))
    x[:, 0] += towards
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def ps(towards, runs):
    rng = np.random.default_rng(3)
    return np.array(
        [input_shift(unit(rng, 60), unit(rng, 40, towards), seed=i, permutations=99).p for i in range(runs)]
    )


def test_false_warnings_are_as_rare_as_stated():
    assert 0.01 < (ps(0, 400) <= 0.05).mean() < 0.085  # 0.05, 3 standard errors


def test_a_shift_is_seen():
    assert (ps(2, 40) <= 0.05).mean() > 0.9


def test_the_same_vector_everywhere_is_no_shift():
    assert input_shift(np.ones((30, 4)), np.ones((20, 4)), seed=0).p == 1


def test_label_weights_are_found():
    rng = np.random.default_rng(5)
    flip = lambda y: np.where(rng.random(len(y)) < 0.85, y, rng.integers(3, size=len(y)))  # noqa: E731
    before, now = rng.choice(3, 20_000, p=[0.5, 0.3, 0.2]), rng.choice(3, 20_000, p=[0.2, 0.3, 0.5])
    found = label_shift(before, flip(before), flip(now), labels=3)
    assert found.weights == pytest.approx((0.4, 1.0, 2.5), rel=0.07)
    assert found.p < 1e-9


def test_false_label_warnings_are_as_rare_as_stated():
    rng = np.random.default_rng(6)
    draws = [rng.integers(2, size=(2, 300)) for _ in range(1000)]
    assert (np.array([label_shift(a, a, b, labels=2).p for a, b in draws]) <= 0.05).mean() < 0.072


X, Y = np.eye(30), np.arange(30) % 2


@pytest.mark.parametrize(
    "bad", [X[:19], X[0], np.zeros((30, 0)), np.where(X > 0, np.nan, X), np.where(X > 0, np.inf, X), np.eye(31)]
)
def test_bad_vectors(bad):
    with pytest.raises(InputError, match="shift: vectors of"):
        input_shift(X, bad, seed=0)


def test_no_permutations():
    with pytest.raises(InputError, match="at least 1"):
        input_shift(X, X, seed=0, permutations=0)


@pytest.mark.parametrize(
    ("true", "before", "now", "said"),
    [
        (Y, Y[:29], Y, "30 answers for 29"),
        (Y, Y, Y[:19], "at least 20"),
        (Y, Y, Y + 1, "below 2"),
        (Y, Y, Y - 1, "below 2"),
        (Y, Y, Y * 1.0, "whole numbers"),
        (Y, np.zeros(30, int), Y, "too badly apart"),
        (np.zeros(30, int), Y, Y, "too badly apart"),
    ],
)
def test_bad_labels(true, before, now, said):
    with pytest.raises(InputError, match=said):
        label_shift(true, before, now, labels=2)

"""Kernel ridge: exact against retraining without each answer, and against its linear twin."""

import numpy as np
import pytest

from cowise.learn import kernel
from cowise.learn.kernel import KernelLearner, solve
from cowise.models.kernel import gaussian
from tests.learn.test_ridge import problem


def test_left_out_is_retraining():
    x, y = problem(30, 8, 3)
    targets = np.eye(3)[y]
    k = gaussian(x.astype(np.float32), x.astype(np.float32), 1.0).astype(np.float64)
    left = solve(k, targets, 0.2).left_out
    for i in range(30):
        rest = np.arange(30) != i
        part = solve(k[np.ix_(rest, rest)], targets[rest], 0.2)
        assert np.allclose(left[i], k[i, rest] @ part.weights + part.bias, atol=1e-8)


def test_linear_kernel_is_ridge():
    x, y = problem(40, 6, 2)
    targets = np.eye(2)[y]
    dual = solve(x @ x.T, targets, 0.5)
    centred = x - x.mean(axis=0)
    w = np.linalg.solve(centred.T @ centred + 0.5 * np.eye(6), centred.T @ targets)
    assert np.allclose(x.T @ dual.weights, w, atol=1e-8)


def test_bends_where_lines_cannot():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 600)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    y = ((angle // (np.pi / 2)) % 2).astype(np.int64)
    head = KernelLearner(penalties=(0.001, 0.01)).fit(x[:300], y[:300], 2)
    assert (head.predict(x[300:]).argmax(axis=1) == y[300:]).mean() > 0.95


def test_landmarks_come_near_the_exact_head(monkeypatch):
    x, y = problem(900, 16, 4, seed=1)
    x = x.astype(np.float32)
    exact = KernelLearner().fit_scored(x[:500], y[:500], 4)
    monkeypatch.setattr(kernel, "MOST_ANCHORS", 300)
    monkeypatch.setattr(kernel, "LANDMARKS", 250)
    near = KernelLearner().fit_scored(x[:500], y[:500], 4)
    assert near.head.anchors.shape == (250, 16)
    assert "landmarks" in near.name
    gap = np.abs(near.head.predict(x[500:]) - exact.head.predict(x[500:])).mean()
    assert gap < 0.03
    assert abs(near.log_loss - exact.log_loss) < 0.05


def test_a_penalty_of_nothing_is_caught():
    with pytest.raises(ArithmeticError):
        solve(-np.eye(4), np.eye(4), 0.0)

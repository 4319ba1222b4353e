"""Ridge: exact against retraining without each answer."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.learn.ridge import RidgeLearner, spectrum


def plain(x, targets, penalty):
    """Ridge by its normal equations, the intercept unpenalised."""
    mean, centre = x.mean(axis=0), targets.mean(axis=0)
    c = x - mean
    w = np.linalg.solve(c.T @ c + penalty * np.eye(x.shape[1]), c.T @ (targets - centre))
    return w, centre - mean @ w


def problem(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(k, d))
    y = np.concatenate([np.arange(k), rng.integers(k, size=n - k)])
    x = centres[y] + 1.5 * rng.normal(size=(n, d))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)), y


@pytest.mark.parametrize(("n", "d"), [(40, 12), (15, 30)])
def test_left_out_is_retraining(n, d):
    x, y = problem(n, d, 3)
    targets = np.eye(3)[y]
    left = spectrum(x).left_out(targets, 0.7)
    for i in range(n):
        rest = np.arange(n) != i
        w, b = plain(x[rest], targets[rest], 0.7)
        assert np.allclose(left[i], x[i] @ w + b, atol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(40, 12), (15, 30)])
def test_weights_solve_the_normal_equations(n, d):
    x, y = problem(n, d, 3)
    targets = np.eye(3)[y]
    parts = spectrum(x)
    w, _ = plain(x, targets, 0.3)
    assert np.allclose(parts.weights(targets - targets.mean(axis=0), 0.3), w, atol=1e-8)


def test_left_out_probabilities_foretell_the_test_error():
    x, y = problem(1200, 40, 4, seed=3)
    fitted = RidgeLearner().fit_scored(x[:500].astype(np.float32), y[:500], 4)
    p = fitted.head.predict(x[500:].astype(np.float32))
    accuracy = (p.argmax(axis=1) == y[500:]).mean()
    assert abs(accuracy - fitted.accuracy) < 0.05
    assert abs(-np.log(p[np.arange(700), y[500:]]).mean() - fitted.log_loss) < 0.1


def test_repeated_vectors_do_no_harm():
    x = np.ones((30, 5), dtype=np.float32)
    y = np.arange(30) % 2
    p = RidgeLearner().fit(x, y, 2).predict(x)
    assert np.allclose(p, 0.5, atol=0.05)


@pytest.mark.parametrize("n_classes", [0, -1])
def test_no_classes_are_refused(n_classes):
    with pytest.raises(InputError, match=f"classes: asked for {n_classes}; give at least 1"):
        RidgeLearner().fit(np.eye(2, dtype=np.float32), np.array([0, 0]), n_classes)

"""Logistic regression beside scikit-learn's, which minimises the same function."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cowise.learn.logistic import LogisticLearner, fold_of, solve
from tests.learn.test_ridge import problem


def value(x, y, w, b, c):
    z = x @ w + b
    z = z - z.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).sum() + (w**2).sum() / (2 * c)


@pytest.mark.parametrize(("n", "d", "k"), [(300, 20, 5), (60, 90, 3), (400, 12, 2)])
def test_reaches_the_minimum_that_scikit_learn_reaches(n, d, k):
    x, y = problem(n, d, k)
    ours = solve(x, y, k, c=20.0)
    theirs = LogisticRegression(C=20.0, max_iter=5000, tol=1e-8).fit(x, y)
    if k == 2:  # scikit-learn fits one column: half of it in each of ours is its minimum at twice the strength
        theirs = LogisticRegression(C=10.0, max_iter=5000, tol=1e-8).fit(x, y)
        w, b = np.stack([-theirs.coef_[0], theirs.coef_[0]], axis=1) / 2, np.array([-1, 1]) * theirs.intercept_[0] / 2
    else:
        w, b = theirs.coef_.T, theirs.intercept_
    best = value(x, y, w, b, 20.0)
    assert value(x, y, ours.weights, ours.bias, 20.0) <= best * (1 + 2e-4)


def test_as_accurate_as_scikit_learn():
    x, y = problem(1500, 30, 6, seed=2)
    head = LogisticLearner().fit(x[:700].astype(np.float32), y[:700], 6)
    theirs = LogisticRegression(C=20.0, max_iter=2000).fit(x[:700], y[:700])
    ours = (head.predict(x[700:].astype(np.float32)).argmax(axis=1) == y[700:]).mean()
    assert ours >= theirs.score(x[700:], y[700:]) - 0.01


def test_a_start_saves_work_and_changes_nothing():
    x, y = problem(300, 20, 4)
    cold = solve(x, y, 4, c=5.0)
    warm = solve(x, y, 4, c=5.0, start=cold)
    assert value(x, y, warm.weights, warm.bias, 5.0) == pytest.approx(
        value(x, y, cold.weights, cold.bias, 5.0), rel=1e-4
    )


def test_folds_are_even_and_seeded():
    y = np.repeat([0, 1, 2], [50, 30, 7])
    fold = fold_of(y, 5, 3)
    assert np.array_equal(fold, fold_of(y, 5, 3))
    assert np.ptp(np.bincount(fold)) <= 1
    for label in range(3):
        assert np.ptp(np.bincount(fold[y == label], minlength=5)) <= 1


def test_a_class_with_one_answer():
    x, y = problem(80, 10, 3)
    y = y.copy()
    y[y == 2] = 0
    y[5] = 2
    fitted = LogisticLearner(strengths=(1.0, 20.0)).fit_scored(x.astype(np.float32), y, 4)
    assert fitted.p.shape == (80, 4)
    assert np.allclose(fitted.p.sum(axis=1), 1)
    assert fitted.p.min() > 0

"""The choice among heads, and what every learner owes."""

import numpy as np

from cowise.learn.choose import ChoiceLearner
from cowise.learn.descend import descend
from cowise.learn.honest import honest
from tests.learn.test_ridge import problem


def test_the_smallest_out_of_fold_loss_wins():
    x, y = problem(200, 10, 3)
    x = x.astype(np.float32)
    choice = ChoiceLearner()
    losses = [part.fit_scored(x, y, 3).log_loss for part in (choice.kernel, choice.ridge, choice.logistic)]
    assert choice.fit_scored(x, y, 3).log_loss == min(losses)


def test_descent_reaches_the_ends():
    assert descend(lambda s: (s,), (1.0, 2.0, 3.0, 4.0, 5.0))[0] == 1.0
    assert descend(lambda s: (-s,), (1.0, 2.0, 3.0, 4.0, 5.0))[0] == 5.0
    assert descend(lambda s: (s,), (7.0,))[0] == 7.0


def test_descent_does_not_try_all():
    tried = []
    descend(lambda s: (tried.append(s) or abs(s - 50),), tuple(float(s) for s in range(101)))
    assert sorted(tried) == [49.0, 50.0, 51.0]


def test_honest_takes_the_better_link():
    rng = np.random.default_rng(0)
    y = rng.integers(20, size=400)
    scores = 0.3 * np.eye(20)[y] + 0.05 * rng.normal(size=(400, 20))
    found = honest(scores, y)
    assert np.allclose(found.p.sum(axis=1), 1)
    assert found.loss < np.log(20)

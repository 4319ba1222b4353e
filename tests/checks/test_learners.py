"""What every learner and the heads it makes owe."""

import numpy as np
import pytest

from cowise.core.roles import Head, Learner
from cowise.models.head_files import from_bytes, to_bytes
from tests.checks.implementations import LEARNERS, as_floats


@pytest.fixture(params=LEARNERS, ids=lambda make: make.__name__)
def learner(request):
    return request.param()


def data(n=60, d=12, k=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    x = np.eye(k, d)[y] + 0.4 * rng.normal(size=(n, d))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), y


def test_roles_and_probabilities(learner):
    x, y = data()
    head = learner.fit(x, y, 3)
    assert isinstance(learner, Learner)
    assert isinstance(head, Head)
    assert head.n_classes == 3
    p = as_floats(head.predict(x))
    assert p.shape == (60, 3)
    assert (p.argmax(axis=1) == y).mean() > 0.8


def test_out_of_fold_is_worse_than_in_sample_and_sums_to_one(learner):
    x, y = data()
    fitted = learner.fit_scored(x, y, 3)
    p = as_floats(fitted.p)
    inside = -np.log(fitted.head.predict(x)[np.arange(60), y]).mean()
    assert -np.log(p[np.arange(60), y]).mean() > inside
    assert fitted.accuracy == (p.argmax(axis=1) == y).mean()


def test_inputs_untouched_and_seeded(learner):
    x, y = data()
    x0, y0 = x.copy(), y.copy()
    x.setflags(write=False)
    y.setflags(write=False)
    first, second = learner.fit_scored(x, y, 3), learner.fit_scored(x, y, 3)
    assert np.array_equal(x, x0)
    assert np.array_equal(y, y0)
    assert np.array_equal(first.p, second.p)
    assert np.array_equal(first.head.predict(x), second.head.predict(x))


def test_round_trip_through_bytes(learner):
    x, y = data()
    head = learner.fit(x, y, 5)
    assert np.array_equal(from_bytes(to_bytes(head)).predict(x), head.predict(x))


@pytest.mark.parametrize("y", [[], [1], [0, 1], [2, 2, 2, 2], [0, 0, 1], [0, 1, 2, 3]])
def test_next_to_no_answers(learner, y):
    x = data(n=max(1, len(y)))[0][: len(y)]
    fitted = learner.fit_scored(x, np.array(y, dtype=np.int64), 4)
    p = as_floats(fitted.head.predict(data()[0]))
    assert p.shape == (60, 4)
    assert p.min() > 0
    assert fitted.p.shape == (len(y), 4)
    as_floats(fitted.p)


def test_class_never_seen_gets_little(learner):
    x, y = data()
    p = learner.fit(x, y, 6).predict(x)
    assert 0 < p[:, 3:].max() < 0.01


def test_empty_and_one_item(learner):
    x, y = data()
    head = learner.fit(x, y, 3)
    assert head.predict(x[:0]).shape == (0, 3)
    assert head.predict(x[:1]).shape == (1, 3)


def test_ten_thousand_answers(learner):
    x, y = data(n=10_000)
    head = learner.fit(x, y, 3)
    assert as_floats(head.predict(x)).shape == (10_000, 3)


@pytest.mark.parametrize("y", [[0, 1, 9], [-1, 0, 1], [0.5, 0, 1], [0, 1]])
def test_answers_that_do_not_fit(learner, y):
    with pytest.raises(Exception, match="answers: "):
        learner.fit(data(n=3)[0], np.array(y), 3)


def test_vectors_that_do_not_fit(learner):
    x, y = data(n=10)
    with pytest.raises(Exception, match="NaN or infinite"):
        learner.fit(np.full_like(x, np.nan), y, 3)
    with pytest.raises(Exception, match="need a table"):
        learner.fit(x[0], y, 3)

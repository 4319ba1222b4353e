"""Claim 8: streaming ridge equals joint ridge, and deletion equals retraining, to 1e-6 in float64."""

import time

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.learn import stream
from cowise.learn.stream import RidgeStream
from tests.learn.test_ridge import plain, problem


def fed(x, y, k, penalty=0.5):
    out = RidgeStream(x.shape[1], k, penalty=penalty)
    for row, label in zip(x, y, strict=True):
        out.add(row, int(label))
    return out


@pytest.mark.parametrize(("n", "d", "k"), [(900, 64, 7), (20, 64, 3)])
def test_streaming_is_joint(n, d, k):
    x, y = problem(n, d, k)
    w, b = plain(x, np.eye(k)[y], 0.5)
    weights, bias = fed(x, y, k).solution()
    assert np.abs(weights - w).max() < 1e-6
    assert np.abs(bias - b).max() < 1e-6


def test_deletion_is_retraining():
    x, y = problem(700, 48, 5, seed=4)
    whole = fed(x, y, 5)
    gone = np.random.default_rng(0).permutation(700)[:600]
    for i in gone:
        whole.remove(x[i], int(y[i]))
    rest = np.setdiff1d(np.arange(700), gone)
    w, b = plain(x[rest], np.eye(5)[y[rest]], 0.5)
    weights, bias = whole.solution()
    assert np.abs(weights - w).max() < 1e-6
    assert np.abs(bias - b).max() < 1e-6


def test_refresh_changes_nothing(monkeypatch):
    x, y = problem(300, 20, 3)
    before = fed(x, y, 3).solution()
    monkeypatch.setattr(stream, "REFRESH", 7)
    after = fed(x, y, 3).solution()
    assert np.abs(before[0] - after[0]).max() < 1e-9


def test_an_answer_costs_under_ten_milliseconds():
    x, y = problem(40, 512, 20)
    model = fed(x, y, 20)
    spent = []
    for row, label in zip(x, y, strict=True):
        start = time.process_time()
        model.add(row, int(label))
        spent.append(time.process_time() - start)
    assert np.median(spent) < 0.010


def test_head_predicts_and_unseen_class_stays_small():
    x, y = problem(200, 16, 3)
    p = fed(x, y, 4).head().predict(x.astype(np.float32))
    assert np.allclose(p.sum(axis=1), 1)
    assert (p.argmax(axis=1) == y).mean() > 0.7
    assert 0 < p[:, 3].max() < 0.01


def test_misuse_says_what_to_do():
    model = RidgeStream(3, 2)
    with pytest.raises(InputError, match="no answer of class 1"):
        model.remove(np.ones(3), 1)
    with pytest.raises(InputError, match="takes a vector of 3"):
        model.add(np.ones(4), 0)
    with pytest.raises(InputError, match="above 0"):
        RidgeStream(3, 2, penalty=0)
    assert model.scores(np.ones((1, 3))).tolist() == [[0, 0]]

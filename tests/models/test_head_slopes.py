"""Heads backwards: the probability is the head's own, and its derivatives are those of small steps."""

import numpy as np
import pytest

from cowise.models.head_slopes import slopes, unit_back
from cowise.models.heads import LinearHead
from cowise.models.kernel import KernelHead
from cowise.models.sets import SetBook

STEP, DIM = 1e-6, 6
RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(4, DIM))
ROWS /= np.linalg.norm(ROWS, axis=1, keepdims=True)


def linear(seen, floor=0.0):
    seen = np.array(seen)
    weights = RNG.normal(size=(DIM, int(seen.sum()))) * 0.1
    return LinearHead(weights, np.full(int(seen.sum()), 0.4), seen, 0.5, 0.02, floor)


def kernel(seen, floor=0.0, book=None):
    seen, anchors = np.array(seen), RNG.normal(size=(9, DIM))
    anchors /= np.linalg.norm(anchors, axis=1, keepdims=True)
    weights = RNG.normal(size=(9, int(seen.sum()))) * 0.2
    bias = np.full(int(seen.sum()), 0.45)
    return KernelHead(anchors, weights, bias, seen, 1.0, 0.5, 0.02, floor, book=book)


BOOK = SetBook(np.array([[1, 0, 0], [1, 1, 0]], np.float32), np.zeros(2, np.float32), 1.0)
HEADS = {
    "linear": linear([True, True, True]),
    "an unseen class": linear([True, False, True]),
    "most unseen": linear([True, False, False]),
    "logarithms": linear([True, True], 0.05),
    "kernel": kernel([True, True]),
    "kernel of logarithms": kernel([True, True, False], 0.05),
    "sets": kernel([True, True, False], 0.05, BOOK),
    "sets of plain scores": kernel([True, True, True], 0.0, BOOK),
}


@pytest.mark.parametrize("name", HEADS)
def test_slopes_of_every_label(name):
    head = HEADS[name]
    for target in range(head.n_classes):
        found = slopes(head, ROWS, target)
        assert found.p == pytest.approx(head.predict(ROWS)[:, target], abs=1e-6)
        by_vector, beside = np.zeros_like(ROWS), np.zeros_like(found.by_score)
        for j in range(DIM):
            step = np.zeros(DIM)
            step[j] = STEP
            up, down = (slopes(head, ROWS + sign * step, target).p for sign in (1, -1))
            by_vector[:, j] = (up - down) / (2 * STEP)
        for j in range(beside.shape[1]):
            step = np.zeros(beside.shape[1])
            step[j] = STEP
            up, down = (slopes(head, ROWS, target, sign * step).p for sign in (1, -1))
            beside[:, j] = (up - down) / (2 * STEP)
        assert found.by_vector == pytest.approx(by_vector, abs=1e-7)
        assert found.by_score == pytest.approx(beside, abs=1e-7)


def test_a_score_at_the_floor_has_no_slope():
    head = LinearHead(np.eye(2), np.zeros(2), np.array([True, True]), floor=0.5)
    assert slopes(head, np.array([[0.2, 0.9]]), 1).by_score[0, 0] == 0


def test_slopes_before_rows_are_scaled():
    rows, slope = RNG.normal(size=(3, DIM)), RNG.normal(size=(3, DIM))
    expected = np.zeros_like(rows)
    for j in range(DIM):
        step = np.zeros(DIM)
        step[j] = STEP
        up, down = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (rows + step, rows - step))
        expected[:, j] = ((up - down) * slope).sum(axis=1) / (2 * STEP)
    assert unit_back(slope, rows) == pytest.approx(expected, abs=1e-7)
    assert unit_back(slope, np.zeros((3, DIM))).tolist() == np.zeros((3, DIM)).tolist()

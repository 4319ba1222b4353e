"""Assignments against every possible one, and at the size of a busy day."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise import team
from cowise.core.errors import InputError
from cowise.team.assignment import NOBODY, assign, chance_of_error


def best(cost, most, allowed):
    """(items given, their cost) of the best of all assignments."""
    n, m = cost.shape
    found = (-1, 0.0)
    for way in product(range(-1, m), repeat=n):
        given_ = [(i, j) for i, j in enumerate(way) if j >= 0]
        if any(not allowed[i, j] for i, j in given_) or any(way.count(j) > most[j] for j in range(m)):
            continue
        total = sum(cost[i, j] for i, j in given_)
        if (len(given_), -total) > (found[0], -found[1] + 1e-12):
            found = (len(given_), total)
    return found


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_other_assignment_is_better(data):
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    cost, most = rng.random((n, m)), np.array(data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)))
    allowed = rng.random((n, m)) < 0.8
    chosen = assign(cost, most, allowed)
    given_ = np.flatnonzero(chosen != NOBODY)
    assert allowed[given_, chosen[given_]].all()
    assert (np.bincount(chosen[given_], minlength=m) <= most).all()
    count, total = best(cost, most, allowed)
    assert len(given_) == count
    assert cost[given_, chosen[given_]].sum() == pytest.approx(total)


def test_ten_thousand_items_beat_dealing_them_out():
    rng = np.random.default_rng(0)
    n, m, k = 10_000, 20, 4
    posterior = rng.dirichlet(np.ones(k), size=n)
    right = rng.uniform(0.5, 0.99, size=(m, k))
    confusion = np.full((m, k, k), 1.0) * ((1 - right) / (k - 1))[:, :, None]
    confusion[:, np.arange(k), np.arange(k)] = right
    cost, most = chance_of_error(posterior, confusion), np.full(m, n // m)
    chosen = assign(cost, most)
    assert (np.bincount(chosen, minlength=m) == most).all()
    ours, dealt = cost[np.arange(n), chosen].mean(), cost[np.arange(n), np.arange(n) % m].mean()
    assert ours < dealt - 0.02


def test_who_is_away_and_what_nobody_can():
    assert assign(np.ones((2, 2)), [0, 5]).tolist() == [1, 1]
    nobody = np.array([[True, True], [False, False]])
    assert assign(np.ones((2, 2)), [1, 1], nobody)[1] == NOBODY
    assert assign(np.ones((3, 2)), [0, 0]).tolist() == [NOBODY] * 3
    assert assign(np.zeros((0, 2)), [1, 1]).tolist() == []
    assert assign(np.zeros((2, 0)), []).tolist() == [NOBODY, NOBODY]


def test_with_too_little_room_the_dearest_wait():
    assert assign([[0.1], [0.9], [0.2]], [2]).tolist() == [0, NOBODY, 0]


@pytest.mark.parametrize(
    ("cost", "most", "allowed", "said"),
    [([1.0], [1], None, "shape"), ([[np.nan]], [1], None, "no number"), ([[1.0]], [-1], None, "capacity of -1"),
     ([[1.0]], [1], np.ones((2, 1), bool), "allowed has shape")],
)  # fmt: skip
def test_what_cannot_be_is_refused(cost, most, allowed, said):
    with pytest.raises(InputError, match=said):
        assign(cost, most, allowed)


def test_the_room_offers_it_and_says_what_it_does_not():
    assert team.assign is assign
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        _ = team.guess

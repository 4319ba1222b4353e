"""A jury's ruling on an audit, and what people's errors do to it."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.team.out import RIGHT, WRONG
from cowise.team.ruling import JURY, error_bound, false_alarm, jurors, missed_by, ruling


@pytest.mark.parametrize(
    ("said", "others", "found"),
    [
        ([], 3, None),
        ([1], 0, RIGHT),
        ([1], 3, RIGHT),
        ([0], 3, None),
        ([0], 0, WRONG),
        ([0, 0], 3, WRONG),
        ([0, 2], 3, WRONG),
        ([0, -1], 3, WRONG),
        ([0, 1], 3, None),
        ([0, 1], 0, WRONG),
        ([0, 1, 1], 3, RIGHT),
        ([0, 1, 2], 3, WRONG),
        ([1, 0], 3, RIGHT),
        ([1, 0, 0], 3, WRONG),
    ],
)
def test_rulings(said, others, found):
    assert ruling(1, said, others) == found


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=6), st.integers(0, 3))
def test_three_answers_always_decide_and_nobody_left_does_too(said, others):
    if len(said) >= JURY or others == 0:
        assert ruling(1, said, others) in (RIGHT, WRONG)
    if 1 not in said:
        assert ruling(1, said, others) != RIGHT


def judged(machine_right, labels, rng, error):
    """A ruling played out: truth 0, the machine says 0 or 1; (found, people asked)."""
    machine = 0 if machine_right else 1
    said = []
    while True:
        wrong = rng.random() < error
        said.append(int(rng.integers(1, labels)) if wrong else 0)
        found = ruling(machine, said, JURY - len(said))
        if found is not None:
            return found, len(said)


@pytest.mark.parametrize(("labels", "error"), itertools.product([2, 5], [0.1, 0.3]))
def test_chances_are_those_of_rulings_played_out(labels, error):
    rng, n = np.random.default_rng(0), 20_000
    wrong = [judged(False, labels, rng, error)[0] for _ in range(n)]
    right = [judged(True, labels, rng, error) for _ in range(n)]
    assert np.mean([code == RIGHT for code in wrong]) == pytest.approx(missed_by(error, labels), abs=0.012)
    assert np.mean([code == WRONG for code, _ in right]) == pytest.approx(false_alarm(error), abs=0.012)
    assert np.mean([asked - 1 for _, asked in right]) == pytest.approx(jurors(error), abs=0.012)


def test_the_bound_on_peoples_error_holds_as_often_as_it_says():
    rng, pairs, error, delta = np.random.default_rng(1), 150, 0.06, 0.1
    low = 0
    for _ in range(1500):
        differ = (rng.random((pairs, 2)) < error).sum(axis=1) == 1  # two labels: two errors are alike
        low += error_bound(pairs, int(differ.sum()), delta) < error
    assert 0.02 < low / 1500 <= delta + 0.025


def test_a_bound_from_pairs_that_always_differ_is_a_half():
    assert error_bound(20, 20, 0.05) == 0.5
    assert error_bound(500, 0, 0.05) < 0.005


@pytest.mark.parametrize(
    "asked",
    [
        lambda: missed_by(0.5, 2),
        lambda: missed_by(-0.1, 2),
        lambda: error_bound(0, 0, 0.1),
        lambda: error_bound(3, 4, 0.1),
        lambda: error_bound(3, 1, 0.0),
    ],
)
def test_counts_and_shares_that_cannot_be(asked):
    with pytest.raises(InputError):
        asked()

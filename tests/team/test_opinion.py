"""One more opinion: exact against enumeration, and never asked where it cannot pay."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.team.assignment import NOBODY
from cowise.team.opinion import gain, next_opinion, updated


def drawn(rng, m, k):
    rows = rng.dirichlet(np.full(k, 0.5), (m, k))
    rows[:, np.arange(k), np.arange(k)] += 1.0
    return rows / rows.sum(axis=2, keepdims=True)


def by_enumeration(p, rows):
    """Every rule from answers to labels is tried: the best one's chance to be right, less that without an answer."""
    k = len(p)
    rules = itertools.product(range(k), repeat=k)
    best = max(sum(p[label] * rows[label, a] for a, label in enumerate(rule)) for rule in rules)
    return best - p.max()


@pytest.mark.parametrize("k", [2, 3, 4])
def test_gain_is_that_of_the_best_rule_there_is(k):
    rng = np.random.default_rng(k)
    p, rows = rng.dirichlet(np.full(k, 0.7), 5), drawn(rng, 3, k)
    found = gain(p, rows)
    wanted = [[by_enumeration(p[i], rows[j]) for j in range(3)] for i in range(5)]
    assert found == pytest.approx(np.array(wanted), abs=1e-12)


def test_gain_is_what_playing_it_gives():
    rng = np.random.default_rng(7)
    p, rows = np.array([0.5, 0.3, 0.2]), drawn(rng, 1, 3)
    truth = rng.choice(3, 200_000, p=p)
    said = (rows[0].cumsum(axis=1)[truth] < rng.random(200_000)[:, None]).sum(axis=1)
    decided = np.array([updated(p, rows[0], a).argmax() for a in range(3)])[said]
    assert (decided == truth).mean() - 0.5 == pytest.approx(gain(p[None], rows)[0, 0], abs=0.005)


def test_who_tells_nothing_is_never_asked():
    idle = np.full((1, 3, 3), [0.2, 0.5, 0.3])
    assert gain(np.array([[0.4, 0.3, 0.3]]), idle)[0, 0] == pytest.approx(0)
    assert next_opinion(np.array([0.4, 0.3, 0.3]), idle, worth=1000.0).member == NOBODY


def test_the_best_for_this_label_is_asked_and_the_price_decides():
    doctor, clerk = np.array([[0.95, 0.05], [0.05, 0.95]]), np.array([[0.7, 0.3], [0.3, 0.7]])
    both, torn = np.stack([clerk, doctor]), np.array([0.5, 0.5])
    assert next_opinion(torn, both, worth=10.0).member == 1
    assert next_opinion(torn, both, worth=10.0, price=[1.0, 4.0]).member == 0
    assert next_opinion(torn, both, worth=10.0, allowed=np.array([True, False])).member == 0
    assert next_opinion(torn, both, worth=2.0).member == NOBODY
    assert next_opinion(torn, both, worth=10.0, allowed=np.array([False, False])).member == NOBODY


def test_two_right_nine_times_in_ten_against_a_model():
    """A sure model and one person who differs: a second is worth asking; once that one agrees with the person, no third."""
    person = np.array([[0.9, 0.1], [0.1, 0.9]])
    first = updated(np.array([0.85, 0.15]), person, 1)
    assert next_opinion(first, person[None], worth=5.0).member == 0
    second = updated(first, person, 1)
    assert second[1] > 0.9
    assert next_opinion(second, person[None], worth=5.0).member == NOBODY


def test_what_stands_against_the_beliefs_is_looked_at_again():
    """Two people differ, and the earlier answer stands although the model is sure of the other."""
    person, beliefs = np.array([[[0.9, 0.1], [0.1, 0.9]]]), np.array([0.9, 0.1])
    assert next_opinion(beliefs, person, worth=5.0, stands=0).member == NOBODY
    asked = next_opinion(beliefs, person, worth=5.0, stands=1)
    assert (asked.member, round(asked.gain, 6)) == (0, 0.8)


def test_beliefs_of_0_and_1_move_by_nothing_and_nothing_divides_by_zero():
    sure, person = np.array([1.0, 0.0]), np.array([[0.9, 0.1], [0.1, 0.9]])
    assert gain(sure[None], person[None])[0, 0] == 0
    assert updated(sure, person, 1).tolist() == [1.0, 0.0]
    assert updated(sure, np.array([[1.0, 0.0], [0.0, 1.0]]), 1).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("p", "rows", "what"),
    [
        (np.ones(2) / 2, np.eye(3)[None], "give \\(n, k\\)"),
        (np.array([np.nan, 1.0]), np.eye(2)[None], "NaN"),
    ],
)
def test_what_cannot_be_read_is_refused(p, rows, what):
    with pytest.raises(InputError, match=what):
        next_opinion(p, rows, worth=1.0)


def test_a_worth_below_nothing_is_refused():
    with pytest.raises(InputError, match="error worth"):
        next_opinion(np.ones(2) / 2, np.eye(2)[None], worth=float("nan"))
    with pytest.raises(InputError, match="label 2 of 2"):
        updated(np.ones(2) / 2, np.eye(2), 2)


def test_nobody_on_the_roster():
    assert next_opinion(np.ones(2) / 2, np.empty((0, 2, 2)), worth=5.0).member == NOBODY

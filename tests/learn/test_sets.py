"""Sets of labels are learned label by label and said as a whole: presence is honest, and what comes together is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError, TrustError
from cowise.learn.pool import PoolLearner
from cowise.learn.sets import book
from cowise.models.head_files import from_bytes, to_bytes
from cowise.models.sets import SetBook, bits, codes, presence


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def problem(n=500, seed=0, blur=0.4):
    """Texts as the sum of a direction for each label; the second comes only with the first, the third with neither."""
    rng = np.random.default_rng(seed)
    y = rng.choice([0b001, 0b011, 0b100, 0b000], n, p=[0.3, 0.3, 0.3, 0.1])
    x = bits(y, 3) @ np.eye(3, 8) + np.eye(8)[7] * 0.3 + blur * rng.normal(size=(n, 8))
    return unit(x), y


@given(st.lists(st.integers(0, 2**52 - 1), min_size=1, max_size=20))
def test_numbers_and_bits_are_one(numbers):
    assert codes(bits(np.array(numbers), 52)).tolist() == numbers


def test_a_book_says_only_sets_that_were_given_and_how_likely_they_are():
    x, y = problem()
    learner = PoolLearner(x, (), 3, sets=True)
    learner.learn(np.arange(100), y[:100])
    view = learner.look()
    assert view.book is not None
    said, p = view.book.said(view.p[100:])
    assert set(said.tolist()) <= {0b001, 0b011, 0b100, 0b000}
    right = said == y[100:]
    assert right.mean() > 0.75
    assert abs(p.mean() - right.mean()) < 0.1, "its certainty is honest"
    alone = codes(view.p[100:] > 0.5) == y[100:]
    assert right.mean() >= alone.mean() - 0.01


def test_presence_is_honest_for_each_label():
    x, y = problem(2000, 1)
    learner = PoolLearner(x, (), 3, sets=True)
    learner.learn(np.arange(200), y[:200])
    p, there = learner.look().p[200:], bits(y[200:], 3)
    assert np.abs(p.mean(axis=0) - there.mean(axis=0)).max() < 0.06
    assert ((p > 0.5) == there).mean() > 0.85


def test_margins_before_learning_tell_what_will_be_wrong():
    x, y = problem(600, 2)
    learner = PoolLearner(x, (), 3, sets=True)
    for part in np.split(np.arange(300), 15):
        learner.learn(part, y[part])
    view = learner.look()
    assert len(view.past_margin) == len(view.past_wrong) == 280
    order = np.argsort(-view.past_margin)
    assert view.past_wrong[order[:140]].mean() < view.past_wrong[order[140:]].mean()
    assert ((view.past_margin >= 0) & (view.past_margin <= 1)).all()


def test_a_label_never_given_is_unlikely_and_said_nowhere():
    x, y = problem()
    learner = PoolLearner(x, (), 5, sets=True)
    learner.learn(np.arange(60), y[:60])
    view = learner.look()
    assert (view.p[:, 3:] < 0.01).all()
    assert view.book is not None
    assert int(view.book.said(view.p)[0].max()) < 8


def test_a_frozen_head_says_the_same_and_comes_back_whole():
    x, y = problem()
    learner = PoolLearner(x, (), 3, sets=True)
    learner.learn(np.arange(80), y[:80])
    view, head = learner.look(), learner.head()
    rest = np.arange(80, 500)
    assert np.abs(head.predict(x[rest]) - view.p[rest]).max() < 1e-4
    back = from_bytes(to_bytes(head))
    assert to_bytes(back) == to_bytes(head)
    assert view.book is not None
    assert back.book is not None
    assert np.array_equal(back.book.said(back.predict(x[rest]))[0], view.book.said(view.p[rest])[0])
    assert back.n_classes == 3


def test_a_damaged_book_is_refused():
    x, y = problem()
    learner = PoolLearner(x, (), 3, sets=True)
    learner.learn(np.arange(80), y[:80])
    head = learner.head()
    assert head.book is not None
    head.book.held[0, 0] = 0.5
    with pytest.raises(TrustError, match="holds no head"):
        from_bytes(to_bytes(head))


def test_before_it_learned_nothing_is_said():
    x, _ = problem()
    learner = PoolLearner(x, (), 3, sets=True)
    view = learner.look()
    assert view.book is not None
    assert view.book.said(view.p)[0].tolist() == [0] * 500
    with pytest.raises(InputError, match="need class numbers from 0 to 7, got 9"):
        learner.learn(np.array([0]), np.array([9]))


def test_one_label_alone_is_a_question_of_yes_and_no():
    x, y = problem()
    learner = PoolLearner(x, (), 1, sets=True)
    learner.learn(np.arange(100), y[:100] & 1)
    view = learner.look()
    assert view.book is not None
    assert (view.book.said(view.p[100:])[0] == (y[100:] & 1)).mean() > 0.85


def test_a_set_seen_once_counts_for_little_by_its_own_text():
    y = np.array([1, 1, 1, 2, 2, 2, 3])
    found = book(y, np.full((7, 2), 0.5))
    at = dict(zip(found.sets.tolist(), found.weight.tolist(), strict=True))
    assert at[3] < at[1]
    assert 0 < found.heat <= 4


def test_a_book_over_other_sets_gives_those_it_does_not_know_the_least():
    small = SetBook(np.array([[1, 0], [0, 1]], np.float32), np.array([1.0, -2.0], np.float32), 1.0)
    wide = small.over(np.array([1, 2, 3]))
    assert wide.sets.tolist() == [1, 2, 3]
    assert wide.weight.tolist() == [1.0, -2.0, -2.0]


def test_presence_goes_with_the_score():
    scores = np.linspace(-0.5, 1.5, 9)[:, None]
    for floor in (0.0, 0.2):
        assert (np.diff(presence(scores, floor, 0.5)[:, 0]) >= 0).all()

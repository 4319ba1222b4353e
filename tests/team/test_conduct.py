"""What a member's answers tell beside how often they are right."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.team import conduct
from cowise.team.conduct import HELD, LEAST_FIFTH, accuracy, by_others, change, ends, habit, share, slowing, weigh
from cowise.team.reliability import choose, estimate
from cowise.team.votes import votes


def test_a_share_has_its_exact_interval():
    """The ends are where so few, or so many, have probability .025."""
    found = share(9, 10)
    assert (found.low, found.high) == (0.555, 0.9975)
    assert (share(0, 10).low, share(10, 10).high) == (0.0, 1.0)
    assert share(0, 0) == share(0, 0).__class__(0.0, 0.0, 1.0, 0)
    with pytest.raises(InputError, match="got 11 of 10"):
        share(11, 10)


def test_a_share_lies_in_its_interval_as_often_as_it_says():
    rng = np.random.default_rng(1)
    ranges = [share(int(k), 40) for k in rng.binomial(40, 0.9, 500)]
    assert np.mean([one.low <= 0.9 <= one.high for one in ranges]) >= 0.94


def test_what_is_too_little_is_not_compared():
    assert ends(np.zeros(5 * LEAST_FIFTH - 1)) is None
    first, last = ends(np.arange(5.0 * LEAST_FIFTH))
    assert (first[0], last[-1], len(first), len(last)) == (0.0, 49.0, 10, 10)
    assert change(np.zeros(10)) is None
    assert slowing(np.ones(10)) is None


def test_no_change_is_found_where_there_is_none_and_one_where_there_is():
    rng = np.random.default_rng(2)
    still = [change(rng.normal(size=100)) for _ in range(400)]
    assert 0.92 <= np.mean([one.low <= 0 <= one.high for one in still]) <= 0.98
    moved = change(np.linspace(0, 1, 200) + 0.1 * rng.normal(size=200))
    assert moved.low <= 0.8 <= moved.high
    assert change(np.ones(100)) == change(np.ones(100)).__class__(0.0, 0.0, 0.0, 100)


def test_chances_are_not_taken_for_certainty():
    """Where each answer is right with .9, the last ten may be right more often than the first for all their .88."""
    p = np.r_[np.full(90, 0.9), np.full(10, 0.88)]
    assert change(p).high < 0
    found = change(p, chances=True)
    assert found.low < 0 < found.high


def test_slowing_is_a_ratio():
    found = slowing(np.repeat([2.0, 3.0], 50) * np.exp(0.1 * np.random.default_rng(3).normal(size=100)))
    assert found.low <= 1.5 <= found.high
    assert found.low > 1.2


def test_each_answer_is_judged_without_itself():
    said = votes([0, 0, 0, 1], [0, 1, 2, 0], [1, 0, 0, 1], (2, 3, 2))
    known = weigh(said, np.array([[0.9, 0.1], [0.9, 0.1]]))
    right = by_others(known, said)
    assert right[0] < 0.2 < 0.5 < right[1]
    assert right[3] < 0.25, "nobody but the model speaks of this item: the person's own answer does not count"


def test_accuracy_is_counted_over_a_members_own_answers():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 300)
    label = [np.where(rng.random(300) < right, truth, (truth + 1) % 3) for right in (0.95, 0.9, 0.6)]
    said = votes(np.tile(np.arange(300), 3), np.repeat([0, 1, 2], 300), np.concatenate(label), (300, 3, 3))
    found = accuracy(weigh(said, None), said)
    assert [one.n for one in found] == [300, 300, 300]
    for one, right in zip(found, (0.95, 0.9, 0.6), strict=True):
        assert one.low <= right <= one.high
        assert 0 <= one.low < one.high <= 1


@pytest.mark.parametrize(("n", "each", "sure"), [(80, 1, 3.0), (400, 1, 1.0), (400, 2, 3.0)])
def test_how_often_somebody_is_right_lies_in_its_range_as_often_as_it_says(n, each, sure):
    """Beside a model whose probabilities are right, sharp or dull; most texts have one answer, as in the loop."""
    crew, rng, k = (0.97, 0.9, 0.75, 0.6), np.random.default_rng(1), 3
    held = np.array([held_in(crew, rng, n, k, each, sure) for _ in range(100)])
    assert (held.mean(axis=0) >= 0.87).all(), "95 less 3.7 standard errors"
    assert held.mean() >= 0.92


def held_in(crew, rng, n, k, each, sure):
    """Whether each member's share lies in its range, in one world."""
    p = np.exp(sure * rng.normal(size=(n, k)))
    p /= p.sum(axis=1, keepdims=True)
    truth = (rng.random(n)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    item = np.repeat(np.arange(n), each)
    member = rng.permuted(np.tile(np.arange(len(crew)), (n, 1)), axis=1)[:, :each].reshape(-1)
    right = rng.random(len(item)) < np.array(crew)[member]
    label = np.where(right, truth[item], (truth[item] + rng.integers(1, k, len(item))) % k)
    said = votes(item, member, label, (n, len(crew), k))
    return [one.low <= share <= one.high for one, share in zip(accuracy(weigh(said, p), said), crew, strict=True)]


def test_where_nobody_else_knows_the_range_stays_wide():
    """One answer to each text, and a model that says nothing: the answers tell nothing of who is right."""
    said = votes(np.arange(60), np.zeros(60, int), np.arange(60) % 2, (60, 1, 2))
    (found,) = accuracy(weigh(said, np.full((60, 2), 0.5)), said)
    assert (found.low, found.high) == (pytest.approx(0.3976, abs=0.01), pytest.approx(0.9937, abs=0.01))


def test_many_labels_are_weighed_by_one_figure_each():
    said = votes([0, 1], [0, 0], [3, 4], (2, 1, 12))
    assert np.allclose(np.diff(np.diagonal(weigh(said, None).confusion[0])), 0)


def test_the_label_that_somebody_gives_most():
    said = votes([0, 1, 2, 0, 1], [0, 0, 0, 1, 1], [1, 1, 0, 0, 1], (3, 3, 2))
    found = habit(said, 0)
    assert (found.label, found.own, found.others) == (1, pytest.approx(2 / 3, abs=1e-4), 0.5)
    assert habit(said, 2) is None
    assert habit(votes([0], [0], [1], (1, 1, 2)), 0) is None


def crowd(n, right, constant=0, seed=0, k=3):
    """Everybody answers every item; the first `constant` members always say the same."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    label = [np.where(rng.random(n) < one, truth, (truth + 1) % k) for one in right]
    for who in range(constant):
        label[who] = np.full(n, who % k)
    m = len(right)
    return truth, votes(np.tile(np.arange(n), m), np.repeat(np.arange(m), n), np.concatenate(label), (n, m, k))


def test_the_kind_of_members_is_chosen_by_answers_that_are_held_out():
    """Two who say the same to everything: a matrix each sees through them, and wins."""
    truth, said = crowd(300, (0.5, 0.5, 0.8, 0.8, 0.75), constant=2)
    chosen, scores = choose(said, np.random.default_rng(0))
    found = weigh(said, None)
    assert chosen == "one matrix each" == max(scores, key=scores.get)
    assert (found.label == truth).mean() > (estimate(said, kind="majority").label == truth).mean() + 0.03


def test_until_enough_was_answered_twice_nothing_is_held_out(monkeypatch):
    asked = []
    monkeypatch.setattr(conduct, "choose", lambda *what: asked.append(len(what[0])) or ("one accuracy each", {}))
    for n in (HELD - 1, HELD):
        weigh(crowd(n, (0.9, 0.9))[1], None)
    assert asked == [2 * HELD]


def test_of_many_labels_no_matrix_is_tried(monkeypatch):
    tried = []
    monkeypatch.setattr(conduct, "choose", lambda *what: tried.append(what[3]) or ("majority", {}))
    weigh(crowd(80, (0.9, 0.9), k=12)[1], None)
    weigh(crowd(80, (0.9, 0.9))[1], None, alike=True)
    assert tried == [("majority", "one accuracy each")] * 2

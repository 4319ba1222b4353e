"""A team is better than its best member, says how sure it is, and says when it cannot know."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.team.combine import ENOUGH, Combiner, confusion, fit
from cowise.team.votes import votes

N = 4000


def world(seed=0, people=(0.8, 0.75), model=0.78, k=3, heat=1.0):
    """Known labels, a model's probabilities, one answer of each person on every item."""
    rng = np.random.default_rng(seed)
    true = rng.integers(k, size=N)
    seems = np.where(rng.random(N) < model, true, (true + rng.integers(1, k, size=N)) % k)
    logs = np.log(np.full((N, k), (1 - model) / (k - 1)))
    logs[np.arange(N), seems] = np.log(model)
    p = np.exp(logs / heat)
    p /= p.sum(axis=1, keepdims=True)
    right = rng.random((N, len(people))) < np.asarray(people)
    label = np.where(right, true[:, None], (true[:, None] + rng.integers(1, k, size=right.shape)) % k)
    item, member = np.divmod(np.arange(N * len(people)), len(people))
    return true, p, votes(item, member, label.ravel(), (N, len(people), k))


def learned(true, p, said, n=N // 2):
    known = np.where(np.arange(N) < n, true, -1)
    return fit(p, said, known)


@pytest.mark.parametrize("heat", [1.0, 0.3])
def test_a_team_is_better_than_each_of_its_members(heat):
    true, p, said = world(heat=heat)
    rest = slice(N // 2, None)
    team = learned(true, p, said).combine(p, said)
    best = max(0.8, (p.argmax(axis=1) == true)[rest].mean())
    assert (team.argmax(axis=1) == true)[rest].mean() > best + 0.05


def test_it_is_as_sure_as_it_is_right():
    true, p, said = world(heat=0.3)
    rest = slice(N // 2, None)
    team = learned(true, p, said).combine(p, said)[rest]
    sure, right = team.max(axis=1), team.argmax(axis=1) == true[rest]
    place = np.digitize(sure, [0.7, 0.9])
    gaps = [(sure - right)[place == i].sum() for i in range(3)]
    assert np.abs(gaps).sum() / len(sure) < 0.02


def test_nobody_asked_is_the_model_calibrated():
    true, p, said = world(heat=0.3)
    found = learned(true, p, said)
    nobody = said.only(np.zeros(len(said), bool))
    alone = found.combine(p, nobody)
    assert (alone.argmax(axis=1) == p.argmax(axis=1)).all()
    assert abs(alone.max(axis=1).mean() - 0.78) < 0.03


def test_too_few_known_labels_are_said_and_people_decide():
    true, p, said = world()
    found = learned(true, p, said, n=ENOUGH - 1)
    assert found.reason == "49 items of known label are too few to combine by: 50 are needed"
    some = said.only(said.item < 10)
    team = found.combine(p, some)
    assert np.array_equal(team[:10], some.shares[:10])
    assert np.array_equal(team[10:], p[10:])


def test_without_answers_on_known_items_the_whole_is_taken_as_it_is():
    true, p, said = world()
    found = fit(p, said.only(said.item >= N // 2), np.where(np.arange(N) < N // 2, true, -1))
    assert found.heat == 1.0
    assert found.reason == ""
    assert np.allclose(found.confusion.diagonal(axis1=1, axis2=2), 0.8)


def test_rows_are_shrunk_to_the_members_accuracy():
    rows = confusion(votes([0, 1], [0, 0], [0, 0], (2, 1, 2)), np.array([0, 1]))
    right = (1 + 8) / 12
    expected = [[(1 + 10 * right) / 11, 10 * (1 - right) / 11], [(1 + 10 * (1 - right)) / 11, 10 * right / 11]]
    assert np.allclose(rows[0], expected)


def test_order_of_answers_does_not_matter():
    true, p, said = world()
    found = learned(true, p, said)
    order = np.random.default_rng(1).permutation(len(said))
    shuffled = votes(said.item[order], said.member[order], said.label[order], (N, 2, 3))
    assert np.allclose(found.combine(p, said), found.combine(p, shuffled))


def test_a_certain_or_constant_model_breaks_nothing():
    true, _, said = world()
    for p in (np.eye(3)[true * 0], np.full((N, 3), 1 / 3)):
        team = learned(true, p, said).combine(p, said)
        assert np.isfinite(team).all()
        assert np.allclose(team.sum(axis=1), 1)


@pytest.mark.parametrize(("p", "known"), [(np.ones((2, 3)), np.zeros(1, int)), (np.ones((1, 2)), np.zeros(3, int))])
def test_shapes_that_do_not_fit(p, known):
    with pytest.raises(InputError, match="combine: probabilities of shape"):
        fit(p, votes([0], [0], [0], (1, 1, 2)), known)


def test_one_member_without_a_model():
    found = Combiner(np.array([[[0.9, 0.1], [0.1, 0.9]]]))
    team = found.combine(np.full((1, 2), 0.5), votes([0], [0], [1], (1, 1, 2)))
    assert team.round(3).tolist() == [[0.1, 0.9]]

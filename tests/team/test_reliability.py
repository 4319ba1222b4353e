"""Labels and reliabilities from answers alone, against crowds whose every reliability is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.team.reliability import CLIP, MOST_LABELS, choose, estimate
from cowise.team.votes import votes

N = 2000


def crowd(accuracies, k=3, n=N, seed=0, each=3):
    """Items with known labels, answered by `each` of the members, who are wrong in favour of all others alike."""
    rng = np.random.default_rng(seed)
    true = rng.integers(k, size=n)
    member = np.argsort(rng.random((n, len(accuracies))), axis=1)[:, :each].ravel()
    item = np.repeat(np.arange(n), each)
    right = rng.random(len(item)) < np.asarray(accuracies)[member]
    label = np.where(right, true[item], (true[item] + rng.integers(1, k, size=len(item))) % k)
    return votes(item, member, label, (n, len(accuracies), k)), true


def test_reliabilities_are_found_within_their_own_error():
    wanted = np.array([0.95, 0.85, 0.7, 0.6, 0.4])
    said, true = crowd(wanted)
    found = estimate(said)
    accuracy, error = found.accuracy
    assert np.abs(accuracy - wanted).max() < 0.05
    assert (np.abs(accuracy - wanted) < 4 * error).all()
    assert np.allclose(found.confusion.sum(axis=2), 1)
    majority = (said.shares.argmax(axis=1) == true).mean()
    assert (found.label == true).mean() > majority + 0.03


def test_few_answers_leave_a_wide_error():
    said, _ = crowd([0.9, 0.9, 0.9, 0.9], n=500)
    few = said.only((said.member != 3) | (said.item < 10))
    accuracy, error = estimate(few).accuracy
    assert error[3] > 4 * error[0]
    assert error[3] < 0.3
    assert 0.5 < accuracy[3] < 1


@pytest.mark.parametrize("labels", [2, 3, 20, 77])
@pytest.mark.parametrize("kind", ["one accuracy each", "one matrix each"])
def test_many_labels_do_not_make_people_look_bad(labels, kind):
    """One answer each of 400 texts, and a model beside them: what is measured is the answers, not the first guess."""
    rng, n = np.random.default_rng(3), 2000
    true = rng.integers(labels, size=n)
    said = np.where(rng.random(n) < 0.9, true, (true + rng.integers(1, labels, size=n)) % labels)
    model = np.where(rng.random(n) < 0.9, true, (true + rng.integers(1, labels, size=n)) % labels)
    prior = np.full((n, labels), 0.1 / (labels - 1))
    prior[np.arange(n), model] = 0.9
    found = estimate(votes(np.arange(n), np.arange(n) % 5, said, (n, 5, labels)), prior, kind=kind)
    pooled = kind == "one accuracy each"
    assert (found.accuracy[0] > (0.85 if pooled or labels <= 3 else 0.6)).all(), "many rows from 400 answers are shrunk"
    assert (found.accuracy[0] < 0.96).all()


def test_who_answers_the_same_whatever_is_asked_tells_nothing():
    said, true = crowd([0.9, 0.9, 0.9, 0.9])
    always = said.label.copy()
    always[said.member == 3] = 1
    found = estimate(votes(said.item, said.member, always, (N, 4, 3)))
    assert found.informative[3] < 0.01
    assert (found.informative[:3] > 0.5).all()
    assert (found.label == true).mean() > 0.9


def test_who_is_always_wrong_tells_as_much_as_who_is_right():
    said, true = crowd([0.9, 0.9, 0.9, 0.05], k=2)
    found = estimate(said)
    assert found.informative[3] > 0.6
    assert (found.label == true).mean() > 0.95


def test_a_model_is_one_more_voice_that_people_can_outvote():
    said, true = crowd([0.9, 0.8, 0.7], each=2)
    rng = np.random.default_rng(1)
    sure = np.where(rng.random(N) < 0.75, true, (true + 1) % 3)
    prior = np.full((N, 3), 0.1) + 0.7 * np.eye(3)[sure]
    with_model, alone = estimate(said, prior), estimate(said)
    assert (with_model.label == true).mean() > (alone.label == true).mean() + 0.01
    both = said.shares.max(axis=1) == 1
    outvoted = both & (said.shares.argmax(axis=1) == true) & (sure != true)
    assert outvoted.sum() > 100
    assert (with_model.label == true)[outvoted].mean() > 0.7
    unasked = votes([], [], [], (1, 0, 2))
    assert estimate(unasked, np.array([[1.0, 0.0]])).posterior.round(3).tolist() == [[1 - CLIP, CLIP]]


def test_a_matrix_for_each_is_chosen_where_members_err_in_ways_of_their_own():
    said, _ = crowd([0.9, 0.9, 0.9, 0.9], k=2)
    rng = np.random.default_rng(0)
    timid = said.label.copy()
    timid[(said.member < 2) & (rng.random(len(said)) < 0.7)] = 0
    kind, scores = choose(votes(said.item, said.member, timid, (N, 4, 2)), rng)
    assert kind == "one matrix each"
    assert scores[kind] > scores["majority"]


def test_where_nothing_tells_members_apart_none_is_told_apart():
    said, true = crowd([0.7] * 60, n=150)
    kind, scores = choose(said, np.random.default_rng(0))
    assert scores["one matrix each"] < max(scores.values())
    assert kind != "one matrix each"
    assert (estimate(said, kind=kind).label == true).mean() > 0.75


def test_one_answer_each_leaves_nothing_to_choose_by():
    said = votes([0, 1], [0, 1], [0, 1], (2, 2, 2))
    kind, scores = choose(said, np.random.default_rng(0))
    assert kind == "majority"
    assert np.isnan(list(scores.values())).all()


def test_two_who_never_agree_settle_nothing_and_break_nothing():
    n = 50
    said = votes(np.repeat(np.arange(n), 2), [0, 1] * n, [0, 1] * n, (n, 2, 2))
    found = estimate(said)
    assert np.isfinite(found.posterior).all()
    assert np.allclose(found.posterior, found.posterior[0])


def test_a_roster_of_one_is_believed():
    found = estimate(votes([0, 1, 2], [0, 0, 0], [0, 1, 1], (3, 1, 2)))
    assert found.label.tolist() == [0, 1, 1]


def test_beyond_a_hundred_labels_members_have_one_accuracy_each():
    k = MOST_LABELS + 20
    said, true = crowd([0.9, 0.8, 0.5], k=k, n=400)
    found = estimate(said)
    off = found.seen[0][~np.eye(k, dtype=bool)]
    assert np.allclose(off, off[0])
    assert (found.label == true).mean() > 0.85


@pytest.mark.parametrize(
    ("prior", "said"),
    [(np.ones((2, 3)), "shape"), (np.array([[np.nan, 1.0], [0.5, 0.5]]), "no numbers"),
     (np.array([[-0.1, 1.1], [0.5, 0.5]]), "below zero")],
)  # fmt: skip
def test_a_prior_that_is_none_is_refused(prior, said):
    with pytest.raises(InputError, match=said):
        estimate(votes([0], [0], [1], (2, 1, 2)), prior)


def test_a_constant_or_certain_model_is_taken():
    said, true = crowd([0.8, 0.8, 0.8], k=2, n=300)
    for prior in (np.full((300, 2), 0.5), np.eye(2)[np.zeros(300, int)]):
        assert (estimate(said, prior).label == true).mean() > 0.85


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_names_do_not_matter(data):
    """Renumbering items, members and labels renumbers the result and changes nothing else."""
    k, m, n = data.draw(st.integers(2, 4)), data.draw(st.integers(1, 4)), data.draw(st.integers(1, 8))
    cells = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1), st.integers(0, k - 1))
    rows = np.array(data.draw(st.lists(cells, min_size=1, max_size=20)))
    here = estimate(votes(*rows.T, (n, m, k)))
    items, members, labels = (np.array(data.draw(st.permutations(range(size)))) for size in (n, m, k))
    there = estimate(votes(items[rows[:, 0]], members[rows[:, 1]], labels[rows[:, 2]], (n, m, k)))
    assert np.allclose(there.posterior[items][:, labels], here.posterior, atol=1e-4)
    assert np.allclose(there.accuracy[0][members], here.accuracy[0], atol=1e-4)

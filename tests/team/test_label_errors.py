"""Labels to look at again: a case by hand, properties, noise that is found, people who are heard, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import cowise as cw
from cowise.core.errors import InputError
from cowise.team.label_errors import heard, label_errors, suspects

HAND = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.95, 0.05]])
GIVEN = [0, 0, 1, 1, 1]


def world(n=2000, k=4, rate=0.1, seed=0, sharp=3.0):
    """Probabilities that know the true label, labels of which a share was replaced, and which those are."""
    rng = np.random.default_rng(seed)
    true = rng.integers(k, size=n)
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), true] += sharp
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    wrong = np.zeros(n, bool)
    wrong[rng.permutation(n)[: round(rate * n)]] = True
    return np.where(wrong, (true + rng.integers(1, k, n)) % k, true), p, wrong


def precision(found, wrong):
    return wrong[found.order[: wrong.sum()]].mean()


def test_a_case_by_hand():
    """t_0 = (.9 + .8) / 2, t_1 = (.9 + .7 + .05) / 3 = .55; only item 4 reaches another label's threshold: .95 ≥ .85."""
    found = label_errors(GIVEN, HAND)
    assert found.thresholds == pytest.approx([0.85, 0.55])
    assert found.flagged.tolist() == [False, False, False, False, True]
    assert found.order.tolist() == [4, 3, 1, 0, 2]
    assert found.score == pytest.approx([0.9, 0.8, 0.9, 0.7, 0.05])
    # Confident are items 0 (label 0), 2, 3 (label 1) and 4 (label 0, given 1): a third of the three with label 1 is wrong.
    assert found.errors == pytest.approx(1.0)
    assert found.top(1)[0].to_json() == {"row": 4, "given": 1, "suggested": 0, "score": 0.05, "flagged": True}
    assert len(found.top()) == 5


def test_names_and_numbers_say_the_same():
    named = cw.label_errors([("bad", "good")[one] for one in GIVEN], HAND, classes=("bad", "good"))
    assert isinstance(named, cw.LabelErrors)
    assert named.order.tolist() == label_errors(GIVEN, HAND).order.tolist()
    assert (named.top(1)[0].given, named.top(1)[0].suggested) == ("good", "bad")


def test_of_labels_as_unlikely_the_one_with_a_likelier_other_comes_first():
    p = np.array([[0.0, 0.5, 0.5], [0.0, 0.9, 0.1], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    assert label_errors([0, 0, 0, 1, 2], p).order[:2].tolist() == [1, 0]


@pytest.mark.parametrize("rate", [0.05, 0.1])
@pytest.mark.parametrize("seed", range(3))
def test_noise_is_found_far_above_chance_and_its_amount_estimated(rate, seed):
    given_, p, wrong = world(rate=rate, seed=seed)
    found = label_errors(given_, p)
    assert precision(found, wrong) > 0.7
    assert wrong[found.flagged].mean() > 5 * rate
    assert 0.5 * wrong.sum() < found.errors < 2.5 * wrong.sum()


def test_probabilities_that_know_nothing_find_nothing():
    given_, p, wrong = world(sharp=0.0)
    assert precision(label_errors(given_, p), wrong) < 0.2


def test_who_is_right_more_often_is_doubted_less():
    given_, p, wrong = world(seed=3, sharp=2.0)
    rng = np.random.default_rng(0)
    careless = rng.random(len(wrong)) < np.where(wrong, 0.9, 0.3)
    found = label_errors(given_, p, right=np.where(careless, 0.7, 0.98))
    assert precision(found, wrong) > precision(label_errors(given_, p), wrong) + 0.02
    assert found.errors == pytest.approx((1 - found.score).sum())
    assert label_errors(given_, p, right=0.9).order.shape == (2000,)
    assert np.isfinite(label_errors(given_, p, right=1.0).score).all()


def test_people_are_weighed_in_the_score_and_not_in_the_flag():
    p = np.array([[0.3, 0.7], [0.9, 0.1], [0.9, 0.1], [0.35, 0.65]])
    found = [label_errors([0, 0, 0, 1], p, right=right) for right in (0.5, 0.9, 0.99)]
    assert [one.flagged[0] for one in found] == [True] * 3
    assert [one.score[0] for one in found] == pytest.approx([0.3, 0.27 / 0.34, 0.297 / 0.304])


def test_several_people_are_weighed_by_what_is_learned_of_them():
    rng, n = np.random.default_rng(5), 1500
    true = rng.integers(2, size=n)
    p_true = np.clip(rng.normal(0.7, 0.2, n), 0.02, 0.98)
    p = np.stack([np.where(true == 0, p_true, 1 - p_true), np.where(true == 1, p_true, 1 - p_true)], axis=1)
    labels = np.full((n, 6), -1)
    for i in range(n):
        for who in rng.choice(6, 3, replace=False):
            labels[i, who] = true[i] if rng.random() < (0.95, 0.95, 0.9, 0.6, 0.6, 0.6)[who] else 1 - true[i]
    found = label_errors(labels, p)
    wrong = found.given != true
    alone = label_errors(found.given, p)
    assert precision(found, wrong) > precision(alone, wrong) + 0.05
    assert abs(found.errors - wrong.sum()) < 0.5 * wrong.sum()
    missing = np.where(labels < 0, np.nan, labels)
    assert label_errors(missing, p).order.tolist() == found.order.tolist()
    names = np.where(labels < 0, None, np.where(labels == 1, "yes", "no"))
    assert label_errors(names, p, classes=("no", "yes")).order.tolist() == found.order.tolist()


@given(arrays(np.float64, (12, 3), elements=st.floats(0.01, 1)), st.permutations(range(12)))
def test_every_item_is_ranked_once_whatever_their_order(raw, places):
    p, labels = raw / raw.sum(axis=1, keepdims=True), np.arange(12) % 3
    before = p.copy()
    found, places = label_errors(labels, p), np.array(places)
    assert sorted(found.order.tolist()) == list(range(12))
    assert (found.suggested != found.given).all()
    assert (np.diff(np.rint(1000 * found.score[found.order])) >= 0).all()
    assert 0 <= found.errors <= 12
    assert (p == before).all()
    moved = label_errors(labels[places], p[places])
    assert (moved.flagged == found.flagged[places]).all()
    assert moved.thresholds == pytest.approx(found.thresholds)


@given(arrays(np.float64, (6, 4), elements=st.floats(0.01, 1)))
def test_who_guesses_among_all_labels_alike_changes_no_belief(raw):
    p = raw / raw.sum(axis=1, keepdims=True)
    assert heard(p, np.zeros(6, np.int64), np.full(6, 0.25)) == pytest.approx(p)


P2 = [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("labels", "p", "more", "said"),
    [
        ([0, 1], [[0.5, 0.6], [0.5, 0.5]], {}, "row 0 from 0.5 that sum to 1.1"),
        ([0, 1], [[1.5, -0.5], [0.5, 0.5]], {}, "row 0 from -0.5"),
        ([0, 1], [[0.5, 0.5], [np.nan, 0.5]], {}, "row 1 of the probabilities holds NaN"),
        ([0, 1], [["a", "b"], ["c", "d"]], {}, "what is no number"),
        ([0, 1], [0.5, 0.5], {}, "shape \\(2,\\); give \\(n, k\\)"),
        ([0, 1], np.zeros((0, 2)), {}, "shape \\(0, 2\\)"),
        ([0, 0], [[1.0], [1.0]], {}, "two labels or more"),
        ([0, 1, 1], P2, {}, "labels of shape \\(3,\\) for 2 rows"),
        (np.zeros((2, 0)), P2, {}, "labels of shape \\(2, 0\\)"),
        ([0, 0], P2, {}, "all items have one label"),
        ([0, 1], [[0.5, 0.3, 0.2]] * 2, {}, "no item has the label 2; leave its column out"),
        (["a", "b"], [[0.5, 0.3, 0.2]] * 2, {"classes": "abc"}, "no item has the label 'c'"),
        ([0, 2], P2, {}, "labels from 0 to 2; there are 0 to 1"),
        ([-2, 1], P2, {}, "labels from -2 to 1"),
        ([0, -1], P2, {}, "row 1 has no label"),
        ([[0, 1], [-1, -1]], P2, {}, "row 1 has no label"),
        ([0.5, 1], P2, {}, "no whole numbers"),
        ([np.inf, 1], P2, {}, "no whole numbers"),
        (["a", "b"], P2, {}, "classes=\\[…\\] with their names"),
        (["a", "z"], P2, {"classes": ["a", "b"]}, "label 'z' is none of the classes; there are a, b"),
        (["a", "b"], P2, {"classes": ["a", "b", "c"]}, "3 classes for 2 columns"),
        ([0, 1], P2, {"right": 0.0}, "right of shape \\(\\)"),
        ([0, 1], P2, {"right": [0.9, 0.9, 0.9]}, "right of shape \\(3,\\)"),
        ([0, 1], P2, {"right": [np.nan, 0.9]}, "right of shape \\(2,\\)"),
        ([[0, 0], [1, 1]], P2, {"right": 0.9}, "right is estimated"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_said(labels, p, more, said):
    with pytest.raises(InputError, match=said):
        label_errors(labels, p, **more)


def test_rankings_by_belief_alone():
    found = suspects(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.1, 0.9], [0.2, 0.8]]))
    assert found.order.tolist() == [0, 1]
    assert found.flagged.tolist() == [False, False], "the model itself sees no error"
    assert found.errors == pytest.approx(1.1)

"""Members beside a head: whoever helps counts, whoever does not is dropped, and silence changes nothing."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.learn.listening import FEWEST, FOLDS, listen
from cowise.learn.pool import PoolLearner
from cowise.models.voices import evidence


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def problem(seed, n=500, k=4, blur=1.1):
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    return unit(np.eye(k, 12)[y] + blur * rng.normal(size=(n, 12))), y


def oracle(y, k, accuracy, seed, top=0.97, missing=0.3):
    """A member right with this chance, ever as sure as `top`, silent on a share: evidence (n, 1, k)."""
    rng = np.random.default_rng(seed)
    label = np.where(rng.random(len(y)) < accuracy, y, (y + rng.integers(1, k, len(y))) % k)
    p = np.full((len(y), k), (1 - top) / (k - 1))
    p[np.arange(len(y)), label] = top
    found = evidence(p)
    found[rng.random(len(y)) < missing] = np.nan
    return found[:, None, :]


def loss(p, y):
    return -np.log(p[np.arange(len(y)), y]).mean()


def played(seed, m, said, k=4):
    """Log loss on what was not answered, without and with the members; seeds are fixed."""
    x, y = problem(seed, k=k)
    told = said(y, k, seed)
    rows = np.random.default_rng(seed).permutation(len(y))[:m]
    rest = np.setdiff1d(np.arange(len(y)), rows)
    found = []
    for each in (None, told):
        learner = PoolLearner(x, (), k, each)
        learner.learn(rows, y[rows])
        found.append(loss(learner.look().p[rest], y[rest]))
    return found


@pytest.mark.parametrize("m", [20, 40, 100, 200])
def test_a_member_that_guesses_costs_nothing_much(m):
    runs = [played(seed, m, lambda y, k, s: oracle(y, k, 1 / k, s + 100)) for seed in range(8)]
    without, with_it = np.mean(runs, axis=0)
    assert with_it <= without * 1.02


@pytest.mark.parametrize("m", [40, 100, 200])
@pytest.mark.parametrize("top", [0.85, 0.97])
def test_a_member_that_knows_helps_much(m, top):
    runs = [played(seed, m, lambda y, k, s: oracle(y, k, 0.85, s + 100, top)) for seed in range(4)]
    without, with_it = np.mean(runs, axis=0)
    assert with_it < 0.85 * without


def test_a_good_one_is_heard_beside_one_that_guesses():
    def both(y, k, seed):
        return np.concatenate([oracle(y, k, 1 / k, seed + 50), oracle(y, k, 0.85, seed + 100)], axis=1)

    x, y = problem(3)
    learner = PoolLearner(x, (), 4, both(y, 4, 3))
    learner.learn(np.arange(120), y[:120])
    weight = learner.voices().weight
    assert weight[1] > 0.3
    assert abs(weight[0]) < 0.1


def test_silence_leaves_a_text_as_the_head_says_and_weights_need_a_few_answers():
    x, y = problem(5)
    told = oracle(y, 4, 0.9, 7)
    plain, hears = PoolLearner(x, (), 4), PoolLearner(x, (), 4, told)
    for learner in (plain, hears):
        learner.learn(np.arange(80), y[:80])
    silent = np.isnan(told[:, 0, 0])
    assert np.array_equal(plain.look().p[silent], hears.look().p[silent])
    assert not np.allclose(plain.look().p[~silent], hears.look().p[~silent])
    few = PoolLearner(x, (), 4, told)
    few.learn(np.arange(FEWEST - 1), y[: FEWEST - 1])
    assert few.voices() is None


def test_the_frozen_head_with_its_weights_says_what_the_pool_says():
    x, y = problem(6)
    told = oracle(y, 4, 0.85, 8)
    learner = PoolLearner(x, (), 4, told)
    for i in range(0, 120, 30):
        learner.learn(np.arange(i, i + 30), y[i : i + 30])
    again = learner.voices().combine(learner.head().predict(x), told)
    assert again[120:] == pytest.approx(learner.look().p[120:], abs=1e-4)


def test_answered_items_are_left_out_of_the_weights_that_judge_them():
    x, y = problem(9, n=200)
    told = oracle(y, 4, 0.8, 9, missing=0.0)
    base = PoolLearner(x, (), 4, told)
    base.learn(np.arange(60), y[:60])
    other = PoolLearner(x, (), 4, told)
    turned = y[:60].copy()
    turned[0] = (turned[0] + 1) % 4
    other.learn(np.arange(60), turned)
    assert other.look().p[0, y[0]] == pytest.approx(base.look().p[0, y[0]], abs=0.12), "its own answer moves it little"


def test_predictions_before_learning_use_what_was_heard_then():
    x, y = problem(10)
    told = oracle(y, 4, 0.95, 11, missing=0.0)
    learner = PoolLearner(x, (), 4, told)
    learner.learn(np.arange(60), y[:60])
    before = learner.look()
    learner.learn(np.arange(60, 90), y[60:90])
    after = learner.look()
    assert after.past_wrong.tolist() == (before.p[60:90].argmax(axis=1) != y[60:90]).tolist()
    top = np.sort(before.p[60:90], axis=1)
    assert after.past_margin == pytest.approx(top[:, -1] - top[:, -2], abs=1e-6)
    learner.hear(np.full_like(told, np.nan))
    assert learner.look().past_margin.tolist() == after.past_margin.tolist()
    assert learner.voices() is None


def test_evidence_of_another_shape_or_too_late_is_refused():
    x, y = problem(1)
    with pytest.raises(InputError, match="evidence: need"):
        PoolLearner(x, (), 4, np.zeros((500, 1, 3)))
    torn = np.zeros((500, 1, 4))
    torn[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="whole rows missing"):
        PoolLearner(x, (), 4, torn)
    late = PoolLearner(x, (), 4)
    late.learn(np.arange(5), y[:5])
    with pytest.raises(InputError, match="begin a new learner"):
        late.hear(np.zeros((500, 1, 4)))


def test_no_seat_is_no_evidence():
    found = listen(np.full((20, 2), 0.5), np.zeros((20, 0, 2)), np.arange(20) % 2, np.arange(20) % FOLDS)
    assert found.voices.combine(np.full((3, 2), 0.5), np.zeros((3, 0, 2))).tolist() == [[0.5, 0.5]] * 3

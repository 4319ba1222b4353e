"""The pool learner is kernel ridge kept up to date: after any batches it equals one solve from scratch."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.types import Pool
from cowise.learn import pool
from cowise.learn.kernel import solve
from cowise.learn.pool import GAMMA, PoolLearner
from cowise.models.kernel import gaussian
from cowise.models.words import count_words, rarity, weigh
from cowise.team.pick import MarginPicker

WORDS = ("card lost stolen", "money sent home", "卡片 丢失 冻结", "转账 汇款 失败")


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def problem(n=400, d=16, k=4, seed=0, copies=1, blur=0.7):
    """Vectors around k centres, each about `copies` times, with texts in two languages."""
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n // copies).repeat(copies)
    x = (np.eye(k, d)[y] + blur * rng.normal(size=(n // copies, d)).repeat(copies, axis=0)) + 1e-3 * rng.normal(
        size=(n, d)
    )
    texts = [
        f"{rng.choice(WORDS[label % 4].split())} {rng.integers(30)} {rng.choice(WORDS[label % 4].split())}"
        for label in y
    ]
    return unit(x), texts, y


def grown(x, texts, y, k=4, sizes=(5, 1, 20, 40, 7, 60, 90)):
    learner, start = PoolLearner(x, texts, k), 0
    for size in sizes:
        rows = np.arange(start, start + size)
        learner.learn(rows, y[rows])
        start += size
    return learner, np.arange(start)


def scratch(learner, x, texts):
    """The same kernel and penalty, solved at once: scores of the pool and left-out scores of the answers."""
    rows = learner.answered
    kernel = gaussian(x, x[rows], GAMMA).astype(np.float64)
    if len(texts):
        counts = count_words(texts)
        words = weigh(counts, rarity(counts))
        kernel += learner._mix * (words @ words[rows].T).toarray()
    targets = np.eye(len(np.unique(learner.y)))[learner.y]
    dual = solve(kernel[rows], targets, learner._penalty)
    return kernel @ dual.weights + dual.bias, dual.left_out


def gaps(scores):
    top = np.sort(scores, axis=1)
    return top[:, -1] - top[:, -2]


@pytest.mark.parametrize("words", [False, True])
def test_many_batches_equal_one_solve(words):
    x, texts, y = problem()
    texts = texts if words else []
    learner, rows = grown(x, texts, y)
    scores, left = scratch(learner, x, texts)
    weights, bias, own = learner._solve(learner._root, learner._seen()[1])
    fresh = np.delete(np.arange(400), rows)
    assert np.abs(own - left).max() < 1e-6
    assert np.abs(learner._kernel(fresh) @ weights + bias - scores[fresh]).max() < 1e-6
    assert np.allclose(learner.look().margin[fresh], gaps(scores[fresh]), atol=1e-5)
    assert np.allclose(learner.look().margin[rows], gaps(left), atol=1e-5)


def test_thirty_batches_of_near_copies_do_not_explode(monkeypatch):
    """Margin-picked near copies made the grown full inverse garbage once; here the factor is grown, and checked."""
    x, _, y = problem(n=2400, copies=4, blur=0.5)
    sizes = []
    real = pool._inverse_factor
    monkeypatch.setattr(pool, "_inverse_factor", lambda matrix: sizes.append(len(matrix)) or real(matrix))
    learner, rng = PoolLearner(x, (), 4), np.random.default_rng(0)
    open_items = np.ones(2400, dtype=bool)
    for _ in range(30):
        p = learner.look().p
        picked = MarginPicker(width=1.0, chance=0.0).pick(Pool(x, open_items, p), 40, rng)
        open_items[picked] = False
        learner.learn(picked, y[picked])
    scores, left = scratch(learner, x, ())
    assert np.abs(learner._solve(learner._root, learner._seen()[1])[2] - left).max() < 1e-6
    assert np.allclose(learner.look().margin[open_items], gaps(scores[open_items]), atol=1e-5)
    assert (learner.look().p[open_items].argmax(axis=1) == y[open_items]).mean() > 0.9
    chosen = len(pool._CHOOSE_AT) * len(pool.PENALTIES)
    assert len([size for size in sizes if size > 40]) <= chosen, "grown, not solved anew each time"


def test_drift_is_mended():
    x, _, y = problem()
    learner = grown(x, (), y)[0]
    learner._root = learner._root * 1.001
    learner.learn(np.array([300]), y[300:301])
    assert np.abs(learner._solve(learner._root, learner._seen()[1])[2] - scratch(learner, x, ())[1]).max() < 1e-6
    learner._root[0, 0] = np.nan
    learner.learn(np.array([301]), y[301:302])
    assert np.isfinite(learner.look().p).all()


@pytest.mark.parametrize("words", [False, True])
def test_answered_items_are_left_out_exactly(words):
    """Each answered row is what a learner without that answer, at the same kernel and penalty, says of it."""
    x, texts, y = problem(n=60)
    texts = texts if words else []
    learner, rows = grown(x, texts, y, sizes=(10, 15))
    view = learner.look()
    for i in (0, 7, 24):
        other = PoolLearner(x, texts, 4)
        rest = np.delete(rows, i)
        other.learn(rest, y[rest])
        assert (other._mix, other._penalty) == (learner._mix, learner._penalty)
        assert view.margin[i] == pytest.approx(other.look().margin[i], abs=1e-5)
        assert view.p[i].argmax() == other.look().p[i].argmax()


@pytest.mark.parametrize("words", [False, True])
def test_the_head_says_what_the_pool_says(words):
    x, texts, y = problem()
    texts = texts if words else []
    learner, rows = grown(x, texts, y)
    fresh = np.delete(np.arange(400), rows)
    head = learner.head()
    assert (head.words is not None) == (words and learner._mix > 0)
    counts = count_words([texts[i] for i in fresh]) if head.words is not None else None
    assert np.abs(head.predict(x[fresh], counts) - learner.look().p[fresh]).max() < 1e-4


def test_words_tell_apart_what_vectors_cannot():
    n = 120
    y = np.arange(n) % 2
    texts = [f"请帮我{'冻结' if label else '激活'}第{i}张卡" for i, label in enumerate(y)]
    x = unit(np.ones((n, 3)))
    learner = PoolLearner(x, texts, 2)
    learner.learn(np.arange(50), y[:50])
    assert learner._mix > 0
    assert (learner.look().p[50:].argmax(axis=1) == y[50:]).mean() > 0.95
    head = learner.head()
    assert (head.predict(x[50:], count_words(texts[50:])).argmax(axis=1) == y[50:]).mean() > 0.95
    with pytest.raises(InputError, match="reads words too"):
        head.predict(x[50:])


def test_predictions_are_kept_from_before_they_were_learned():
    x, _, y = problem(blur=0.2)
    learner = PoolLearner(x, (), 4)
    learner.learn(np.arange(20), y[:20])
    assert not len(learner.look().past_margin)
    before = learner.look()
    learner.learn(np.arange(20, 60), y[20:60])
    view = learner.look()
    assert np.allclose(view.past_margin, before.margin[20:60], atol=1e-6)
    assert np.array_equal(view.past_wrong, before.p[20:60].argmax(axis=1) != y[20:60])


def test_a_class_met_late_counts_as_wrong_before_and_is_learned_after():
    x, _, y = problem(blur=0.1)
    old, new = np.flatnonzero(y < 3), np.flatnonzero(y == 3)
    learner = PoolLearner(x, (), 4)
    learner.learn(old[:60], y[old[:60]])
    learner.learn(new[:10], y[new[:10]])
    view = learner.look()
    assert view.past_wrong.all()
    assert (view.p[new[10:]].argmax(axis=1) == 3).mean() > 0.95


def test_before_there_is_anything_to_learn():
    x, texts, y = problem(n=30)
    learner = PoolLearner(x, texts, 4)
    assert np.allclose(learner.look().p, 0.25)
    ones = np.flatnonzero(y == 1)[:4]
    learner.learn(ones, y[ones])
    learner.learn(np.zeros(0, np.int64), np.zeros(0, np.int64))
    view = learner.look()
    assert (view.p.argmax(axis=1) == 1).all()
    assert np.allclose(view.p.sum(axis=1), 1)
    assert not view.margin.any()
    assert np.isnan(view.log_loss)
    with pytest.raises(InputError, match=r"4 answers of 1 class\(es\)"):
        learner.head()


def test_one_class_alone_through_every_choice():
    x, texts, _ = problem(n=300)
    learner = PoolLearner(x, texts, 3)
    for start in range(0, 240, 30):
        learner.learn(np.arange(start, start + 30), np.zeros(30, np.int64))
    learner.learn(np.arange(240, 270), np.ones(30, np.int64))
    assert np.isfinite(learner.look().p).all()


@pytest.mark.parametrize(
    ("items", "labels", "says"),
    [
        ([0, 5], [0, 1], "answered twice"),
        ([6, 6], [0, 1], "answered twice"),
        ([6], [0, 1], "got 2 for 1 items"),
        ([6], [4], "class numbers from 0 to 3"),
        ([6], [-1], "class numbers from 0 to 3"),
        ([30], [0], "numbered from 0 to 29"),
        ([-1], [0], "numbered from 0 to 29"),
    ],
)
def test_answers_that_cannot_be_are_refused_and_change_nothing(items, labels, says):
    x, _, y = problem(n=30)
    learner = PoolLearner(x, (), 4)
    learner.learn(np.arange(6), y[:6])
    before = learner.look().p
    with pytest.raises(InputError, match=says):
        learner.learn(np.array(items), np.array(labels))
    assert np.array_equal(learner.look().p, before)


def test_pools_that_cannot_be_are_refused():
    x = problem(n=30)[0]
    with pytest.raises(InputError, match="at least 1"):
        PoolLearner(x, (), 0)
    with pytest.raises(InputError, match="got 2 for 30 vectors"):
        PoolLearner(x, ("a", "b"), 2)
    with pytest.raises(InputError, match="finite numbers"):
        PoolLearner(np.full_like(x, np.nan), (), 2)
    with pytest.raises(InputError, match="finite numbers"):
        PoolLearner(x[0], (), 2)


def test_inputs_stay_untouched():
    x, texts, y = problem()
    kept = x.copy()
    x.setflags(write=False)
    first, second = grown(x, texts, y)[0].look(), grown(x, texts, y)[0].look()
    assert np.array_equal(x, kept)
    assert np.array_equal(first.p, second.p)

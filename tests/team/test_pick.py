"""Pickers: coverage spreads, margins come first, chance has its share, and no item twice."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.types import Pool
from cowise.team.pick import CoveragePicker, MarginPicker, _least, margin


def clusters(k=20, big=1000, small=5, d=32, seed=0):
    """One big crowd and many small groups, far from each other."""
    rng = np.random.default_rng(seed)
    group = np.concatenate([np.zeros(big, int), np.repeat(np.arange(1, k), small)])
    x = np.eye(d)[group] + 0.02 * rng.normal(size=(len(group), d))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), group


def even(n=1000, d=8, k=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    p = rng.dirichlet(np.ones(k), n)
    return Pool(x, np.ones(n, dtype=bool), p)


def test_coverage_meets_groups_that_chance_misses():
    x, group = clusters()
    pool = Pool(x, np.ones(len(x), dtype=bool))
    covered = [len(set(group[CoveragePicker().pick(pool, 60, np.random.default_rng(s))])) for s in range(5)]
    chance = [len(set(group[np.random.default_rng(s).choice(len(x), 60, replace=False)])) for s in range(5)]
    assert min(covered) == 20
    assert max(chance) < 15


def test_coverage_of_more_than_its_candidates_names_none_twice():
    pool = even(n=5200, d=4)
    chosen = CoveragePicker().pick(pool, 5000, np.random.default_rng(0))
    assert len(np.unique(chosen)) == 5000


def test_margins_take_the_least_sure():
    pool = even()
    chosen = MarginPicker(width=1.0, chance=0.0).pick(pool, 50, np.random.default_rng(0))
    assert set(chosen.tolist()) == set(np.argsort(margin(pool.p))[:50].tolist())
    assert (np.diff(margin(pool.p)[chosen]) >= 0).all(), "least sure first"


def test_near_copies_wait():
    """Ten copies each of the most doubtful texts: few copies are picked, and still only doubtful ones."""
    base = even(n=200, d=16)
    x = base.vectors.repeat(10, axis=0)
    p = base.p.repeat(10, axis=0)
    pool = Pool(x, np.ones(2000, dtype=bool), p)
    thinned = MarginPicker(width=4.0, chance=0.0).pick(pool, 40, np.random.default_rng(0))
    plain = MarginPicker(width=1.0, chance=0.0).pick(pool, 40, np.random.default_rng(0))
    assert len(set((thinned // 10).tolist())) > 2 * len(set((plain // 10).tolist()))
    assert margin(p)[thinned].max() <= np.sort(margin(p))[160]


def test_the_share_of_chance():
    pool = even(n=5000)
    chosen = MarginPicker(chance=0.3).pick(pool, 100, np.random.default_rng(0))
    doubtful = set(np.argsort(margin(pool.p))[:200].tolist())
    outside = [item for item in chosen.tolist() if item not in doubtful]
    assert 25 <= len(outside) <= 30
    alone = MarginPicker(chance=1.0).pick(pool, 100, np.random.default_rng(0))
    assert margin(pool.p)[alone].mean() == pytest.approx(margin(pool.p).mean(), abs=0.08)


def test_margins_need_probabilities():
    with pytest.raises(InputError, match="use coverage before the first model"):
        MarginPicker().pick(Pool(even().vectors, np.ones(1000, dtype=bool)), 5, np.random.default_rng(0))


def test_ties_are_broken_by_chance():
    pool = even()
    flat = Pool(pool.vectors, pool.open, np.full((1000, 3), 1 / 3))
    first = MarginPicker().pick(flat, 50, np.random.default_rng(0))
    second = MarginPicker().pick(flat, 50, np.random.default_rng(1))
    assert len(set(first.tolist()) & set(second.tolist())) < 20


def test_a_balance_asks_about_rare_classes_first():
    pool = even(n=3000, k=3)
    answers = np.array([200, 200, 2])
    rare = pool.p.argmax(axis=1) == 2
    shares = []
    for balance in (0.0, 0.5, 1.0):
        chosen = MarginPicker(chance=0.0, balance=balance).pick(
            Pool(pool.vectors, pool.open, pool.p, answers=answers), 100, np.random.default_rng(0)
        )
        shares.append(rare[chosen].mean())
    assert shares[0] < 0.5 < shares[2]
    assert shares == sorted(shares)
    with pytest.raises(InputError, match="a balance of classes needs how many answers there are of each"):
        MarginPicker(balance=0.5).pick(pool, 10, np.random.default_rng(0))


def test_the_least_are_those_of_a_whole_sort_and_ties_go_by_chance():
    gap = np.random.default_rng(0).integers(0, 50, 1000) / 50
    chosen = _least(gap, 120, np.random.default_rng(1))
    assert np.array_equal(np.sort(gap[chosen]), np.sort(gap)[:120])
    assert (np.diff(gap[chosen]) >= 0).all()
    assert set(_least(gap, 5, np.random.default_rng(2))) != set(_least(gap, 5, np.random.default_rng(3)))
    assert len(_least(gap, 0, np.random.default_rng(0))) == 0

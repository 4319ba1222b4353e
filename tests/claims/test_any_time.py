"""Claim 3: looking whenever one likes. T over 3,000 labels looked at every 20; audit by lot with three looks."""

from __future__ import annotations

import numpy as np

from benchmarks.claims import looks, naive
from benchmarks.claims.versions import crossing_chance
from cowise.team.anytime import certified_path, look_delta, look_sizes
from cowise.team.tails import binomial_cdf

RISK, LABELS = 0.0501, 3000


def ever(trials: int, risk: float, regions: int) -> float:
    rng = np.random.default_rng(3)
    cuts = np.linspace(0.9, 0.0, regions)
    hits = 0
    for _ in range(trials):
        path = certified_path(rng.random(LABELS), rng.random(LABELS) < risk, cuts, 0.05, 0.1)
        hits += bool(path[19::20].any())
    return hits / trials


def test_t_is_ever_wrong_no_more_often_than_stated() -> None:
    seen = ever(200, RISK, 6)
    assert seen <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 200)


def test_t_reaches_its_exact_level_and_not_more() -> None:
    exact = crossing_chance(0.05, RISK, 0.1, 1000)
    assert exact <= 0.1
    rng = np.random.default_rng(5)
    hits = [certified_path(np.ones(1000), rng.random(1000) < RISK, np.zeros(1), 0.05, 0.1).any() for _ in range(800)]
    assert 0.5 * exact <= np.mean(hits) <= exact + 3 * np.sqrt(exact * (1 - exact) / 800)


def test_t_certifies_a_model_that_is_good() -> None:
    rng = np.random.default_rng(6)
    path = certified_path(rng.random(LABELS), rng.random(LABELS) < 0.02, np.linspace(0.9, 0, 10), 0.05, 0.1)
    assert path[-1] == 10


def test_looks_fixed_beforehand_keep_the_level() -> None:
    rng, sizes = np.random.default_rng(8), np.array(look_sizes(100, LABELS))
    share = np.array([look_delta(0.1, j) for j in range(len(sizes))])
    runs = []
    for _ in range(1000):
        k = np.cumsum(rng.random(LABELS) < RISK)[sizes - 1]
        runs.append(bool((binomial_cdf(k, sizes, 0.05) <= share).any()))
    assert np.mean(runs) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 1000)


def test_peeking_at_a_fixed_level_fails() -> None:
    rng = np.random.default_rng(9)
    runs = [naive.peeks_through(RISK, 0.05, 0.1, LABELS, rng) for _ in range(300)]
    assert np.mean(runs) > 0.3


def test_three_looks_at_audits_by_lot_keep_the_level() -> None:
    trials, delta = 150, 0.1
    rng = np.random.default_rng(10)
    runs = [looks.run(3000, 400, (150, 300, 600), (0.05, delta), rng) for _ in range(trials)]
    ever_broken = np.mean([any(broken for broken, _ in run) for run in runs])
    assert ever_broken <= delta + 3 * np.sqrt(delta * (1 - delta) / trials)
    assert np.mean([run[-1][1] for run in runs]) > 0.2

"""Claim 1, sets of labels: walks over the same audits break any label's promise no more often than stated, with delta undivided."""

from __future__ import annotations

import numpy as np
import pytest

from cowise.core.types import Indices, Promise
from cowise.loop.brain import Said
from cowise.loop.design import Draw, Rest, batch
from cowise.loop.jury import alone
from cowise.loop.layout import outcome
from cowise.team.out import design, lots_needed, shared
from cowise.team.tails import errors_that_break

N, K, MAX_ERROR, DELTA = 1500, 6, 0.03, 0.1
BREAKING = errors_that_break(MAX_ERROR, N)
TRIALS = 600
SLACK = 3 * (DELTA * (1 - DELTA) / TRIALS) ** 0.5


def together(rng: np.random.Generator) -> Indices:
    """The same texts are wrong in every label."""
    off = np.zeros(N, np.int64)
    off[rng.choice(N, BREAKING, replace=False)] = (1 << K) - 1
    return off


def apart(rng: np.random.Generator) -> Indices:
    """Each label is wrong in texts of its own, all of them mixed."""
    off = np.zeros(N, np.int64)
    for g, rows in enumerate(np.split(rng.choice(N, (BREAKING + 3) * K, replace=False), K)):
        off[rows] = 1 << g
    return off


def one(rng: np.random.Generator) -> Indices:
    """One label alone is wrong, a little more often than breaks its promise, at the very end: the walk gets there."""
    off = np.zeros(N, np.int64)
    off[-(BREAKING + 4) :] = 1 << int(rng.integers(K))
    return off


def ahead(rng: np.random.Generator) -> Indices:
    """One label after the other, each a few errors short of what breaks its promise, and the last beyond it."""
    off = np.zeros(N, np.int64)
    for g in range(K):
        more = 5 if g == K - 1 else -3
        off[g * 2 * BREAKING : g * 2 * BREAKING + BREAKING + more] = 1 << g
    return off


PATTERNS = {found.__name__: found for found in (together, apart, one, ahead)}


def trials(pattern: str) -> tuple[float, float]:
    """(Share of trials in which some label's promise broke, mean share automated)."""
    rng, broken, out = np.random.default_rng(11), 0, 0
    said = Said(np.zeros(N, np.int64), np.ones(N), np.linspace(1, 0, N))
    rest = Rest(np.arange(N), [str(i) for i in range(N)], said, np.full(N, 0.01), N, N)
    for _ in range(TRIALS):
        off = PATTERNS[pattern](rng)
        layout = batch(rest, Draw(rng.bytes(32), 0, DELTA, "v", Promise(MAX_ERROR, 1 - DELTA, per_label=True), sets=K))
        codes = {o: alone(0, int(off[o]), each=True) for o in layout.ordinals[layout.drawn].tolist()}
        mask = outcome(layout, codes).automated
        wrong = ((off[mask][:, None] >> np.arange(K)) & 1).sum(axis=0)
        broken += bool((wrong >= BREAKING).any())
        out += int(mask.sum())
    return broken / TRIALS, out / TRIALS / N


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_label_keeps_its_promise_at_once_and_work_is_saved(pattern: str) -> None:
    share, saved = trials(pattern)
    assert share <= DELTA + SLACK, (pattern, share)
    assert saved > 0.01, (pattern, saved)


def test_the_level_is_reached_by_one_label_alone_and_others_cost_next_to_nothing() -> None:
    """The bound is no matter of slack: one label's errors break as often as a plan for one lets them."""
    plan = shared(design(N, N, MAX_ERROR, DELTA, kappa=0), K)
    assert plan.lots == lots_needed(N, BREAKING, 0, DELTA)
    assert trials("one")[0] >= 0.3 * DELTA
    assert lots_needed(N, BREAKING, 3, DELTA, labels=K) < 0.8 * lots_needed(N, BREAKING, 3, DELTA / K)

"""Rules that look like guarantees and are not. They stand beside ours and must be seen to fail."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.claims.trials import Rng, design
from cowise.core.types import Bools, Floats
from cowise.team import out
from cowise.team.selective import counts_at, thresholds
from cowise.team.tails import answers_needed, binomial_cdf
from cowise.team.verdict import Verdict

needs = cache(answers_needed)


def _accept(threshold: float, max_error: float, delta: float) -> Verdict:
    return Verdict("naive", "selective", max_error, delta, 0, 0, 0, 0, 1.0, threshold, 0.0, delta, "naive")


def empirical(scores: Floats, wrong: Bools, _pool: Floats, max_error: float, delta: float) -> Verdict:
    """Accept down to the loosest score at which the labelled error is at most max_error."""
    order = np.argsort(-scores)
    error = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(error <= max_error)
    return _accept(float(scores[order[good[-1]]]) if len(good) else np.inf, max_error, delta)


def best_of_many(scores: Floats, wrong: Bools, pool: Floats, max_error: float, delta: float) -> Verdict:
    """An exact test at each of many thresholds, uncorrected, then the loosest that passes."""
    grid = thresholds(pool)
    m, k = counts_at(grid, scores, wrong)
    passed = np.flatnonzero(binomial_cdf(k, m, max_error) <= delta)
    return _accept(float(grid[passed[-1]]) if len(passed) else np.inf, max_error, delta)


def peeks_through(risk: float, max_error: float, delta: float, labels: int, rng: Rng) -> bool:
    """Whether an exact test repeated every 20 labels ever certifies a region of this risk."""
    k = np.cumsum(rng.random(labels) < risk)[19::20]
    return bool((binomial_cdf(k, np.arange(20, labels + 1, 20), max_error) <= delta).any())


def tops_up(risk: float, max_error: float, delta: float, rng: Rng, most: int = 10) -> bool:
    """Whether auditing on, up to the number that the errors seen so far ask for, ever certifies."""
    needed = [needs(max_error, delta, k) for k in range(most + 1)]
    k = np.cumsum(rng.random(needed[-1]) < risk)
    return any(k[size - 1] <= errors for errors, size in enumerate(needed))


def kappa_afterwards(max_error: float, delta: float, most: int = 20):
    """OUT with the number of tolerated errors chosen after the answers were seen."""

    def rule(scores: Floats, wrong: Bools, rng: Rng) -> Bools:
        n = len(scores)
        tie, lots = rng.permutation(n), rng.permutation(n)
        runs = []
        for kappa in range(most + 1):
            plan = design(n, n, max_error, delta, kappa)
            runs.append(out.automated(out.play(out.begin(plan, scores, tie, lots), wrong)))
        return max(runs, key=np.sum)

    return rule


def deferred_labels(max_error: float, delta: float, labels: int):
    """The answers on the least sure items taken for a sample of all: everything passes if they look fine."""

    def rule(scores: Floats, wrong: Bools, _rng: Rng) -> Bools:
        unsure = np.argsort(scores)[:labels]
        passed = binomial_cdf(int(wrong[unsure].sum()), labels, max_error) <= delta
        return np.full(len(scores), bool(passed))

    return rule


def training_labels(max_error: float, delta: float, labels: int, rng: Rng) -> bool:
    """Whether a nearest-neighbour model is certified on its own training labels, a fifth of which are noise."""
    texts, flips = rng.standard_normal((labels, 4)), rng.random(labels) < 0.2
    given = (texts[:, 0] > 0) ^ flips
    nearest = np.argmin(((texts[:, None] - texts[None]) ** 2).sum(axis=2), axis=1)
    errors = int((given[nearest] != given).sum())
    return bool(binomial_cdf(errors, labels, max_error) <= delta)


def ties_by_lot(scores: Floats, wrong: Bools, rng: Rng, rates: tuple[float, float], kappa: int) -> Bools:
    """OUT with ties broken by the lots themselves: audits gather at the end of each tie block."""
    n = len(scores)
    plan = design(n, n, *rates, kappa)
    lots = rng.permutation(n)
    order = np.lexsort((-lots, -scores))
    drawn = np.flatnonzero(lots[order] < plan.lots)  # laid out by hand: `begin` refuses such ties
    walk = out.Walk(plan, scores, order, drawn, (out.PENDING,) * plan.lots, plan.lots)
    return out.automated(out.play(walk, wrong))

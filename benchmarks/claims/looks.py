"""Audit by lot: a model that keeps learning, certified at several looks from one hidden draw of lots.

The learner picks by its own uncertainty and learns from picked answers alone; audited answers stay with the
certificate until the picker, who knows no lots, picks the item on its own account.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims.trials import Rng, design_for_audits
from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats
from cowise.team import out
from cowise.team.anytime import look_delta
from cowise.team.tails import errors_that_break

FEATURES, RIDGE = 8, 1.0


def world(size: int, rng: Rng) -> tuple[Floats, Floats]:
    """Texts as features and noisy right answers in -1, 1."""
    x = rng.standard_normal((size, FEATURES))
    slope = x @ np.linspace(1.5, 0.2, FEATURES)
    return x, np.where(slope + 1.6 * rng.logistic(size=size) * 0.5 > 0, 1.0, -1.0)


def fit(x: Floats, y: Floats) -> Floats:
    return np.asarray(np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y))


def run(
    size: int, audits: int, picks: tuple[int, ...], rates: tuple[float, float], rng: Rng
) -> list[tuple[bool, float]]:
    """For each look: whether the promise is broken, and the share the machine answers alone."""
    x, y = world(size, rng)
    max_error, delta = rates
    lots, tie = rng.permutation(size), rng.permutation(size)
    picked = np.zeros(size, bool)
    picked[rng.permutation(size)[:20]] = True
    result = []
    for look, target in enumerate(picks):
        while picked.sum() < target:
            _pick(x, y, picked, min(40, target - int(picked.sum())))
        score = x @ fit(x[picked], y[picked])
        wrong = np.where(score > 0, 1.0, -1.0) != y
        rest = np.flatnonzero(~picked)
        auto = np.zeros(size, bool)
        auto[rest] = _certified(np.abs(score)[rest], wrong[rest], (tie[rest], lots[rest]), audits,
                                (size, max_error, look_delta(delta, look)))  # fmt: skip
        result.append((int((wrong & auto).sum()) >= errors_that_break(max_error, size), float(auto.mean())))
    return result


def _pick(x: Floats, y: Floats, picked: Bools, n: int) -> None:
    score = np.abs(x @ fit(x[picked], y[picked]))
    score[picked] = np.inf
    picked[np.argpartition(score, n)[:n]] = True


def _certified(
    scores: Floats, wrong: Bools, ranks: tuple[Floats, Floats], audits: int, terms: tuple[int, float, float]
) -> Bools:
    """OUT on the rest with all audits that are left in it; nothing when they are too few."""
    size, max_error, delta = terms
    tie, lots = ranks
    left = int((lots < audits).sum())
    try:
        plan = design_for_audits(size, len(scores), max_error, delta, left)
    except GuaranteeError:
        return np.zeros(len(scores), bool)
    return out.automated(out.play(out.begin(plan, scores, tie, lots), wrong))

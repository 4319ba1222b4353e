"""The fixed recipe that the human share is compared with: a sensible team without cowise.

Margin sampling in batches of a tenth to 1,200 labels, logistic regression (C = 20) on the same embeddings, 300
uniform audits of the rest, B1 on a grid of 100 quantiles, everything else to people.

Checked against the reference implementation, which is written apart from cowise: on the vectors of AG News and on
made-up ones (tests/claims/test_fixed_recipe.py) both give the same human share for the same generator of random numbers.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from cowise.core.types import Bools, Floats, Indices, Vectors32
from cowise.team.tails import errors_that_break, hypergeom_cdf

PICKS, START, AUDITS = 1200, 50, 300


@dataclass(frozen=True)
class Trained:
    """Where the recipe stands after training: the rest, its scores, and whether the model is wrong there."""

    rest: Indices
    score: Floats
    wrong: Bools
    n: int


def train(vectors: Vectors32, y: Indices, rng: np.random.Generator) -> Trained:
    """1,200 labels by margin sampling; the model on the rest."""
    n = len(y)
    picked = list(rng.choice(n, min(START, n), replace=False))
    while len(picked) < min(PICKS, n - 1):
        rest = np.setdiff1d(np.arange(n), picked)
        p = np.sort(_fit(vectors[picked], y[picked]).predict_proba(vectors[rest]), axis=1)
        picked += list(rest[np.argsort(p[:, -1] - p[:, -2])[: batch(len(picked))]])
    return standing(_fit(vectors[picked], y[picked]), np.array(picked), vectors, y, rng)


def batch(picked: int) -> int:
    """How many labels are asked for next."""
    return min(max(START, PICKS // 10), PICKS - picked)


def standing(
    model: LogisticRegression, picked: Indices, vectors: Vectors32, y: Indices, rng: np.random.Generator
) -> Trained:
    """What a model fitted to the picked items says about the rest."""
    n = len(y)
    rest = np.setdiff1d(np.arange(n), picked)
    p = model.predict_proba(vectors[rest])
    score = p.max(axis=1) + 1e-9 * rng.random(len(rest))
    return Trained(rest, score, model.classes_[p.argmax(axis=1)] != y[rest], n)


def _fit(x: Vectors32, y: Indices) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 200 steps are the recipe, converged or not
        return logistic().fit(x, y)


def logistic() -> LogisticRegression:
    """The model of all peers."""
    return LogisticRegression(C=20, max_iter=200)


def deliver(at: Trained, alpha: float, delta: float, rng: np.random.Generator) -> tuple[float, float]:
    """Human share and share of wrong automated items of all, at one promise."""
    audit = rng.choice(len(at.rest), AUDITS, replace=False)
    breaking, cut = errors_that_break(alpha, at.n), np.inf
    for t in np.quantile(at.score, np.linspace(1, 0, 101)[1:]):
        inside = at.score[audit] >= t
        accepted, m, k = int((at.score >= t).sum()), int(inside.sum()), int(at.wrong[audit][inside].sum())
        bad = breaking + k
        p = 0.0 if bad > accepted - m + k else float(hypergeom_cdf(k, accepted, bad, m))
        if p > delta:
            break
        cut = float(t)
    auto = at.score >= cut
    auto[audit] = False
    return float(1 - auto.sum() / at.n), float((auto & at.wrong).sum() / at.n)

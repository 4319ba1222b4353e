"""Means over all items from few answers and many predictions: for dashboards only, never in certificates.

The intervals are approximations for one look. A certificate rests on exact bounds; nothing that certifies imports this.
Legend: n = items with an answer, drawn at random from all; m = other items, with a prediction alone; a = items asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.measure.intervals import clopper_pearson

LEAST = 30
SEEN = 5
"""Answers of either kind below which the share is told by an exact interval, which predictions do not narrow."""


@dataclass(frozen=True, slots=True)
class PoweredMean:
    """A mean, its interval, and the weight in [0, 1] that the predictions got; 0 is the answers' own mean.

    `exact`: the interval is Clopper & Pearson's over what was drawn alone. `worth`: as many answers drawn by lot, without
    predictions, would have told as much; None where that is not known.
    """

    mean: float
    low: float
    high: float
    weight: float
    exact: bool = False
    worth: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Items that people answered in `turn` (a,), counted from 0: some drawn by `lot` (a,), others chosen by any rule.

    A turn's lots are a simple random sample of what was neither asked before nor chosen in it, of `n` items in all.

    >>> Drawn(10, np.array([0, 0, 1]), np.array([True, False, True])).left()
    array([9, 9, 8])
    """

    n: int
    turn: Indices
    lot: Bools

    def left(self) -> Indices:
        """Of how many items each one's turn drew its lots, (a,)."""
        return np.asarray(self.n - self.known(np.ones(len(self.turn))), np.int64)

    def known(self, values: Floats) -> Floats:
        """Sum of the `values` (a,) of what each one's turn drew no lots from: asked before, or chosen in it; (a,)."""
        chosen = np.bincount(self.turn, np.where(self.lot, 0, values))
        before = np.cumsum(np.bincount(self.turn, values))
        return np.asarray((np.append(0.0, before)[:-1] + chosen)[self.turn], np.float64)


def powered_mean(y_n: Floats, f_n: Floats, f_m: Floats, *, confidence: float = 0.9) -> PoweredMean:
    """The mean of answers y over all items, helped by predictions f as far as they agree with the answers.

    The n items must be a simple random sample of all: chosen by the model's doubt, they bias it. Answers of one value
    alone are refused, since their interval would have no width. A share of a label: y and f are 0 or 1, or f a probability.

    >>> rng = np.random.default_rng(0)
    >>> truth = (rng.random(5_000) < 0.3).astype(float)
    >>> guess = np.where(rng.random(5_000) < 0.9, truth, 1 - truth)
    >>> found = powered_mean(truth[:200], guess[:200], guess[200:])
    >>> bool(found.low < truth.mean() < found.high)
    True

    Source: Angelopoulos, Duchi & Zrnic, PPI++, 2023: λ = cov(y, f) / ((1 + n/m) var(f)), here held within [0, 1].
    """
    _sure(confidence)
    y, f, rest = (_column(each) for each in (y_n, f_n, f_m))
    if len(y) != len(f):
        raise InputError(f"powered mean: {len(y)} answers for {len(f)} predictions; give one of each for every item")
    if len(y) < LEAST or len(rest) < LEAST:
        raise InputError(f"powered mean: {len(y)} answers and {len(rest)} predictions; give at least {LEAST} of each")
    if np.ptp(y) == 0:
        raise InputError("powered mean: all answers are the same, which shows no spread; give more answers")
    weight = _weight(y, f, rest, 1 + len(y) / len(rest))
    mean = float(y.mean() + weight * (rest.mean() - f.mean()))
    variance = weight**2 * rest.var(ddof=1) / len(rest) + (y - weight * f).var(ddof=1) / len(y)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(np.sqrt(variance))
    return PoweredMean(mean, mean - half, mean + half, weight)


def powered_share(y_a: Floats, f_a: Floats, f_n: Floats, drawn: Drawn, *, confidence: float = 0.9) -> PoweredMean:
    """The share of the n items with y = 1, of which people answered a, in turns: by lot, or chosen by the model's doubt.

    What was answered counts as it is, and each turn's lots speak for what was left then: chosen items bias nothing.
    `f_a` are predictions that did not see the item's own answer, `f_n` those of all items or of a random part of them. With
    fewer than 5 lots of either kind the interval is exact and wider: of what is that rare a spread tells too little.

    >>> rng = np.random.default_rng(0)
    >>> truth = (rng.random(5_000) < 0.3).astype(float)
    >>> guess = np.where(rng.random(5_000) < 0.9, truth, 1 - truth)
    >>> drawn = Drawn(5_000, np.arange(60) // 30, np.ones(60, bool))
    >>> found = powered_share(truth[:60], guess[:60], guess, drawn)
    >>> bool(found.low < truth.mean() < found.high), found.worth > 100
    (True, True)

    Sources: Raj, JASA 1956 (lots from what is left, turn by turn); Särndal, Swensson & Wretman, 1992, ch. 6 (the difference
    estimator); λ = cov(y, f) / var(f) as PPI++ has it where predictions are there for all; Clopper & Pearson, Biometrika 1934.
    """
    _sure(confidence)
    y, f, every = (_column(each) for each in (y_a, f_a, f_n))
    lot, left = drawn.lot, drawn.left()
    if not len(y) == len(f) == len(lot):
        raise InputError(
            f"share: {len(y)} answers, {len(f)} predictions, {len(lot)} draws; give one of each for every item"
        )
    if not np.isin(y, (0, 1)).all() or lot.sum() < LEAST:
        raise InputError(f"share: {lot.sum()} answers by lot; give at least {LEAST}, each 0 or 1")
    weight = _weight(y[lot], f[lot], every, 1.0)
    over = y - weight * f
    each = (drawn.known(over) + left * over)[lot] / drawn.n
    mean = float(np.clip(weight * every.mean() + each.mean(), 0, 1))
    a, ones = int(lot.sum()), int(y[lot].sum())
    if min(ones, a - ones) < SEEN:
        return _clopper(mean, ones, a, confidence)
    spread = (over[lot].var(ddof=1) * a + 1) / (a + 1)  # so few lots often show no error of predictions that make some
    part = float(np.mean(np.square(left[lot] / drawn.n))) * max(0.0, 1 - a / max(1.0, float(left[lot].mean())))
    variance = part * spread / a + weight**2 * every.var(ddof=1) * (1 / len(every) - 1 / max(drawn.n, len(every)))
    half = float(stdtrit(a - 1, (1 + confidence) / 2) * np.sqrt(variance))
    worth = int(a * y[lot].var(ddof=1) * max(part, 1e-12) / max(variance * a, 1e-12))
    return PoweredMean(mean, max(0.0, mean - half), min(1.0, mean + half), weight, worth=max(a, worth))


def _clopper(mean: float, ones: int, n: int, confidence: float) -> PoweredMean:
    low, high = clopper_pearson(ones, n, confidence)
    return PoweredMean(float(np.clip(mean, low, high)), low, high, 0.0, exact=True, worth=n)


def _sure(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"powered mean: confidence {confidence}; give one between 0 and 1")


def _weight(y: Floats, f: Floats, rest: Floats, more: float) -> float:
    """The weight with the least variance; 0 where predictions do not vary."""
    spread = np.concatenate([f, rest]).var(ddof=1)
    if not spread:
        return 0.0
    return float(np.clip(np.cov(y, f)[0, 1] / (more * spread), 0, 1))


def _column(values: Floats) -> Floats:
    """A column of finite numbers, or InputError."""
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or not np.isfinite(column).all():
        raise InputError(f"powered mean: values of shape {column.shape}; give one column of finite numbers")
    return column

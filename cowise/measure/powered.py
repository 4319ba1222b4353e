"""The mean over all items from few answers and many predictions: for dashboards only, never in certificates.

The interval is a normal approximation for one look. A certificate rests on exact bounds; nothing that certifies imports this.
Legend: n = items with an answer, drawn at random from all; m = other items, with a prediction alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats

LEAST = 30


@dataclass(frozen=True, slots=True)
class PoweredMean:
    """A mean, its interval, and the weight in [0, 1] that the predictions got; 0 is the answers' own mean."""

    mean: float
    low: float
    high: float
    weight: float


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
    if not 0 < confidence < 1:
        raise InputError(f"powered mean: confidence {confidence}; give one between 0 and 1")
    y, f, rest = (_column(each) for each in (y_n, f_n, f_m))
    if len(y) != len(f):
        raise InputError(f"powered mean: {len(y)} answers for {len(f)} predictions; give one of each for every item")
    if len(y) < LEAST or len(rest) < LEAST:
        raise InputError(f"powered mean: {len(y)} answers and {len(rest)} predictions; give at least {LEAST} of each")
    if np.ptp(y) == 0:
        raise InputError("powered mean: all answers are the same, which shows no spread; give more answers")
    weight = _weight(y, f, rest)
    mean = float(y.mean() + weight * (rest.mean() - f.mean()))
    variance = weight**2 * rest.var(ddof=1) / len(rest) + (y - weight * f).var(ddof=1) / len(y)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(np.sqrt(variance))
    return PoweredMean(mean, mean - half, mean + half, weight)


def _weight(y: Floats, f: Floats, rest: Floats) -> float:
    """The weight with the least variance; 0 where predictions do not vary."""
    spread = np.concatenate([f, rest]).var(ddof=1)
    if not spread:
        return 0.0
    return float(np.clip(np.cov(y, f)[0, 1] / ((1 + len(y) / len(rest)) * spread), 0, 1))


def _column(values: Floats) -> Floats:
    """A column of finite numbers, or InputError."""
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or not np.isfinite(column).all():
        raise InputError(f"powered mean: values of shape {column.shape}; give one column of finite numbers")
    return column

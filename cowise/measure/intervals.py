"""Between which ends a figure lies: exact for shares, by moments for means, on the log-odds for areas under curves.

Legend: n = items.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, expit, logit, ndtri

from cowise.core.types import Floats

Span = tuple[float, float]


def clopper_pearson(found: int, n: int, confidence: float = 0.95) -> Span:
    """The exact interval of a share of which `found` of n cases are known; of no cases it may be anything.

    >>> low, high = clopper_pearson(9, 10)
    >>> round(low, 3), round(high, 4)
    (0.555, 0.9975)

    Source: Clopper & Pearson, Biometrika 1934.
    """
    tail = (1 - confidence) / 2
    low = float(betaincinv(found, n - found + 1, tail)) if found else 0.0
    high = float(betaincinv(found + 1, n - found, 1 - tail)) if found < n else 1.0
    return low, high


def skewed_mean(values_n: Floats, confidence: float = 0.95) -> Span | None:
    """The interval of a mean whose values may lie far to one side; None where they show no spread.

    The skewness is taken out by a cubic transformation, so that a long tail widens the interval on its own side.

    >>> low, high = skewed_mean(np.array([0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 5.0]))
    >>> bool(low < 0.825 < high), bool(high - 0.825 > 2 * (0.825 - low))
    (True, True)

    Source: Hall, On the removal of skewness by transformation, JRSS B 1992.
    """
    n = len(values_n)
    spread = float(values_n.std(ddof=1)) if n > 1 else 0.0
    mean = float(values_n.mean())
    if spread <= 1e-12 * (1 + abs(mean)):
        return None
    bent = float(((values_n - mean) ** 3).mean()) / spread**3 / n**0.5
    z = float(ndtri((1 + confidence) / 2))
    low, high = (mean - _unbent(end, bent) * spread / n**0.5 for end in (z, -z))
    return low, high


def _unbent(z: float, bent: float) -> float:
    """The point of Student's ratio that the transformation takes to z; `bent` is skewness ÷ √n."""
    return z if abs(bent) < 1e-6 else float(3 / bent * (np.cbrt(1 + bent * (z - bent / 6)) - 1))


def log_odds(value: float, error: float, confidence: float = 0.95) -> Span | None:
    """The interval of an area strictly between 0 and 1 with that standard error; None at an end, or without an error.

    >>> [round(end, 3) for end in log_odds(0.9, 0.03)]
    [0.824, 0.945]

    Source: Pepe, The Statistical Evaluation of Medical Tests, 2003, 5.2.
    """
    if not (0 < value < 1 and error > 0):
        return None
    half = float(ndtri((1 + confidence) / 2)) * error / (value * (1 - value))
    at = float(logit(value))
    return float(expit(at - half)), float(expit(at + half))

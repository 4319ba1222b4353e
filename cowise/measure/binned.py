"""How far confidence is from accuracy, bin by bin; with an interval that holds for calibrated models too.

The sum of the bins' gaps, each without its sign, is too high by what chance adds, most of all where the model is calibrated;
resampling adds it once more. So the interval is made of two bounds that hold whatever the gaps are.

Legend: n = items, m = bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from cowise.core.types import Bools, Floats, Indices
from cowise.measure.intervals import Span
from cowise.measure.score import Score, Terms

DRAWS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Of each bin (m,) that holds items: mean of confidence less right over all items, and its standard error."""

    gap: Floats
    error: Floats

    @property
    def total(self) -> float:
        """The calibration error as it stands."""
        return float(np.abs(self.gap).sum())

    @property
    def debiased(self) -> float:
        """Less what chance would add if the gaps seen were the true ones; at least 0. Half of it remains where they are all 0.

        Source: Kumar, Liang & Ma, Verified Uncertainty Calibration, NeurIPS 2019, of which this is the closed form.
        """
        z = self.gap / self.error
        again = self.error * np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2) + self.gap * (1 - 2 * ndtr(-z))
        return max(0.0, 2 * self.total - float(again.sum()))

    def span(self, terms: Terms) -> Span:
        """From what remains when chance added all it may, to what is there when it took away all it may.

        With e the errors of the gaps, the sum seen lies at most the sum of |e| above the true one, and below it by no more
        than one normal error: that of the gaps with their true signs.
        """
        e = np.abs(np.random.default_rng(terms.seed).standard_normal((DRAWS, len(self.error)))) @ self.error
        added = float(np.quantile(e, 1 - terms.tail))
        taken = float(ndtri(1 - terms.tail)) * float(np.sqrt((self.error**2).sum()))
        return max(0.0, self.total - added), min(1.0, self.total + taken)


def equal_width(confidence_n: Floats, bins: int) -> Indices:
    """The bin of each item, (n,): from 0 to 1 in equal steps."""
    return np.minimum((confidence_n * bins).astype(np.int64), bins - 1)


def equal_mass(confidence_n: Floats, bins: int) -> Indices:
    """The bin of each item, (n,): equally many in each, but that equal confidences stay together."""
    edges = np.quantile(confidence_n, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, confidence_n, side="right")


def gaps(confidence_n: Floats, right_n: Bools, bin_n: Indices) -> Gaps:
    """The gap of each bin; its error is at least what it would be for a calibrated model.

    Few items that all came out alike show no spread, and would seem to prove their gap.

    >>> found = gaps(np.full(10, 0.9), np.arange(10) < 9, np.zeros(10, int))
    >>> abs(round(found.total, 9)), found.debiased
    (0.0, 0.0)
    """
    n = len(confidence_n)
    off = confidence_n - right_n
    gap = np.bincount(bin_n, off) / n
    seen = np.bincount(bin_n, off**2) / n - gap**2
    calibrated = np.bincount(bin_n, confidence_n * (1 - confidence_n)) / n
    error = np.sqrt(np.maximum(np.maximum(seen, calibrated), 1e-18) / n)
    there = np.bincount(bin_n) > 0
    return Gaps(gap[there], error[there])


def calibration_scores(confidence_n: Floats, right_n: Bools, terms: Terms) -> list[Score]:
    """The calibration error of equal width, of equal mass, and less an estimate of what chance adds."""
    wide = gaps(confidence_n, right_n, equal_width(confidence_n, terms.bins))
    mass = gaps(confidence_n, right_n, equal_mass(confidence_n, terms.bins))
    return [
        Score("ece", wide.total, *wide.span(terms), "bound"),
        Score("ece_mass", mass.total, *mass.span(terms), "bound"),
        Score("ece_debiased", mass.debiased, *mass.span(terms), "bound"),
    ]

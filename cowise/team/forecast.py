"""How many of the unanswered items the model would get wrong: forecasts for planning, never for certificates.

Legend: n = answered, r = rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from cowise.core.types import Bools, Floats
from cowise.team.tails import check_rates

_STEPS = 40
_SLOPE, _SLOPE_SPREAD = 6.0, 3.0
_START, _START_SPREAD = 0.0, 1.0
_FLATTEST = 0.1
_SURE = 0.02
_GAIN = 0.4


@dataclass(frozen=True, slots=True)
class Curve:
    """P(wrong) = max(floor, 1 / (1 + exp(slope margin - start)))."""

    start: float
    slope: float
    floor: float

    def risk(self, margin: Floats) -> Floats:
        """Chance of a wrong answer at each margin between raw scores, (r,) -> (r,)."""
        bent = 1 / (1 + np.exp(np.clip(self.slope * np.asarray(margin) - self.start, -50, 50)))
        return np.asarray(np.maximum(bent, self.floor), dtype=np.float64)


def error_curve(past: Floats, wrong: Bools) -> Curve:
    """How errors fall with the margin, from predictions made before an item was answered, (n,), oldest first.

    Items were asked because of their margin, so the curve given the margin is fair where the average error is not.
    Newer predictions weigh more; weak priors hold the curve while answers are few; the floor stands for errors that
    no margin foretells.

    >>> m = np.linspace(0, 1, 400)
    >>> truth = np.random.default_rng(0).random(400) < 1 / (1 + np.exp(8 * m))
    >>> error_curve(m, truth).risk(np.array([0.0, 1.0])).round(1)
    array([0.4, 0. ])

    Source: Platt, Advances in Large Margin Classifiers 1999; predict before learning as in Dawid, JRSS A 1984.
    """
    past, y = np.asarray(past, np.float64), np.asarray(wrong, np.float64)
    return _curve(past, y, _fresh(len(past)))


def error_curves(past: Floats, wrong: Bools, draws: int, rng: Generator) -> tuple[Curve, ...]:
    """The curve as it might have come out: `draws` of them, each from answers drawn again with replacement.

    The priors' centres are drawn again as well, so that few answers leave the curve as open as the priors do.

    >>> m = np.linspace(0, 1, 400)
    >>> truth = np.random.default_rng(0).random(400) < 1 / (1 + np.exp(8 * m))
    >>> found = error_curves(m, truth, 50, np.random.default_rng(0))
    >>> np.ptp([one.risk(np.array([0.5]))[0] for one in found]) > 0.01
    np.True_

    Source: Efron & Tibshirani, An Introduction to the Bootstrap 1993.
    """
    past, y, n = np.asarray(past, np.float64), np.asarray(wrong, np.float64), len(past)
    times_bn = rng.multinomial(n, np.full(n, 1 / max(n, 1)), size=draws) if n else np.zeros((draws, 0))
    starts, slopes = rng.normal(_START, _START_SPREAD, draws), rng.normal(_SLOPE, _SLOPE_SPREAD, draws)
    around = zip(starts.tolist(), np.maximum(slopes, _FLATTEST).tolist(), strict=True)
    return tuple(_curve(past, y, _fresh(n) * times, one) for times, one in zip(times_bn, around, strict=True))


def _fresh(n: int) -> Floats:
    """Weights of n answers, oldest first."""
    return np.asarray(0.5 ** (np.arange(n)[::-1] / max(n / 2, 100.0)), np.float64)


def _curve(past: Floats, y: Floats, weight: Floats, around: tuple[float, float] = (_START, _SLOPE)) -> Curve:
    start, slope = _fit(past, y, weight, around)
    sure = past > (start + np.log(1 / _SURE - 1)) / slope
    floor = float(((weight * y)[sure].sum() + 0.3) / (weight[sure].sum() + 60))
    return Curve(start, slope, floor)


def learning_gain(curve: Curve, before: Floats, after: Floats, growth: float) -> float:
    """Exponent g with risk falling as answers^-g, from the margins of the same unanswered items at two looks.

    `growth` is answers now ÷ answers then. Shrunk towards a usual 0.4, the more so the smaller the growth.

    >>> round(learning_gain(Curve(0.0, 8.0, 0.0), np.full(9, 0.1), np.full(9, 0.1), 1.5), 2)
    0.13
    """
    if not len(before) or growth <= 1:
        return _GAIN
    measured = np.log(curve.risk(before).sum() / curve.risk(after).sum()) / np.log(growth)
    trust = np.log(growth) / (np.log(growth) + 0.2)
    return float(np.clip(trust * measured + (1 - trust) * _GAIN, 0.0, 1.2))


def _fit(x: Floats, y: Floats, weight: Floats, around: tuple[float, float]) -> tuple[float, float]:
    """Start and slope of P(wrong) = 1 / (1 + exp(slope x - start)), by Newton steps, held `around` a prior's centres."""
    start, slope = around
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(np.clip(slope * x - start, -50, 50)))
        curve = weight * p * (1 - p)
        up = (weight * (y - p)).sum() - (start - around[0]) / _START_SPREAD**2
        down = -(weight * x * (y - p)).sum() - (slope - around[1]) / _SLOPE_SPREAD**2
        a, b = curve.sum() + 1 / _START_SPREAD**2, -(curve * x).sum()
        c = (curve * x * x).sum() + 1 / _SLOPE_SPREAD**2
        det = a * c - b * b
        steps = np.clip([(c * up - b * down) / det, (a * down - b * up) / det], -2, 2)
        start, slope = start + float(steps[0]), max(_FLATTEST, slope + float(steps[1]))
        if np.abs(steps).max() < 1e-7:
            break
    return start, slope


def outlook(
    risks: Floats, breaking: int, kappa: int, lots: int, rest: int, parts: Sequence[float] = ()
) -> Floats:  # fmt: skip
    """Expected share of a walk's items automated at each place, (r,): audit missed it, and the walk still went on.

    `risks` (r,) surest first. Sampled errors arrive about as a Poisson stream. Where several labels are walked at once, an
    error lies in each of them with the chances `parts`, and the first of their walks to stop stops all.
    """
    check_rates(0.5)
    if not rest or breaking < 1:
        return np.zeros(0)
    rate = lots / rest
    met = np.concatenate([[0.0], np.cumsum(risks)[:-1]]) * rate
    going = np.ones(len(met))
    for part in parts or (1.0,):
        going *= _at_most(kappa, part * met)
    return np.asarray((1 - rate) * going)


def _at_most(kappa: int, mean: Floats) -> Floats:
    """P[Poisson(mean) <= kappa], elementwise."""
    term, total = np.exp(-mean), np.exp(-mean)
    for j in range(1, kappa + 1):
        term = term * mean / j
        total = total + term
    return np.asarray(np.minimum(total, 1.0))

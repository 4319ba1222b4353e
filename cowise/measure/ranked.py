"""Figures of an order: how well probabilities put the true label first, and the surest answers before the doubtful.

Each comes with the influence of every item on it, whose spread is its standard error: DeLong's for AUROC, and the same for
means over labels, which share their items.

Legend: n = items, k = labels, l = levels of a score, the lowest first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from cowise.core.types import Bools, Floats, Indices
from cowise.measure.intervals import Span, clopper_pearson, log_odds
from cowise.measure.score import Score, Terms

EXACTLY = 20_000_000
"""Probabilities, items times labels, up to which all are told apart; beyond, those in the same of `LEVELS` bins are not."""
LEVELS = 2**16
POINTS = 100
"""Points of the curve that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Items by score: the level of each (n,), how many at each level (l,) have the label and have not.

    `off`: the most by which pairs of one level, whose scores differ, may move AUROC.
    """

    at: Indices
    yes: Floats
    no: Floats
    binned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """An area, the influence (n,) of each item on it, and the most by which bins may have moved it."""

    value: float
    influence: Floats
    off: float = 0.0

    def plus(self, other: Area) -> Area:
        """The sum of two areas of the same items."""
        return Area(self.value + other.value, self.influence + other.influence, self.off + other.off)

    def over(self, labels: int) -> Area:
        """The mean of as many as were added."""
        return Area(self.value / labels, self.influence / labels, self.off / labels)


def levels(score_n: Floats, has_n: Bools, *, exactly: bool = True) -> Levels:
    """The levels of a score; not `exactly`: of equal width over 0 to 1."""
    if exactly:
        there, at = np.unique(score_n, return_inverse=True)
        size = len(there)
    else:
        at, size = np.clip(score_n * LEVELS, 0, LEVELS - 1).astype(np.int64), LEVELS
    yes = np.bincount(at[has_n], minlength=size).astype(np.float64)
    return Levels(at, yes, np.bincount(at, minlength=size) - yes, not exactly)


def auroc(found: Levels, has_n: Bools) -> Area:
    """The chance that an item with the label scores above one without, ties half.

    >>> has = np.array([False, True, False, True])
    >>> auroc(levels(np.array([0.1, 0.4, 0.4, 0.8]), has), has).value
    0.875

    Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988.
    """
    yes, no = found.yes.sum(), found.no.sum()
    below = (np.cumsum(found.no) - found.no / 2) / no
    above = (yes - np.cumsum(found.yes) + found.yes / 2) / yes
    value = float(found.yes @ below / yes)
    n = yes + no
    # The factors make the variance DeLong's, whose divisors are one less than the counts.
    told = ((below - value) * n / np.sqrt(yes * max(yes - 1, 1)), (above - value) * n / np.sqrt(no * max(no - 1, 1)))
    off = float(found.yes @ found.no / (2 * yes * no)) if found.binned else 0.0
    return Area(value, _spread(found, told, value, has_n), off)


def auprc(found: Levels, has_n: Bools) -> Area:
    """Average precision: precision at each level, weighed by the items with the label that it adds.

    >>> has = np.array([False, True, False, True])
    >>> round(auprc(levels(np.array([0.1, 0.4, 0.35, 0.8]), has), has).value, 3)
    1.0
    """
    yes, no = found.yes[::-1], found.no[::-1]  # the highest level first
    true, false = np.cumsum(yes), np.cumsum(no)
    all_, mass = np.maximum(true + false, 1), yes / true[-1]
    precision = true / all_
    value = float(mass @ precision)
    later = [_rest(mass * part / all_**2) for part in (false, true)]  # what one item more adds below it, or takes
    n = true[-1] + false[-1]
    told = (n * ((precision - value) / true[-1] + later[0]), -n * later[1])
    off = 0.0
    if found.binned:  # within a level those with the label may all come first, or all last
        best, worst = true / np.maximum(true + false - no, 1), (true - yes + 1) / np.maximum(true - yes + 1 + false, 1)
        off = float(max(mass @ np.minimum(best, 1) - value, value - mass @ worst))
    return Area(value, _spread(found, (told[0][::-1], told[1][::-1]), value, has_n), off)


def _spread(found: Levels, told: tuple[Floats, Floats], value: float, has_n: Bools) -> Floats:
    """Influences (n,) from those `told` (l,) of items with the label and without.

    One item alone shows no spread of its kind: the most that it can have stands in its place.
    """
    most = len(has_n) * (value * (1 - value)) ** 0.5
    has, not_ = (
        each if count.sum() > 1 else np.full_like(each, most)
        for each, count in zip(told, (found.yes, found.no), strict=True)
    )
    return np.where(has_n, has[found.at], not_[found.at])


def _rest(values: Floats) -> Floats:
    """Sums from each place to the end."""
    return np.asarray(np.cumsum(values[::-1])[::-1])


def aurc(found: Levels, wrong_n: Bools) -> Area:
    """The mean risk over all coverages: `found` holds wrong and right items by confidence. Ties as if in random order.

    >>> wrong = np.array([True, False])
    >>> aurc(levels(np.array([0.6, 0.9]), wrong), wrong).value
    0.25

    Sources: Geifman & El-Yaniv, NIPS 2017; as a mean of weighed errors: Zhou et al., A Novel Characterization of the
    Population Area Under the Risk Coverage Curve, 2024.
    """
    wrong, size = found.yes[::-1], (found.yes + found.no)[::-1]
    last = np.cumsum(size)
    first, n = last - size, float(last[-1])
    # Someone at rank r is in the mean of every coverage from r on: weight H(n) - H(r - 1), averaged over a level.
    weight = _harmonic(n) - (last * _harmonic(last) - first * _harmonic(first)) / size + 1
    each = wrong / size * (_harmonic(last) - _harmonic(first))  # what an item above this level takes from the risk
    value = float(wrong @ weight / n)
    base = wrong.sum() / n - value - (_rest(each) - each / 2)
    told = (weight + base, base)
    return Area(value, np.where(wrong_n, told[0][::-1][found.at], told[1][::-1][found.at]))


def _harmonic(n: Floats | float) -> Floats:
    return np.asarray(digamma(np.asarray(n, np.float64) + 1) + np.euler_gamma)


def curve(found: Levels, confidence_n: Floats) -> tuple[tuple[float, float, float], ...]:
    """(coverage, risk, least confidence) where a level ends: all, or about a hundred of them at even coverages."""
    at = np.zeros(len(found.yes))
    at[found.at] = confidence_n
    covered, wrong = (np.cumsum(each[::-1]) for each in (found.yes + found.no, found.yes))
    places = np.searchsorted(covered, np.linspace(1 / POINTS, 1, POINTS) * covered[-1] - 1e-9)
    kept = np.unique(np.minimum(places, len(covered) - 1))
    columns = (covered[kept] / covered[-1], wrong[kept] / covered[kept], at[::-1][kept])
    return tuple((float(c), float(r), float(t)) for c, r, t in zip(*columns, strict=True))


def area_scores(p_nk: Floats, true_n: Indices, terms: Terms) -> list[Score]:
    """AUROC and AUPRC: of two labels that of the second, of more the mean over those that some items have and some not."""
    k = p_nk.shape[1]
    counts = np.bincount(true_n, minlength=k)
    there = np.flatnonzero((counts > 0) & (counts < len(true_n)))
    if not len(there):
        return [Score(name, None, note="one-true") for name in ("auroc", "auprc")]
    named = there[-1:] if k == 2 else there
    total = {name: Area(0.0, np.zeros(len(true_n))) for name in ("auroc", "auprc")}
    for label in named:
        has = true_n == label
        found = levels(p_nk[:, label], has, exactly=p_nk.size <= EXACTLY)
        total = {"auroc": total["auroc"].plus(auroc(found, has)), "auprc": total["auprc"].plus(auprc(found, has))}
    pairs = [int(min(counts[label], len(true_n) - counts[label])) for label in named]
    note = "left-out" if len(named) < k and k > 2 else ""
    perfect = {"auroc": _of_pairs(pairs, terms)}
    return [area_score(name, one.over(len(named)), terms, (perfect.get(name), note)) for name, one in total.items()]


def _of_pairs(pairs: list[int], terms: Terms) -> Span:
    """Where every pair is in order: so are as many pairs that share no item, and each of those is a plain case."""
    sure = 1 - (1 - terms.confidence) / len(pairs)
    return float(np.mean([clopper_pearson(m, m, sure)[0] for m in pairs])), 1.0


def area_score(name: str, area: Area, terms: Terms, perfect: tuple[Span | None, str] = (None, "")) -> Score:
    """An area with its interval on the log-odds; at its best end the `perfect` one, if there is one."""
    span, note = perfect
    n = len(area.influence)
    error = float(np.sqrt(np.mean(area.influence**2) / n))
    ends = log_odds(area.value, error, terms.confidence)
    if ends is not None:
        return Score(name, area.value, *ends, "log-odds", note, area.off)
    if span is not None and round(area.value, 12) in (0.0, 1.0) and span[0] <= area.value <= span[1]:
        return Score(name, area.value, *span, "union", note, area.off)
    return Score(name, area.value, note="no-spread", off=area.off)


def risk_score(
    confidence_n: Floats, wrong_n: Bools, terms: Terms
) -> tuple[Score, tuple[tuple[float, float, float], ...]]:
    """AURC and its curve. Without an error: at most that of as many errors as may be there, all of them the surest."""
    found = levels(confidence_n, wrong_n)
    most = clopper_pearson(int(wrong_n.sum()), len(wrong_n), terms.confidence)[1]
    span = (0.0, float(most * (1 - np.log(most)))) if not wrong_n.any() else None
    return area_score("aurc", aurc(found, wrong_n), terms, (span, "")), curve(found, confidence_n)

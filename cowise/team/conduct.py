"""What a member's answers tell beside how often they are right: tiring, one answer to everything, following advice.

Legend: v = answers, n = items, m = members, k = labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import default_rng
from scipy.special import stdtrit

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices
from cowise.measure.intervals import clopper_pearson
from cowise.team.reliability import KINDS, Reliability, choose, estimate
from cowise.team.votes import Votes

FIFTHS, LEAST_FIFTH = 5, 10
"""First and last part of somebody's answers that are compared, and the answers that such a part needs."""
SURE, GRID = 0.95, 400
BEFORE = (3.0, 0.0)
"""Powers of right and wrong before any answer: Beta(4, 1)."""
HELD = 50
"""Items that several people answered, from which on it is tried which kind of members foretells an answer best."""
LEAST = 20
"""Blind answers below which nothing is said of a person."""
FEW = 8
"""Labels up to which each answer is weighed by the label that it names: who always says the same is then seen through."""


@dataclass(frozen=True, slots=True)
class Range:
    """A figure between `low` and `high` with 95 % confidence, read from `n` cases."""

    value: float
    low: float
    high: float
    n: int


def share(found: int, n: int) -> Range:
    """A share with its exact interval (Clopper & Pearson, Biometrika 1934); of no cases it may be anything.

    >>> share(9, 10)
    Range(value=0.9, low=0.555, high=0.9975, n=10)
    """
    if not 0 <= found <= n:
        raise InputError(f"share: got {found} of {n}; give a count of some among all")
    low, high = clopper_pearson(found, n, SURE)
    return Range(round(found / n, 4) if n else 0.0, round(low, 4), round(high, 4), n)


def weigh(said: Votes, prior: Floats | None, *, alike: bool = False) -> Reliability:
    """Labels and reliabilities from answers, by the kind of members that foretells held-out answers best.

    A matrix for each member only where labels are few, and not where all are `alike`. Until `HELD` answers can be held out, from
    items that several answered, members have as many figures as the labels allow.
    """
    kinds = KINDS if said.n_labels <= FEW and not alike else KINDS[:2]
    if int((np.bincount(said.item, minlength=said.n_items) > 1).sum()) < HELD:
        return estimate(said, prior, kind=kinds[-1])
    return estimate(said, prior, kind=choose(said, default_rng(0), prior, kinds)[0])


def accuracy(known: Reliability, said: Votes) -> list[Range]:
    """How often each member is right, (m,), judged by what others say of the same items: mean and middle 95 %.

    An answer is right as likely as the rest, the model among them, believe in its label; where they are unsure it tells
    little, and the interval stays wide. Counting such beliefs as if they were known labels makes it too narrow (Louis, JRSS B
    1982). Before any answer, somebody is right in four of five.
    """
    beside, grid = without_own(known, said), (np.arange(GRID) + 0.5) / GRID
    first = BEFORE[0] * np.log(grid) + BEFORE[1] * np.log1p(-grid)
    found = []
    for member in range(said.n_members):
        mine = said.member == member
        right, wrong = _both(known.confusion[member], beside[mine], said.label[mine])
        told = np.log(np.outer(grid, right) + np.outer(1 - grid, wrong)).sum(axis=1) + first
        mass = np.exp(told - told.max())
        below = np.cumsum(mass / mass.sum())
        low, high = (
            float(grid[min(int(np.searchsorted(below, one)), GRID - 1)]) for one in ((1 - SURE) / 2, (1 + SURE) / 2)
        )
        found.append(Range(round(float(grid @ mass / mass.sum()), 4), round(low, 4), round(high, 4), int(mine.sum())))
    return found


def _both(rows: Floats, beside: Floats, label: Indices) -> tuple[Floats, Floats]:
    """How likely each of a member's answers is if it is right, and if it is wrong, (v,) each; errors go where `rows` send them."""
    errors = rows * (1 - np.eye(len(rows)))
    errors /= np.maximum(errors.sum(axis=1, keepdims=True), 1e-12)
    right = beside[np.arange(len(label)), label]
    wrong = (beside * errors[:, label].T).sum(axis=1)
    return np.maximum(right, 1e-12), np.maximum(wrong, 1e-12)


def ends(values: Floats) -> tuple[Floats, Floats] | None:
    """First and last fifth of values in the order given; None where a fifth is too few to compare."""
    part = len(values) // FIFTHS
    return None if part < LEAST_FIFTH else (values[:part], values[-part:])


def change(values: Floats, *, chances: bool = False) -> Range | None:
    """How much the mean of the last fifth lies above that of the first, with Welch's interval (Biometrika 1947).

    `chances`: a value is how likely something is right, and that it is one or the other adds its spread.
    """
    both = ends(np.asarray(values, np.float64))
    if both is None:
        return None
    first, last = both
    spreads = [one.mean() * (1 - one.mean()) if chances else one.var(ddof=1) for one in both]
    var = [max(0.0, float(one)) / len(first) for one in spreads]
    moved, spread = float(last.mean() - first.mean()), float(np.sqrt(sum(var)))
    if spread == 0:
        return Range(round(moved, 4), round(moved, 4), round(moved, 4), len(values))
    freedom = spread**4 / sum(v**2 / (len(first) - 1) for v in var)
    width = float(stdtrit(freedom, (1 + SURE) / 2)) * spread
    return Range(round(moved, 4), round(moved - width, 4), round(moved + width, 4), len(values))


def slowing(seconds: Floats) -> Range | None:
    """How many times as long an answer takes in the last fifth as in the first: a ratio of geometric means.

    >>> slowing(np.repeat([2.0, 4.0], 50)).value
    2.0
    """
    found = change(np.log(np.maximum(np.asarray(seconds, np.float64), 1e-3)))
    if found is None:
        return None
    value, low, high = (round(float(np.exp(one)), 3) for one in (found.value, found.low, found.high))
    return Range(value, low, high, found.n)


def by_others(known: Reliability, said: Votes) -> Floats:
    """How likely each answer is right by what everybody else says of its item, the model among them, (v,)."""
    return np.asarray(without_own(known, said)[np.arange(len(said)), said.label], np.float64)


def without_own(known: Reliability, said: Votes) -> Floats:
    """What everybody else says of each answer's item, the model among them, (v, k)."""
    rows = known.confusion[said.member, :, said.label]
    told = known.posterior[said.item] / np.maximum(rows, 1e-12)
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float64)


@dataclass(frozen=True, slots=True)
class Habit:
    """The label that somebody gives most: in a share `own` of their answers, in a share `others` of everybody else's."""

    label: int
    own: float
    others: float


def habit(said: Votes, member: int) -> Habit | None:
    """The answer a member gives most; None before they answered, and where nobody else did.

    >>> from cowise.team.votes import votes
    >>> habit(votes([0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 0], (2, 2, 2)), 0)
    Habit(label=1, own=1.0, others=0.5)
    """
    mine = said.member == member
    if not mine.any() or mine.all():
        return None
    counts = np.bincount(said.label[mine], minlength=said.n_labels)
    most = int(counts.argmax())
    others = float((said.label[~mine] == most).mean())
    return Habit(most, round(float(counts[most] / mine.sum()), 4), round(others, 4))

"""Rules that the loop over the store and a rehearsal in memory share, so that one foretells the other.

Legend: n = pool, r = rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from cowise.core.roles import Picker
from cowise.core.types import Floats, Indices, Pool
from cowise.learn.pool import PoolView
from cowise.loop.kinds import Turn
from cowise.models.sets import SetBook, bits
from cowise.team.economy import COMPANY, FIRST_ANSWERS, batch_size
from cowise.team.forecast import error_curve, learning_gain
from cowise.team.pick import CoveragePicker, MarginPicker

AHEAD = 10
"""Audits that wait at a time: enough for several people, few enough that a walk that ends wastes none."""
DEFAULT_GAIN = 0.4
LEARN_AT_ONCE = 2000
"""So many answers beyond which those that came before a model was there are learned in one go."""
TELLING = 6
"""Labels of a set that are looked at one by one in a forecast: others err too seldom to stop a walk before these do."""
LOOK_BACK = 1.3
"""How much more must be answered than at an earlier look before the two tell what answers are worth."""


@dataclass(slots=True)
class Looks:
    """Earlier looks at a pool, (answers then, margins then (n,)), oldest first: what more answers have been worth."""

    seen: list[tuple[int, Floats]] = field(default_factory=list)

    def foresee(self, view: PoolView, answered: int, rows: Indices) -> tuple[Floats, float]:
        """Forecast risk of the pool's `rows` (r,), and the exponent with which more answers lower it; keeps this look."""
        curve = error_curve(view.past_margin, view.past_wrong)
        margin = view.margin[rows]
        then = [look for look in self.seen if look[0] * LOOK_BACK <= answered and len(look[1]) == len(view.margin)]
        gain = learning_gain(curve, then[-1][1][rows], margin, answered / then[-1][0]) if then else DEFAULT_GAIN
        if len(view.past_margin) and (not self.seen or answered > self.seen[-1][0]):
            self.seen = [*then[-1:], *(look for look in self.seen if look[0] * LOOK_BACK > answered)]
            self.seen.append((answered, view.margin))
        return curve.risk(margin), gain


def picker(p: Floats | None, balance: float = 0.0) -> Picker:
    """By coverage before the first model (`p` None), then the least sure, those of rare labels earlier by so much `balance`."""
    return CoveragePicker() if p is None else MarginPicker(balance=balance)


def pick(pool: Pool, n: int, rng: Generator, *, balance: float = 0.0) -> Indices:
    """At most `n` of the open items; `balance` needs to know how many answers there are of each label."""
    return picker(pool.p, balance if pool.answers is not None else 0.0).pick(pool, max(1, n), rng)


def turns(p: Floats | None, free: int, n: int, chosen: list[int]) -> list[Turn]:
    """What a turn drew by lot and what it chose, of what it picked: first those that the others were drawn without.

    Where lots are drawn before others are chosen, the chosen ones are a turn of their own, without lots.

    >>> turns(None, 100, 3, [7, 2, 9])
    [([7, 2], []), ([], [9])]
    """
    first, last = picker(p).by_lot(free, max(1, n))
    lots, after = chosen[first:last], chosen[last:]
    return [(lots, chosen[:first]), *([([], after)] if after else [])]


def parts(risk: Floats, p_nk: Floats, book: SetBook) -> tuple[float, ...]:
    """How likely a wrong set is wrong in each label, the likeliest first; labels that hardly stop a walk are left out.

    `risk` (r,) is the chance that a set is wrong, `p_nk` (r, k) how likely each label is there.
    """
    held = bits(book.said(p_nk)[0], p_nk.shape[1])
    doubt = np.where(held, 1 - p_nk, p_nk)
    each = np.minimum(1.0, doubt / np.maximum(1 - np.maximum(p_nk, 1 - p_nk).prod(axis=1, keepdims=True), 1e-9))
    mean = np.sort((risk[:, None] * each).sum(axis=0) / max(float(risk.sum()), 1e-9))[::-1][:TELLING]
    return tuple(float(one) for one in mean if one >= mean[0] / TELLING)


def leads(view: PoolView) -> Floats:
    """What a picker may tell surety by, (n, k) or (n, 2): probabilities, of sets how likely the one is that fits best."""
    return view.p if view.book is None else np.column_stack([view.margin, np.zeros(len(view.margin))])


def company(fresh: int, left: int, free: int, audits: int, others: int) -> int:
    """How many other blind questions go out with `fresh` of the `left` audits.

    The `free` items that are expected to go to people anyway are spread over the audits, up to as many; one for four
    at least; and always so many that over the project at least as many blind questions are no audits as are: `audits`
    and `others` were asked so far.

    >>> company(10, 100, 90, 100, 400), company(10, 100, 0, 100, 400), company(10, 100, 0, 100, 95)
    (9, 3, 15)
    """
    spread = min(1.0, max(1 / COMPANY, free / max(left, 1)))
    return max(math.ceil(fresh * spread), audits + fresh - others)


def sobered(risk: Floats, audited: Floats, wrong: int) -> Floats:
    """Forecast risk (r,) after a walk: scaled by the wrong audits against those foretold, the sum of `audited` (a,).

    >>> sobered(np.array([0.1]), np.full(20, 0.05), 4).round(2)
    array([0.25])
    """
    scale = (wrong + 1) / (float(audited.sum()) + 1)
    return np.asarray(np.clip(risk * scale, 0.0, 1.0), dtype=np.float64)


def cleared(risk: Floats, doubt: float, n_labels: int) -> Floats:
    """Chance that the machine is wrong (r,), from the chance that somebody differs who is wrong with probability `doubt`.

    >>> cleared(np.array([0.05, 0.1, 0.5]), 0.05, 2).round(3)
    array([0.003, 0.056, 0.5  ])
    """
    if doubt <= 0:
        return risk
    same = doubt / max(n_labels - 1, 1)
    return np.asarray(np.maximum((risk - doubt) / max(1 - doubt - same, 0.1), 0.05 * risk), dtype=np.float64)


def lessons(items: Indices) -> Iterator[Indices]:
    """Answers that are there already, in about the steps in which people give them: forecasts need honest predictions."""
    at, step = 0, FIRST_ANSWERS
    while at < len(items):
        yield items[at : at + step]
        at += step
        step = batch_size(at) if at < LEARN_AT_ONCE else len(items)


def least_sure(score: Floats) -> Indices:
    """Places of `score` (r,), the least sure first: in this order items go out beside audits."""
    return np.argsort(score, kind="stable")

"""Is one more opinion on an item worth its price, and whose: the value of information, looked at one step ahead.

Legend: n = items, m = members, k = labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.assignment import NOBODY


@dataclass(frozen=True, slots=True)
class Ask:
    """Who is asked next (`NOBODY`: the item is settled), and how much likelier the item is right by then, in the mean."""

    member: int
    gain: float


def gain(posterior: Floats, confusion: Floats) -> Floats:
    """How much likelier the likeliest label becomes by one more answer, in the mean, (n, k), (m, k, k) -> (n, m); never below 0.

    Σ over answers a of max over labels l of p(l) · P(a | l), less max p(l): the expected value of sample information
    under 0-1 loss (Raiffa & Schlaifer, Applied Statistical Decision Theory, 1961).

    >>> gain(np.array([[0.5, 0.5], [0.99, 0.01]]), np.array([[[0.9, 0.1], [0.1, 0.9]]])).round(3).tolist()
    [[0.4], [0.0]]
    """
    p, rows = _checked(posterior, confusion)
    found = np.empty((len(p), len(rows)))
    for i, beliefs in enumerate(p):
        found[i] = (beliefs[None, :, None] * rows).max(axis=1).sum(axis=1) - beliefs.max()
    return np.maximum(found, 0.0)


def updated(posterior: Floats, confusion: Floats, label: int) -> Floats:
    """Beliefs (k,) about an item after a member with rows `confusion` (k, k) gave it `label`.

    >>> updated(np.array([0.9, 0.1]), np.array([[0.9, 0.1], [0.1, 0.9]]), 1).round(2).tolist()
    [0.5, 0.5]
    """
    p, rows = _checked(np.atleast_2d(posterior), np.asarray(confusion)[None])
    if not 0 <= label < p.shape[1]:
        raise InputError(f"opinion: got label {label} of {p.shape[1]}; give its number from 0 on")
    told = p[0] * rows[0][:, label]
    total = told.sum()
    return p[0] if total <= 0 else np.asarray(told / total, np.float64)


def next_opinion(
    posterior: Floats,
    confusion: Floats,
    worth: float,
    price: ArrayLike = 1.0,
    allowed: Bools | None = None,
    stands: int = NOBODY,
) -> Ask:
    """Whom to ask about one item, (k,), (m, k, k): the greatest worth · gain - price, and nobody where none is above 0.

    `worth` is what a mended error may cost, in the unit of `price`, which is one figure or one each (m,). `allowed` (m,)
    leaves out who has answered, is away, or cannot read it. `stands` is the label that counts unless somebody more is
    asked, where that is not the likeliest. At a tie the first.

    >>> sure = np.array([[[0.9, 0.1], [0.1, 0.9]]])
    >>> next_opinion(np.array([0.5, 0.5]), sure, worth=5.0).member, next_opinion(np.array([0.9, 0.1]), sure, worth=5.0).member
    (0, -1)
    """
    if not worth >= 0:
        raise InputError(f"opinion: asked for an error worth {worth}; give a number of answers, 0 or more")
    p, _ = _checked(np.atleast_2d(posterior), confusion)
    rises = gain(p, confusion)[0] + (p[0].max() - p[0, stands] if stands >= 0 else 0.0)
    value = worth * rises - np.broadcast_to(np.asarray(price, np.float64), rises.shape)
    if allowed is not None:
        value = np.where(np.asarray(allowed, np.bool_), value, -np.inf)
    best = int(value.argmax()) if len(value) else NOBODY
    if best == NOBODY or not value[best] > 0:
        return Ask(NOBODY, 0.0)
    return Ask(best, float(rises[best]))


def edge_first(margin: Floats, risk: Floats, tolerated: Floats) -> Indices:
    """Items (n,) in the order in which one more opinion on them lets most go out alone under a promise, (n,) numbers.

    Surest first, so many may go out alone as the sum of their `risk` (n,) stays within what is `tolerated` (n,) of so many.
    Those just beyond that edge come first, on to the least sure; then those within it, from the edge back: a sure one is let
    out anyway, and of a doubtful one a single opinion makes none that is sure. The value of information under 0-1 loss
    (`gain`) orders them for the fewest errors instead; under a strict promise that lets fewer out (`benchmarks/results/llm_asked.json`).

    >>> edge_first(np.array([0.1, 0.9, 0.5, 0.7]), np.array([0.4, 0.0, 0.2, 0.1]), np.full(4, 0.1)).tolist()
    [2, 0, 3, 1]
    """
    order = np.argsort(-np.asarray(margin, np.float64), kind="stable")
    within = np.flatnonzero(np.cumsum(np.asarray(risk, np.float64)[order]) <= np.asarray(tolerated, np.float64) + 1e-12)
    edge = int(within[-1]) + 1 if len(within) else 0
    return np.asarray(np.concatenate([order[edge:], order[:edge][::-1]]), np.int64)


def _checked(posterior: Floats, confusion: Floats) -> tuple[Floats, Floats]:
    p, rows = np.asarray(posterior, np.float64), np.asarray(confusion, np.float64)
    if p.ndim != 2 or rows.ndim != 3 or rows.shape[1:] != (p.shape[1], p.shape[1]):
        raise InputError(
            f"opinion: beliefs of shape {p.shape} and rows of shape {rows.shape}; give (n, k) and (m, k, k)"
        )
    if not (np.isfinite(p).all() and np.isfinite(rows).all()):
        raise InputError("opinion: beliefs or rows hold NaN or infinity; give probabilities")
    return p, rows

"""How much other members count beside a head: a small logistic on the head's left-out probabilities and what they said.

A member counts only where the log loss on answers that the logistic did not see gets lower by it. Tried beside it, members as
a third kernel of the head: on two labels as good, on fifteen far behind (20 to 200 answers, simulated members, .6 to .9 right).
Source: stacked generalisation, Wolpert, Neural Networks 1992.

Legend: m = answers, s = seats, k = classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from cowise.core.types import Bools, Floats, Indices
from cowise.models.voices import Voices

FOLDS = 5
FEWEST = 10
"""Answers of which somebody has spoken, before anybody can be weighed."""
PULL = 3.0
"""How strongly weights are held where they say nothing: own 1, all others 0. Of 0.3, 1 and 3 the best on two tuning sets."""


@dataclass(frozen=True, slots=True, eq=False)
class Listened:
    """The weights, and what they make of the answers when each is left out of its fold: `p` (m, k) and log `loss`."""

    voices: Voices
    p: Floats
    loss: float


def listen(p_mk: Floats, said_msk: Floats, y_m: Indices, fold_m: Indices) -> Listened:
    """Weigh the seats: the one that lowers the left-out log loss most joins, then the next, while any lowers it.

    `p_mk` are probabilities of a head that did not see the answer. Rows of NaN in `said_msk` are what a seat has not spoken of.
    `fold_m` numbers are below `FOLDS`; by them, and not by the order of answers, it is settled which weights see which.

    >>> y = np.arange(40) % 2
    >>> told = np.where(np.eye(2)[y] > 0, 1.0, -1.0)[:, None, :]
    >>> listen(np.full((40, 2), 0.5), told, y, np.arange(40) % FOLDS).voices.weight[0] > 1
    np.True_
    """
    seats = said_msk.shape[1]
    chosen = np.zeros(seats, dtype=np.bool_)
    best = Listened(_silent(seats, p_mk.shape[1]), p_mk, _loss(p_mk, y_m))
    while not chosen.all():
        tried = []
        for seat in np.flatnonzero(~chosen).tolist():
            some = chosen.copy()
            some[seat] = True
            tried.append((some, _left_out(p_mk, said_msk, (y_m, fold_m), some)))
        some, p = min(tried, key=lambda one: _loss(one[1], y_m))
        if not _loss(p, y_m) < best.loss:
            break
        chosen = some
        best = Listened(_fit(p_mk, said_msk, y_m, some), p, _loss(p, y_m))
    return best


def _silent(seats: int, k: int) -> Voices:
    return Voices(1.0, np.zeros(seats), np.zeros((seats, k)))


def _left_out(p_mk: Floats, said_msk: Floats, known: tuple[Indices, Indices], some: Bools) -> Floats:
    """What weights of the other folds make of each fold, (m, k)."""
    (y_m, fold_m), out = known, np.array(p_mk)
    for one in range(FOLDS):
        there, rest = fold_m == one, fold_m != one
        out[there] = _fit(p_mk[rest], said_msk[rest], y_m[rest], some).combine(p_mk[there], said_msk[there])
    return out


def _fit(p_mk: Floats, said_msk: Floats, y_m: Indices, some: Bools) -> Voices:
    """The weights with the least log loss, held where they say nothing."""
    s, k = said_msk.shape[1:]
    heard = ~np.isnan(said_msk[:, some, 0])
    rows = np.flatnonzero(heard.any(axis=1))
    if len(rows) < FEWEST:
        return _silent(s, k)
    logs = np.log(np.maximum(p_mk[rows], 1e-9))
    told, there, truth = np.nan_to_num(said_msk[rows][:, some]), heard[rows].astype(np.float64), np.eye(k)[y_m[rows]]
    n = told.shape[1]
    rest = np.zeros(1 + n + n * k)
    rest[0] = 1.0

    def cost(x: Floats) -> tuple[float, Floats]:
        scores = x[0] * logs + np.einsum("rnk,n->rk", told, x[1 : 1 + n]) + there @ x[1 + n :].reshape(n, k)
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        loss = -float((truth * (scores - np.log(total))).sum()) + PULL / 2 * float(((x - rest) ** 2).sum())
        off = p - truth
        slope = np.concatenate([[(off * logs).sum()], np.einsum("rnk,rk->n", told, off), (there.T @ off).ravel()])
        return loss, slope + PULL * (x - rest)

    x = minimize(cost, rest, jac=True, method="L-BFGS-B").x
    weight, lean = np.zeros(s), np.zeros((s, k))
    weight[some], lean[some] = x[1 : 1 + n], x[1 + n :].reshape(n, k)
    return Voices(float(x[0]), weight, lean)


def _loss(p_mk: Floats, y_m: Indices) -> float:
    return float(-np.log(np.maximum(p_mk[np.arange(len(y_m)), y_m], 1e-9)).mean()) if len(y_m) else 0.0

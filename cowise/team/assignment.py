"""Who is asked what: items to people so that the fewest answers are expected to be wrong, and nobody gets too many.

Legend: n = items, m = members, k = labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import csr_array

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices

NOBODY = -1


def chance_of_error(posterior: Floats, confusion: Floats) -> Floats:
    """Probability that a member's answer to an item would be wrong, (n, k), (m, k, k) -> (n, m).

    >>> chance_of_error(np.array([[1.0, 0.0]]), np.array([[[0.9, 0.1], [0.4, 0.6]]])).round(2)
    array([[0.1]])
    """
    right = np.einsum("mkk->mk", np.asarray(confusion, np.float64))
    return np.asarray(1.0 - np.asarray(posterior, np.float64) @ right.T, np.float64)


def assign(cost: ArrayLike, most: ArrayLike, allowed: Bools | None = None) -> Indices:
    """The member for each item, (n,), with the least total `cost` (n, m) and at most `most` (m,) items each.

    `allowed` (n, m) rules out whom skills or languages keep from an item. As many items as can be are given to somebody;
    the others, the dearest ones, are `NOBODY`'s. Exact: the transportation problem, whose linear programme has whole
    solutions (Hitchcock 1941). InputError for costs that are no numbers and capacities below zero.

    >>> assign([[0.1, 0.4], [0.2, 0.3], [0.3, 0.9]], [2, 2]).tolist()
    [0, 1, 0]
    """
    price, room, open_to = _checked(cost, most, allowed)
    n, m = price.shape
    if n == 0 or m == 0:
        return np.full(n, NOBODY, np.int64)
    item, member = np.nonzero(open_to)
    # To give one item more away moves at most one item of each member: dearer than that is never worth sparing.
    dear = 1.0 + 2.0 * (m + 2) * float(np.abs(price).max())
    values = np.concatenate([price[item, member], np.full(n, dear)])
    rows = np.concatenate([item, np.arange(n)])
    solved = _solve(values, rows, np.concatenate([member, np.full(n, m)]), (n, room))
    taken = np.flatnonzero(solved[: len(item)] > 0.5)
    chosen = np.full(n, NOBODY, np.int64)
    chosen[item[taken]] = member[taken]
    return chosen


def _solve(values: Floats, item: Indices, member: Indices, shape: tuple[int, Indices]) -> Floats:
    """Each item goes once, the last member (nobody) takes any number."""
    n, room = shape
    once = csr_array((np.ones(len(item)), (item, np.arange(len(item)))), shape=(n, len(item)))
    real = member < len(room)
    held = csr_array((np.ones(int(real.sum())), (member[real], np.flatnonzero(real))), shape=(len(room), len(item)))
    found = linprog(values, A_ub=held, b_ub=room, A_eq=once, b_eq=np.ones(n), bounds=(0, 1), method="highs-ds")
    assert found.status == 0, found.message  # giving everything to nobody always fits  # noqa: S101
    return np.asarray(found.x, np.float64)


def _checked(cost: ArrayLike, most: ArrayLike, allowed: Bools | None) -> tuple[Floats, Indices, Bools]:
    price, room = np.asarray(cost, np.float64), np.asarray(most, np.int64)
    if price.ndim != 2 or room.shape != (price.shape[1],):
        raise InputError(f"assign: costs of shape {price.shape} and {room.shape} capacities; give (n, m) and (m,)")
    if (room < 0).any():
        raise InputError(f"assign: a capacity of {room.min()}; give 0 or more")
    open_to = np.ones(price.shape, np.bool_) if allowed is None else np.asarray(allowed, np.bool_)
    if open_to.shape != price.shape:
        raise InputError(f"assign: allowed has shape {open_to.shape}, asked for {price.shape}")
    if not np.isfinite(price[open_to]).all():
        raise InputError("assign: a cost is no number; rule pairs out by `allowed`")
    return np.where(open_to, price, 0.0), room, open_to

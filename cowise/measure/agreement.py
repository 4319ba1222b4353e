"""How far several people agree beyond what chance alone would give: 1 for always, 0 for no more than by chance.

Low agreement alone says nothing about the usefulness of labels: of three workers a pair whose alpha is .16, labels that
are right 94 times in 100 can be made (`team.reliability`).

Legend: n = items, k = labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cowise.core.errors import InputError
from cowise.core.types import Floats


def cohen(first: ArrayLike, second: ArrayLike, n_labels: int) -> float:
    """Kappa of two people on the same items, (n,) labels each; not a number where both gave one label only.

    >>> round(cohen([0, 0, 1, 1], [0, 1, 1, 1], 2), 2)
    0.5

    Source: Cohen, Educational and Psychological Measurement 1960.
    """
    a, b = np.asarray(first, np.int64), np.asarray(second, np.int64)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise InputError(f"cohen: labels of shapes {a.shape} and {b.shape}; give two columns of the same items")
    shares = [np.bincount(one, minlength=n_labels) / len(a) for one in (a, b)]
    return _beyond(float((a == b).mean()), float(shares[0] @ shares[1]))


def fleiss(counts: ArrayLike) -> float:
    """Kappa of equally many answers on every item: `counts` (n, k) of each label.

    >>> round(fleiss([[3, 0], [2, 1], [0, 3]]), 2)
    0.55

    Source: Fleiss, Psychological Bulletin 1971.
    """
    table = _table(counts)
    each = table.sum(axis=1)
    if (each != each[0]).any() or each[0] < 2:
        raise InputError("fleiss: every item needs the same number of answers, two at least; use krippendorff")
    alike = (table * (table - 1)).sum(axis=1) / (each[0] * (each[0] - 1))
    shares = table.sum(axis=0) / table.sum()
    return _beyond(float(alike.mean()), float(shares @ shares))


def krippendorff(counts: ArrayLike) -> float:
    """Alpha for labels without an order, of any number of answers an item: `counts` (n, k) of each label.

    Items with one answer say nothing about agreement and are left out.

    >>> round(krippendorff([[3, 0], [2, 1], [0, 3], [1, 0]]), 2)
    0.6

    Source: Krippendorff, Computing Krippendorff's alpha-reliability, 2011.
    """
    table = _table(counts)
    table = table[table.sum(axis=1) > 1]
    if not len(table):
        return float("nan")
    each = table.sum(axis=1, keepdims=True)
    n = float(table.sum())
    alike = float((table * (table - 1) / (each - 1)).sum()) / n
    total = table.sum(axis=0)
    return _beyond(alike, float((total * (total - 1)).sum()) / (n * (n - 1)))


def _table(counts: ArrayLike) -> Floats:
    table = np.asarray(counts, np.float64)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all() or (table < 0).any():
        raise InputError(f"agreement: counts of shape {table.shape}; give how often each label was said of each item")
    return table


def _beyond(alike: float, by_chance: float) -> float:
    return (alike - by_chance) / (1 - by_chance) if by_chance < 1 else float("nan")

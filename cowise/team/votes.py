"""Answers of several members on the same items, as three columns.

Legend: v = answers, n = items, m = members, k = labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Who gave which item which label, (v,) each; make it with `votes`."""

    item: Indices
    member: Indices
    label: Indices
    n_items: int
    n_members: int
    n_labels: int

    def __len__(self) -> int:
        """How many answers."""
        return len(self.item)

    @property
    def shares(self) -> Floats:
        """Share of each item's answers that name each label, (n, k); zeros where nobody answered."""
        flat = np.bincount(self.item * self.n_labels + self.label, minlength=self.n_items * self.n_labels)
        counts = flat.reshape(self.n_items, self.n_labels).astype(np.float64)
        return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0), np.float64)

    def evidence(self, rows: Floats) -> Floats:
        """Log-probability of each item's answers under each label, (n, k), from members' `rows` (m, k, k)."""
        logs, told = np.log(rows), np.zeros((self.n_items, self.n_labels))
        for true in range(self.n_labels):
            weights = logs[self.member, true, self.label]
            told[:, true] = np.bincount(self.item, weights=weights, minlength=self.n_items)
        return told

    def only(self, chosen: Bools) -> Votes:
        """Those answers alone; items, members and labels stay as they are numbered."""
        return Votes(
            self.item[chosen], self.member[chosen], self.label[chosen], self.n_items, self.n_members, self.n_labels
        )


def votes(item: ArrayLike, member: ArrayLike, label: ArrayLike, shape: tuple[int, int, int]) -> Votes:
    """Answers as numbers, checked; `shape` is (items, members, labels).

    >>> votes([0, 0, 1], [0, 1, 0], [1, 1, 0], (2, 2, 2)).shares
    array([[0., 1.],
           [1., 0.]])
    """
    columns = [np.asarray(column, np.int64).reshape(-1) for column in (item, member, label)]
    if len({len(column) for column in columns}) > 1:
        raise InputError(f"votes: columns of {', '.join(str(len(c)) for c in columns)} rows; give as many of each")
    for name, column, end in zip(("item", "member", "label"), columns, shape, strict=True):
        if len(column) and not (column.min() >= 0 and column.max() < end):
            raise InputError(f"votes: {name} {column.min()} to {column.max()}, asked for 0 to {end - 1}")
    return Votes(columns[0], columns[1], columns[2], *shape)

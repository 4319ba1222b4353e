"""Which texts are encoded together: sorted by length, so that little is wasted on padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cowise.core.types import Indices


def plan(lengths: Sequence[int], *, budget: int, most: int) -> list[Indices]:
    """Split items into batches of like length: at most `most` items and, padded, at most `budget` units.

    Ties are broken by position, so the same lengths always give the same batches. An item longer than the
    budget stands alone.

    >>> [b.tolist() for b in plan([9, 1, 2, 9], budget=10, most=8)]
    [[1, 2], [0], [3]]
    """
    order = np.argsort(np.asarray(lengths, dtype=np.int64), kind="stable")
    batches: list[Indices] = []
    start = 0
    for stop in range(1, len(order) + 1):
        full = stop == len(order)
        if not full:
            padded = (stop - start + 1) * max(1, int(lengths[order[stop]]))
            full = stop - start >= most or padded > budget
        if full:
            batches.append(order[start:stop])
            start = stop
    return batches

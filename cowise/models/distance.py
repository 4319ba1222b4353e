"""How far apart two tokens stand, as a bias of attention: near distances one by one, far ones in growing buckets.

Legend: h = heads, t = tokens, b = buckets.
Source: Raffel et al., JMLR 2020 (the buckets); Song et al., NeurIPS 2020 (their use in MPNet).
"""

from __future__ import annotations

import math

import numpy as np

from cowise.core.types import Indices, Vectors32

FAR = 128  # from this distance on, all is one bucket


def buckets(offsets: Indices, count: int) -> Indices:
    """Bucket of each offset (place of the token looked at, minus place of the one that looks).

    Half of the buckets are for tokens behind; of each half, half is for single distances. float32 like the
    networks that were trained with it, so that distances on an edge fall on the same side.

    >>> buckets(np.array([0, -1, 1, -7, -8, 200]), 32).tolist()
    [0, 1, 17, 7, 8, 31]
    """
    half = count // 2
    exact = half // 2
    away = np.abs(offsets)
    ratio = np.log(np.maximum(away, 1).astype(np.float32) / np.float32(exact)) / np.float32(math.log(FAR / exact))
    far = np.minimum(exact + (ratio * np.float32(half - exact)).astype(np.int64), half - 1)
    return np.asarray(np.where(away < exact, away, far) + half * (offsets > 0), dtype=np.int64)


def by_offset(table_bh: Vectors32, places: int) -> Vectors32:
    """The bias of every offset from 1 - places to places - 1, (b, h) -> (h, 2 places - 1).

    >>> by_offset(np.arange(64, dtype=np.float32).reshape(32, 2), 2).tolist()
    [[2.0, 0.0, 34.0], [3.0, 1.0, 35.0]]
    """
    offsets = np.arange(1 - places, places, dtype=np.int64)
    return np.ascontiguousarray(table_bh[buckets(offsets, len(table_bh))].T)

"""Words as sparse rows: what an encoder of whole sentences blurs, such as names, numbers and single characters.

Legend: n = texts, f = features (hashed words and pairs of words).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cowise.core.types import Indices, Vectors32, identity_text

# Chinese characters and signs stand alone; other scripts go by runs of letters and digits.
_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]")
BUCKETS = 1 << 20
MOST_CHARACTERS = 2000
_LOGS = [0.0, *(1 + math.log(count) for count in range(1, 64))]

Sparse: TypeAlias = Any
"""A scipy csr_array, which carries no types."""


def tokens(text: str) -> list[str]:
    """Words, Chinese characters and signs of the identity form, from the first 2,000 characters.

    >>> tokens("Lost card, 卡丢了")
    ['lost', 'card', ',', '卡', '丢', '了']
    """
    return _TOKEN.findall(identity_text(text[:MOST_CHARACTERS]))


def features(text: str) -> dict[int, float]:
    """Hashed tokens and neighbouring pairs with 1 + ln(count).

    >>> len(features("a b a"))
    4
    """
    single, pairs = keys(tokens(text))
    return {
        key: _LOGS[count] if count < len(_LOGS) else 1 + math.log(count)
        for key, count in Counter(single + pairs).items()
    }


def keys(words: Iterable[str]) -> tuple[list[int], list[int]]:
    """Features of the tokens, (t,), and of each with the next one, (t - 1,)."""
    hashed = list(map(_hashed, words))
    return (
        [key for _, key, _ in hashed],
        [crc32(second[0], first[2]) % BUCKETS for first, second in pairwise(hashed)],
    )


@lru_cache(maxsize=1 << 16)
def _hashed(word: str) -> tuple[bytes, int, int]:
    """A word's bytes, its key, and the checksum that a following word goes on from: a pair is "first second"."""
    raw = word.encode("utf-8", "replace")
    check = crc32(raw)
    return raw, check % BUCKETS, crc32(b" ", check)


def _rows(found: Iterable[dict[int, float]]) -> Sparse:
    starts: list[int] = [0]
    columns: list[int] = []
    values: list[float] = []
    for row in found:
        columns.extend(row.keys())
        values.extend(row.values())
        starts.append(len(columns))
    shape = (len(starts) - 1, BUCKETS)
    parts = (np.array(values, np.float32), np.array(columns, np.int32), np.array(starts, np.int64))
    return sparse.csr_array(parts, shape=shape)


@dataclass(frozen=True, slots=True, eq=False)
class Rarity:
    """Inverse document frequencies of a pool: `keys` ascending, `weights` beside them, `other` for unseen ones.

    Source: Sparck Jones, Journal of Documentation 1972 (smoothed as in Manning et al. 2008).
    """

    keys: npt.NDArray[np.int32]
    weights: Vectors32
    other: float

    def of(self, columns: npt.NDArray[np.int32]) -> Vectors32:
        """Weight of each feature."""
        if not len(self.keys):
            return np.full(len(columns), self.other, np.float32)
        place = np.minimum(np.searchsorted(self.keys, columns), len(self.keys) - 1)
        known = self.keys[place] == columns
        return np.where(known, self.weights[place], np.float32(self.other)).astype(np.float32)


def rarity(rows: Sparse) -> Rarity:
    """How rare each feature of a pool is; those of a single text are all alike."""
    counts = np.bincount(rows.indices, minlength=BUCKETS)
    keys = np.flatnonzero(counts > 1).astype(np.int32)
    n = rows.shape[0]
    weights = (np.log((1 + n) / (1 + counts[keys])) + 1).astype(np.float32)
    return Rarity(keys, weights, math.log((1 + n) / 2) + 1)


def count_words(texts: Sequence[str]) -> Sparse:
    """Unweighted sparse rows, (n, f)."""
    return _rows(map(features, texts))


def weigh(rows: Sparse, rare: Rarity) -> Sparse:
    """Rows times rarity, at unit length; texts without words stay zero."""
    values = rows.data * rare.of(rows.indices)
    sums = np.add.reduceat(np.append(values**2, 0), rows.indptr[:-1]) if rows.shape[0] else np.zeros(0)
    lengths = np.sqrt(np.where(np.diff(rows.indptr) > 0, sums, 1.0))
    values = (values / np.repeat(lengths, np.diff(rows.indptr))).astype(np.float32)
    return sparse.csr_array((values, rows.indices, rows.indptr), shape=rows.shape)


def narrow(rows: Sparse, known: npt.NDArray[np.int32]) -> Sparse:
    """The columns `known` (u,), ascending, of sparse rows, (n, f) -> (n, u); the others are dropped.

    >>> narrow(rows_of(np.ones(2, np.float32), np.array([3, 8], np.int32), np.array([0, 2])), np.array([8])).toarray()
    array([[1.]], dtype=float32)
    """
    if not len(known):
        return sparse.csr_array((rows.shape[0], 0), dtype=rows.dtype)
    place = np.minimum(np.searchsorted(known, rows.indices), len(known) - 1)
    kept = known[place] == rows.indices
    starts = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
    return sparse.csr_array((rows.data[kept], place[kept], starts), shape=(rows.shape[0], len(known)))


def rows_of(values: Vectors32, columns: npt.NDArray[np.int32], starts: Indices) -> Sparse:
    """Sparse rows from their three arrays; ValueError when these do not fit together."""
    rows = sparse.csr_array((values, columns, starts), shape=(len(starts) - 1, BUCKETS))
    rows.check_format(full_check=True)
    return rows


def take_rows(rows: Sparse, chosen: Indices) -> Sparse:
    """The chosen rows, in that order."""
    return sparse.csr_array(rows[chosen])

"""A head that compares each vector with the answered ones.

Legend: n = texts, m = anchors, d = vector size, f = hashed words, u = those in anchors, k = classes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Vectors32
from cowise.models.heads import check_rows, link, softmax, spread
from cowise.models.sets import SetBook, beside, presence
from cowise.models.words import Rarity, Sparse, narrow, weigh

BLOCK_ROWS = 4096


def gaussian(a_nd: Vectors32, b_md: Vectors32, gamma: float) -> Vectors32:
    """exp(-gamma |a - b|²) of unit rows, (n, d), (m, d) -> (n, m), float32.

    >>> gaussian(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32)[:1], 1.0).round(3)
    array([[1.   ],
           [0.135]], dtype=float32)
    """
    out = a_nd @ b_md.T
    out -= 1
    out *= np.float32(2 * gamma)
    return np.asarray(np.exp(out, out=out))


@dataclass(frozen=True, slots=True, eq=False)
class WordAnchors:
    """The answered texts' weighted words, (m, f), how rare words are, and how much their cosine counts."""

    rows: Sparse
    rare: Rarity
    mix: float

    def said_by(self, weights: Vectors32) -> tuple[npt.NDArray[np.int32], Vectors32]:
        """The words of the anchors, (u,) ascending, and what each says for every class, (u, k)."""
        known = np.unique(self.rows.indices).astype(np.int32)
        return known, np.asarray(narrow(self.rows, known).T @ weights)


@dataclass(frozen=True, slots=True)
class KernelHead:
    """softmax(link(k(x, anchors) W + b) / T) over the classes seen in training; the others share `share`.

    With a `book` the answers are sets: each label is a question of its own, those never seen have the chance `share` each,
    and the book says which set fits.

    The kernel is exp(-gamma |x - anchor|²), plus `words.mix` times the cosine of weighted words where there are any.
    `anchors` (m, d) are unit rows, `weights` (m, k_seen), `bias` (k_seen,), all float32; `seen` is (k,).
    """

    anchors: Vectors32
    weights: Vectors32
    bias: Vectors32
    seen: Bools
    gamma: float
    temperature: float = 1.0
    share: float = 0.0
    floor: float = 0.0
    words: WordAnchors | None = None
    kind: str = "kernel"
    book: SetBook | None = None
    _said: list[tuple[npt.NDArray[np.int32], Vectors32]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @property
    def n_classes(self) -> int:
        """All classes of the task, k."""
        return len(self.seen)

    def predict(self, vectors: Vectors32, counts: Sparse | None = None) -> Floats:
        """Class probabilities, (n, d) -> (n, k), rows summing to one; for sets, how likely each label is there.

        A head with words needs their `counts` (n, f) of `words.count_words`; InputError without them.
        """
        rows = check_rows(vectors, self.anchors.shape[1])
        scores = np.empty((len(rows), self.weights.shape[1]))
        for start in range(0, len(rows), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            scores[part] = gaussian(rows[part], self.anchors, self.gamma) @ self.weights + self.bias
        if self.words is not None:
            if counts is None or counts.shape[0] != len(rows):
                raise InputError("this head reads words too: give the word counts of the same texts")
            known, lexical = self.said_by_words()
            scores += narrow(weigh(counts, self.words.rare), known) @ lexical
        if self.book is not None:
            return beside(presence(scores, self.floor, self.temperature), self.seen, self.share)
        return spread(softmax(link(scores, self.floor) / self.temperature), self.seen, self.share)

    def said_by_words(self) -> tuple[npt.NDArray[np.int32], Vectors32]:
        """The words that are known, (u,) ascending, and what each adds to the scores, (u, k_seen), for a text of it alone."""
        if self.words is None:
            return np.zeros(0, np.int32), np.zeros((0, self.weights.shape[1]), np.float32)
        if not self._said:  # one product serves all texts and all calls
            known, said = self.words.said_by(self.weights)
            self._said.append((known, np.asarray(said * np.float32(self.words.mix))))
        return self._said[0]

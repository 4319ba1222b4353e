"""Ridge that learns one answer at a time and forgets one on request, exactly as if fitted afresh.

Legend: d = vector size, k = classes.
"""

from __future__ import annotations

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats, Vectors32
from cowise.learn.threads import one_thread
from cowise.models.heads import LinearHead, unseen_share

REFRESH = 2000


class RidgeStream:
    """Ridge with an unpenalised intercept under a fixed penalty; an answer costs O(d² + dk).

    Kept are M = (Σxxᵀ + penalty I)⁻¹, MΣxyᵀ and MΣx: each answer is a rank-one change of M (Sherman & Morrison,
    Ann. Math. Statist. 1950), and the intercept follows by eliminating its column of ones. Every 2,000 changes M
    is computed afresh from Σxxᵀ, which keeps rounding below 1e-8.

    >>> stream = RidgeStream(dim=2, n_classes=2)
    >>> stream.add(np.array([1.0, 0.0]), 0); stream.add(np.array([0.0, 1.0]), 1)
    >>> stream.scores(np.array([[1.0, 0.0]])).round(3)
    array([[0.75, 0.25]])
    """

    def __init__(self, dim: int, n_classes: int, *, penalty: float = 1.0) -> None:
        if dim < 1 or n_classes < 1 or penalty <= 0:
            raise InputError(
                f"ridge: asked for {dim} dimensions, {n_classes} classes, penalty {penalty}; all must be above 0"
            )
        self.penalty = penalty
        self.counts = np.zeros(n_classes)
        self._gram = np.zeros((dim, dim))
        self._inverse = np.eye(dim) / penalty
        self._cross = np.zeros((dim, n_classes))
        self._solved = np.zeros((dim, n_classes))
        self._sum = np.zeros(dim)
        self._solved_sum = np.zeros(dim)
        self._changes = 0

    def add(self, x: Vectors32 | Floats, y: int) -> None:
        """Learn one answer: vector (d,) and class number."""
        self._change(x, y, 1.0)

    def remove(self, x: Vectors32 | Floats, y: int) -> None:
        """Forget an answer that was added. InputError if no answer of that class is left."""
        if not 0 <= y < len(self.counts) or self.counts[y] < 1:
            raise InputError(f"ridge: there is no answer of class {y} to forget; give one that was added")
        self._change(x, y, -1.0)

    def scores(self, vectors: Vectors32 | Floats) -> Floats:
        """Regression scores, (n, d) -> (n, k), about one for the class and zero for the others."""
        weights, bias = self.solution()
        return np.asarray(np.asarray(vectors, dtype=np.float64) @ weights + bias)

    def solution(self) -> tuple[Floats, Floats]:
        """Weights (d, k) and bias (k,); zeros before the first answer."""
        n = self.counts.sum()
        if n < 1:
            return np.zeros_like(self._cross), np.zeros_like(self.counts)
        rest = n - self._sum @ self._solved_sum
        bias = (self.counts - self._sum @ self._solved) / rest
        return self._solved - np.outer(self._solved_sum, bias), bias

    def head(self, *, temperature: float = 0.1) -> LinearHead:
        """A head frozen at this moment; `temperature` comes from the last full fit."""
        weights, bias = self.solution()
        seen = self.counts > 0
        return LinearHead(
            weights=weights[:, seen].astype(np.float32),
            bias=bias[seen].astype(np.float32),
            seen=seen,
            temperature=temperature,
            share=unseen_share(int(self.counts.sum()), seen),
            kind="ridge",
        )

    def _change(self, x: Vectors32 | Floats, y: int, sign: float) -> None:
        row = np.asarray(x, dtype=np.float64)
        if row.shape != self._sum.shape or not 0 <= y < len(self.counts):
            raise InputError(
                f"ridge: takes a vector of {len(self._sum)} and a class below {len(self.counts)}, got shape {row.shape} and {y}"
            )
        with one_thread():
            self._gram += sign * np.outer(row, row)
            self._cross[:, y] += sign * row
            self._sum += sign * row
            self.counts[y] += sign
            self._changes += 1
            if self._changes % REFRESH == 0:
                self._refresh()
            else:
                self._rank_one(row, y, sign)

    def _rank_one(self, row: Floats, y: int, sign: float) -> None:
        m_x = self._inverse @ row
        scale = sign / (1 + sign * (row @ m_x))
        new_m_x = m_x * (1 - scale * (row @ m_x))
        self._inverse -= scale * np.outer(m_x, m_x)
        self._solved -= scale * np.outer(m_x, row @ self._solved)
        self._solved[:, y] += sign * new_m_x
        self._solved_sum -= scale * m_x * (row @ self._solved_sum)
        self._solved_sum += sign * new_m_x

    def _refresh(self) -> None:
        lifted = self._gram + self.penalty * np.eye(len(self._gram))
        self._inverse = np.asarray(np.linalg.inv(lifted), dtype=np.float64)
        self._solved = np.asarray(np.linalg.solve(lifted, self._cross), dtype=np.float64)
        self._solved_sum = np.asarray(np.linalg.solve(lifted, self._sum), dtype=np.float64)

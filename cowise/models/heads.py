"""Heads: frozen arrays that turn vectors into class probabilities.

Legend: n = texts, d = vector size, k = classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Vectors32

UNSEEN_WEIGHT = 0.1


def unseen_share(n: int, seen: Bools) -> float:
    """Probability left to classes that no answer named: each counts as a tenth of an answer.

    >>> round(unseen_share(99, np.array([True, False])), 4)
    0.001
    """
    unseen = int((~seen).sum())
    total = n + UNSEEN_WEIGHT * len(seen)
    return UNSEEN_WEIGHT * unseen / total if unseen else 0.0


def spread(p_seen: Floats, seen: Bools, share: float) -> Floats:
    """Probabilities over the seen classes, (n, seen), as ones over all, (n, k), with `share` for the others.

    >>> spread(np.array([[0.25, 0.75]]), np.array([True, False, True]), 0.2)
    array([[0.2, 0.2, 0.6]])
    """
    p = np.empty((len(p_seen), len(seen)))
    unseen = int((~seen).sum())
    p[:, seen] = p_seen * (1 - share)
    if unseen:
        p[:, ~seen] = (share if len(seen) > unseen else 1.0) / unseen
    p /= p.sum(axis=1, keepdims=True)
    return p


def link(scores: Floats, floor: float) -> Floats:
    """Scores as they are for floor 0; else their logarithm, scores below `floor` raised to it.

    Regression on one-hot answers gives scores that are nearly probabilities: their powers are honest where
    classes are many, their exponentials where classes are few.

    >>> link(np.array([[0.5, -0.1]]), 0.25).round(3)
    array([[-0.693, -1.386]])
    """
    return np.log(np.maximum(scores, floor)) if floor > 0 else scores


@dataclass(frozen=True, slots=True)
class LinearHead:
    """softmax(link(x W + b) / T) over the classes seen in training; the others share `share`.

    `weights` (d, k_seen) and `bias` (k_seen,) are float32, `seen` is (k,). `kind` says who fitted it.
    """

    weights: Vectors32
    bias: Vectors32
    seen: Bools
    temperature: float = 1.0
    share: float = 0.0
    floor: float = 0.0
    kind: str = "linear"

    @property
    def n_classes(self) -> int:
        """All classes of the task, k."""
        return len(self.seen)

    def predict(self, vectors: Vectors32) -> Floats:
        """Class probabilities, (n, d) -> (n, k), rows summing to one."""
        rows = check_rows(vectors, self.weights.shape[0])
        scores = (rows @ self.weights + self.bias).astype(np.float64)
        return spread(softmax(link(scores, self.floor) / self.temperature), self.seen, self.share)


def softmax(scores: Floats) -> Floats:
    """Rows of scores as probabilities; no columns give none."""
    if scores.shape[1] == 0:
        return scores
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.asarray(p, dtype=np.float64)


def check_rows(vectors: Vectors32, dim: int) -> Vectors32:
    """`vectors` as float32 rows of `dim` columns, or InputError."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise InputError(
            f"vectors: this head takes rows of {dim}, got shape {rows.shape}; use the encoder it was fitted with"
        )
    return rows

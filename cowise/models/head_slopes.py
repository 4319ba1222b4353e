"""What a change of a text's vector is worth to one label's probability: heads, backwards.

Legend: n = vectors, m = anchors, d = vector size, k = classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.types import Floats
from cowise.models.head_files import AnyHead
from cowise.models.heads import link, softmax, spread
from cowise.models.kernel import KernelHead, gaussian
from cowise.models.sets import presence
from cowise.models.slopes import Array


@dataclass(frozen=True, slots=True, eq=False)
class HeadSlopes:
    """The target's probability (n,), and its derivatives by the vectors (n, d) and by the scores of the seen classes (n, k_seen)."""

    p: Floats
    by_vector: Array
    by_score: Floats


def slopes(head: AnyHead, rows_nd: Array, target: int, beside_nk: Floats | float = 0.0) -> HeadSlopes:
    """Derivatives of the probability of class `target`; `beside_nk` is added to the scores, as words are.

    At a score that is raised to the head's floor the derivative is 0.

    >>> from cowise.models.heads import LinearHead
    >>> head = LinearHead(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), np.array([True, True]))
    >>> slopes(head, np.array([[1.0, 1.0]]), 0).by_vector
    array([[ 0.25, -0.25]])
    """
    kernel = None
    if isinstance(head, KernelHead):
        kernel = gaussian(rows_nd, head.anchors, head.gamma)
        raw = kernel @ head.weights + head.bias
    else:
        raw = rows_nd @ head.weights + head.bias
    scores = np.asarray(raw, np.float64) + beside_nk
    p, by_score = _of_sets(head, scores, target) if _is_of_sets(head) else _of_labels(head, scores, target)
    inner = by_score.astype(rows_nd.dtype)
    if kernel is None or not isinstance(head, KernelHead):
        return HeadSlopes(p, inner @ head.weights.T, by_score)
    kernel *= inner @ head.weights.T
    kernel *= rows_nd.dtype.type(2 * head.gamma)
    return HeadSlopes(p, kernel @ head.anchors, by_score)


def unit_back(slope_nd: Array, rows_nd: Array) -> Array:
    """The slope by rows before they are scaled to length one, from that behind it; 0 where a row cannot be scaled.

    >>> unit_back(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]]))
    array([[0.5, 0. ]])
    """
    length = np.linalg.norm(rows_nd, axis=1, keepdims=True)
    good = np.isfinite(length) & (length > 0)
    unit = np.divide(rows_nd, length, out=np.zeros_like(rows_nd), where=good)
    across = slope_nd - (slope_nd * unit).sum(axis=1, keepdims=True) * unit
    return np.asarray(np.divide(across, length, out=np.zeros_like(across), where=good))


def _is_of_sets(head: AnyHead) -> bool:
    return isinstance(head, KernelHead) and head.book is not None


def _of_labels(head: AnyHead, scores: Floats, target: int) -> tuple[Floats, Floats]:
    logits = link(scores, head.floor)
    seen = softmax(logits / head.temperature)
    p = spread(seen, head.seen, head.share)[:, target]
    if not head.seen[target]:
        return p, np.zeros_like(scores)
    at = int(head.seen[:target].sum())
    lean = -seen * seen[:, [at]]
    lean[:, at] += seen[:, at]
    part = spread(np.ones((1, scores.shape[1])) / scores.shape[1], head.seen, head.share)[0, head.seen].sum()
    return p, np.asarray(lean * (part / head.temperature) * _link_slope(scores, head.floor))


def _of_sets(head: AnyHead, scores: Floats, target: int) -> tuple[Floats, Floats]:
    by_score = np.zeros_like(scores)
    if not head.seen[target]:
        return np.full(len(scores), head.share), by_score
    at = int(head.seen[:target].sum())
    p = presence(scores[:, [at]], head.floor, head.temperature)[:, 0]
    score = scores[:, at]
    steep = _link_slope(score, head.floor) + _link_slope(1 - score, head.floor)
    by_score[:, at] = p * (1 - p) * steep / head.temperature
    return p, by_score


def _link_slope(scores: Floats, floor: float) -> Floats:
    if floor <= 0:
        return np.ones_like(scores)
    return np.where(scores > floor, 1 / np.maximum(scores, floor), 0.0)

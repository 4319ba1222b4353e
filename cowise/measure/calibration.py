"""Are probabilities honest, and the one number that makes them so: the temperature.

Legend: n = items, k = classes.
"""

from __future__ import annotations

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices

LARGEST_LOG_BETA = 9.0


def softmax(scores_nk: Floats) -> Floats:
    """Rows of scores as probabilities, (n, k) -> (n, k), safe for large scores.

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    p = np.exp(scores_nk - scores_nk.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.asarray(p, dtype=np.float64)


def log_loss(p_nk: Floats, y_n: Indices) -> float:
    """Mean of -log p(true class); probabilities below 1e-15 count as 1e-15. NaN without items.

    >>> round(log_loss(np.array([[0.5, 0.5], [0.8, 0.2]]), np.array([0, 0])), 4)
    0.4581
    """
    if not len(y_n):
        return float("nan")
    return float(-np.log(np.maximum(p_nk[np.arange(len(y_n)), y_n], 1e-15)).mean())


def temperature(scores_nk: Floats, y_n: Indices, *, steps: int = 30) -> float:
    """The T > 0 for which softmax(scores / T) has the least log loss; 1 without items or spread.

    Scores must come from a model that did not see the item (out of fold), or T comes out too small.
    Newton's method on log(1/T), where the loss is smooth; T stays within exp(±9).

    >>> y = np.array([0] * 9 + [1])
    >>> round(temperature(np.tile([9.0, 0.0], (10, 1)), y), 3)  # 9 / ln(9)
    4.096

    Source: Guo et al., ICML 2017.
    """
    if scores_nk.shape[0] != len(y_n):
        raise InputError(f"temperature: {scores_nk.shape[0]} rows of scores for {len(y_n)} answers; give one for each")
    spread = float(np.ptp(scores_nk, axis=1).mean()) if scores_nk.size else 0.0
    if spread <= 0:
        return 1.0
    z = (scores_nk - scores_nk.max(axis=1, keepdims=True)) / spread
    true = z[np.arange(len(y_n)), y_n]
    log_beta, best, best_loss = 0.0, 0.0, np.inf
    for _ in range(steps):
        beta = np.exp(log_beta)
        e = np.exp(beta * z)
        total = e.sum(axis=1)
        loss = float((np.log(total) - beta * true).mean())
        if loss < best_loss:
            best, best_loss = log_beta, loss
        mean = (e * z).sum(axis=1) / total
        square = (e * z * z).sum(axis=1) / total
        slope = float((mean - true).mean())
        bend = float((square - mean * mean).mean())
        step = -slope / (bend * beta + abs(slope) + 1e-300)
        log_beta = float(np.clip(log_beta + np.clip(step, -1.0, 1.0), -LARGEST_LOG_BETA, LARGEST_LOG_BETA))
        if abs(step) < 1e-9:
            break
    return float(spread / np.exp(best))


def calibration_error(p_nk: Floats, y_n: Indices, *, bins: int = 15) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, over bins with equal counts.

    >>> round(calibration_error(np.array([[0.9, 0.1]] * 10), np.array([0] * 9 + [1]), bins=1), 6)
    0.0

    Raises InputError for fewer than one bin. NaN without items.
    Source: Naeini, Cooper & Hauskrecht, AAAI 2015; equal counts after Nguyen & O'Connor, EMNLP 2015.
    """
    if bins < 1:
        raise InputError(f"calibration error: asked for {bins} bins; give at least 1")
    n = len(y_n)
    if not n:
        return float("nan")
    confidence = p_nk.max(axis=1)
    right = (p_nk.argmax(axis=1) == y_n).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    gaps = [abs(confidence[part].sum() - right[part].sum()) for part in np.array_split(order, min(bins, n))]
    return float(sum(gaps)) / n

"""Least squares that add up to a given sum.

Legend: m = rows, n = words.
"""

from __future__ import annotations

import numpy as np

from cowise.core.types import Floats

STRENGTHS = tuple(10.0**i for i in range(-4, 5))
"""Strengths of the ridge that are tried; the last one leaves next to nothing of a fit."""


def constrained(x_mn: Floats, y_m: Floats, weight_m: Floats, total: float = 0.0) -> Floats:
    """The b (n,) that minimises sum of weight (y - x b)^2 among those with sum `total`.

    >>> constrained(np.eye(2), np.array([1.0, 1.0]), np.ones(2), 1.0)
    array([0.5, 0.5])
    """
    basis = _basis(x_mn.shape[1])
    start = np.full(x_mn.shape[1], total / x_mn.shape[1])
    root = np.sqrt(weight_m / weight_m.max())
    free = np.linalg.lstsq(root[:, None] * (x_mn @ basis), root * (y_m - x_mn @ start), rcond=None)[0]
    return np.asarray(start + basis @ free)


def ridge(x_mn: Floats, y_m: Floats, weight_m: Floats) -> Floats:
    """The weighted ridge fit b (n,) with sum 0, of the strength with the least leave-one-out error.

    >>> ridge(np.array([[1.0, -1.0]] * 50), np.full(50, 0.4), np.ones(50)).round(3)
    array([ 0.2, -0.2])

    Source: Allen, Technometrics 1974 (PRESS).
    """
    basis, root = _basis(x_mn.shape[1]), np.sqrt(weight_m / weight_m.max())
    y = root * y_m
    u, s, vt = np.linalg.svd(root[:, None] * (x_mn @ basis), full_matrices=False)
    along = u.T @ y
    best, found = np.inf, np.zeros(x_mn.shape[1])
    for strength in STRENGTHS:
        shrink = s**2 / (s**2 + strength)
        error = float((((y - u @ (shrink * along)) / (1 - (u**2) @ shrink)) ** 2).sum())
        if error < best:
            best, found = error, basis @ (vt.T @ (s / (s**2 + strength) * along))
    return np.asarray(found)


def _basis(n: int) -> Floats:
    """Orthonormal columns (n, n - 1) that span all vectors with sum 0 (Helmert's)."""
    rows = np.tril(np.ones((n - 1, n)))
    rows[np.arange(n - 1), np.arange(1, n)] = -np.arange(1, n)
    return np.asarray((rows / np.linalg.norm(rows, axis=1, keepdims=True)).T)

"""Places and weights for an integral from 0 to 1 whose integrand changes most in the middle.

Legend: n = steps of the first rule, m = steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre

from cowise.core.types import Bools, Floats

CENTRE, WIDTH = 0.545, 0.15
"""Where a network turns from blanks to words, and how narrowly: found on 40 texts of SST-2 (docs/log.md)."""
Rule = tuple[Floats, Floats, Bools]
"""Places (m,), weights (m,), and which of the places the rule before did not have."""


def rules(first: int, most: int) -> Iterator[Rule]:
    """Gauss-Legendre of `first` steps, the same with Kronrod's places added between, then four times as many, and twice.

    Each has at most `most` steps. Places are drawn together in the middle by a tangent.

    >>> [len(places) for places, _, _ in rules(10, 100)], [int(new.sum()) for _, _, new in rules(10, 100)]
    ([10, 21, 40, 80], [10, 11, 40, 80])

    Source: Kronrod 1965 (places added).
    """
    steps = first
    while steps <= most:
        s, weights = legendre.leggauss(steps)
        yield _drawn(s, weights, np.ones(steps, bool))
        if steps == first and 2 * first + 1 <= most:
            yield _drawn(*kronrod(first))
        steps = steps * 4 if steps == first else steps * 2


@lru_cache(maxsize=8)
def kronrod(n: int) -> Rule:
    """The n places of Gauss-Legendre on (-1, 1) with n + 1 between them, weights, and which are the new ones.

    The new places are the roots of the polynomial E of degree n + 1 for which P E is orthogonal to all of degree n, P being
    Legendre's of degree n (Stieltjes). The places of the Gauss rule come first, in order.

    >>> places, weights, new = kronrod(10)
    >>> round(float(weights @ places**30), 12) == round(2 / 31, 12)
    True
    """
    gauss, _ = legendre.leggauss(n)
    x, w = legendre.leggauss(2 * n + 2)
    p = legendre.legvander(x, n + 1)
    products = p[:, : n + 1].T @ (p * (w * p[:, n])[:, None])
    below = np.linalg.lstsq(products[:, :-1], -products[:, -1], rcond=None)[0]
    new = legendre.legroots([*below, 1.0])
    places = np.concatenate([gauss, new])
    whole = np.zeros(2 * n + 1)
    whole[0] = 2.0
    weights = np.asarray(np.linalg.solve(legendre.legvander(places, 2 * n).T, whole), np.float64)
    return places, weights, np.arange(2 * n + 1) >= n


def _drawn(s: Floats, weights: Floats, new: Bools) -> Rule:
    """From (-1, 1) to (0, 1) by CENTRE + WIDTH tan."""
    low, high = np.arctan(-CENTRE / WIDTH), np.arctan((1 - CENTRE) / WIDTH)
    u = (high - low) / 2 * s + (high + low) / 2
    return CENTRE + WIDTH * np.tan(u), np.asarray(weights * (high - low) / 2 * WIDTH / np.cos(u) ** 2, np.float64), new

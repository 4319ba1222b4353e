"""Shares that are fixed before anything starts: of the risk of a broken promise, and of the items."""

from __future__ import annotations

FIRST_LOOK = 0.8
"""Share of delta that the first look spends: most projects need one. Later looks share the rest."""
RESERVED = 0.05
"""Share of the items, drawn by a lot of its own, that never trains: what a promise for texts to come is tested on."""


def look_share(delta: float, look: int) -> float:
    """Delta of look 0, 1, 2, …: .8 of it at first, then .2 / (j (j + 1)) of it; the shares sum to delta.

    >>> [round(look_share(0.1, j), 4) for j in range(4)]
    [0.08, 0.01, 0.0033, 0.0017]
    """
    return delta * FIRST_LOOK if look == 0 else delta * (1 - FIRST_LOOK) / (look * (look + 1))

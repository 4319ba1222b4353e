"""The best of a few ordered settings, without trying them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Outcome = TypeVar("Outcome", bound=tuple[Any, ...])


def descend(attempt: Callable[[float], Outcome], settings: Sequence[float]) -> tuple[float, Outcome]:
    """Start in the middle and walk downhill until both neighbours are worse; an outcome begins with its loss.

    Losses along a penalty have one valley in practice: this finds its floor with three or four fits.

    >>> descend(lambda s: ((s - 3) ** 2,), (0.0, 1.0, 2.0, 3.0, 4.0))
    (3.0, (0.0,))
    """
    tried: dict[int, Outcome] = {}

    def at(i: int) -> Outcome:
        if i not in tried:
            tried[i] = attempt(settings[i])
        return tried[i]

    here = len(settings) // 2
    while True:
        around = [i for i in (here - 1, here + 1) if 0 <= i < len(settings)]
        best = min(around, key=lambda i: at(i)[0], default=here)
        if not at(best)[0] < at(here)[0]:
            return settings[here], at(here)
        here = best

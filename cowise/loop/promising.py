"""What a promise costs before anything is asked: the exact least number of answers, and what was measured elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cowise.core.errors import InputError
from cowise.core.types import Promise
from cowise.loop.shares import look_share
from cowise.loop.standing import Status
from cowise.team.out import lots_needed
from cowise.team.tails import answers_needed, errors_that_break

FIGURES = Path(__file__).with_name("measured.json")
"""Made from benchmarks/results by benchmarks/shipped.py; a test holds the two together."""
MOST_ITEMS = 100_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Human shares measured on benchmark sets, at the measured promise nearest to the one asked about."""

    low: float
    high: float
    sets: tuple[Mapping[str, Any], ...]
    max_error: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Cost:
    """`minimum` answers at least, none of them wrong; `errors_tolerated` wrong ones among the items delivered.

    Not `possible`: so few items that people answer all of them anyway.
    """

    minimum: int
    errors_tolerated: int
    possible: bool
    measured: Measured

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def cost(items: int, promise: Promise) -> Cost:
    """What a promise over so many items costs at least, at the share of its risk that the first look spends.

    >>> cost(6000, Promise(0.05, 0.9)).minimum, cost(6000, Promise(0.05, 0.9)).errors_tolerated
    (49, 300)
    >>> cost(10, Promise(0.05, 0.95)).possible
    False

    Source: SCIENCE of certificates, docs/explanation/certificates.md (OUT with no tolerated error; exact binomial).
    """
    if not 0 <= items <= MOST_ITEMS:
        raise InputError(f"items: asked for {items:,}; give a number from 0 to {MOST_ITEMS:,}")
    breaking = errors_that_break(promise.max_error, items)
    delta = look_share(promise.delta, 0)
    if promise.of == "selective":
        least = answers_needed(promise.max_error, delta)
    else:
        least = lots_needed(items, breaking, 0, delta) if items else 0
    return Cost(min(least, items), breaking - 1, least < items, measured(promise.max_error))


def measured(max_error: float) -> Measured:
    """The figures of the measured promise nearest to `max_error`; a stricter promise costs more.

    >>> measured(0.03).max_error, measured(0.2).max_error
    (0.02, 0.05)
    """
    found = _figures()
    near = min(found["promises"], key=lambda one: (abs(one["max_error"] - max_error), one["max_error"]))
    shares = [one["human_share"] for one in near["sets"]]
    return Measured(min(shares), max(shares), tuple(near["sets"]), near["max_error"], found["confidence"])


@cache
def _figures() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIGURES.read_text("utf-8"))
    return found


def minutes_left(now: Status, seconds: float | None) -> float | None:
    """How long the answers still needed take, at so many seconds each; None before people's pace is known."""
    return None if seconds is None else round(now.needed * seconds / 60, 1)

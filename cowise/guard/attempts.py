"""Guessing is slowed: after some free attempts each further one has to wait twice as long as the one before."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cowise.core.errors import RateError

QUIET_S = 3600.0
"""After so long without an attempt, the earlier ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is counted: `free` attempts cost nothing, then 1 s, 2 s, 4 s, … up to `most_s`."""

    name: str
    free: int
    most_s: float


class Attempts:
    """Counts attempts in memory, for `size` keys at most; `clock` gives seconds that never jump.

    An attempt counts before it is made and is taken back when it succeeds, so that many at once are no way round.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, size: int = 10_000) -> None:
        self._clock = clock
        self._size = size
        self._made: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def begin(self, keys: Sequence[Key]) -> None:
        """Count one attempt under each key; RateError, and nothing counted, while one of them has to wait."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            wait = max((self._wait(key, now) for key in keys), default=0.0)
            if wait > 0:
                seconds = math.ceil(wait)
                raise RateError(f"too many attempts; wait {seconds} s and try again", seconds)
            for key in keys:
                number, _ = self._made.pop(key.name, (0, 0.0))
                self._made[key.name] = (number + 1, now)  # popped first: the order is that of the last attempt

    def passed(self, keys: Sequence[Key]) -> None:
        """The attempt succeeded: the first key starts anew, the others lose the one attempt."""
        with self._lock:
            for i, key in enumerate(keys):
                number, last = self._made.pop(key.name, (0, 0.0))
                if i and number > 1:
                    self._made[key.name] = (number - 1, last)

    def _wait(self, key: Key, now: float) -> float:
        number, last = self._made.get(key.name, (0, -math.inf))
        if number < key.free:
            return 0.0
        return last + min(2.0 ** min(number - key.free, 30), key.most_s) - now

    def _forget(self, now: float) -> None:
        while self._made:
            name = next(iter(self._made))  # the oldest
            if len(self._made) < self._size and now - self._made[name][1] <= QUIET_S:
                break
            del self._made[name]

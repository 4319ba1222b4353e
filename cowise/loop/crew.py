"""People played by known answers: how often they are right, skip, and tire."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Floats


@dataclass(frozen=True, slots=True)
class Crew:
    """`accuracy` of an answer at the start, `fatigue` lost over every thousand answers, `skipping` the share not answered.

    `confusion` (k, k), rows of shares by true label, stands in place of `accuracy` where it is given.
    """

    accuracy: float = 1.0
    fatigue: float = 0.0
    skipping: float = 0.0
    confusion: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        """Shares lie between 0 and 1; rows of a confusion matrix sum to one."""
        for name in ("accuracy", "fatigue", "skipping"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name}: asked for {getattr(self, name)}; give a share between 0 and 1")
        for row in self.confusion:
            if len(row) != len(self.confusion) or min(row) < 0 or not abs(sum(row) - 1) <= 1e-6:
                raise InputError("confusion: give a square table of shares whose rows sum to one")

    def answer(self, truth: int, n_labels: int, given: int, rng: Generator) -> int | None:
        """The answer to an item whose label is `truth`, after `given` answers; None for a skip.

        >>> Crew().answer(2, 5, 0, np.random.default_rng(0))
        2
        """
        if self.skipping and rng.random() < self.skipping:
            return None
        p = self._shares(truth, n_labels, given)
        return truth if p[truth] == 1 else int(rng.choice(n_labels, p=p))

    def answer_set(self, truth: int, n_labels: int, given: int, rng: Generator) -> int | None:
        """The set given where `truth` is right, both as numbers: right as a whole, or wrong in one label; None for a skip.

        >>> Crew(0.0).answer_set(0b101, 3, 0, np.random.default_rng(0)) in (0b100, 0b111, 0b001)
        True
        """
        if self.confusion:
            raise InputError(
                "confusion: a table of shares is for one label a text; give an accuracy where sets are asked for"
            )
        if self.skipping and rng.random() < self.skipping:
            return None
        right = max(0.0, self.accuracy - self.fatigue * given / 1000)
        return truth if rng.random() < right else truth ^ 1 << int(rng.integers(n_labels))

    def _shares(self, truth: int, n_labels: int, given: int) -> Floats:
        if self.confusion:
            if len(self.confusion) != n_labels:
                raise InputError(f"confusion: the table has {len(self.confusion)} rows for {n_labels} labels")
            row = np.asarray(self.confusion[truth], dtype=np.float64)
            return np.asarray(row / row.sum())  # the generator wants sums nearer to one than people write
        right = max(self.accuracy - self.fatigue * given / 1000, min(self.accuracy, 1 / n_labels))
        p = np.full(n_labels, (1 - right) / (n_labels - 1))
        p[truth] = right
        return p

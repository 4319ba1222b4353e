"""What a certificate procedure answers: how far the machine may go, from which counts, and why no further."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cowise.core.types import Bools, Floats, Scope


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one procedure. Nothing is granted when `coverage` is 0; `reason` says why, in words.

    `threshold`, `tie`: accepted are scores above `threshold`, and those equal to it with tie rank at most `tie`.
    `n_items` items the promise is over (0 for a stream), `n_automated` answered by the machine alone,
    `n_audited`, `n_errors` counted in the evidence. `stop` is the place in the walking order before which
    items are accepted (-1 where there is no order). `p` is the exact tail probability at the accepted place,
    `level` what it was held against.
    """

    method: str
    of: Scope
    max_error: float
    delta: float
    n_items: int
    n_automated: int
    n_audited: int
    n_errors: int
    coverage: float
    threshold: float
    p: float
    level: float
    reason: str
    tie: float = math.inf
    stop: int = -1

    @property
    def granted(self) -> bool:
        """Whether the machine may answer anything alone."""
        return self.coverage > 0

    @property
    def max_automated_error(self) -> float:
        """What the promise allows among the automated: a delivered promise allows max_error / coverage there."""
        if self.of == "selective" or not self.granted:
            return self.max_error
        return min(1.0, self.max_error / self.coverage)

    def accepts(self, scores: Floats, tie: Floats | None = None) -> Bools:
        """Which scores lie in the accepted region, (n,) -> (n,). Without tie ranks, ties at a cut block go to people."""
        scores = np.asarray(scores, np.float64)
        rank = np.full(scores.shape, np.inf) if tie is None else np.asarray(tie, np.float64)
        return np.asarray((scores > self.threshold) | ((scores == self.threshold) & (rank <= self.tie)))

"""What the demonstrations of naive rules share."""

from __future__ import annotations

import numpy as np

from benchmarks.claims.profiles import Population
from benchmarks.claims.trials import Rng, design
from cowise.core.types import Bools, Floats
from cowise.team import out

Seen = tuple[bool, bool, float]
"""(Naive promise broken, ours broken, share that ours automates) in one trial."""


def late(level: float, size: int) -> Population:
    """The surest fifth wrong in 1 of 100; from .227 of the texts on, every region is wrong in `level` of its texts."""
    place = np.arange(1, size + 1) / size
    turn = 0.2 * (1 + (level - 0.01) / (0.35 - level))
    total = np.where(place <= 0.2, 0.01 * place, np.where(place <= turn, 0.002 + 0.35 * (place - 0.2), level * place))
    return np.arange(size, 0, -1.0), np.diff(np.floor(total * size + 1e-9), prepend=0.0) > 0


def tested(population: Population, n: int, rng: Rng) -> Population:
    """Answers of `n` texts drawn independently."""
    drawn = rng.integers(len(population[0]), size=n)
    return population[0][drawn], population[1][drawn]


def delivered(threshold: float, risk: float) -> float:
    """Share of all texts that go out wrong where scores are uniform in [0, 1] and tell nothing of the risk."""
    return risk * (1 - max(0.0, threshold)) if np.isfinite(threshold) else risk * (threshold < 0)


def walked(scores: Floats, wrong: Bools, rates: tuple[float, float], kappa: int, rng: Rng) -> Bools:
    """What OUT automates of a whole batch."""
    n = len(scores)
    return out.automated(
        out.play(out.begin(design(n, n, *rates, kappa), scores, rng.permutation(n), rng.permutation(n)), wrong)
    )

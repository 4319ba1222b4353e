"""Learn then Test with Holm's correction, as MAPIE offers it: the comparator of S2.

Every threshold is tested by the exact binomial tail; Holm's step-down corrects for their number; the loosest
rejected threshold is used. Source: Angelopoulos, Bates, Candès, Jordan & Lei, arXiv 2110.01052.
"""

from __future__ import annotations

import numpy as np

from cowise.core.types import Bools, Floats
from cowise.team.selective import counts_at, coverages, thresholds
from cowise.team.tails import binomial_cdf
from cowise.team.verdict import Verdict


def rejected(p: Floats, delta: float) -> Bools:
    """Holm: reject the smallest p-values in turn while p_(i) <= delta / (number of tests left)."""
    order = np.argsort(p, kind="stable")
    passes = p[order] <= delta / np.arange(len(p), 0, -1)
    result = np.zeros(len(p), bool)
    result[order[: len(p) if passes.all() else int(np.argmin(passes))]] = True
    return result


def holm(scores: Floats, wrong: Bools, pool: Floats, max_error: float, delta: float) -> Verdict:
    """The loosest threshold of a pool grid that survives."""
    grid = thresholds(pool, 100)
    m, k = counts_at(grid, scores, wrong)
    p = np.where(m > 0, binomial_cdf(k, m, max_error), 1.0)
    good = np.flatnonzero(rejected(p, delta))
    at = int(good[-1]) if len(good) else 0
    return Verdict(
        "ltt-holm", "selective", max_error, delta, 0, 0, int(m[at]), int(k[at]),
        float(coverages(grid, pool)[at]) if len(good) else 0.0, float(grid[at]) if len(good) else np.inf,
        float(p[at]), delta, "Holm",
    )  # fmt: skip

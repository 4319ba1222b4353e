"""PAC labels, the published procedure (Candès, Ilyas & Zrnic, arXiv 2506.10908, 2025), as a peer to compare with.

Written from the paper: audits are drawn with replacement; an item is kept by the machine when its uncertainty lies
below the largest threshold at which an upper confidence bound of its mean loss stays at epsilon; the bound is the
betting one of Waudby-Smith & Ramdas (2020). Stated there for GPT-4o labels at epsilon = delta = 5 %: about 18 % of
the labels saved on misinformation and 27 to 28 % on stance.

usage: python -m benchmarks.claims.pac_labels     prints both figures from the published scores
"""

from __future__ import annotations

import json
import math

import numpy as np

from benchmarks.claims.profiles import real
from cowise.core.types import Bools, Floats

TRUNCATE = 0.75  # of the largest bet that cannot lose everything, as recommended for betting bounds


def bets(x: Floats, delta: float) -> Floats:
    """Predictable bets: each uses the variance of the earlier losses alone, (n,) -> (n,)."""
    n, t = len(x), np.arange(1, len(x) + 1)
    mean = (0.5 + np.cumsum(x)) / (t + 1)
    variance = (0.25 + np.cumsum((x - mean) ** 2)) / (t + 1)
    before = np.append(0.25, variance[:-1])
    return np.asarray(np.sqrt(2 * math.log(2 / delta) / (n * before)))


def mean_is_below(x: Floats, epsilon: float, delta: float) -> bool:
    """Whether the betting bound shows mean(x) < epsilon, losses in [0, 1]: wealth of betting against it hits 1/delta."""
    stake = np.minimum(bets(x, delta), TRUNCATE / (1 - epsilon))
    return bool(np.cumsum(np.log1p(-stake * (x - epsilon))).max() >= -math.log(delta))


def pac_labels(
    uncertainty: Floats, wrong: Bools, n_audit: int, epsilon: float, delta: float, rng: np.random.Generator
) -> Bools:
    """Which items the machine answers alone, (n,); audited ones and uncertain ones go to people.

    `uncertainty` (n,), `wrong` (n,) is read at audited items only. Ties are broken at random beforehand.
    """
    n = len(uncertainty)
    rank = np.empty(n)
    rank[np.lexsort((rng.random(n), uncertainty))] = np.arange(n)
    drawn = rng.integers(n, size=n_audit)
    loss, place = np.asarray(wrong, float)[drawn], rank[drawn]
    low, high = 0, n  # items below `low` are known to be safe to keep
    while low < high:
        middle = (low + high + 1) // 2
        if mean_is_below(loss * (place < middle), epsilon, delta):
            low = middle
        else:
            high = middle - 1
    keep = rank < low
    keep[drawn] = False
    return keep


def saved(name: str, trials: int = 300, n_audit: int = 500) -> tuple[float, float]:
    """Mean share saved and share of runs above 5 % wrong, at epsilon = delta = 5 %."""
    scores, wrong = real(name)
    rng = np.random.default_rng(0)
    runs = [pac_labels(1 - scores, wrong, n_audit, 0.05, 0.05, rng) for _ in range(trials)]
    broken = np.mean([(wrong & keep).mean() > 0.05 for keep in runs])
    return round(float(np.mean([keep.mean() for keep in runs])), 4), round(float(broken), 4)


if __name__ == "__main__":
    print(json.dumps({name: saved(name) for name in ("misinfo_gpt4o", "stance_gpt4o")}))

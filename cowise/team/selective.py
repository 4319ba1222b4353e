"""S1 and S2: promises about what the machine answers alone, for streams of items alike to the labelled ones.

Both test "error among accepted >= max_error" by the exact binomial tail p_t = P[Bin(m_t, max_error) <= k_t].
S1 walks fixed thresholds from strict to loose (Angelopoulos, Bates, Candès, Jordan & Lei, Learn then Test, 2021).
S2 lets the answers choose among all thresholds at once, at the level at which a model that errs at random at every score
would ever pass, whatever the threshold; docs/decisions/010-every-threshold.md has the proof.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.prospective import labelled, too_few
from cowise.team.tails import answers_needed, binomial_cdf, check_rates, errors_allowed
from cowise.team.verdict import Verdict

_HALVINGS = 40  # of the level's interval, which starts as [0, delta]


def thresholds(pool: Floats, bins: int = 50) -> Floats:
    """At most `bins` candidate thresholds from unlabelled scores alone, strict to loose, distinct.

    >>> thresholds(np.arange(1.0, 101.0), 4)
    array([76., 51., 26.,  1.])
    """
    pool = np.sort(np.asarray(pool, np.float64))[::-1]
    if not len(pool) or not np.isfinite(pool).all() or bins < 1:
        raise InputError("pool: need at least one finite score and one bin to place thresholds")
    places = np.ceil(np.arange(1, bins + 1) * len(pool) / bins).astype(np.int64) - 1
    return np.unique(pool[places])[::-1]


def counts_at(grid: Floats, scores: Floats, wrong: Bools) -> tuple[Indices, Indices]:
    """Answers m_t and errors k_t at or above each threshold, (g,) each."""
    place = np.searchsorted(-grid, -scores)  # first threshold that accepts the score
    inside = place < len(grid)
    m = np.bincount(place[inside], minlength=len(grid))
    k = np.bincount(place[inside & wrong], minlength=len(grid))
    return np.cumsum(m), np.cumsum(k)


def coverages(grid: Floats, pool: Floats) -> Floats:
    """Share of the pool at or above each threshold, (g,)."""
    ordered = np.sort(pool)
    return np.asarray(1 - np.searchsorted(ordered, grid) / len(ordered))


def s1(scores: Floats, wrong: Bools, pool: Floats, max_error: float, delta: float) -> Verdict:
    """Walk from where twice the least number of answers is expected, at full delta, to the first failure.

    `scores`, `wrong` (n,) labelled items; `pool` (N,) unlabelled scores, which alone place the thresholds.
    GuaranteeError when even the loosest threshold cannot expect enough answers.
    """
    scores, wrong, _ = _checked(scores, wrong, max_error, delta)
    grid, n = thresholds(pool), len(scores)
    cover = coverages(grid, pool)
    start = int(np.searchsorted(n * cover, 2 * answers_needed(max_error, delta)))
    if start == len(grid):
        start -= 1  # too few answers for the margin of two: the loosest threshold is the one that is left
    m, k = counts_at(grid, scores, wrong)
    p = binomial_cdf(k, m, max_error)
    fails = np.flatnonzero(p[start:] > delta)
    last = (start + int(fails[0]) if len(fails) else len(grid)) - 1
    at = max(last, start)
    verdict = (float(grid[at]), int(m[at]), int(k[at]), float(p[at]), float(cover[at]))
    return _verdict("s1", verdict, last >= start, (max_error, delta, delta))


def s2(scores: Floats, wrong: Bools, max_error: float, delta: float) -> Verdict:
    """The loosest threshold whose p_t is at most the level for all thresholds; recommended for streams.

    `scores`, `wrong` (n,) labelled items, independent of the model. The threshold is one of their scores; `coverage` is the share
    of them that it accepts. GuaranteeError when there are fewer than any outcome could certify.
    """
    scores, wrong, _ = _checked(scores, wrong, max_error, delta)
    level = level_for_all(len(scores), max_error, delta)
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))  # equal scores are accepted together
    m, k = ends + 1, np.cumsum(wrong[order])[ends]
    p = binomial_cdf(k, m, max_error)
    passed = np.flatnonzero(p <= level)
    at = int(passed[-1]) if len(passed) else int(np.argmin(p))
    verdict = (float(scores[order][ends[at]]), int(m[at]), int(k[at]), float(p[at]), float(m[at] / len(scores)))
    return _verdict("s2", verdict, len(passed) > 0, (max_error, delta, level))


def _checked(scores: Floats, wrong: Bools, max_error: float, delta: float) -> tuple[Floats, Bools, Floats]:
    check_rates(max_error, delta)
    arrays = labelled(scores, wrong, None)
    if len(arrays[0]) < answers_needed(max_error, delta):
        raise too_few(max_error, delta, len(arrays[0]))
    return arrays


@functools.lru_cache(maxsize=256)
def level_for_all(n: int, max_error: float, delta: float) -> float:
    """The largest v, to a part in 10^12, with P[some j <= n has P[Bin(j, max_error) <= k_j] <= v] <= delta, exactly.

    k_j are the errors among the first j of n answers that are wrong with chance `max_error`, independently. 0 if there is none.

    >>> round(level_for_all(300, 0.05, 0.1), 4)
    0.0339
    """
    low, high = 0.0, delta
    if ever_passes(n, max_error, delta) <= delta:
        return delta
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if ever_passes(n, max_error, middle) <= delta else (low, middle)
    return low


def ever_passes(n: int, max_error: float, level: float) -> float:
    """P[some j <= n has P[Bin(j, max_error) <= k_j] <= level], k_j the errors among j independent answers at `max_error`.

    With k errors it passes from first_k answers on. Between two of these only the number of errors moves, and who has k of them
    at first_k has passed.
    """
    firsts = _first_passes(n, max_error, level)
    left, chance, at = np.ones(1), 0.0, 0  # left (e,): by number of errors, those that have not passed
    for k, first in enumerate(firsts.tolist()):
        most = np.arange(min(len(firsts), first - at + 1))
        more = np.diff(binomial_cdf(most, first - at, max_error), prepend=0.0)
        left, at = np.convolve(left, more)[: len(firsts)], first
        if k < len(left):
            chance += float(left[k])
            left[k] = 0.0
    return chance


def _first_passes(n: int, max_error: float, level: float) -> Indices:
    """For k = 0, 1, … errors the least j <= n with P[Bin(j, max_error) <= k] <= level, as far as there is one."""
    if level <= 0:
        return np.zeros(0, np.int64)
    k = np.arange(errors_allowed(max_error, level, n) + 1)
    low, high = k.copy(), np.full(len(k), n)  # fails at `low`, holds at `high`
    while (open_ := high - low > 1).any():
        middle = (low + high) // 2
        holds = binomial_cdf(k, middle, max_error) <= level
        high, low = np.where(open_ & holds, middle, high), np.where(open_ & ~holds, middle, low)
    return high


def _verdict(
    method: str, at: tuple[float, int, int, float, float], passed: bool, rates: tuple[float, float, float]
) -> Verdict:
    threshold, m, k, p, cover = at
    max_error, delta, level = rates
    reason = f"{k} wrong among {m} answers at score {threshold:.4g} or more"
    return Verdict(
        method=method, of="selective", max_error=max_error, delta=delta, n_items=0, n_automated=0, n_audited=m,
        n_errors=k, coverage=cover if passed else 0.0, threshold=threshold if passed else math.inf, p=p, level=level,
        reason=reason if passed else f"no certificate: {reason} gives {p:.3g}, above {level:.3g}",
    )  # fmt: skip

"""S1 and S2: promises about what the machine answers alone, for streams of items alike to the labelled ones.

Both test "error among accepted >= max_error" by the exact binomial tail p_t = P[Bin(m_t, max_error) <= k_t].
S1 walks fixed thresholds from strict to loose (Angelopoulos, Bates, Candès, Jordan & Lei, Learn then Test, 2021).
S2 compares with the simulated least p-value over all thresholds, which is valid for every risk profile: moving
error mass to looser bins until the last bad threshold sits at max_error only lowers every p-value.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.prospective import labelled, too_few
from cowise.team.tails import answers_needed, binomial_cdf, check_rates, errors_allowed
from cowise.team.verdict import Verdict

DRAWS = 20_000
_CHUNK = 2_000  # draws simulated at once: bounds memory, not the result


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


def s2(
    scores: Floats, wrong: Bools, pool: Floats, max_error: float, delta: float, rng: Generator | None = None
) -> Verdict:
    """The loosest threshold whose p_t is at most the calibrated level; recommended for streams.

    Same input as `s1`; `rng` (a fixed seed by default) drives the simulation of the level only. Where the labelled scores are
    the pool themselves, counts are what they are and not drawn: the level is then the lower of both simulations, since that of
    drawn counts alone was exceeded (.0867 at .08, 150 answers, 5 %).
    """
    scores, wrong, _ = _checked(scores, wrong, max_error, delta)
    grid = thresholds(pool)
    shares = np.diff(coverages(grid, pool), prepend=0.0)
    level = _level(len(scores), shares, max_error, delta, rng)
    if len(pool) == len(scores) and np.array_equal(np.sort(pool), np.sort(scores)):
        level = min(level, _level(len(scores), shares, max_error, delta, rng, fixed=True))
    m, k = counts_at(grid, scores, wrong)
    p = np.where(m >= answers_needed(max_error, delta), binomial_cdf(k, m, max_error), 1.0)
    passed = np.flatnonzero(p <= level)
    at = int(passed[-1]) if len(passed) else int(np.argmin(p))
    cover = float(shares[: at + 1].sum())
    verdict = (float(grid[at]), int(m[at]), int(k[at]), float(p[at]), cover)
    return _verdict("s2", verdict, len(passed) > 0, (max_error, delta, level))


def _checked(scores: Floats, wrong: Bools, max_error: float, delta: float) -> tuple[Floats, Bools, Floats]:
    check_rates(max_error, delta)
    arrays = labelled(scores, wrong, None)
    if len(arrays[0]) < answers_needed(max_error, delta):
        raise too_few(max_error, delta, len(arrays[0]))
    return arrays


def _level(
    n: int, shares: Floats, max_error: float, delta: float, rng: Generator | None, *, fixed: bool = False
) -> float:
    if rng is not None:
        return calibrated_level(n, shares, max_error, delta, rng, fixed=fixed)
    return _kept_level(n, tuple(shares.tolist()), max_error, delta, fixed)


@functools.lru_cache(maxsize=64)
def _kept_level(n: int, shares: tuple[float, ...], max_error: float, delta: float, fixed: bool) -> float:
    return calibrated_level(n, np.array(shares), max_error, delta, np.random.default_rng(0), fixed=fixed)


def calibrated_level(
    n: int, shares: Floats, max_error: float, delta: float, rng: Generator, *, fixed: bool = False
) -> float:
    """Largest attained v with (1 + #{M_b <= v}) / (B + 1) <= delta, M the least p-value under risk max_error; 0 if none.

    `shares` (g,) of the pool in each bin, strict to loose; counts are drawn unconditionally, or `fixed` at n times them. M has
    large atoms: an interpolated or non-strict quantile is invalid.
    """
    shares = np.append(shares, max(0.0, 1 - float(shares.sum())))
    counts = np.rint(n * shares).astype(np.int64)
    table = _p_table(n, max_error, delta)
    least = answers_needed(max_error, delta)
    lowest = []
    for _ in range(math.ceil(DRAWS / _CHUNK)):
        drawn = np.tile(counts, (_CHUNK, 1)) if fixed else rng.multinomial(n, shares / shares.sum(), size=_CHUNK)
        m_bg = drawn[:, :-1]
        k_bg = np.cumsum(rng.binomial(m_bg, max_error), axis=1)
        m_bg = np.cumsum(m_bg, axis=1)
        p_bg = table[m_bg, np.minimum(k_bg, table.shape[1] - 1)]
        lowest.append(np.where(m_bg >= least, p_bg, 1.0).min(axis=1))
    values, times = np.unique(np.concatenate(lowest), return_counts=True)
    within = (1 + np.cumsum(times)) / (times.sum() + 1) <= delta
    return float(values[within][-1]) if within.any() else 0.0


def _p_table(n: int, max_error: float, delta: float) -> Floats:
    """P[Bin(m, max_error) <= k] for m <= n; the last column stands for every larger k and never counts as small."""
    most = errors_allowed(max_error, min(0.5, 3 * delta), n)
    table = binomial_cdf(np.arange(most + 2), np.arange(n + 1)[:, None], max_error)
    table[:, -1] = 1.0
    return table


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

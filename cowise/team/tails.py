"""Exact lower tails of counting laws, and the plain numbers a promise turns into. No approximations.

Legend: k = errors seen, m = answers, n = sample size, N = items, K = wrong items among them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaln

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices

Counts = npt.ArrayLike
_UNLIKELY = 1e-6  # so rare a number of missed errors counts as if nothing was found at all


def exact_share(value: float) -> Fraction:
    """The rational number that a person wrote, not the float next to it.

    >>> exact_share(0.29)
    Fraction(29, 100)
    """
    return Fraction(repr(float(value)))


def errors_that_break(max_error: float, n: int) -> int:
    """Fewest wrong items among `n` that break the promise: floor(max_error * n) + 1, in exact rationals.

    >>> errors_that_break(0.29, 100), int(0.29 * 100) + 1
    (30, 29)
    """
    check_rates(max_error)
    if n < 0:
        raise InputError(f"items: got {n}; give a count of zero or more")
    return int(exact_share(max_error) * n) + 1


def check_rates(max_error: float, delta: float = 0.5) -> None:
    """InputError unless both are shares strictly between 0 and 1."""
    for name, value in (("max_error", max_error), ("delta", delta)):
        if not 0 < value < 1:
            raise InputError(f"{name}: asked for {value}; give a share between 0 and 1, such as 0.05")


def binomial_cdf(k: Counts, n: Counts, p: float) -> Floats:
    """P[Binomial(n, p) <= k], exact by the regularised incomplete beta function; broadcasts.

    >>> float(binomial_cdf(0, 149, 0.02).round(4))
    0.0493
    """
    k, n = np.broadcast_arrays(np.asarray(k, np.float64), np.asarray(n, np.float64))
    inside = (k >= 0) & (k < n)
    kk, nn = np.where(inside, k, 0.0), np.where(inside, n, 1.0)
    return np.where(inside, betainc(nn - kk, kk + 1, 1 - p), np.where(k < 0, 0.0, 1.0))


def log_binomial_cdf(k: Counts, n: Counts, p: float) -> Floats:
    """Log P[Binomial(n, p) <= k]; keeps its digits where the probability itself would underflow.

    >>> float(log_binomial_cdf(0, 100_000, 0.05).round(1))
    -5129.3
    """
    k, n = np.broadcast_arrays(np.asarray(k, np.int64), np.asarray(n, np.int64))
    of = log_factorials(int(np.max(n, initial=0)))
    yes, no = float(np.log(p)), float(np.log1p(-p))

    def mass(j: Indices) -> Floats:
        size = n[..., None]
        return np.asarray(of[size] - of[j] - of[size - j] + j * yes + (size - j) * no)

    return _log_sum(mass, k, np.zeros_like(k), n)


def hypergeom_cdf(k: Counts, N: Counts, K: Counts, n: Counts) -> Floats:
    """P[at most k of the K wrong ones are among n drawn without replacement from N]; broadcasts.

    >>> float(hypergeom_cdf(0, 6000, 121, 112).round(4))
    0.0999
    """
    return np.exp(log_hypergeom_cdf(k, N, K, n))


def thinned_cdf(k: int, N: int, K: int, n: Counts, missed: float) -> Floats:
    """P[at most k of the K wrong ones are found among n drawn from N], each missed with probability `missed`, (s,) sizes n.

    The mean of the tail without those that would be missed, over their binomial number.

    >>> float(thinned_cdf(0, 6000, 121, 112, 0.05).round(4))
    0.1124
    """
    if not missed:
        return hypergeom_cdf(k, N, K, n)
    gone = np.arange(least(lambda m: binomial_cdf(m, K, missed) >= 1 - _UNLIKELY, 0, stop=K) + 1)
    below = binomial_cdf(gone, K, missed)
    found = hypergeom_cdf(k, N, (K - gone).reshape(-1, *[1] * np.ndim(n)), n)
    return np.asarray(np.tensordot(np.diff(below, prepend=0.0), found, 1) + (1 - below[-1]), np.float64)


def log_hypergeom_cdf(k: Counts, N: Counts, K: Counts, n: Counts) -> Floats:
    """Logarithm of `hypergeom_cdf`, summed in logarithms; InputError unless 0 <= K, n <= N."""
    k, N, K, n = np.broadcast_arrays(*(np.asarray(a, np.int64) for a in (k, N, K, n)))
    if ((K < 0) | (K > N) | (n < 0) | (n > N)).any():
        raise InputError("hypergeometric tail: wrong items and draws must lie between 0 and the number of items")
    of = log_factorials(int(np.max(N, initial=0)))
    base = (of[K] + of[N - K] - of[N] + of[n] + of[N - n])[..., None]

    def mass(j: Indices) -> Floats:
        return np.asarray(base - of[j] - of[K[..., None] - j] - of[n[..., None] - j] - of[(N - K - n)[..., None] + j])

    return _log_sum(mass, k, np.maximum(0, n - (N - K)), np.minimum(K, n))


def log_factorials(n: int) -> Floats:
    """Table of log 0!, log 1!, … at least up to log n!: walks need thousands of them."""
    return _table(max(10, n.bit_length()))


@cache
def _table(bits: int) -> Floats:
    return np.asarray(gammaln(np.arange(1, 2**bits + 2, dtype=np.float64)))


def _log_sum(mass: Callable[[Indices], Floats], k: Indices, low: Indices, high: Indices) -> Floats:
    """Log of the sum of exp(mass(j)) for low <= j <= k, 0 where k reaches `high`."""
    last = np.minimum(k, high)
    width = max(0, int(np.max(last - low, initial=-1))) + 1
    j = last[..., None] - np.arange(width)
    inside = j >= low[..., None]
    # places outside are looked up at a legal j and then dropped
    terms = np.where(inside, mass(np.where(inside, j, low[..., None])), -np.inf)
    top = terms.max(axis=-1)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        total = np.minimum(safe + np.log(np.exp(terms - safe[..., None]).sum(axis=-1)), 0.0)
    return np.asarray(np.where(k >= high, 0.0, np.where(k < low, -np.inf, total)))


def answers_needed(max_error: float, delta: float, errors: int = 0) -> int:
    """Least number of audited accepted items that certifies `max_error` when `errors` of them are wrong.

    It plans a *new* attempt: auditing on until the count fits the errors seen so far is optional stopping.

    >>> [answers_needed(0.02, 0.05, k) for k in (0, 1, 2, 5, 10)]
    [149, 236, 313, 523, 845]
    """
    check_rates(max_error, delta)
    if errors < 0:
        raise InputError(f"errors: got {errors}; give a count of zero or more")
    return least(lambda m: binomial_cdf(errors, m, max_error) <= delta, errors + 1)


def errors_allowed(max_error: float, delta: float, n: int) -> int:
    """Most errors among `n` answers with which max_error is still certified; -1 when not even zero will do.

    >>> errors_allowed(0.02, 0.05, 149), errors_allowed(0.02, 0.05, 148)
    (0, -1)
    """
    check_rates(max_error, delta)
    if n <= 0 or binomial_cdf(0, n, max_error) > delta:
        return -1
    return least(lambda k: binomial_cdf(k, n, max_error) > delta, 0) - 1


def least(holds: Callable[[int], object], start: int, stop: int | None = None) -> int:
    """Least integer >= start at which a condition that stays true once true holds; doubling, then halving.

    >>> least(lambda i: i * i >= 50, 0)
    8
    """
    step, low = 1, start
    while not holds(low):
        start, low, step = low + 1, low + step, step * 2
        if stop is not None and low >= stop:
            low = stop
            break
    high = low
    while start < high:
        middle = (start + high) // 2
        if holds(middle):
            high = middle
        else:
            start = middle + 1
    return high

"""Finite batches with one uniform sample already drawn: B1 (delivered-set, a walk) and B2 (selective, one threshold).

Both use exact hypergeometric tails over the unanswered rest; people's answers count as right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaincinv

from cowise.core.errors import GuaranteeError, InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.out import lots_needed
from cowise.team.tails import check_rates, errors_that_break, exact_share, hypergeom_cdf, thinned_cdf
from cowise.team.verdict import Verdict

_RUNS, _AT_ONCE = 32, 64


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The rest of a batch with a uniform sample of it audited.

    `scores`, `tie` (r,) walking order: score descending, then tie rank, drawn independently of lots and answers.
    `audited` (r,) the sample; `wrong` (r,) is read only there, and is True for skipped, unsure and pending audits.
    `n_items` counts all delivered items, those that people have answered included. `gone` (r,) are items outside of the sample that
    somebody has answered or erased since it was drawn, whatever led to it; None for none.
    """

    scores: Floats
    tie: Floats
    audited: Bools
    wrong: Bools
    n_items: int
    gone: Bools | None = None

    def __post_init__(self) -> None:
        """InputError for arrays that do not fit each other."""
        r = len(self.scores)
        for name in ("scores", "tie", "audited", "wrong", *(() if self.gone is None else ("gone",))):
            if np.shape(getattr(self, name)) != (r,):
                raise InputError(
                    f"{name}: need one value for each of the {r} items, got {np.shape(getattr(self, name))}"
                )
        if not (np.isfinite(self.scores).all() and np.isfinite(self.tie).all()):
            raise InputError("scores or tie: some values are NaN or infinite; give finite numbers")
        if self.n_items < r:
            raise InputError(f"items: got {self.n_items} delivered, but the rest alone has {r}")

    @property
    def order(self) -> Indices:
        """Items from the surest to the least sure, (r,)."""
        return np.lexsort((self.tie, -np.asarray(self.scores, np.float64)))


def b1_tail(accepted: Indices, audited: Indices, errors: Indices, breaking: int) -> Floats:
    """p_t = P[Hypergeom(N_t, c + k_t, m_t) <= k_t], 0 where too few unaudited items are left to break the promise."""
    N, m, k = (np.asarray(a, np.int64) for a in (accepted, audited, errors))
    bad = breaking + k
    possible = bad <= N - m + k
    K = np.where(possible, bad, 0)
    return np.where(possible, hypergeom_cdf(k, N, K, m), 0.0)


def b1(sample: Sample, max_error: float, delta: float) -> Verdict:
    """Walk item by item from strict to loose, stop at the first p_t > delta, use the last that passed.

    Delivered-set promise. When nothing passes and not even an errorless sample of this size would have certified the
    rest, GuaranteeError says what is missing; a large enough sample with too many errors gives a verdict of none.
    """
    check_rates(max_error, delta)
    breaking = errors_that_break(max_error, sample.n_items)
    order = sample.order
    aud = np.asarray(sample.audited, bool)[order]
    bad = aud & np.asarray(sample.wrong, bool)[order]
    m, k, N = np.cumsum(aud), np.cumsum(bad), np.arange(1, len(order) + 1)
    stop = _first_failure(N, m, k, breaking, delta)
    n_auto = int(stop - m[stop - 1]) if stop else 0
    # fewer automated items than it takes to break the promise prove nothing about the model
    empty = n_auto < breaking <= len(order) - int(aud.sum())
    if empty:
        _check_power(sample, max_error, delta, breaking)
    at = max(0, stop - 1)
    p = float(b1_tail(N[at : at + 1], m[at : at + 1], k[at : at + 1], breaking)[0]) if len(order) else 0.0
    tested = int(m[at]) if stop else 0
    reason = f"{int(k[at]) if stop else 0} wrong among {tested} audits in the accepted region"
    if empty:
        reason = f"no certificate: {reason}; the walk ended after {stop:,} items, before any evidence counted"
    last = int(order[at]) if stop and not empty else -1
    return Verdict(
        method="b1", of="delivered", max_error=max_error, delta=delta, n_items=sample.n_items,
        n_automated=0 if empty else n_auto, n_audited=tested, n_errors=int(k[at]) if stop else 0,
        coverage=0.0 if empty or not sample.n_items else n_auto / sample.n_items,
        threshold=float(sample.scores[last]) if last >= 0 else np.inf, p=p, level=delta, reason=reason,
        tie=float(sample.tie[last]) if last >= 0 else np.inf, stop=0 if empty else stop,
    )  # fmt: skip


def _check_power(sample: Sample, max_error: float, delta: float, breaking: int) -> None:
    r, n = len(sample.scores), int(np.sum(sample.audited))
    need = lots_needed(r, breaking, 0, delta)
    if n < need:
        raise GuaranteeError(
            f"error <= {max_error} at confidence {1 - delta:.4g} needs at least {need} audited items, got {n}; "
            f"audit {need - n} more or raise max_error"
        )


def _first_failure(N: Indices, m: Indices, k: Indices, breaking: int, delta: float) -> int:
    """Number of items before the first p_t > delta. Between two audits p_t only grows, so ends of runs decide."""
    if not len(N):
        return 0
    ends = np.append(np.flatnonzero(np.diff(m)), len(N) - 1)
    for start in range(0, len(ends), _RUNS):  # most walks end early, and tails grow dearer with every error
        few = ends[start : start + _RUNS]
        fails = b1_tail(N[few], m[few], k[few], breaking) > delta
        if fails.any():
            run = start + int(np.argmax(fails))
            break
    else:
        return len(N)
    low, high = (int(ends[run - 1]) + 1 if run else 0), int(ends[run])
    inside = np.arange(low, high + 1)
    return low + int(np.argmax(b1_tail(N[inside], m[inside], k[inside], breaking) > delta))


def b2(sample: Sample, threshold: float, max_error: float, delta: float, missed: float = 0.0) -> Verdict:
    """Selective promise on a batch at one threshold that was preset before any answer was seen.

    `missed` is the highest chance that people do not see that an answer is wrong. Items that are `gone` lower what the promise is
    over, and may leave its errors: the test is then of the fewer that are left, at the whole region's sample. It holds whatever
    made them go: a broken promise needs so many errors in the region, of which the sample then holds too few.

    GuaranteeError for samples of more than half of the rest, where the argument is unproved (walks over thresholds
    are false there), and for regions with too few audits.
    """
    check_rates(max_error, delta)
    audited, inside = np.asarray(sample.audited, bool), np.asarray(sample.scores) >= threshold
    n, r = int(audited.sum()), len(audited)
    if 2 * n > r:
        raise GuaranteeError(
            f"selective promise on a batch: {n} of {r} items are audited; it is proved only up to half, "
            "so use the delivered promise or fewer audits"
        )
    N, m = int(inside.sum()), int((inside & audited).sum())
    k = int((inside & audited & np.asarray(sample.wrong, bool)).sum())
    gone = 0 if sample.gone is None else int((inside & ~audited & np.asarray(sample.gone, bool)).sum())
    p, clean = b2_tail(N, m, k, max_error, missed, gone=gone), b2_tail(N, m, 0, max_error, missed)
    if N and clean > delta:
        need = next((j for j in range(m, N + 1) if b2_tail(N, j, 0, max_error, missed) <= delta), N)
        raise GuaranteeError(
            f"error <= {max_error} of {N:,} automated items at confidence {1 - delta:.4g} needs at least {need} "
            f"audited items among them, got {m}; audit {need - m} more or raise max_error"
        )
    passed = N > 0 and p <= delta
    return Verdict(
        method="b2", of="selective", max_error=max_error, delta=delta, n_items=sample.n_items,
        n_automated=N - m - gone if passed else 0, n_audited=m, n_errors=k,
        coverage=(N - m - gone) / sample.n_items if passed else 0.0, threshold=threshold if passed else np.inf, p=p,
        level=delta, reason=f"{k} wrong among {m} audits in the region" + ("" if passed else ": too many"),
    )  # fmt: skip


def b2_tail(N: int, m: int, k: int, max_error: float, missed: float = 0.0, *, gone: int = 0) -> float:
    """P[Hypergeom(N, K, m) <= k] at the least K that breaks the promise on the N - m - `gone` automated items.

    With `missed` errors those found are fewer: the mean over how many of the K would be missed.
    """
    bad = int(exact_share(max_error) * (N - m - gone)) + 1 + k
    return 0.0 if bad > N - m + k else float(thinned_cdf(k, N, bad, m, missed))


@lru_cache(maxsize=1 << 14)
def b2_lots(N: int, kappa: int, max_error: float, delta: float, missed: float = 0.0) -> int:
    """Least audits in a region of N items that tolerate `kappa` wrong ones under B2; N where none do.

    >>> [b2_lots(6000, k, 0.05, 0.1) for k in (0, 1, 2)]
    [46, 77, 106]
    """
    low, most = min(kappa + 1, N), N
    # Errors met arrive about as a Poisson stream: a first guess, that only says where to look first.
    guess = N * -np.expm1(-float(gammaincinv(kappa + 1, 1 - delta)) / max(1.0, max_error * N))
    ends = max(low, int(0.92 * guess)), min(most - 1, int(1.15 * guess) + 2)
    while most > low:
        sizes = np.unique(np.linspace(*ends, _AT_ONCE).astype(np.int64)) if ends[0] < ends[1] else np.array([low])
        kept = _tails(N, sizes, kappa, max_error, missed) <= delta
        first = int(kept.argmax()) if kept.any() else len(sizes)
        most = int(sizes[first]) if first < len(sizes) else most
        low = int(sizes[first - 1]) + 1 if first else low
        ends = low, most - 1
    return most


def _tails(N: int, m: Indices, k: int, max_error: float, missed: float) -> Floats:
    """`b2_tail` at several numbers of audits, (s,) -> (s,)."""
    if missed:
        return np.array([b2_tail(N, one, k, max_error, missed) for one in m.tolist()])
    share = exact_share(max_error)
    bad = share.numerator * (N - m) // share.denominator + 1 + k
    free = bad <= N - m + k
    return np.where(free, hypergeom_cdf(k, N, np.where(free, bad, 0), m), 0.0)

"""P1: a delivered-set promise for items still to come, from independent labelled ones (risk-controlling sets).

Source: Bates, Angelopoulos, Lei, Malik & Jordan, JACM 2021, with the exact binomial tail. Items must be
independent and alike: duplicates between the labelled and the future ones break it.
"""

from __future__ import annotations

import numpy as np

from cowise.core.errors import GuaranteeError, InputError
from cowise.core.types import Bools, Floats
from cowise.team.tails import answers_needed, binomial_cdf, check_rates, errors_allowed
from cowise.team.verdict import Verdict


def p1(scores: Floats, wrong: Bools, max_error: float, delta: float, tie: Floats | None = None) -> Verdict:
    """Accept everything surer than the first error too many, with P[Bin(n, max_error) <= k] <= delta.

    `scores`, `wrong`, `tie` (n,): labelled items drawn like the future ones, skipped audits as wrong. Without tie
    ranks, a block of equal scores that holds the error goes to people as a whole. GuaranteeError when n is too small.

    >>> p1(np.arange(100.0), np.zeros(100, bool), 0.05, 0.1).threshold
    -inf
    """
    check_rates(max_error, delta)
    scores, wrong, rank = labelled(scores, wrong, tie)
    n = len(scores)
    allowed = errors_allowed(max_error, delta, n)
    if allowed < 0:
        raise too_few(max_error, delta, n)
    order = np.lexsort((rank, -scores))
    bad = order[wrong[order]]
    if len(bad) <= allowed:
        threshold, cut = -np.inf, np.inf
    else:
        first = int(bad[allowed])
        threshold = float(scores[first])
        cut = float(np.nextafter(rank[first], -np.inf)) if tie is not None else -np.inf
    inside = (scores > threshold) | ((scores == threshold) & (rank <= cut))
    k = int(wrong[inside].sum())
    return Verdict(
        method="p1", of="delivered", max_error=max_error, delta=delta, n_items=0, n_automated=0, n_audited=n,
        n_errors=k, coverage=float(inside.mean()), threshold=threshold, p=float(binomial_cdf(k, n, max_error)),
        level=delta, reason=f"{k} wrong accepted among {n} answers, {allowed} allowed", tie=cut,
    )  # fmt: skip


def labelled(scores: Floats, wrong: Bools, tie: Floats | None) -> tuple[Floats, Bools, Floats]:
    """Checked arrays of one length; InputError otherwise."""
    scores, wrong = np.asarray(scores, np.float64), np.asarray(wrong, bool)
    rank = np.zeros(len(scores)) if tie is None else np.asarray(tie, np.float64)
    if scores.ndim != 1 or scores.shape != wrong.shape or rank.shape != scores.shape:
        raise InputError(f"labelled items: got {scores.shape} scores, {wrong.shape} answers, {rank.shape} tie ranks")
    if not np.isfinite(scores).all() or not np.isfinite(rank).all():
        raise InputError("scores or tie: some values are NaN or infinite; give finite numbers")
    return scores, wrong, rank


def too_few(max_error: float, delta: float, n: int) -> GuaranteeError:
    """The error that says how many answers are missing."""
    need = answers_needed(max_error, delta)
    return GuaranteeError(
        f"error <= {max_error} at confidence {1 - delta:.4g} needs at least {need} audited items, got {n}; "
        f"audit {need - n} more or raise max_error"
    )

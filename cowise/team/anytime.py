"""T: evidence that may be looked at after every answer. An e-process per fixed region, or looks fixed beforehand.

E = sum_q w_q (q/a)^k ((1-q)/(1-a))^(m-k) over q < a is a mixture of likelihood ratios, so under "risk >= a" it
ever reaches 1/delta with probability at most delta (Ville's inequality). One process for each region, fixed before
the first answer, walked strict to loose. A new model starts again at 1 with its own share of delta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, xlogy

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices, Scope
from cowise.team.tails import answers_needed, check_rates
from cowise.team.verdict import Verdict

GRID = np.arange(10) / 10  # q as shares of max_error; 0 is the bet that nothing is ever wrong


def log_evidence(m: npt.ArrayLike, k: npt.ArrayLike, max_error: float) -> Floats:
    """Log E after m answers of which k are wrong, equal weights on the grid; broadcasts.

    >>> float(np.exp(log_evidence(np.array(300), np.array(0), 0.02)) > 20)
    1.0
    """
    m, k = np.broadcast_arrays(np.asarray(m, np.float64), np.asarray(k, np.float64))
    gain = np.log1p(-GRID * max_error) - math.log1p(-max_error)
    terms = xlogy(k[..., None], GRID) + (m - k)[..., None] * gain
    return np.asarray(logsumexp(terms, axis=-1) - math.log(len(GRID)))


@dataclass(frozen=True, slots=True)
class Anytime:
    """State: `regions` thresholds strict to loose, answers `inside` and errors `k` in each, which ever reached 1/delta.

    `of` says which promise: selective tests k among the answers inside a region, delivered among all `seen`.
    """

    regions: tuple[float, ...]
    max_error: float
    delta: float
    of: Scope = "selective"
    seen: int = 0
    inside: tuple[int, ...] = ()
    k: tuple[int, ...] = ()
    reached: tuple[bool, ...] = ()


def watch(regions: Floats, max_error: float, delta: float, of: Scope = "selective") -> Anytime:
    """Start at E = 1 in every region. InputError unless the thresholds fall strictly and were given beforehand."""
    check_rates(max_error, delta)
    cuts = tuple(float(t) for t in regions)
    if not cuts or any(not math.isfinite(t) for t in cuts) or any(a <= b for a, b in pairwise(cuts)):
        raise InputError("regions: give at least one finite threshold, each lower than the one before")
    zeros = (0,) * len(cuts)
    return Anytime(cuts, max_error, delta, of, 0, zeros, zeros, (False,) * len(cuts))


def see(state: Anytime, score: float, wrong: bool | None) -> Anytime:
    """The state after one answer; None means skipped or unsure and counts as an error."""
    accepted = np.array([score >= t for t in state.regions])
    inside = np.array(state.inside) + accepted
    k = np.array(state.k) + (accepted & (wrong is None or bool(wrong)))
    m = inside if state.of == "selective" else np.full_like(inside, state.seen + 1)
    reached = np.array(state.reached) | (log_evidence(m, k, state.max_error) >= -math.log(state.delta))
    return replace(
        state, seen=state.seen + 1, inside=tuple(inside.tolist()), k=tuple(k.tolist()), reached=tuple(reached.tolist())
    )


def allowed(state: Anytime) -> Verdict:
    """The loosest region that is certified together with all stricter ones; may be read after every answer."""
    run = int(np.argmin([*state.reached, False]))
    at = max(0, run - 1)
    m, k = state.inside[at] if state.of == "selective" else state.seen, state.k[at]
    p = min(1.0, math.exp(-float(log_evidence(m, k, state.max_error))))
    reason = f"{k} wrong among {m} answers for score {state.regions[at]:.4g} or more"
    if not run:
        reason = f"no certificate yet: {reason}; evidence {1 / p:.3g} of {1 / state.delta:.3g}"
    return Verdict(
        method="t", of=state.of, max_error=state.max_error, delta=state.delta, n_items=0, n_automated=0, n_audited=m,
        n_errors=k, coverage=state.inside[at] / state.seen if run else 0.0,
        threshold=state.regions[at] if run else math.inf, p=p, level=state.delta, reason=reason,
    )  # fmt: skip


def certified_path(scores: Floats, wrong: Bools, regions: Floats, max_error: float, delta: float) -> Indices:
    """Number of certified regions after each answer, (n,); what folding `see` and `allowed` over the answers gives."""
    inside = np.asarray(scores)[:, None] >= np.asarray(regions)[None, :]
    m, k = np.cumsum(inside, axis=0), np.cumsum(inside & np.asarray(wrong, bool)[:, None], axis=0)
    ever = np.maximum.accumulate(log_evidence(m, k, max_error) >= -math.log(delta), axis=0)
    return np.asarray(np.cumprod(ever, axis=1).sum(axis=1))


def look_delta(delta: float, look: int) -> float:
    """Share of delta that look 0, 1, 2, … may spend: delta / ((j + 1)(j + 2)), which sums to delta.

    >>> [round(look_delta(0.1, j), 4) for j in range(3)]
    [0.05, 0.0167, 0.0083]
    """
    check_rates(0.5, delta)
    if look < 0:
        raise InputError(f"look: got {look}; the first look is 0")
    return delta / ((look + 1) * (look + 2))


def look_sizes(first: int, most: int, growth: float = 1.6) -> tuple[int, ...]:
    """Sizes at which to look, fixed beforehand: first, first * growth, … up to `most`.

    >>> look_sizes(100, 700)
    (100, 160, 256, 410, 656)
    """
    if first < 1 or growth <= 1:
        raise InputError("looks: the first size must be at least 1 and growth above 1")
    sizes, size = [], float(first)
    while math.ceil(size) <= most:
        sizes.append(math.ceil(size))
        size *= growth
    return tuple(sizes)


def next_attempt(max_error: float, delta: float, errors: int = 0, look: int | None = None) -> str:
    """What to say before a new attempt: how many fresh answers pass when at most `errors` of them are wrong.

    `look` 0, 1, 2, … spends delta over attempts; None means that this is the only one there will be.

    >>> next_attempt(0.02, 0.05)
    'a new attempt of 149 answers passes if none is wrong'
    >>> next_attempt(0.02, 0.05, look=1)
    'a new attempt of 237 answers passes if none is wrong'
    """
    need = answers_needed(max_error, delta if look is None else look_delta(delta, look), errors)
    words = {0: "none is wrong", 1: "at most 1 is wrong"}.get(errors, f"at most {errors} are wrong")
    return f"a new attempt of {need} answers passes if {words}"

"""OUT: certify a finite batch by auditing outward from the surest item, stopping before the error that breaks.

Everything before the stop is automated except what was asked; people answer the rest. Broken promises have
probability at most delta over the lots, for any error pattern, score order, duplicates and tie blocks:
breaking needs the c-th unsampled error to come before the (kappa + 1)-th sampled one, so at most kappa of
the first c + kappa errors are sampled, and P[Hypergeom(n_rest, c + kappa, n) <= kappa] <= delta by design.
Any earlier stop is covered by the same argument, however it was chosen.

Where people miss an error now and then, by giving the machine's wrong answer themselves, those among the first
c + kappa errors that would be missed are no hits. Each is one with probability at most `missed`, whatever its lot, so
that their number is at most binomial, and the level is the mean of P[Hypergeom(n_rest, c + kappa - missed ones, n) <=
kappa) over it.

Where several labels are promised at once (sets of labels), each has a walk of its own over the same audits, and what all of
them grant is automated. That costs no share of delta for each: to break any label's promise all walks must pass the place
where some label's c-th error lies, and the label whose c-th error comes first is fixed by the order alone. Its walk passes
only if at most kappa of its first c errors are sampled, so P[Hypergeom(n_rest, c, n) <= kappa] <= delta is enough; or, as
ever, P[Hypergeom(n_rest, c + kappa, n) <= kappa] <= delta / labels. The smaller design is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaincinv

from cowise.core.errors import GuaranteeError, InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.tails import check_rates, errors_that_break, least, thinned_cdf
from cowise.team.verdict import Verdict

PENDING, RIGHT, WRONG, NO_ANSWER = -1, 0, 1, 2
_AT_ONCE = 64
_TELLING = 30  # independent ranks of so many items do not correlate above 0.9 by chance (p < 1e-11)


@dataclass(frozen=True, slots=True)
class Plan:
    """The design, fixed before any answer is seen: `lots` audits tolerate `kappa` errors at exact level `p`.

    `n_items` delivered items, `n_rest` of them not yet answered by people, `breaking` errors break the promise.
    `missed`: the highest chance that people do not see that the machine's answer to an item is wrong.
    """

    n_items: int
    n_rest: int
    max_error: float
    delta: float
    breaking: int
    kappa: int
    lots: int
    p: float
    missed: float = 0.0
    labels: int = 1


def break_chance(
    n_rest: int, breaking: int, kappa: int, lots: int, missed: float = 0.0, *, labels: int = 1
) -> float:  # fmt: skip
    """Probability that `lots` uniform audits tolerating `kappa` errors let `breaking` errors through; exact at 0 missed.

    Of several `labels`, a bound on the probability that it happens to any.

    >>> round(break_chance(6000, 121, 0, 112), 4), round(break_chance(6000, 121, 0, 112, missed=0.05), 4)
    (0.0999, 0.1124)
    """
    if breaking > n_rest - lots:
        return 0.0
    if kappa >= lots:
        return 1.0
    each = float(thinned_cdf(kappa, n_rest, breaking + kappa, lots, missed))
    return each if labels == 1 else min(labels * each, float(thinned_cdf(kappa, n_rest, breaking, lots, missed)))


def lots_needed(n_rest: int, breaking: int, kappa: int, delta: float, missed: float = 0.0, labels: int = 1) -> int:
    """Least number of audits with which `kappa` tolerated errors keep the level, of each of several `labels` at once.

    >>> [lots_needed(6000, 301, k, 0.1) for k in (0, 1, 2, 3, 5)]
    [45, 76, 104, 130, 179]
    >>> [lots_needed(6000, 301, k, 0.1, labels=28) for k in (0, 1, 2, 3, 5)]
    [45, 76, 104, 131, 182]
    """
    own = _least_lots(n_rest, breaking, (kappa, kappa), delta / labels, missed)
    return own if labels == 1 else min(own, _least_lots(n_rest, breaking, (kappa, 0), delta, missed))


def _least_lots(n_rest: int, breaking: int, hits: tuple[int, int], delta: float, missed: float) -> int:
    """Least audits of which at most `hits[0]` find one of `breaking` + `hits[1]` errors with probability delta."""
    kappa, more = hits
    most = max(0, n_rest - breaking + 1)  # from here on too few items are left to break anything
    low = kappa + 1  # fewer lots than tolerated errors prove nothing
    # Errors met arrive about as a Poisson stream: a first guess, that only says where to look first.
    guess = n_rest * -np.expm1(-float(gammaincinv(kappa + 1, 1 - delta)) / (breaking + more))
    ends = max(low, int(0.92 * guess)), min(most - 1, int(1.06 * guess) + 2)
    while most > low:  # many sizes at once: an economy that plans asks this thousands of times
        sizes = np.unique(np.linspace(*ends, _AT_ONCE).astype(np.int64)) if ends[0] < ends[1] else np.array([low])
        kept = thinned_cdf(kappa, n_rest, breaking + more, sizes, missed) <= delta
        first = int(kept.argmax()) if kept.any() else len(sizes)
        most = int(sizes[first]) if first < len(sizes) else most
        low = int(sizes[first - 1]) + 1 if first else low
        ends = low, most - 1
    return most


def kappa_allowed(n_rest: int, breaking: int, lots: int, delta: float, missed: float = 0.0) -> int:
    """Most errors that `lots` audits may tolerate; -1 when not even zero. Monotone: one error adds one hit at most."""
    if break_chance(n_rest, breaking, 0, lots, missed) > delta:
        return -1
    if breaking > n_rest - lots:
        return lots
    return least(lambda k: break_chance(n_rest, breaking, k, lots, missed) > delta, 0, stop=lots) - 1


def design(n_items: int, n_rest: int, max_error: float, delta: float, kappa: int, missed: float = 0.0) -> Plan:
    """Plan with `kappa` tolerated errors, chosen from lot-free forecasts; the fewest lots that keep `delta`.

    >>> design(6000, 6000, 0.02, 0.1, kappa=3).lots, design(6000, 6000, 0.02, 0.1, kappa=3, missed=0.05).lots
    (317, 334)
    """
    breaking = _checked(n_items, n_rest, max_error, delta)
    if kappa < 0:
        raise InputError(f"kappa: asked for {kappa} tolerated errors; give zero or more")
    if not 0 <= missed < 1:
        raise InputError(f"missed: asked for {missed}; give a chance from 0 to below 1, such as 0.02")
    return shared(Plan(n_items, n_rest, max_error, delta, breaking, kappa, 0, 1.0, missed), 1)


def shared(plan: Plan, labels: int) -> Plan:
    """The plan by which each of several `labels` is walked over the same audits, so that all of them keep `delta` at once.

    >>> [shared(design(6000, 6000, 0.02, 0.1, kappa=3), labels).lots for labels in (1, 28)]
    [317, 325]
    """
    if labels < 1:
        raise InputError(f"labels: asked for {labels}; give one or more")
    at = plan.n_rest, plan.breaking, plan.kappa
    lots = lots_needed(*at, plan.delta, plan.missed, labels)
    return replace(plan, lots=lots, p=break_chance(*at, lots, plan.missed, labels=labels), labels=labels)


def design_for_audits(n_items: int, n_rest: int, max_error: float, delta: float, audits: int) -> Plan:
    """Plan for a given number of audits in the rest, as at later looks: kappa is the largest valid one.

    GuaranteeError says how many audits are missing when not even an errorless walk would do.
    """
    breaking = _checked(n_items, n_rest, max_error, delta)
    if not 0 <= audits <= n_rest:
        raise InputError(f"audits: got {audits} among {n_rest} items; give a count between the two")
    kappa = kappa_allowed(n_rest, breaking, audits, delta)
    if kappa < 0:
        need = lots_needed(n_rest, breaking, 0, delta)
        raise GuaranteeError(
            f"error <= {max_error} of {n_items:,} items at confidence {1 - delta:.4g} needs at least {need} audited "
            f"items, got {audits}; audit {need - audits} more or raise max_error"
        )
    return Plan(
        n_items, n_rest, max_error, delta, breaking, kappa, audits, break_chance(n_rest, breaking, kappa, audits)
    )


def _checked(n_items: int, n_rest: int, max_error: float, delta: float) -> int:
    check_rates(max_error, delta)
    if not 0 <= n_rest <= n_items:
        raise InputError(f"rest: got {n_rest} of {n_items} items; the rest is part of the items delivered")
    return errors_that_break(max_error, n_items)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """State of one outward walk. `order` (r,) items surest first; `drawn` (n,) places of the audits in it.

    `answers` (n,) one code for each drawn place; `cap` is the most audits that may be asked.
    """

    plan: Plan
    scores: Floats
    order: Indices
    drawn: Indices
    answers: tuple[int, ...]
    cap: int


def begin(plan: Plan, scores: Floats, tie: Floats, lots: Floats, cap: int | None = None) -> Walk:
    """Lay out the walk over the rest: `scores`, `tie`, `lots` (r,), the last two independent random ranks.

    Where delivered texts repeat, give each its own place and lot: a drawn one counts once, also when its answer
    corrects the others.

    The `plan.lots` smallest lots are the audits. InputError for wrong sizes, values that are not finite, lots
    that repeat, and ties broken by the lots themselves (that is invalid).
    """
    scores, tie, lots = (np.asarray(a, np.float64) for a in (scores, tie, lots))
    _check_arrays(plan, scores, tie, lots)
    order = np.lexsort((tie, -scores))
    sampled = np.zeros(len(scores), bool)
    sampled[np.argpartition(lots, plan.lots - 1)[: plan.lots] if plan.lots else []] = True
    drawn = np.flatnonzero(sampled[order])
    return Walk(plan, scores, order, drawn, (PENDING,) * plan.lots, plan.lots if cap is None else max(0, cap))


def _check_arrays(plan: Plan, scores: Floats, tie: Floats, lots: Floats) -> None:
    for name, values in (("scores", scores), ("tie", tie), ("lots", lots)):
        if values.shape != (plan.n_rest,):
            raise InputError(f"{name}: the plan is for {plan.n_rest} items, got an array of shape {values.shape}")
        if not np.isfinite(values).all():
            raise InputError(f"{name}: some values are NaN or infinite; give finite numbers")
    if len(np.unique(lots)) < 0.999 * len(lots):
        raise InputError("lots: many items share a lot; draw distinct random ranks")
    if len(lots) >= _TELLING and abs(np.corrcoef(_ranks(tie), _ranks(lots))[0, 1]) > 0.9:
        raise InputError("tie: ties are broken by the lots themselves; draw a second, independent rank")


def _ranks(values: Floats) -> Floats:
    return np.argsort(np.argsort(values)).astype(np.float64)


def ask(walk: Walk, ahead: int = 1) -> tuple[int, ...]:
    """Items to ask blind next, surest first; () when the walk has ended. `ahead` allows several people at once."""
    end = _end(walk, pending_is_wrong=False)
    asked = sum(a != PENDING for a in walk.answers)
    open_places = [i for i in range(end) if walk.answers[i] == PENDING]
    return tuple(int(walk.order[walk.drawn[i]]) for i in open_places[: max(0, min(ahead, walk.cap - asked))])


def take(walk: Walk, item: int, wrong: bool | None) -> Walk:
    """The walk after a person's answer about `item`; None means skipped or unsure and counts as an error.

    A second answer to the same item replaces the first. InputError for an item that was not drawn.
    """
    place = np.flatnonzero(walk.order[walk.drawn] == item)
    if not len(place):
        raise InputError(f"item {item}: it was not drawn for audit; answer only what ask() names")
    code = NO_ANSWER if wrong is None else WRONG if wrong else RIGHT
    i = int(place[0])
    return replace(walk, answers=(*walk.answers[:i], code, *walk.answers[i + 1 :]))


def _end(walk: Walk, *, pending_is_wrong: bool) -> int:
    """Index into `drawn` before which the walk ends: of the (kappa + 1)-th error, or past the last."""
    codes = np.asarray(walk.answers, np.int64)
    bad = np.flatnonzero(codes != RIGHT if pending_is_wrong else codes > RIGHT)
    return int(bad[walk.plan.kappa]) if len(bad) > walk.plan.kappa else len(codes)


def automated(walk: Walk) -> Bools:
    """Which items of the rest the machine answers alone, (r,); drawn items never, pending ones count as errors."""
    mask = np.zeros(len(walk.order), bool)
    mask[walk.order[: _stop(walk)]] = True
    mask[walk.order[walk.drawn]] = False
    return mask


def _stop(walk: Walk) -> int:
    end = _end(walk, pending_is_wrong=True)
    return int(walk.drawn[end]) if end < len(walk.drawn) else len(walk.order)


def verdict(walk: Walk) -> Verdict:
    """What the answers so far grant. It may be read at any time: an earlier stop is as valid as a later one.

    `automated` names the items; `accepts` of the verdict takes scores above the threshold only, never a part of a tie.
    """
    plan, mask, stop = walk.plan, automated(walk), _stop(walk)
    codes = np.asarray(walk.answers, np.int64)
    n_auto, wrong = int(mask.sum()), int((codes > RIGHT).sum())
    open_before = int((codes[walk.drawn < stop] == PENDING).sum())
    threshold = float(walk.scores[mask].min()) if n_auto else np.inf
    return Verdict(
        method="out", of="delivered", max_error=plan.max_error, delta=plan.delta, n_items=plan.n_items,
        n_automated=n_auto, n_audited=int((codes != PENDING).sum()), n_errors=wrong,
        coverage=n_auto / plan.n_items if plan.n_items else 0.0, threshold=threshold, p=plan.p, level=plan.delta,
        reason=_why(walk, stop, wrong, open_before), tie=-np.inf, stop=stop,
    )  # fmt: skip


def _why(walk: Walk, stop: int, wrong: int, open_before: int) -> str:
    plan = walk.plan
    if stop == 0:
        return f"stopped before the first item: more than {plan.kappa} audits are wrong or unanswered"
    head = f"{wrong} wrong among {sum(a != PENDING for a in walk.answers)} audits, {plan.kappa} tolerated"
    tail = f"; {open_before} unanswered audits count as wrong" if open_before else ""
    place = "the whole rest was walked" if stop == len(walk.order) else f"stopped after {stop:,} of {plan.n_rest:,}"
    return f"{head}; {place}{tail}"


def play(walk: Walk, wrong: Bools) -> Walk:
    """The finished walk when every answer is known beforehand, `wrong` (r,): the fold without asking, for simulation."""
    codes = np.where(np.asarray(wrong, bool)[walk.order[walk.drawn]], WRONG, RIGHT)
    bad = np.flatnonzero(codes == WRONG)
    asked = int(bad[walk.plan.kappa]) + 1 if len(bad) > walk.plan.kappa else len(codes)
    codes[min(asked, walk.cap) :] = PENDING
    return replace(walk, answers=tuple(codes.tolist()))

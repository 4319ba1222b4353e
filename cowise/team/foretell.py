"""What a promise would cost and grant from here, with a range: the check that will run, over risk curves that might be true.

Two things are unsure: the risk curve, read from answers so far and drawn again from them, and the lots, which decide where
a walk meets one error more than it tolerates, or whether a region does. Plans only, like all of the economy.

Legend: r = entries of the rest, b = risk curves, w = checks played on each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.batch import b2_tail
from cowise.team.economy import COMPANY, Standing, asked_by, best_walk, free_items, lessons_ahead, planned, without
from cowise.team.groups import group_delta
from cowise.team.out import design
from cowise.team.ruling import jurors
from cowise.team.tails import least

ENDS, FAR_ENDS = (0.1, 0.5, 0.9), (0.05, 0.5, 0.95)
"""Quantiles of a range; the farther ones for walks of each label, whose sizes are themselves read from a part."""
WALKS = 25
"""Checks played on each risk curve."""
LEVEL = 0.8
"""Standard deviation of the logarithm by which few predictions miss how often a model errs, label by label."""
_Ends = tuple[Floats, Bools, float]
"""Where one label's walks end (b * w,), which places of the rest are the label's (r,), and the share of them drawn."""


@dataclass(frozen=True, slots=True)
class Span:
    """A figure that lies between `low` and `high` in eight cases of ten or more, as often below `middle` as above."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Foretold:
    """Share of the items delivered that go out alone, and people's answers to all of them, those so far included.

    `more` of the answers still to come train before the check begins, which grants something with `chance`.
    """

    automation: Span
    answers: Span
    more: int = 0
    chance: float = 1.0


def foretell(standing: Standing, risk_br: Floats, rng: Generator, more: int | None = None) -> Foretold:
    """The cheapest walk from here, or after `more` answers that train, played on each of the risk curves.

    >>> margin = np.linspace(0, 1, 4000)
    >>> risk = 0.4 * np.exp(-8 * margin)
    >>> from cowise.core.types import Promise
    >>> found = foretell(Standing(5000, 1000, margin, risk, Promise(0.05)), risk[None], np.random.default_rng(0), 0)
    >>> found.automation.low < found.automation.middle <= found.automation.high, found.more
    (True, 0)
    """
    if more is None:
        choices = (0, *lessons_ahead(standing.lessons))
        more = min(choices, key=lambda one: best_walk(standing, one).answers)
    plan = best_walk(standing, more)
    return walked(standing, risk_br, (plan.kappa, plan.lots), rng, more)


def walked(standing: Standing, risk_br: Floats, plan: tuple[int, int], rng: Generator, more: int = 0) -> Foretold:
    """A walk that tolerates `plan[0]` errors with `plan[1]` lots, on each of the risk curves (b, r); no lots for no walk.

    Sampled errors arrive about as a Poisson stream: the walk ends where so many of them are expected as a gamma law draws.
    """
    if risk_br.ndim != 2 or risk_br.shape[1] != len(standing.risk):
        raise InputError(f"curves: got shape {risk_br.shape} for {len(standing.risk)} items; give a row for each curve")
    (kappa, lots), order = plan, without(standing, more)[0]
    kept, given = round(len(order) * standing.weight), standing.n_items - standing.rest
    more = standing.rest - kept
    if not lots or not kept:
        alone = float(min(free_items(standing), kept))
        return _told(standing.n_items, np.full(1, alone), np.full(1, given + more + kept - alone), more)
    rate = min(1.0, lots / kept)
    places = _first(standing, planned(standing, risk_br[:, order], more), (kappa, rate), rng)
    asked, again = asked_by(places * standing.weight * (1 - rate), lots, kept, standing.doubt)
    return _told(standing.n_items, kept - asked, given + more + asked + again, more)


def _places(standing: Standing, found_br: Floats, plan: tuple[int, float], rng: Generator) -> Floats:
    """Places that a walk passes, (b * w,), where audits find each wrong with probability `found_br`, surest first.

    `plan`: tolerated errors, and the share of places that a lot falls on.
    """
    kappa, rate = plan
    met_br = np.cumsum(standing.weight * found_br, axis=1) * rate
    ends_bw = rng.gamma(kappa + 1, size=(len(met_br), WALKS))
    places = [np.searchsorted(met, ends) for met, ends in zip(met_br, ends_bw, strict=True)]
    return np.asarray(np.concatenate(places), np.float64)


def _first(standing: Standing, found_br: Floats, plan: tuple[int, float], rng: Generator) -> Floats:
    """As `_places`; where several labels are walked at once, those that the first of their walks passes."""
    each = [_places(standing, part * found_br, plan, rng) for part in standing.parts or (1.0,)]
    return np.asarray(np.minimum.reduce(each), np.float64)


def walked_each(standing: Standing, risk_br: Floats, label_r: Indices, rng: Generator, more: int = 0) -> Foretold:
    """A walk of its own for each predicted label (r,), at their shares of delta, on each of the risk curves (b, r).

    >>> margin, label = np.linspace(0, 1, 4000), np.arange(4000) % 2
    >>> risk = 0.4 * np.exp(-8 * margin)
    >>> from cowise.core.types import Promise
    >>> here = Standing(5000, 1000, margin, risk, Promise(0.05, per_label=True))
    >>> found = walked_each(here, risk[None], label, np.random.default_rng(0))
    >>> 0 < found.automation.middle < walked(here, risk[None], (4, 200), np.random.default_rng(0)).automation.middle
    True
    """
    order = without(standing, more)[0]
    given, more = standing.n_items - standing.rest, standing.rest - round(len(order) * standing.weight)
    promise, labels = standing.promise, np.unique(label_r[order])
    delta = group_delta(standing.delta or promise.delta, max(1, len(labels)))
    grown = (max(standing.answered, 1) / (max(standing.answered, 1) + more)) ** standing.gain
    off_b = np.exp(LEVEL * rng.standard_normal((len(risk_br), 1)))
    ends, free, rate_r = list[_Ends](), 0.0, np.zeros(len(order))
    for one in labels:
        mine = label_r[order] == one
        rows = order[mine]
        n = round(len(rows) * standing.weight)
        part = replace(
            standing, n_items=n, answered=0, confidence=standing.confidence[rows], risk=standing.risk[rows] * grown,
            delta=delta, teaches=None,
        )  # fmt: skip
        ahead = best_walk(part)
        plan = design(n, n, promise.max_error, delta, ahead.kappa, promise.missed)
        rate_r[mine] = rate = min(1.0, plan.lots / n)
        found_br = planned(part, np.minimum(1.0, risk_br[:, rows] * grown * off_b), 0)
        ends.append((_places(part, found_br, (plan.kappa, rate), rng), mine, rate))
        free += max(0.0, ahead.answers - ahead.lots)
    audits = sum((places * standing.weight * rate for places, _, rate in ends), np.zeros(len(risk_br) * WALKS))
    alone = _beside(ends, standing.weight * (1 - rate_r), _company(audits, given + more, free))
    kept = round(len(order) * standing.weight)
    answers = given + more + kept - alone + audits * jurors(standing.doubt)
    return _told(standing.n_items, alone, answers, more, FAR_ENDS)


def _beside(ends: Sequence[_Ends], unasked_r: Floats, company: Floats) -> Floats:
    """Items that go out alone, (b * w,): reached by their label's walk, and not among the least sure that keep audits company.

    `unasked_r` is how many items each place (r,), surest first, stands for that no lot falls on.
    """
    beneath = np.searchsorted(np.cumsum(unasked_r[::-1]), company)
    alone = np.zeros(len(company))
    for places, mine, _ in ends:
        taken = np.concatenate([[0], np.cumsum(mine[::-1])])[np.minimum(beneath, len(mine))]
        alone += unasked_r[mine][0] * np.minimum(places, mine.sum() - taken)
    return alone


def _company(audits: Floats, others: int, free: float = 0.0) -> Floats:
    """Blind questions that go out beside so many audits: a part of them, and what `others` so far are no company for.

    Up to as many are of the `free` items that people are expected to answer in any case.
    """
    least_of_them = np.maximum(np.ceil(audits / COMPANY), audits - others)
    return np.asarray(np.maximum(least_of_them, np.minimum(audits, free)), np.float64)


def of_region(standing: Standing, risk_br: Floats, region: tuple[int, int], rng: Generator, more: int = 0) -> Foretold:
    """A check (B2) of the `region[0]` surest items by `region[1]` lots, on each of the risk curves (b, r); no lots for none.

    It grants all of the region or nothing: `chance` is how often it is granted, and the range holds both.
    """
    (inside, lots), order = region, without(standing, more)[0]
    kept, given = round(len(order) * standing.weight), standing.n_items - standing.rest
    more = standing.rest - kept
    passed = np.zeros(1, np.bool_)
    if lots:
        surest = max(1, round(inside / standing.weight))
        found_b = planned(standing, risk_br[:, order[:surest]], more).mean(axis=1)
        rates = standing.promise.max_error, standing.promise.missed
        delta = standing.delta or standing.promise.delta
        most = least(lambda k: k > lots or b2_tail(inside, lots, k, *rates) > delta, 0) - 1
        passed = rng.binomial(lots, np.clip(found_b, 0, 1)[:, None], size=(len(found_b), WALKS)).ravel() <= most
    beside = float(_company(np.array(float(lots)), given + more)) if lots else 0.0
    alone = np.where(passed, max(0.0, inside - lots - max(0.0, beside - (kept - inside))), 0.0)
    answers = given + more + kept - alone + lots * jurors(standing.doubt)
    return replace(_told(standing.n_items, alone, answers, more), chance=round(float(passed.mean()), 4))


def _told(n_items: int, alone: Floats, answers: Floats, more: int, ends: tuple[float, float, float] = ENDS) -> Foretold:
    """Outward to whole percents: no forecast is finer, as nobody knows who is asked what beside the audits."""
    low, middle, high = np.quantile(alone / max(n_items, 1), ends).tolist()
    automation = Span(floor(round(100 * low, 6)) / 100, round(middle, 4), ceil(round(100 * high, 6)) / 100)
    fewest, usual, most = np.quantile(answers, ends).round().tolist()
    return Foretold(automation, Span(fewest, usual, most), more)

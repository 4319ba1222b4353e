"""What a promise would cost and grant from here, with a range: the economy's walk over risk curves that might be the true one.

Two things are unsure: the risk curve, read from answers so far and drawn again from them, and the lots, which decide where
a walk meets one error more than it tolerates. Plans only, like all of the economy.

Legend: r = entries of the rest, b = risk curves, w = walks played on each.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Floats
from cowise.team.economy import Standing, asked_by, best_walk, free_items, lessons_ahead, planned, without

LOW, HIGH = 0.1, 0.9
WALKS = 25
"""Walks played on each risk curve."""


@dataclass(frozen=True, slots=True)
class Span:
    """A figure that lies between `low` and `high` in eight cases of ten or more, as often below `middle` as above."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Foretold:
    """Share of the items delivered that go out alone, and people's answers to all of them, those so far included.

    `more` of the answers still to come train before the walk begins.
    """

    automation: Span
    answers: Span
    more: int = 0


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
    met_br = np.cumsum(standing.weight * planned(standing, risk_br[:, order], more), axis=1) * rate
    ends_bw = rng.gamma(kappa + 1, size=(len(met_br), WALKS))
    places = [np.searchsorted(met, ends) for met, ends in zip(met_br, ends_bw, strict=True)]
    reached = np.concatenate(places) * standing.weight * (1 - rate)
    asked, again = asked_by(reached, lots, kept, standing.doubt)
    return _told(standing.n_items, kept - asked, given + more + asked + again, more)


def _told(n_items: int, alone: Floats, answers: Floats, more: int) -> Foretold:
    """Outward to whole percents: no forecast is finer, as nobody knows who is asked what beside the audits."""
    low, middle, high = np.quantile(alone / max(n_items, 1), [LOW, 0.5, HIGH]).tolist()
    automation = Span(floor(round(100 * low, 6)) / 100, round(middle, 4), ceil(round(100 * high, 6)) / 100)
    fewest, usual, most = np.quantile(answers, [LOW, 0.5, HIGH]).round().tolist()
    return Foretold(automation, Span(fewest, usual, most), more)

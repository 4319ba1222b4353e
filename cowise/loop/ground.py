"""What a forecast stands on, and what the check that will run is expected to grant by it: pure, for the loop and a rehearsal.

Legend: m = places of the rest, surest first; v = predictions made before their item was learned; r = items of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.random import default_rng

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Indices, Promise
from cowise.loop.design import each_of, region
from cowise.loop.rules import cleared
from cowise.loop.shares import look_share
from cowise.team.economy import Standing, without
from cowise.team.forecast import error_curve, error_curves
from cowise.team.foretell import Foretold, foretell, of_region, walked, walked_each
from cowise.team.out import Plan

PLACES, CURVES = 512, 30


@dataclass(frozen=True, slots=True)
class Facts:
    """`rest` of the `items` promised about are open, `trained` answers were learned; the look to come has number `look`.

    Of `sets` of so many labels, a wrong one is wrong in each of the likeliest labels with the chances `parts`.
    """

    items: int
    rest: int
    trained: int
    gain: float
    doubt: float
    labels: int
    look: int
    sets: int = 0
    parts: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a forecast stands on: `margin` and the model's `label` (m,) of the rest, `past` margins and if `wrong` (v,)."""

    facts: Facts
    margin: Floats
    label: Indices
    past: Floats
    wrong: Bools

    def standing(self, promise: Promise) -> Standing:
        """What the economy would see under a promise."""
        facts = self.facts
        return Standing(
            facts.items, facts.trained, self.margin, self.risks(0)[0], promise, facts.gain,
            look_share(promise.delta, facts.look), doubt=facts.doubt, weight=facts.rest / max(1, len(self.margin)),
            labels=each_of(promise, facts.sets), parts=tuple(facts.parts) if promise.per_label else (),
        )  # fmt: skip

    def risks(self, draws: int) -> Floats:
        """Risk of each place (b, m) by the curve as it was read, and by `draws` that might have been read."""
        curves = (error_curve(self.past, self.wrong), *error_curves(self.past, self.wrong, draws, default_rng(0)))
        return np.array([cleared(one.risk(self.margin), self.facts.doubt, self.facts.labels) for one in curves])


def ground(facts: Facts, margin: Floats, label: Indices, past: tuple[Floats, Bools]) -> Ground:
    """Of a part of the rest, `margin` and `label` (r,) in any order: so many places stand for all of it."""
    order = np.argsort(-np.asarray(margin, np.float64), kind="stable")
    if len(order) > PLACES:
        order = order[((np.arange(PLACES) + 0.5) * len(order) / PLACES).astype(np.int64)]
    before, wrong = np.asarray(past[0], np.float64), np.asarray(past[1], np.bool_)
    return Ground(facts, np.asarray(margin, np.float64)[order], np.asarray(label, np.int64)[order], before, wrong)


def of_walk(found: Ground, promise: Promise, plans: Sequence[Plan]) -> dict[str, Any]:
    """What a check by these plans is expected to grant, for the record; {} where nothing is foretold of such a promise."""
    if other(promise):
        return {}
    here, risks = found.standing(promise), found.risks(CURVES)
    if promise.of == "delivered" and (here.labels > 1 or not promise.per_label):
        plan = plans[0]
        return asdict(walked(here, risks, (plan.kappa, plan.lots), default_rng(0)))
    return asdict(expected(found, here, risks, 0))


def other(promise: Promise) -> bool:
    """Whether nothing is foretold of it: no check for each label of what is answered alone is planned."""
    return promise.of == "selective" and promise.per_label


def expected(found: Ground, standing: Standing, risks: Floats, more: int) -> Foretold:
    """What the check that will run after `more` answers grants: a region, a walk for each label, or one over everything."""
    promise = standing.promise
    if promise.of == "selective":
        return of_region(standing, risks, _region(standing, risks[0], more), default_rng(0), more)
    if promise.per_label and standing.labels == 1:
        return walked_each(standing, risks, found.label, default_rng(0), more)
    return foretell(standing, risks, default_rng(0), more)


def _region(standing: Standing, risk: Floats, more: int) -> tuple[int, int]:
    """(Items inside, audits) of the region that a check would lay down; no audits where none is expected to pass."""
    order, before = without(standing, more)[0], max(standing.answered, 1)
    score = standing.confidence[order]
    later = risk[order] * (before / (before + more)) ** standing.gain
    try:
        cut, lots = region(score, later, standing.promise, standing.delta, standing.weight)
    except GuaranteeError:
        return 0, 0
    return round(int((score >= cut).sum()) * standing.weight), lots

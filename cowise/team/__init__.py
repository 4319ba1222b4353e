"""Who answers what, under which promise. Pure arithmetic over arrays: no models, no store, no input or output.

`assign` loads at first use: a server starts without scipy.optimize.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load
from cowise.team.anytime import Anytime, allowed, look_delta, look_sizes, next_attempt, see, watch
from cowise.team.batch import Sample, b1, b2
from cowise.team.economy import Standing, best_walk, next_step
from cowise.team.forecast import error_curve, learning_gain
from cowise.team.groups import by_label, group_delta
from cowise.team.out import Plan, Walk, ask, automated, begin, design, design_for_audits, play, shared, take, verdict
from cowise.team.pick import CoveragePicker, MarginPicker
from cowise.team.prospective import p1
from cowise.team.reliability import Reliability, choose, estimate
from cowise.team.selective import s1, s2
from cowise.team.tails import answers_needed, binomial_cdf, errors_allowed, errors_that_break, hypergeom_cdf
from cowise.team.verdict import Verdict
from cowise.team.votes import Votes, votes

if TYPE_CHECKING:
    from cowise.team.assignment import assign, chance_of_error

_LATE = {"assign": "assignment", "chance_of_error": "assignment"}

__all__ = [
    "Anytime",
    "CoveragePicker",
    "MarginPicker",
    "Plan",
    "Reliability",
    "Sample",
    "Standing",
    "Verdict",
    "Votes",
    "Walk",
    "allowed",
    "answers_needed",
    "ask",
    "assign",
    "automated",
    "b1",
    "b2",
    "begin",
    "best_walk",
    "binomial_cdf",
    "by_label",
    "chance_of_error",
    "choose",
    "design",
    "design_for_audits",
    "error_curve",
    "errors_allowed",
    "errors_that_break",
    "estimate",
    "group_delta",
    "hypergeom_cdf",
    "learning_gain",
    "look_delta",
    "look_sizes",
    "next_attempt",
    "next_step",
    "p1",
    "play",
    "s1",
    "s2",
    "see",
    "shared",
    "take",
    "verdict",
    "votes",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return load(f"{__name__}.{_LATE[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

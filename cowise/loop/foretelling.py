"""What a promise would cost and grant, from this project's own data: kept when the economy plans, read without a model.

What it stands on is fixed before a look's lots are drawn and does not move while the look is open: it tells nothing of
audits. Legend: m = places of the rest, surest first; v = predictions made before their item was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from cowise.core.types import Floats, Promise
from cowise.loop import records
from cowise.loop.ground import CURVES, Facts, Ground, expected, other
from cowise.loop.workspace import Workspace
from cowise.store import counters, projects
from cowise.store.projects import Project
from cowise.team.economy import Standing, lessons_ahead
from cowise.team.foretell import Span

LEAST, NO_LABEL = 20, -1
ERRORS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2)
"""Accepted errors that a curve shows."""
FIRST = (0, 200, 1000)
"""Answers that train first, among which a curve's points choose the cheapest."""
State = Literal["ready", "early", "other"]


@dataclass(frozen=True, slots=True)
class Point:
    """A promise, and what it would grant and cost: `answers` in all, those so far included, `more` of them before the check.

    A check of what the machine answers alone grants its region or nothing: `chance` is how often it is granted.
    """

    max_error: float
    confidence: float
    automation: Span
    answers: Span
    more: int
    chance: float


@dataclass(frozen=True, slots=True)
class Goal:
    """So many `more` answers that train raise the share that goes out alone to `automation`, by the middle forecast."""

    automation: float
    more: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a promise would grant and cost by the `answers` to `items` so far, as of `at`; `here` None unless `ready`.

    `curve` are the same for other accepted errors, `more` for other numbers of answers that train first. `early`: none
    is made yet, as is done when questions are chosen and 20 answers train; `other`: a promise of what the machine
    answers alone, for each label, of which nothing is foretold.
    """

    state: State
    at: float | None
    items: int
    answers: int
    here: Point | None
    curve: tuple[Point, ...]
    more: tuple[Point, ...]
    goals: tuple[Goal, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def keep(ws: Workspace, project: Project, found: Ground) -> None:
    """Keep what forecasts stand on, once for each number of answers; too few to tell anything are not kept."""
    facts, old = asdict(found.facts), project.settings.get("ground")
    if found.facts.trained < LEAST or (old and old["facts"] == facts):
        return
    columns = {"margin": found.margin, "label": found.label, "past": found.past, "wrong": found.wrong}
    blob = ws.store.blobs.put(records.arrays(**columns))
    ws.store.write(lambda tx: records.change(tx, project.id, ground={"blob": blob, "facts": facts, "at": tx.now()}))


def forecast(ws: Workspace, name: str, *, max_error: float | None = None, confidence: float | None = None) -> Forecast:
    """What the project's promise would grant and cost, or that with another accepted error or confidence."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        counts = counters.counts(tx, project.id)
    now, given = project.promise, counts.get("answers", 0) + counts.get("labelled", 0)
    error = now.max_error if max_error is None else max_error
    promise = replace(now, max_error=error, confidence=now.confidence if confidence is None else confidence)
    kept = project.settings.get("ground")
    if kept is None or other(promise):
        state: State = "other" if other(promise) else "early"
        return Forecast(state, None, 0, given, None, (), (), ())
    key, memory = f"forecast {project.id}", ws.memory
    if memory.get(key, ("",))[0] != kept["blob"]:
        memory[key] = (kept["blob"], *_read(ws, kept), {})
    _, found, risks, known = memory[key]
    if promise.per_label and (found.label == NO_LABEL).any():
        return Forecast("early", None, 0, given, None, (), (), ())
    if promise not in known:
        known[promise] = _forecast(found, risks, promise, float(kept["at"]))
    made: Forecast = known[promise]
    return made


def _read(ws: Workspace, kept: dict[str, Any]) -> tuple[Ground, Floats]:
    columns = records.columns(ws.store.blobs.get(kept["blob"]))
    label = columns.get("label", np.full(len(columns["margin"]), NO_LABEL))  # kept before labels were
    found = Ground(Facts(**kept["facts"]), columns["margin"], label, columns["past"], columns["wrong"])
    return found, found.risks(CURVES)


def _forecast(found: Ground, risks: Floats, promise: Promise, at: float) -> Forecast:
    facts = found.facts
    here = found.standing(promise)
    more = [_point(found, here, risks, one) for one in (0, *lessons_ahead(here.lessons))]
    best = min(more, key=lambda one: one.answers.middle)
    curve = [
        best
        if error == promise.max_error
        else _cheapest(found, replace(here, promise=replace(promise, max_error=error)), risks)
        for error in sorted({*ERRORS, promise.max_error})
    ]
    return Forecast("ready", at, facts.items, facts.items - facts.rest, best, tuple(curve), tuple(more), _goals(more))


def _cheapest(found: Ground, standing: Standing, risks: Floats) -> Point:
    choices = [one for one in FIRST if one <= standing.lessons]
    return min((_point(found, standing, risks, one) for one in choices), key=lambda one: one.answers.middle)


def _point(found: Ground, standing: Standing, risks: Floats, more: int) -> Point:
    told, promise = expected(found, standing, risks, more), standing.promise
    return Point(promise.max_error, promise.confidence, told.automation, told.answers, told.more, told.chance)


def _goals(points: Sequence[Point]) -> tuple[Goal, ...]:
    """The next shares in steps of a twentieth, and how many answers lead to each; those that none leads to are left out."""
    share = np.maximum.accumulate([one.automation.middle for one in points])
    steps = np.arange(int(20 * share[0] + 1e-9) + 1, int(20 * share[-1] + 1e-9) + 1) / 20
    more = np.array([one.more for one in points])
    places = [int(np.searchsorted(share, step)) for step in steps]
    return tuple(
        Goal(round(float(step), 2), int(np.interp(step, share[i - 1 : i + 1], more[i - 1 : i + 1])))
        for step, i in zip(steps, places, strict=True)
    )

"""What is foretold and estimated. The promise: what it would cost and grant, what was foretold and granted, what was withdrawn."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

from cowise.core.registry import load
from cowise.web.deps import Ws, may
from cowise.web.shapes import InPath, Said, Shape, routes

router = routes("promise")


class Span(Shape):
    """A figure that lies between `low` and `high` in eight cases of ten or more."""

    low: float
    middle: float
    high: float


class ForecastPoint(Shape):
    """A promise, and what it would grant and cost: `answers` in all, those so far included, `more` of them before the check.

    A check of what the machine answers alone grants its region or nothing: `chance` is how often it grants.
    """

    max_error: float
    confidence: float
    automation: Span
    answers: Span
    more: int
    chance: float


class Goal(Shape):
    """So many `more` answers that train raise the share that goes out alone to `automation`."""

    automation: float
    more: int


class Forecast(Shape):
    """As of `at`, by the `answers` to `items` so far; `here` is null unless `ready`.

    `other`: a promise of what the machine answers alone, for each label, of which nothing is foretold.

    `curve` are the same for other accepted errors, `more` for other numbers of answers that train first.
    """

    state: Literal["ready", "early", "other"]
    at: float | None
    items: int
    answers: int
    here: ForecastPoint | None
    curve: list[ForecastPoint]
    more: list[ForecastPoint]
    goals: list[Goal]


class Estimate(Shape):
    """A share with its 90 % interval. `exact`: by the lots alone; `worth`: as many lots tell as much without a model."""

    share: float
    low: float
    high: float
    exact: bool
    worth: int


class LabelShare(Estimate):
    """What share of the texts has a label."""

    label: str


class Estimates(Shape):
    """By `lots` answers drawn by lot, of `asked` in all, among `texts`, as of `at`; `missing` questions nobody answered.

    `early`: too few lots are answered; `none`: no question was drawn by lot. Both have no figures.
    """

    state: Literal["ready", "early", "none"]
    at: float | None
    texts: int
    lots: int
    asked: int
    missing: int
    right: Estimate | None
    labels: list[LabelShare]


class Foretold(Shape):
    """What was foretold of a look as it began."""

    automation: Span
    answers: Span
    chance: float = 1.0


class ForetoldLook(Shape):
    """A look: what was `foretold`, and the share `granted` with people's `answers`, null where it granted nothing so far."""

    look: int
    at: float
    state: Literal["open", "granted", "ended"]
    foretold: Foretold | None
    granted: float | None
    answers: int | None
    certificate: str


class Gone(Shape):
    """Certificates withdrawn: why, how many texts went `back` to people, which `certificate` was earned then, "" for none."""

    at: float
    cause: Literal["withdrawn", "corrected", "alarm", "changed", "released"]
    reason: Said
    back: int
    certificate: str
    mended: float | None


class Promises(Shape):
    """Looks and withdrawals, newest first."""

    looks: list[ForetoldLook]
    gone: list[Gone]


@router.get("/projects/{p}/forecast", dependencies=[may("models.see")])
def forecast(
    p: InPath,
    ws: Ws,
    max_error: Annotated[float | None, Query(gt=0, lt=1)] = None,
    confidence: Annotated[float | None, Query(ge=0.5, lt=1)] = None,
) -> Forecast:
    """What the promise would cost and grant, or one with another accepted error or confidence."""
    found = load("loop.foretelling:forecast")(ws, p, max_error=max_error, confidence=confidence)
    return Forecast.model_validate(found)


@router.get("/projects/{p}/estimates", dependencies=[may("models.see")])
def estimates(p: InPath, ws: Ws) -> Estimates:
    """What share of the texts has each label by the answers so far, and how often the machine alone would be right."""
    return Estimates.model_validate(load("loop.estimating:estimates")(ws, p).to_json())


@router.get("/projects/{p}/promises", dependencies=[may("models.see")])
def promises(p: InPath, ws: Ws) -> Promises:
    """What was foretold of each look beside what it granted; what was withdrawn and what was done then."""
    found = load("loop.promised:promises")(ws, p).to_json()
    looks = [{**one, "foretold": one["foretold"] or None} for one in found["looks"]]
    return Promises.model_validate({**found, "looks": looks})

"""Audits of looks that are over, page by page."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from cowise.core.registry import load
from cowise.web.deps import Who, Ws, masked, may
from cowise.web.shapes import Asked, InPath, Shape, routes
from cowise.web.shapes import Said as Sentence

router = routes("audits")


class LookShape(Shape):
    """A look that is over: `lots` drawn and `tolerated` errors by its plan, `audited` and `wrong` as it was concluded.

    `listed` of its audits are shown, on `differing` of which people gave different answers. `state` is `ended` where it
    earned no certificate; `reason` says why. `tolerated` is null for a stream.
    """

    look: int
    begun: float
    ended: float
    window: Literal["batch", "stream"]
    version: str
    lots: int
    tolerated: int | None
    audited: int
    wrong: int
    listed: int
    differing: int
    certificate: str
    state: Literal["valid", "superseded", "withdrawn", "ended"]
    reason: Sentence


class AuditAnswer(Shape):
    """What one person said."""

    by: str
    at: float
    answer: dict[str, Any]


class Audit(Shape):
    """One audited item: the `machine`'s label with its probability, people's answers, and the `outcome` by them."""

    look: int
    ordinal: int
    id: str
    text: str
    machine: str
    p: float
    outcome: Literal["right", "wrong", "none"]
    differ: bool
    answers: list[AuditAnswer]


class Audits(Shape):
    """A page: `next` goes into `after`. `open`: a look is under way, of which nothing is told."""

    looks: list[LookShape]
    audits: list[Audit]
    next: int | None
    total: int
    open: bool


class AuditsAsked(Asked):
    """Audits of one `look`, or `only` where people differ or the machine was wrong."""

    look: Annotated[int, Field(ge=0)] | None = None
    only: Literal["differ", "wrong"] | None = None
    after: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/projects/{p}/audits", dependencies=[may("people.see")])
def audits(p: InPath, ws: Ws, who: Who, asked: Annotated[AuditsAsked, Query()]) -> Audits:
    """Audits of looks that are over; of one `look`, or `only` where people differ or the machine was wrong."""
    want = load("loop.audits:Wanted")(asked.look, differ=asked.only == "differ", wrong=asked.only == "wrong")
    found = load("loop.audits:audits_of")(ws, p, want, after=asked.after, limit=asked.limit).to_json()
    hidden = masked(ws, who, p)
    for each in (answer for audit in found["audits"] for answer in audit["answers"]):
        each["by"] = hidden.get(each["by"], each["by"])
    return Audits.model_validate(found)

"""What travels: shapes that several routes share. The page's typed client is made from them.

A `Shape` is sent, an `Asked` is received; the latter refuses fields that nobody knows, so that a misspelt one is
noticed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints
from starlette.responses import Response

from cowise.web.tongue import spoken

Said = Annotated[str, PlainSerializer(spoken, return_type=str)]
"""A sentence within an answer that is no error: why a job failed, what a certificate ended by."""
Kind = Literal[
    "input", "data", "task", "missing", "conflict", "guarantee", "limit", "storage", "trust", "unauthenticated",
    "forbidden", "rate", "fault",
]  # fmt: skip
Role = Literal["owner", "lead", "reviewer", "inspector"]
Language = Literal["en", "zh", ""]
Scope = Literal["delivered", "selective"]
Phase = Literal["add", "train", "audit", "decide", "stop"]
JobState = Literal["ready", "running", "done", "failed", "cancelled"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Share = Annotated[float, Field(ge=0, le=1)]
InPath = Annotated[str, Path(min_length=1, max_length=200)]
"""A name or number within an address."""


class Shape(BaseModel):
    """Something sent."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """Something received."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Health(Shape):
    """That the server answers."""

    ok: bool
    version: str


class Trouble(Shape):
    """What went wrong: `message` is one sentence for a person."""

    kind: Kind
    message: str
    details: dict[str, Any] | None = None


class Refusal(Shape):
    """The answer to every request that failed."""

    error: Trouble


_REFUSED: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Refusal, "description": "Refused: `error.kind` says why, `error.message` what to do."}
}


def ready(shape: Shape) -> Response:
    """An answer as it goes out, of a shape that its route declares: it is not checked and taken apart a second time."""
    return Response(shape.model_dump_json(), media_type="application/json")


def routes(tag: str, prefix: str = "") -> APIRouter:
    """A router whose routes stand as they are: under /api, with what a refusal looks like.

    An application that includes a router makes each of its routes a second time, a seventh of a second at the first request.
    """
    return APIRouter(prefix=f"/api{prefix}", tags=[tag], responses=_REFUSED)


class JobError(Shape):
    """Why a job failed; `kind` names the error."""

    kind: str
    message: Said


class Job(Shape):
    """Work in the background. `total` is 0 where it is not known; `result` depends on the kind."""

    id: str
    project: str
    kind: str
    state: JobState
    what: str
    done: int
    total: int
    per_s: float | None
    seconds_left: float | None
    result: Any
    error: JobError | None
    created: float


class Jobs(Shape):
    """Jobs, newest first."""

    jobs: list[Job]


class PromiseShape(Shape):
    """The accepted error and the confidence; of everything delivered, or of what the machine answers alone."""

    max_error: float
    confidence: float
    of: Scope
    per_label: bool
    missed: float


class PromiseAsked(Asked):
    """A promise that somebody states; what is left out is as usual."""

    max_error: Annotated[float, Field(gt=0, lt=1)] = 0.05
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    of: Scope = "delivered"
    per_label: bool = False
    missed: Annotated[float, Field(ge=0, lt=0.5)] = 0.0

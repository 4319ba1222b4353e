"""Projects: what there is, where each stands, and what a promise costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field, StringConstraints

from cowise.core.errors import InputError, MissingError
from cowise.core.registry import load
from cowise.core.types import Promise, Task
from cowise.loop import projects as whole
from cowise.loop.accounts import Caller
from cowise.loop.kinds import ProjectInfo
from cowise.loop.projects import DEFAULT_ENCODER
from cowise.loop.standing import Status as Standing
from cowise.loop.standing import status
from cowise.loop.workspace import Workspace
from cowise.web.deps import Home, Who, Ws, may
from cowise.web.shapes import Asked, InPath, Name, Phase, PromiseAsked, PromiseShape, Role, Scope, Shape, Text, routes

router = routes("projects")
Label = Annotated[str, StringConstraints(max_length=500)]
Labels = Annotated[list[Label], Field(max_length=2000)]


class Project(Shape):
    """A project in a list. `human_share`: answers that people gave for each item; `next` says what to do."""

    name: str
    labels: list[str]
    kind: str
    items: int
    rows: int
    automated_share: float
    human_share: float
    open: int
    phase: Phase
    next: str
    role: Role
    created: float
    error_bound: float | None
    promise: PromiseShape


class Projects(Shape):
    """The projects that one may see, by name."""

    projects: list[Project]


class ProjectDetails(Project):
    """A project with what people are told and the encoder that reads its texts."""

    instructions: str
    language: str
    encoder: str
    repair: float
    balance: float


class ProjectAsked(Asked):
    """A project to make."""

    name: Name
    labels: Labels
    kind: Literal["classify", "multilabel"] = "classify"
    promise: PromiseAsked = PromiseAsked()
    instructions: Text = ""
    language: Annotated[str, StringConstraints(max_length=20)] = ""
    encoder: Annotated[str, StringConstraints(max_length=200)] = DEFAULT_ENCODER


class ProjectChange(Asked):
    """What to change. `labels` are all of them: new ones at the end; `rename_labels` maps old names to new ones.

    `merge_labels` maps a label to the one that takes its answers; `split_labels` a label to those in its place, and its
    texts are asked again. Both come before anything else that is asked for. `repair` is how many answers a mended error
    may cost: wherever that pays, one more person is asked by itself; 0: never. `balance` is how
    much earlier rare labels are asked about. A change of labels or promise voids evidence: without `confirm` it is refused, and the message says what it would do.
    """

    name: Name | None = None
    labels: Labels | None = None
    rename_labels: Annotated[dict[str, Label], Field(default_factory=dict)]
    merge_labels: Annotated[dict[str, Label], Field(default_factory=dict)]
    split_labels: Annotated[dict[str, Labels], Field(default_factory=dict)]
    instructions: Text | None = None
    language: Annotated[str, StringConstraints(max_length=20)] | None = None
    promise: PromiseAsked | None = None
    repair: Annotated[float, Field(ge=0, le=1000)] | None = None
    balance: Annotated[float, Field(ge=0, le=1)] | None = None
    confirm: bool = False


class Deletion(Asked):
    """The name once more, so that nobody deletes by a slip."""

    confirm: str


class Human(Shape):
    """Answers that people gave, by what they were for, and their sum for each item.

    `open`: given since an audit began that is under way; what each was for is told when it ends.
    """

    training: int
    audit: int
    deferred: int
    items: int
    open: int = 0
    answers: int
    share: float


class Watch(Shape):
    """Audits of texts that the machine decided as they came: so many of them `wrong`, at most the share `accepted` may be."""

    certificate: str
    audits: int
    wrong: int
    accepted: float


class Alarm(Shape):
    """The stream changed and its certificate was withdrawn: of the `automated` texts `wrong_low` to `wrong_high` were wrong."""

    certificate: str
    audits: int
    wrong: int
    automated: int
    wrong_low: int
    wrong_high: int
    at: float


class Warned(Shape):
    """So many new `texts` differ from those the certificate stands on: in their `looks`, in how frequent `labels` are.

    `shares` are the labels that changed most, each with how many times as frequent it is.
    """

    texts: int
    looks: bool
    labels: bool
    shares: list[tuple[str, float]]
    at: float


class InShadow(Shape):
    """A `version` that is judged on `texts` to come, of which so many are `drawn`."""

    version: str
    texts: int
    drawn: int
    at: float


class Status(Shape):
    """Where a project stands. Shares are of all items; `needed` is a forecast of the answers still to give.

    `second` opinions were asked for and wait; `queued` leaves them out. `unread`: so many open texts wait in each language
    that nobody on the roster reads.
    """

    name: str
    items: int
    rows: int
    labelled: int
    automated: int
    reviewed: int
    open: int
    automated_share: float
    promise: PromiseShape
    error_bound: float | None
    confidence: float
    certificate: str
    stream_certificate: str
    version: str
    human: Human
    needed: int
    queued: int
    flags: int
    phase: Phase
    next: str
    command: str
    second: int
    watch: Watch | None
    alarm: Alarm | None
    warning: Warned | None
    unread: dict[str, int]
    shadow: InShadow | None
    minutes_left: float | None


class MeasuredSet(Shape):
    """The human share measured on one benchmark set."""

    name: str
    human_share: float
    items: int


class Measured(Shape):
    """What was measured on benchmark sets, at the measured promise nearest to the one asked about."""

    low: float
    high: float
    sets: list[MeasuredSet]
    max_error: float
    confidence: float


class PromiseCost(Shape):
    """`minimum` is exact: fewer answers cannot certify the promise. `errors_tolerated` wrong items keep it.

    Not `possible`: so few items that people answer all of them anyway.
    """

    minimum: int
    errors_tolerated: int
    possible: bool
    measured: Measured


def promise_of(asked: PromiseAsked) -> Promise:
    """The promise that was stated."""
    return Promise(asked.max_error, asked.confidence, asked.of, asked.per_label, asked.missed)


def shown(ws: Workspace, who: Caller, found: ProjectInfo) -> dict[str, Any]:
    """One project as the caller sees it."""
    now = status(ws, found.name)
    return {
        "name": found.name, "labels": list(found.task.labels), "kind": found.task.kind, "items": now.items,
        "rows": now.rows, "automated_share": now.automated_share, "human_share": now.human.share, "open": now.open,
        "phase": now.phase, "next": now.next, "role": role_of(who, found.name), "created": found.created,
        "error_bound": now.error_bound, "promise": found.promise,
    }  # fmt: skip


def role_of(who: Caller, project: str) -> Role:
    """The caller's role; an owner of the workspace owns every project."""
    if who.owner:
        return "owner"
    found = who.role_in(project)
    assert found is not None  # `may` has looked  # noqa: S101
    return found


@router.get("/projects")
def listing(who: Who, ws: Ws) -> Projects:
    """The projects in which one has a seat; all of them for an owner of the workspace."""
    found = [shown(ws, who, each) for each in whole.listing(ws) if who.may(each.name, "project.see").ok]
    return Projects.model_validate({"projects": found})


@router.post("/projects", status_code=201, dependencies=[may("project.create")])
def create(asked: ProjectAsked, who: Who, ws: Ws) -> ProjectDetails:
    """Make a project; 409 when the name is taken."""
    _encoder(asked.encoder)
    task = Task(tuple(asked.labels), asked.kind, asked.instructions, asked.language)
    made = whole.create(ws, asked.name, task, promise_of(asked.promise), encoder=asked.encoder)
    return _details(ws, who, made)


def _encoder(name: str) -> None:
    """Folders of the server's disk are named on the command line, never from afar."""
    if name.startswith("path:"):
        raise InputError("encoder: a folder of this machine is chosen with cowise new --encoder, not from a page")


def _details(ws: Workspace, who: Caller, found: ProjectInfo) -> ProjectDetails:
    more = {
        "instructions": found.task.instructions, "language": found.task.language, "encoder": found.encoder,
        "repair": found.repair, "balance": found.balance,
    }  # fmt: skip
    return ProjectDetails.model_validate({**shown(ws, who, found), **more})


@router.get("/projects/{p}", dependencies=[may("project.see")])
def get(p: InPath, who: Who, ws: Ws) -> ProjectDetails:
    """One project with its instructions."""
    return _details(ws, who, whole.get(ws, p))


@router.patch("/projects/{p}", dependencies=[may("project.change")])
def change(p: InPath, asked: ProjectChange, who: Who, house: Home) -> ProjectDetails:
    """Change a project; 409 without `confirm` when evidence would be voided, and the message says how much."""
    wanted = load("loop.changing:Change")(
        name=asked.name, instructions=asked.instructions, language=asked.language, labels=asked.labels,
        promise=promise_of(asked.promise) if asked.promise else None, renamed=asked.rename_labels,
        merged=asked.merge_labels, split=asked.split_labels, repair=asked.repair, balance=asked.balance,
    )  # fmt: skip
    made = load("loop.changing:change")(house.ws, p, wanted, confirmed=asked.confirm)
    house.worker.advance(made.name)
    house.bus.tell(made.name, "status")
    return _details(house.ws, _renamed(who, p, made.name), made)


def _renamed(who: Caller, old: str, new: str) -> Caller:
    """The caller after a project was renamed in this very request."""
    if old == new or who.owner or old not in who.roles:
        return who
    return replace(who, roles={**who.roles, new: who.roles[old]})


@router.delete("/projects/{p}", status_code=204, dependencies=[may("project.delete")])
def delete(p: InPath, asked: Deletion, house: Home) -> None:
    """Delete a project with its texts, answers and audit key; what the ledger says of it stays, and names nobody."""
    whole.get(house.ws, p)
    if asked.confirm != p:
        raise InputError("confirm: write the name of the project to delete it")
    whole.delete(house.ws, p)
    house.bus.tell(p, "status")


@router.get("/projects/{p}/status", dependencies=[may("project.see")])
def standing(p: InPath, ws: Ws) -> Status:
    """Where a project stands and what to do next."""
    now: Standing = status(ws, p)
    pace = load("loop.history:pace_s")(ws, p)
    left = None if pace is None else round(now.needed * pace / 60, 1)
    seen = {
        "watch": now.watch or None,
        "alarm": now.alarm or None,
        "warning": now.warning or None,
        "shadow": now.shadow or None,
    }
    return Status.model_validate({**now.to_json(), **seen, "minutes_left": left})


@router.get("/promise")
def promise(
    who: Who,  # noqa: ARG001 (signed in)
    items: Annotated[int, Query(ge=0, le=100_000_000)],
    max_error: Annotated[float, Query(gt=0, lt=1)] = 0.05,
    confidence: Annotated[float, Query(ge=0.5, lt=1)] = 0.95,
    of: Scope = "delivered",
) -> PromiseCost:
    """The exact least number of answers that a promise over so many items costs, and what was measured elsewhere."""
    found = load("loop.promising:cost")(items, Promise(max_error, confidence, of))
    return PromiseCost.model_validate(found.to_json())


class Sample(Shape):
    """Texts that come with cowise."""

    id: str
    title: str
    language: str
    items: int
    labels: int


class Samples(Shape):
    """What there is for a first try."""

    samples: list[Sample]


class SampleMade(Shape):
    """The project that was made of a sample."""

    project: str


class SampleAsked(Asked):
    """How to read the sample's texts."""

    encoder: Annotated[str, StringConstraints(max_length=200)] = DEFAULT_ENCODER


@router.get("/samples")
def samples(who: Who) -> Samples:  # noqa: ARG001 (signed in)
    """Texts for a first try."""
    return Samples.model_validate({"samples": load("loop.trying:offered")()})


@router.post("/samples/{id}", status_code=201, dependencies=[may("project.create")])
def try_sample(id: InPath, house: Home, asked: SampleAsked | None = None) -> SampleMade:  # noqa: A002
    """Make a project of a sample's texts, for people to answer; its first questions are prepared at once."""
    encoder = asked.encoder if asked else DEFAULT_ENCODER
    _encoder(encoder)
    if id not in {one.id for one in load("loop.trying:offered")()}:
        raise MissingError(f"sample {id[:40]!r} does not exist; GET /api/samples lists them")
    name = load("loop.trying:begin")(house.ws, id, encoder=encoder)
    house.worker.advance(name)
    return SampleMade(project=name)

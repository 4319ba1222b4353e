"""Files come in, streamed and looked into; imports run in the background."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from cowise.core.errors import DataError, ForbiddenError, InputError
from cowise.core.registry import load
from cowise.loop.accounts import Caller
from cowise.web.deps import Home, Who, Ws, may
from cowise.web.shapes import Asked, InPath, Job, Said, Shape, routes

router = routes("files")
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Member = Annotated[str, StringConstraints(max_length=80)]


class Column(Shape):
    """A column by what it seems to hold."""

    name: str
    kind: Literal["text", "label", "number", "other"]
    distinct: int
    sample: list[str]


class Guess(Shape):
    """The columns that look like texts and labels."""

    text: str
    label: str | None


class Counted(Shape):
    """A value and how often it came."""

    value: str
    count: int


class File(Shape):
    """What a look into a file found; `whole` when all of it was seen."""

    file: str
    name: str
    format: str
    encoding: str
    rows_seen: int
    whole: bool
    columns: list[Column]
    guess: Guess
    labels: dict[str, list[Counted]]
    sample: list[dict[str, str]]
    notes: list[Said]


class ImportAsked(Asked):
    """Which columns of a file to import. `by` gave the labels; `model` gave the opinions."""

    file: Annotated[str, StringConstraints(max_length=64)]
    text: ColumnName
    label: ColumnName | None = None
    by: Member | None = None
    opinion: ColumnName | None = None
    confidence: ColumnName | None = None
    model: Member | None = None


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _may_send(who: Caller) -> None:
    """Whoever may import anywhere may send a file."""
    if not who.owner and not any(who.may(name, "project.import").ok for name in who.roles):
        raise ForbiddenError("project.import is for owner, lead; you have no such role in any project")
    if who.scopes is not None and "project.import" not in who.scopes:
        raise ForbiddenError("this machine token was not made for project.import")


@router.post("/files", status_code=201, openapi_extra=_BODY)
async def send(request: Request, who: Who, ws: Ws, name: Annotated[str, Query(max_length=1000)]) -> File:
    """Send a file, up to 2 GiB, as the body; the answer says what is in it. It is kept for a day, or until its room is needed once it is imported."""
    _may_send(who)
    incoming = (await run_in_threadpool(load, "loop.uploads:Incoming"))(ws, name)
    await run_in_threadpool(incoming.begin)
    try:
        got = 0
        async for part in request.stream():
            got += len(part)
            if part:
                await run_in_threadpool(incoming.write, part)
        if not got:
            raise DataError(f"{incoming.name} is empty; send a file with at least one text")
        found = await run_in_threadpool(incoming.finish)
    except BaseException:
        await run_in_threadpool(incoming.drop)
        raise
    return File.model_validate(found.to_json())


@router.delete("/files/{id}", status_code=204)
def drop(id: InPath, who: Who, ws: Ws) -> None:  # noqa: A002 (the address's own word)
    """Remove a file that was sent."""
    _may_send(who)
    load("loop.uploads:drop")(ws, id)


@router.post("/projects/{p}/imports", status_code=202, dependencies=[may("project.import")])
def bring(p: InPath, asked: ImportAsked, house: Home) -> Job:
    """Import a file that was sent; what came of it stands in the job."""
    load("loop.uploads:get")(house.ws, asked.file)
    if asked.label and asked.opinion:
        raise InputError("label and opinion: a file's column holds people's labels or a model's answers; name one")
    if asked.confidence and not asked.opinion:
        raise InputError("confidence: asked for without an opinion; name the column with the model's answers")
    return Job.model_validate(house.worker.add("import", asked.model_dump(), project=p))

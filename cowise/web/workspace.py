"""The workspace itself: where it is, copies of it, and its ledger."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import StreamingResponse

from cowise.core.errors import MissingError
from cowise.core.registry import load
from cowise.web.deps import Home, Ws, may
from cowise.web.models import attachment, sent
from cowise.web.shapes import InPath, Job, Said, Shape, routes

router = routes("workspace")


class WorkspaceInfo(Shape):
    """Where the workspace is and what it weighs; `db` without user and password."""

    home: str
    size: int
    encrypted: bool
    projects: int
    version: str
    db: str


class LedgerReport(Shape):
    """What a check of the ledger found; `fault` is "" when it is whole."""

    ok: bool
    entries: int
    marks: int
    root: str
    fault: Said


class LedgerEntry(Shape):
    """One entry: people and texts stand in it as salted hashes only."""

    seq: int
    at: float
    kind: str
    record: dict[str, Any]
    hash: str


class Ledger(Shape):
    """Entries in order; pass `next` as `after` for those that follow."""

    entries: list[LedgerEntry]
    next: int | None


@router.get("/workspace", dependencies=[may("workspace.backup")])
def info(ws: Ws) -> WorkspaceInfo:
    """Where the workspace is; for its owners."""
    return WorkspaceInfo.model_validate(load("loop.premises:about")(ws))


@router.post("/workspace/backup", status_code=202, dependencies=[may("workspace.backup")])
def backup(house: Home) -> Job:
    """Write a consistent copy while everybody goes on; the job's result names the file. The keys are not in it."""
    return Job.model_validate(house.worker.add("backup"))


_TAR: dict[int | str, dict[str, Any]] = {200: {"description": "The copy.", "content": {"application/x-tar": {}}}}


@router.get(
    "/workspace/backups/{file}",
    dependencies=[may("workspace.backup")],
    response_class=StreamingResponse,
    responses=_TAR,
)
def download(file: InPath, ws: Ws) -> StreamingResponse:
    """A copy made before."""
    path = load("loop.doing:backup_file")(ws, file)
    if path is None:
        raise MissingError("there is no such copy; make one with POST /api/workspace/backup")
    headers = {"Content-Disposition": attachment(path.name), "Content-Length": str(path.stat().st_size)}
    return StreamingResponse(sent(path), media_type="application/x-tar", headers=headers)


@router.post("/workspace/verify", dependencies=[may("workspace.backup")])
def verify(ws: Ws) -> LedgerReport:
    """Check every entry of the ledger and every signed mark beside it."""
    return LedgerReport.model_validate(load("loop.anchor:verify")(ws))


@router.get("/projects/{p}/ledger", dependencies=[may("ledger.see")])
def ledger(
    p: InPath,
    ws: Ws,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Ledger:
    """What was recorded of a project, in order."""
    return Ledger.model_validate(load("loop.premises:entries")(ws, p, after=after, limit=limit))

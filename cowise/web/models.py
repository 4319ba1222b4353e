"""Models and certificates: what there is, and to make or withdraw them; history and export."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Query
from pydantic import Field, StringConstraints
from starlette.responses import StreamingResponse

from cowise.core.registry import load
from cowise.loop import projects as whole
from cowise.web.deps import Home, Who, Ws, masked, may
from cowise.web.shapes import Asked, InPath, Job, Said, Scope, Shape, routes
from cowise.web.tongue import tongue

router = routes("models")
Form = Literal["csv", "tsv", "jsonl", "parquet", "label-studio"]
FORMS: dict[str, tuple[str, str]] = {
    "csv": (".csv", "text/csv; charset=utf-8"),
    "tsv": (".tsv", "text/tab-separated-values; charset=utf-8"),
    "jsonl": (".jsonl", "application/x-ndjson"),
    "parquet": (".parquet", "application/vnd.apache.parquet"),
    "label-studio": (".json", "application/json"),
}


class Sentence(Shape):
    """One sentence in both languages: what is promised and what is not."""

    en: str
    zh: str


class Cert(Shape):
    """A certificate. `bound` is the share of errors that it bounds; `coverage` the share that the machine answers."""

    id: str
    at: float
    state: Literal["valid", "superseded", "withdrawn"]
    reason: Said
    method: str
    window: Literal["batch", "stream"]
    max_error: float
    confidence: float
    of: Scope
    bound: float
    n_items: int
    n_automated: int
    n_audited: int
    n_errors: int
    coverage: float
    version: str
    sentence: Sentence


class Version(Shape):
    """A model version; `metrics` are figures on answers it had not learned from. `outdated`: it learned other labels than there are."""

    id: str
    state: Literal["candidate", "released", "retired", "withdrawn"]
    at: float
    metrics: dict[str, Any]
    outdated: bool = False


class Candidate(Shape):
    """The model that learns."""

    answers: int
    log_loss: float | None


class Models(Shape):
    """Versions and certificates, newest first."""

    versions: list[Version]
    certificates: list[Cert]
    candidate: Candidate | None


class Point(Shape):
    """How a project stood at one time."""

    at: float
    answers: int
    training: int
    audit: int
    deferred: int
    automated: int
    open: int


class History(Shape):
    """A project over time; the last point is now."""

    points: list[Point]
    certificates: list[Cert]
    versions: list[Version]


class CertifyAsked(Asked):
    """For the texts there are, or for texts to come."""

    window: Literal["batch", "stream"] = "batch"


class ReleaseAsked(Asked):
    """Which version, and why."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class WithdrawAsked(Asked):
    """Why. With `version`, the released one, nothing is released afterwards; without one the certificates alone go."""

    version: Annotated[str, StringConstraints(max_length=100)] = ""
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ShadowAsked(Asked):
    """On how many `texts` to come, 0 for a fair number; or to `stop`."""

    texts: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    stop: bool = False


@router.get("/projects/{p}/history", dependencies=[may("project.see")])
def history(p: InPath, ws: Ws, points: Annotated[int, Query(ge=2, le=2000)] = 200) -> History:
    """Answers, automation and what is open over time, with certificates and versions, oldest first."""
    return History.model_validate(load("loop.history:history")(ws, p, points=points).to_json())


@router.get("/projects/{p}/models", dependencies=[may("models.see")])
def models(p: InPath, ws: Ws) -> Models:
    """Versions, certificates and the candidate, newest first."""
    return Models.model_validate(load("loop.history:models")(ws, p))


@router.post("/projects/{p}/learn", status_code=202, dependencies=[may("models.run")])
def learn(p: InPath, house: Home) -> Job:
    """Fit the candidate to the answers so far and keep it."""
    return Job.model_validate(house.worker.add("learn", {}, project=p))


@router.post("/projects/{p}/certify", status_code=202, dependencies=[may("models.run")])
def certify(p: InPath, house: Home, asked: CertifyAsked | None = None) -> Job:
    """Earn a certificate: concluded if its audits are answered, else the job says how many wait."""
    payload = {"window": asked.window if asked else "batch"}
    return Job.model_validate(house.worker.add("certify", payload, project=p))


@router.post("/projects/{p}/withdraw", status_code=202, dependencies=[may("models.run")])
def withdraw(p: InPath, asked: WithdrawAsked, house: Home) -> Job:
    """Withdraw every certificate, or the released `version` with them; what they covered goes back to people."""
    return Job.model_validate(house.worker.add("withdraw", asked.model_dump(), project=p))


@router.post("/projects/{p}/release", status_code=202, dependencies=[may("models.run")])
def release(p: InPath, asked: ReleaseAsked, house: Home) -> Job:
    """Release one version: certificates are withdrawn, and the next check is over it; it decides nothing before."""
    return Job.model_validate(house.worker.add("release", asked.model_dump(), project=p))


@router.post("/projects/{p}/shadow", status_code=202, dependencies=[may("models.run")])
def shadow(p: InPath, house: Home, asked: ShadowAsked | None = None) -> Job:
    """Judge what was learned since on texts to come while the released version decides, or `stop` that."""
    return Job.model_validate(house.worker.add("shadow", (asked or ShadowAsked()).model_dump(), project=p))


_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {kind: {} for _, kind in FORMS.values()}}
}


@router.get(
    "/projects/{p}/export", dependencies=[may("project.export")], response_class=StreamingResponse, responses=_FILE
)
def export(p: InPath, ws: Ws, who: Who, form: Annotated[Form, Query(alias="format")] = "csv") -> StreamingResponse:
    """Every text with who decided it, when, by which route, version and certificate, as a file."""
    whole.get(ws, p)
    suffix, kind = FORMS[form]
    handle = tempfile.NamedTemporaryFile(prefix=load("loop.uploads:DOWNLOAD"), suffix=suffix, dir=ws.home, delete=False)  # noqa: SIM115
    path = Path(handle.name)
    handle.close()
    try:
        load("loop.out:export")(
            ws, p, path, form=form, overwrite=True, telling=load("loop.out:Telling")(tongue.get(), masked(ws, who, p))
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    headers = {"Content-Disposition": attachment(f"{p}{suffix}"), "Content-Length": str(path.stat().st_size)}
    return StreamingResponse(sent(path, remove=True), media_type=kind, headers=headers)


def sent(path: Path, *, remove: bool = False) -> Iterator[bytes]:
    """A file in parts; removed when it is through, or nobody reads on."""
    try:
        with path.open("rb") as file:
            while part := file.read(2**18):
                yield part
    finally:
        if remove:
            with suppress(OSError):
                path.unlink()


def attachment(name: str) -> str:
    """A Content-Disposition for a name of any kind: plain letters for old programs, all of it in UTF-8.

    >>> attachment('a"b.csv')
    "attachment; filename=a_b.csv; filename*=UTF-8''a%22b.csv"
    """
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    clean = "".join("_" if c in "/\\\\" or not c.isprintable() else c for c in name)
    return f"attachment; filename={plain}; filename*=UTF-8''{quote(clean, safe='')}"

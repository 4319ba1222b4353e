"""What the jobs do: (workspace, name of the project, payload, progress) -> a JSON result."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cowise.core.errors import CowiseError
from cowise.loop import (
    automate,
    catalog,
    certifying,
    ingest,
    jobs,
    keep,
    pace,
    plan,
    releasing,
    shade,
    train,
    uploads,
    voicing,
)
from cowise.loop.kinds import Progress
from cowise.loop.workspace import Workspace

BACKUPS = "backups"
"""Folder of the workspace with copies to download."""


def advance(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ARG001
    """Learn, fill the queue, begin or conclude a walk, write decisions: whatever is due."""
    return plan.advance(ws, name, low=pace.LOW, progress=progress).to_json()


def bring(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:
    """Add an uploaded file. Messages name the file as its owner does."""
    file = uploads.get(ws, str(payload["file"]))
    columns = ingest.Columns(payload["text"], payload.get("label"), payload.get("opinion"), payload.get("confidence"))
    who = payload.get("model") if payload.get("opinion") else payload.get("by")
    try:
        done = ingest.add(ws, name, file.path, columns, how=ingest.How(by=who or ""), progress=progress)
    except CowiseError as cause:
        raise type(cause)(str(cause).replace(str(file.path), file.name)) from cause
    jobs.advance(ws, name)
    jobs.add(ws, "index", project=name)
    found = done.to_json()
    found["source"]["name"] = file.name
    return found


def learn(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ARG001
    """Fit the candidate to the answers so far and keep it."""
    return train.learn(ws, name, progress=progress).to_json()


def certify(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:
    """The certificate that stands, or a look laid down whose audits people answer next."""
    try:
        found = certifying.certify(ws, name, window=payload.get("window", "batch"), progress=progress)
    finally:
        jobs.advance(ws, name)
    return {**asdict(found), "details": {}, "coverage": found.coverage}


def withdraw(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ARG001
    """Withdraw every certificate, or the released version with them."""
    version, reason = str(payload.get("version") or ""), str(payload["reason"])
    gone = releasing.withdraw_version(ws, name, version, reason) if version else automate.withdraw(ws, name, reason)
    jobs.advance(ws, name)
    return {"withdrawn": gone}


def release(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ARG001
    """Release a version by hand."""
    gone = releasing.release(ws, name, str(payload["version"]), str(payload["reason"]))
    jobs.advance(ws, name)
    return {"withdrawn": gone}


def shadow(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:
    """Judge what was learned since on texts to come, or drop what is judged."""
    if payload.get("stop"):
        return {"stopped": certifying.stop_shadow(ws, name, "stopped by hand")}
    return certifying.shadow(
        ws, name, texts=int(payload.get("texts", 0)), rate=float(payload.get("rate", shade.RATE)), progress=progress
    ).to_json()


def index(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ARG001
    """Make new texts searchable."""
    return {"unfiled": catalog.filed(ws, name, progress=progress)}


def opinions(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:
    """Ask the language models of a project about its open items."""
    only, limit = payload.get("members", ()), int(payload.get("limit", 0))
    return {"members": [one.to_json() for one in voicing.opinions(ws, name, only=only, limit=limit, progress=progress)]}


def backup(ws: Workspace, name: str, payload: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ARG001
    """A consistent copy as one file to download. The keys are not in it."""
    folder = ws.home / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = time.strftime("cowise-%Y%m%d-%H%M%S", time.gmtime())
    copy, file = folder / f".{stem}", folder / f"{stem}.tar"
    progress("copying", 0, 0)
    try:
        keep.backup(ws, copy)
        progress("packing", 0, 0)
        part = file.with_suffix(".part")
        with tarfile.open(part, "w") as packed:
            packed.add(copy, stem)
        part.replace(file)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
        with suppress(OSError):
            file.with_suffix(".part").unlink()
    return {"file": file.name, "bytes": file.stat().st_size}


def backup_file(ws: Workspace, name: str) -> Path | None:
    """A copy made before, by the name that its job gave; None for any other name, whatever path it spells."""
    folder = ws.home / BACKUPS
    there = {each.name: each for each in folder.glob("*.tar")} if folder.is_dir() else {}
    return there.get(name)

"""The workspace as its owners see it: where it is, what it weighs, and what its ledger says of a project."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

from cowise.core.version import VERSION
from cowise.loop.workspace import Workspace
from cowise.store import ledger, projects


def about(ws: Workspace) -> dict[str, Any]:
    """Folder, bytes on disk, encryption, number of projects, version, and the database without user and password."""
    with ws.store.read() as tx:
        num = len(projects.all_of(tx))
    return {
        "home": str(ws.home), "size": _size(ws.home), "encrypted": bool(ws.settings.key) or ws.keys.has_data(),
        "projects": num, "version": VERSION, "db": "postgresql" if ws.store.postgres else "sqlite",
    }  # fmt: skip


def _size(folder: Path) -> int:
    total = 0
    for each in folder.rglob("*"):
        try:
            total += each.stat().st_size if each.is_file() else 0
        except OSError:  # gone meanwhile
            continue
    return total


def entries(ws: Workspace, name: str, *, after: int = 0, limit: int = 100) -> dict[str, Any]:
    """Ledger entries of a project after number `after`; `next` is the number to go on from, None at the end."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        found = list(islice(ledger.each(tx, after=after, project=project.id, size=limit + 1), limit + 1))
    page = found[:limit]
    shown = [
        {"seq": e.seq, "at": e.at, "kind": e.kind, "record": json.loads(e.record), "hash": e.hash.hex()} for e in page
    ]
    return {"entries": shown, "next": page[-1].seq if len(found) > limit else None}

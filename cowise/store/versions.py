"""Model versions: a candidate may change, one at most is released, the rest are retired or were withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError, MissingError
from cowise.store import certificates
from cowise.store.tx import Tx
from cowise.store.values import dumps, loads

VersionState = Literal["candidate", "released", "retired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Version:
    """One model version; `folder` is the digest of its folder among the blobs or models."""

    id: str
    state: VersionState
    folder: str
    metrics: Mapping[str, Any]
    at: float


def _version(row: Row[Any]) -> Version:
    return Version(row.id, row.state, row.folder, loads(row.metrics), row.at)


def put(tx: Tx, project: int, version: str, folder: str, metrics: Mapping[str, Any]) -> None:
    """Keep a candidate; one of the same id is kept anew while it is a candidate, else ConflictError."""
    done = tx.run(
        text(
            "INSERT INTO versions (project, id, state, folder, metrics, at) VALUES (:p, :id, 'candidate', :f, :m, :at) "
            "ON CONFLICT (project, id) DO UPDATE SET folder = excluded.folder, metrics = excluded.metrics, at = excluded.at "
            "WHERE versions.state = 'candidate'"
        ),
        {"p": project, "id": version, "f": folder, "m": dumps(dict(metrics)), "at": tx.now()},
    )
    if not done.rowcount:
        raise ConflictError(f"version {version} is frozen; give the new model another version")


def get(tx: Tx, project: int, version: str) -> Version:
    """One version; MissingError when it is not in the project."""
    row = tx.first(text("SELECT * FROM versions WHERE project = :p AND id = :id"), {"p": project, "id": version})
    if row is None:
        raise MissingError(f"version {version} is not in this project")
    return _version(row)


def history(tx: Tx, project: int) -> list[Version]:
    """Every version, oldest first."""
    return [_version(r) for r in tx.run(text("SELECT * FROM versions WHERE project = :p ORDER BY seq"), {"p": project})]


def release(tx: Tx, project: int, version: str, reason: str = "another version was released") -> int:
    """Freeze and release a version: the one before retires and every valid certificate is withdrawn; how many were.

    Releasing what is released already changes nothing.
    """
    if get(tx, project, version).state == "released":
        return 0
    _released(tx, project, version)
    return certificates.withdraw(tx, project, reason)


def _released(tx: Tx, project: int, version: str) -> None:
    tx.run(text("UPDATE versions SET state = 'retired' WHERE project = :p AND state = 'released'"), {"p": project})
    tx.run(
        text("UPDATE versions SET state = 'released' WHERE project = :p AND id = :id"), {"p": project, "id": version}
    )
    tx.run(text("UPDATE projects SET released = :id WHERE id = :p"), {"p": project, "id": version})


def promote(tx: Tx, project: int, version: str, certificate: str) -> list[str]:
    """Release a version that has earned `certificate` for texts to come: those of before for them are superseded, batches' stand.

    Ids of the superseded ones. ConflictError for a version that was withdrawn.
    """
    if get(tx, project, version).state == "withdrawn":
        raise ConflictError(f"{version} was withdrawn; release it by hand to use it again")
    _released(tx, project, version)
    found = [row.certificate for row in certificates.valid(tx, project)]
    before = [one.id for one in found if one.window == "stream" and one.id != certificate]
    for one in before:
        certificates.supersede(tx, project, f"{version} took over", one)
    return before


def withdraw(tx: Tx, project: int, version: str, reason: str) -> int:
    """Take the released version back: none is released then, and every valid certificate is withdrawn; how many were.

    Withdrawing what is withdrawn already changes nothing. ConflictError for one that is not released.
    """
    state = get(tx, project, version).state
    if state == "withdrawn":
        return 0
    if state != "released":
        raise ConflictError(f"withdraw: {version} is not released, so nothing stands on it")
    tx.run(
        text("UPDATE versions SET state = 'withdrawn' WHERE project = :p AND id = :id"), {"p": project, "id": version}
    )
    tx.run(text("UPDATE projects SET released = '' WHERE id = :p"), {"p": project})
    return certificates.withdraw(tx, project, reason)

"""Projects: create, get, list, rename, settings, released version, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError, MissingError
from cowise.core.types import Promise, Task
from cowise.store import search
from cowise.store.tx import Tx
from cowise.store.values import dumps, item_key, loads, proper_name


@dataclass(frozen=True, slots=True)
class Project:
    """One project. `visible` counts its items; `released` is the version that may automate, "" for none.

    `key_ref` names the audit key in the keys folder; `commitment` is what the ledger says of it.
    """

    id: int
    name: str
    task: Task
    promise: Promise
    settings: Mapping[str, Any]
    key_ref: str
    commitment: str
    released: str
    visible: int
    created: float


_COLUMNS = "id, name, task, promise, settings, key_ref, commitment, released, visible, created"
_ADD = text(
    "INSERT INTO projects (name, task, promise, settings, key_ref, commitment, created) "
    "VALUES (:name, :task, :promise, :settings, :key_ref, :commitment, :created) "
    "ON CONFLICT (name) DO NOTHING RETURNING *"
)
_BY_NAME = text(f"SELECT {_COLUMNS} FROM projects WHERE name = :name AND state = 'live'")  # noqa: S608
_BY_ID = text(f"SELECT {_COLUMNS} FROM projects WHERE id = :id AND state = 'live'")  # noqa: S608
_ALL = text(f"SELECT {_COLUMNS} FROM projects WHERE state = 'live' ORDER BY name")  # noqa: S608


def _project(row: Row[Any]) -> Project:
    task = loads(row.task)
    return Project(
        row.id,
        row.name,
        Task(**{**task, "labels": tuple(task["labels"])}),
        Promise(**loads(row.promise)),
        loads(row.settings),
        row.key_ref,
        row.commitment,
        row.released,
        row.visible,
        row.created,
    )


def create(
    tx: Tx,
    name: str,
    task: Task,
    promise: Promise,
    *,
    audit_key: tuple[str, str],
    settings: Mapping[str, Any] | None = None,
) -> Project:
    """A new project; `audit_key` is (name of the key, its commitment). ConflictError when the name is taken."""
    values = {
        "name": proper_name("project", name),
        "task": dumps(asdict(task)),
        "promise": dumps(asdict(promise)),
        "settings": dumps(dict(settings or {})),
        "key_ref": audit_key[0],
        "commitment": audit_key[1],
        "created": tx.now(),
    }
    row = tx.first(_ADD, values)
    if row is None:
        raise ConflictError(f"project {name!r} exists already; choose another name, or delete it first")
    return _project(row)


def get(tx: Tx, name: str) -> Project:
    """The project of that name; MissingError names those there are."""
    row = tx.first(_BY_NAME, {"name": name})
    if row is None:
        known = ", ".join(p.name for p in all_of(tx)[:8]) or "none yet"
        raise MissingError(f"project {name!r} is not in this workspace; it has {known}")
    return _project(row)


def by_id(tx: Tx, project: int) -> Project:
    """The project with that key; MissingError when it is gone."""
    row = tx.first(_BY_ID, {"id": project})
    if row is None:
        raise MissingError(f"project {project} is no longer in this workspace; it was deleted")
    return _project(row)


def all_of(tx: Tx) -> list[Project]:
    """Every project, by name."""
    return [_project(row) for row in tx.run(_ALL)]


def rename(tx: Tx, project: int, name: str) -> None:
    """Give it another name; ConflictError when that is taken."""
    if tx.first(
        text("SELECT 1 FROM projects WHERE name = :name AND id <> :id"),
        {"name": proper_name("project", name), "id": project},
    ):
        raise ConflictError(f"project {name!r} exists already; choose another name")
    tx.run(text("UPDATE projects SET name = :name WHERE id = :id"), {"name": name, "id": project})


def set_settings(tx: Tx, project: int, settings: Mapping[str, Any]) -> None:
    """Replace the settings."""
    tx.run(text("UPDATE projects SET settings = :s WHERE id = :id"), {"s": dumps(dict(settings)), "id": project})


def set_task(tx: Tx, project: int, task: Task, promise: Promise) -> None:
    """Replace task and promise. The caller withdraws the certificates."""
    tx.run(
        text("UPDATE projects SET task = :t, promise = :p WHERE id = :id"),
        {"t": dumps(asdict(task)), "p": dumps(asdict(promise)), "id": project},
    )


def closed(tx: Tx) -> list[tuple[int, str]]:
    """(number, name of the audit key) of each project whose deletion was cut short."""
    return [(row.id, row.key_ref) for row in tx.run(text("SELECT id, key_ref FROM projects WHERE state = 'deleted'"))]


_PARTS = ("queue", "passes", "opinions", "decisions", "conflicts", "machine", "contents", "items")
_REST = ("imports", "members", "certificates", "versions", "jobs", "counters", "seats", "credentials")


def close(tx: Tx, project: int) -> None:
    """First step of deleting: the project is gone from every list and its name is free; rows follow by `sweep`."""
    tx.run(
        text("UPDATE projects SET state = 'deleted', name = 'deleted ' || id, visible = 0 WHERE id = :id"),
        {"id": project},
    )


def sweep(tx: Tx, project: int, rows: int = 200) -> bool:
    """Delete up to `rows` rows of a closed project; False when nothing is left but its ledger entries."""
    if search.clear(tx, project, rows):
        return True
    for table in _PARTS:
        key = {"decisions": "item", "contents": "content"}.get(table, "id")
        where = "project = :p"
        if table == "items":
            where += f" AND id >= {item_key(project, 0)} AND id < {item_key(project + 1, 0)}"
        found = tx.run(
            text(
                f"DELETE FROM {table} WHERE project = :p "  # noqa: S608
                f"AND {key} IN (SELECT {key} FROM {table} WHERE {where} LIMIT :n)"
            ),
            {"p": project, "n": rows},
        )
        if found.rowcount:
            return True
    tx.run(text("DELETE FROM joins WHERE import_id IN (SELECT id FROM imports WHERE project = :p)"), {"p": project})
    for table in _REST:
        tx.run(text(f"DELETE FROM {table} WHERE project = :p"), {"p": project})  # noqa: S608
    tx.run(text("DELETE FROM projects WHERE id = :p"), {"p": project})
    return False

"""Counts kept as they change, so that a status at 1,000,000 items reads a handful of rows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from cowise.store.tx import Tx

_ADD = text(
    "INSERT INTO counters (project, name, value) VALUES (:project, :name, :value) "
    "ON CONFLICT (project, name) DO UPDATE SET value = counters.value + excluded.value"
)
_ALL = text("SELECT name, value FROM counters WHERE project = :project")


def add(tx: Tx, project: int, changes: Mapping[str, int]) -> None:
    """Change the named counts; in name order, so that two writers never wait for each other in a ring."""
    rows = [{"project": project, "name": name, "value": changes[name]} for name in sorted(changes) if changes[name]]
    if rows:
        tx.run(_ADD, rows)


def counts(tx: Tx, project: int) -> dict[str, int]:
    """Every count of a project.

    `items`, `rows` (imported, duplicates included), `labelled`, `answers` (current ones), `given` (ever),
    `route:<route>`, `twice:<route>` of those that came with a label too, `queued:<kind>`, `flags`; a name that never counted is absent.
    """
    return {row.name: row.value for row in tx.run(_ALL, {"project": project})}

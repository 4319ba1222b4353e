"""What happened when, as columns: for pictures of a project over time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text

from cowise.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Event:
    """One ledger entry of a project: when, what, and its record."""

    at: float
    kind: str
    record: Mapping[str, Any]


_GIVEN = text(
    "SELECT at, CASE used_for WHEN 'second' THEN 'none' ELSE used_for END AS used_for "
    "FROM opinions WHERE project = :p AND state <> 'undone' ORDER BY id"
)
_SECONDS = text(
    "SELECT seconds FROM opinions WHERE project = :p AND state <> 'undone' AND seconds > 0 ORDER BY id DESC LIMIT :n"
)
_EVENTS = text("SELECT at, kind, record FROM ledger WHERE project = :p AND kind IN :kinds ORDER BY seq").bindparams(
    bindparam("kinds", expanding=True)
)


def given(tx: Tx, project: int) -> list[tuple[float, str]]:
    """(time, use) of every answer that was not undone, in the order given."""
    return [(float(row.at), str(row.used_for)) for row in tx.run(_GIVEN, {"p": project})]


def seconds(tx: Tx, project: int, newest: int = 200) -> list[float]:
    """Seconds that the newest answers took, newest first; those that were not measured are left out."""
    return [float(row.seconds) for row in tx.run(_SECONDS, {"p": project, "n": newest})]


def events(tx: Tx, project: int, kinds: Sequence[str]) -> list[Event]:
    """Ledger entries of some kinds, in order."""
    rows = tx.run(_EVENTS, {"p": project, "kinds": list(kinds)})
    return [Event(float(row.at), row.kind, json.loads(bytes(row.record))) for row in rows]

"""The roster: everyone with a seat in a project."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import InputError, MissingError
from cowise.core.language import reading
from cowise.store.tx import Tx
from cowise.store.values import dumps, loads, proper_name

MemberKind = Literal["person", "encoder", "llm"]


@dataclass(frozen=True, slots=True)
class Member:
    """One seat. `salt` hides the name in the ledger; it is gone once the person was erased."""

    id: int
    name: str
    kind: MemberKind
    active: bool
    settings: Mapping[str, Any]
    salt: bytes | None


def _member(row: Row[Any]) -> Member:
    salt = None if row.salt is None else bytes(row.salt)
    return Member(row.id, row.name, row.kind, bool(row.active), loads(row.settings), salt)


_ADD = text(
    "INSERT INTO members (project, name, kind, active, settings, salt) VALUES (:p, :name, :kind, 1, :settings, :salt) "
    "ON CONFLICT (project, name) DO NOTHING"
)
_GET = text("SELECT * FROM members WHERE project = :p AND name = :name")


def ensure(
    tx: Tx, project: int, name: str, kind: MemberKind = "person", settings: Mapping[str, Any] | None = None
) -> Member:
    """The member of that name, with a new seat if there was none."""
    if kind not in ("person", "encoder", "llm"):
        raise InputError(f"member kind: asked for {kind!r}; use person, encoder or llm")
    proper_name("member", name)
    found = tx.first(_GET, {"p": project, "name": name})
    if found is None:
        values = {
            "p": project,
            "name": name,
            "kind": kind,
            "settings": dumps(dict(settings or {})),
            "salt": os.urandom(16),
        }
        tx.run(_ADD, values)
        found = tx.run(_GET, {"p": project, "name": name}).one()
    return _member(found)


def get(tx: Tx, project: int, name: str) -> Member:
    """The member of that name; MissingError names those there are, InputError for what is no name."""
    proper_name("member", name)
    found = tx.first(_GET, {"p": project, "name": name})
    if found is None:
        known = ", ".join(m.name for m in roster(tx, project)[:8]) or "nobody yet"
        raise MissingError(f"member {name!r} has no seat in this project; it has {known}")
    return _member(found)


def by_id(tx: Tx, member: int) -> Member:
    """The member with that key; MissingError when there is none."""
    found = tx.first(text("SELECT * FROM members WHERE id = :m"), {"m": member})
    if found is None:
        raise MissingError(f"member {member} is no longer here; its project was deleted")
    return _member(found)


_SETTINGS = text("SELECT settings FROM members WHERE id = :m")


def reads(tx: Tx, member: int) -> frozenset[str] | None:
    """The languages of items that a member can be asked; None for all of them."""
    said = (loads(tx.value(_SETTINGS, {"m": member})) or {}).get("languages")
    return reading(said) if said else None


def roster(tx: Tx, project: int) -> list[Member]:
    """Every member, in the order in which they came."""
    return [
        _member(row) for row in tx.run(text("SELECT * FROM members WHERE project = :p ORDER BY id"), {"p": project})
    ]


def set_active(tx: Tx, member: int, active: bool) -> None:
    """Open or close a seat; opinions given stay."""
    tx.run(text("UPDATE members SET active = :a WHERE id = :id"), {"a": int(active), "id": member})


def set_settings(tx: Tx, member: int, settings: Mapping[str, Any]) -> None:
    """Replace the settings (reliability, cost, capacity)."""
    tx.run(text("UPDATE members SET settings = :s WHERE id = :id"), {"s": dumps(dict(settings)), "id": member})


def holding(tx: Tx, project: int) -> dict[int, int]:
    """How many questions each member holds now."""
    found = text(
        "SELECT owner, count(*) AS n FROM queue WHERE project = :p AND owner IS NOT NULL AND expires > :now GROUP BY owner"
    )
    return {int(row.owner): int(row.n) for row in tx.run(found, {"p": project, "now": tx.now()})}

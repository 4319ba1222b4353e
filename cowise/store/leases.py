"""Work held for a time: one mechanism for questions, jobs and imports, on both databases.

A row is free while `owner` is null or its time is over. Taking it writes a new token and counts `epoch` up;
whoever acts on it shows the token, and is refused once the time is over or another has taken it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError
from cowise.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Lease:
    """A hold on row `id`: show `token` before `expires` (seconds since 1970); `epoch` counts the takers."""

    id: int
    owner: str
    token: str
    expires: float
    epoch: int


@cache
def _take(table: str, where: str, order: str, expired: bool, postgres: bool) -> TextClause:
    held = "expires <= :now AND owner IS NOT NULL" if expired else "owner IS NULL"
    lock = " FOR UPDATE SKIP LOCKED" if postgres else ""
    return text(
        f"UPDATE {table} SET owner = :owner, token = :token, expires = :expires, epoch = epoch + 1 "  # noqa: S608
        f"WHERE id = (SELECT id FROM {table} WHERE {where} AND {held} ORDER BY {order} LIMIT 1{lock}) RETURNING *"
    )


def take(tx: Tx, table: str, where: str, *, owner: str, seconds: float, **params: Any) -> Row[Any] | None:
    """The first free row of `table` under the SQL condition `where`, by rank; else the first expired one; else None."""
    now = tx.now()
    values: Mapping[str, Any] = {
        **params,
        "owner": owner,
        "token": secrets.token_hex(16),
        "expires": now + seconds,
        "now": now,
    }
    for expired in (False, True):
        row = tx.first(_take(table, where, "rank, id", expired, tx.postgres), values)
        if row is not None:
            return row
    return None


@cache
def _sql(kind: str, table: str) -> TextClause:
    fence = "token = :token AND expires > :now AND owner IS NOT NULL"
    return text(
        {
            "check": f"SELECT * FROM {table} WHERE {fence}",  # noqa: S608
            "lock": f"SELECT * FROM {table} WHERE {fence} FOR UPDATE",  # noqa: S608
            "renew": f"UPDATE {table} SET expires = :expires WHERE {fence} RETURNING *",  # noqa: S608
            "release": f"UPDATE {table} SET owner = NULL, token = NULL, expires = NULL WHERE {fence} RETURNING *",  # noqa: S608
        }[kind]
    )


def held(row: Row[Any] | None, what: str) -> Row[Any]:
    """The row that a fenced statement found; ConflictError when it found none."""
    if row is None:
        raise ConflictError(
            f"{what}: the hold is over or somebody else has it now; take the next one and keep your draft"
        )
    return row


def fence(tx: Tx, table: str, token: str, what: str) -> Row[Any]:
    """The row held under `token`, locked for this transaction; ConflictError when the hold is over."""
    return held(tx.first(_sql("lock" if tx.postgres else "check", table), {"token": token, "now": tx.now()}), what)


def renew(tx: Tx, table: str, token: str, seconds: float, what: str) -> float:
    """Hold on for `seconds` from now; the new end. ConflictError when the hold is over."""
    now = tx.now()
    row = tx.first(_sql("renew", table), {"token": token, "now": now, "expires": now + seconds})
    return float(held(row, what).expires)


def release(tx: Tx, table: str, token: str, what: str) -> Row[Any]:
    """Give the row back to everybody. ConflictError when the hold is over."""
    return held(tx.first(_sql("release", table), {"token": token, "now": tx.now()}), what)


def lease_of(row: Row[Any]) -> Lease:
    """The lease columns of a row."""
    return Lease(row.id, row.owner, row.token, row.expires, row.epoch)

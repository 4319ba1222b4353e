"""What signs somebody in: sessions, one-time links, invitations, machine tokens. Only the hash of a secret is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.store.tx import Tx
from cowise.store.values import dumps, loads

CredentialKind = Literal["session", "link", "invitation", "token"]


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret's row: whose, for which project (0: none), until when; `seen` is its last use."""

    id: int
    kind: CredentialKind
    account: int
    project: int
    body: Mapping[str, Any]
    created: float
    seen: float | None
    expires: float


def _row(row: Row[Any]) -> Credential:
    return Credential(row.id, row.kind, row.account, row.project, loads(row.body), row.created, row.seen, row.expires)


def digest(secret: str) -> str:
    """What is stored of a secret of 256 random bits: its SHA-256, 64 hex digits. Needs no salt: it cannot be guessed."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_ADD = text(
    "INSERT INTO credentials (kind, digest, account, project, body, created, seen, expires) "
    "VALUES (:kind, :digest, :account, :project, :body, :at, :seen, :expires) RETURNING *"
)


def add(
    tx: Tx, kind: CredentialKind, secret: str, account: int, *, seconds: float, about: tuple[int, Mapping[str, Any]]
) -> Credential:
    """Keep the hash of a new secret for `seconds`; `about` is (project or 0, body). What is over goes at the same time."""
    now = tx.now()
    tx.run(text("DELETE FROM credentials WHERE expires <= :now"), {"now": now})
    values = {
        "kind": kind, "digest": digest(secret), "account": account, "project": about[0], "body": dumps(dict(about[1])),
        "at": now, "seen": now if kind == "session" else None, "expires": now + seconds,
    }  # fmt: skip
    return _row(tx.run(_ADD, values).one())


_FIND = text("SELECT * FROM credentials WHERE digest = :d AND kind = :k AND expires > :now")
_USE = text("DELETE FROM credentials WHERE digest = :d AND kind = :k AND expires > :now RETURNING *")


def find(tx: Tx, kind: CredentialKind, secret: str) -> Credential | None:
    """The row of a secret whose time is not over, or None."""
    row = tx.first(_FIND, {"d": digest(secret), "k": kind, "now": tx.now()})
    return None if row is None else _row(row)


def use_up(tx: Tx, kind: CredentialKind, secret: str) -> Credential | None:
    """The same, and gone: of two who try it, one gets it."""
    row = tx.first(_USE, {"d": digest(secret), "k": kind, "now": tx.now()})
    return None if row is None else _row(row)


def touch(tx: Tx, credential: int, expires: float) -> None:
    """Note a use, and until when it holds now."""
    tx.run(
        text("UPDATE credentials SET seen = :now, expires = :e WHERE id = :id"),
        {"now": tx.now(), "e": expires, "id": credential},
    )


def of_account(tx: Tx, account: int, kind: CredentialKind) -> list[Credential]:
    """An account's, oldest first, those that are over left out."""
    query = text("SELECT * FROM credentials WHERE account = :a AND kind = :k AND expires > :now ORDER BY id")
    return [_row(r) for r in tx.run(query, {"a": account, "k": kind, "now": tx.now()})]


def of_project(tx: Tx, project: int, kind: CredentialKind) -> list[Credential]:
    """A project's, oldest first, those that are over left out."""
    query = text("SELECT * FROM credentials WHERE project = :p AND kind = :k AND expires > :now ORDER BY id")
    return [_row(r) for r in tx.run(query, {"p": project, "k": kind, "now": tx.now()})]


def by_id(tx: Tx, kind: CredentialKind, credential: int) -> Credential | None:
    """The one with that key, or None."""
    row = tx.first(
        text("SELECT * FROM credentials WHERE id = :id AND kind = :k AND expires > :now"),
        {"id": credential, "k": kind, "now": tx.now()},
    )
    return None if row is None else _row(row)


def revoke(tx: Tx, credential: int) -> None:
    """End it now."""
    tx.run(text("DELETE FROM credentials WHERE id = :id"), {"id": credential})


def revoke_all(tx: Tx, account: int, kind: CredentialKind | None = None, *, but: int = 0) -> int:
    """End all of an account, or all of one kind, but for one; how many."""
    only = "" if kind is None else " AND kind = :k"
    query = text(f"DELETE FROM credentials WHERE account = :a AND id <> :but{only}")  # noqa: S608
    return tx.run(query, {"a": account, "but": but, **({} if kind is None else {"k": kind})}).rowcount


def revoke_in(tx: Tx, account: int, project: int) -> int:
    """End the invitations and tokens that an account made in a project; how many."""
    query = text("DELETE FROM credentials WHERE account = :a AND project = :p")
    return tx.run(query, {"a": account, "p": project}).rowcount


def last_seen(tx: Tx) -> dict[int, float]:
    """When each account was last here, by its sessions that are not over."""
    query = text("SELECT account, max(seen) AS at FROM credentials WHERE kind = 'session' GROUP BY account")
    return {row.account: float(row.at) for row in tx.run(query) if row.at is not None}

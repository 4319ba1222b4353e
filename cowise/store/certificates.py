"""Certificates: kept for ever; `valid` until withdrawn with a reason, or `superseded` by that of a newer version.

What a superseded one had let out stands; nothing goes out under it any more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError, MissingError
from cowise.core.types import Certificate, Promise
from cowise.store.tx import Tx
from cowise.store.values import clean, dumps, loads


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate with its state and, once withdrawn, the reason."""

    certificate: Certificate
    state: Literal["valid", "superseded", "withdrawn"]
    reason: str
    at: float


def _row(row: Row[Any]) -> CertificateRow:
    body = loads(row.body)
    certificate = Certificate(**{**body, "promise": Promise(**body["promise"])})
    return CertificateRow(certificate, row.state, row.reason, row.at)


def put(tx: Tx, project: int, certificate: Certificate) -> None:
    """Keep a new one; it needs an `id`. ConflictError when that is taken."""
    if not certificate.id:
        raise ConflictError("certificate: it has no id; give it one before it is stored")
    body = {**asdict(certificate), "details": dict(certificate.details)}
    added = tx.run(
        text(
            "INSERT INTO certificates (id, project, version, state, reason, at, body) "
            "VALUES (:id, :p, :version, 'valid', '', :at, :body) ON CONFLICT (id) DO NOTHING"
        ),
        {"id": certificate.id, "p": project, "version": certificate.version, "at": tx.now(), "body": dumps(body)},
    )
    if not added.rowcount:
        raise ConflictError(f"certificate {certificate.id} exists already; a certificate is never changed")


def get(tx: Tx, project: int, certificate: str) -> CertificateRow:
    """One certificate; MissingError when it is not in the project."""
    row = tx.first(
        text("SELECT * FROM certificates WHERE project = :p AND id = :id"), {"p": project, "id": certificate}
    )
    if row is None:
        raise MissingError(f"certificate {certificate} is not in this project")
    return _row(row)


def history(tx: Tx, project: int) -> list[CertificateRow]:
    """Every certificate of a project, oldest first."""
    return [_row(r) for r in tx.run(text("SELECT * FROM certificates WHERE project = :p ORDER BY seq"), {"p": project})]


def valid(tx: Tx, project: int) -> list[CertificateRow]:
    """Those that stand now, newest first: a batch's may be of a version before the released one."""
    rows = tx.run(
        text("SELECT * FROM certificates WHERE project = :p AND state = 'valid' ORDER BY seq DESC"), {"p": project}
    )
    return [_row(row) for row in rows]


def supersede(tx: Tx, project: int, reason: str, certificate: str) -> None:
    """Let a valid one stand for what it let out, and for nothing more."""
    tx.run(
        text(
            "UPDATE certificates SET state = 'superseded', reason = :r WHERE project = :p AND id = :id AND state = 'valid'"
        ),
        {"p": project, "id": certificate, "r": clean(reason)},
    )


def withdraw(tx: Tx, project: int, reason: str, certificate: str | None = None) -> int:
    """Withdraw one certificate, or every valid one of a project. How many were."""
    one = "" if certificate is None else " AND id = :id"
    return tx.run(
        text(f"UPDATE certificates SET state = 'withdrawn', reason = :r WHERE project = :p AND state = 'valid'{one}"),  # noqa: S608
        {"p": project, "r": clean(reason), **({} if certificate is None else {"id": certificate})},
    ).rowcount

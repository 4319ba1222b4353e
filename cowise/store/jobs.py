"""Work in the background, on the same leases as questions: held for a time, with heartbeat, checkpoint and progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import MissingError
from cowise.store import leases
from cowise.store.tx import Tx
from cowise.store.values import dumps, loads

JobState = Literal["ready", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `checkpoint` is where the next worker goes on; `epoch` counts the workers that took it.

    `running` is true while a worker holds it; a job whose worker died is taken again once its time is over.
    """

    id: int
    project: int
    kind: str
    payload: Mapping[str, Any]
    state: JobState
    progress: float
    checkpoint: Any
    result: Any
    owner: str | None
    token: str | None
    expires: float | None
    epoch: int
    created: float
    heartbeat: float | None


def _job(row: Row[Any]) -> Job:
    return Job(
        row.id, row.project, row.kind, loads(row.payload), row.state, row.progress, loads(row.checkpoint), loads(row.result),
        row.owner, row.token, row.expires, row.epoch, row.created, row.heartbeat,
    )  # fmt: skip


def add(tx: Tx, kind: str, payload: Mapping[str, Any], *, project: int = 0, rank: float = 0.0) -> Job:
    """Queue a job; smaller `rank` first."""
    values = {"p": project, "kind": kind, "payload": dumps(dict(payload)), "rank": rank, "now": tx.now()}
    return _job(
        tx.run(
            text(
                "INSERT INTO jobs (project, kind, payload, state, rank, created, checkpoint, result) "
                "VALUES (:p, :kind, :payload, 'ready', :rank, :now, 'null', 'null') RETURNING *"
            ),
            values,
        ).one()
    )


def take(tx: Tx, owner: str, kinds: Sequence[str], *, seconds: float = 60.0) -> Job | None:
    """The next ready job of these kinds, held for `seconds`; one whose worker fell silent is given out again."""
    names = {f"k{i}": kind for i, kind in enumerate(kinds)}
    where = f"state = 'ready' AND kind IN ({', '.join(':' + n for n in names)})"
    row = leases.take(tx, "jobs", where, owner=owner, seconds=seconds, **names) if kinds else None
    return None if row is None else _job(row)


_BEAT = text(
    "UPDATE jobs SET heartbeat = :now, expires = :expires, progress = :progress, checkpoint = :checkpoint WHERE id = :id"
)
_KEEP = object()


def beat(tx: Tx, token: str, *, progress: float, checkpoint: Any = _KEEP, seconds: float = 60.0) -> None:
    """Say that the worker lives, how far it is (0 to 1), and where another could go on.

    ConflictError when the hold is over (also after a cancel): the worker must stop.
    """
    row = leases.fence(tx, "jobs", token, "job")
    now = tx.now()
    kept = row.checkpoint if checkpoint is _KEEP else dumps(checkpoint)
    tx.run(_BEAT, {"id": row.id, "now": now, "expires": now + seconds, "progress": progress, "checkpoint": kept})


_END = text(
    "UPDATE jobs SET state = :state, result = :result, progress = :progress, owner = NULL, token = NULL, expires = NULL WHERE id = :id"
)


def finish(tx: Tx, token: str, result: Any = None) -> None:
    """The job is done; in the same transaction as what it did."""
    row = leases.fence(tx, "jobs", token, "job")
    tx.run(_END, {"id": row.id, "state": "done", "result": dumps(result), "progress": 1.0})


def fail(tx: Tx, token: str, reason: str | Mapping[str, str]) -> None:
    """The job cannot be done; `reason` is for a person to read, alone or as {"kind", "message"}."""
    row = leases.fence(tx, "jobs", token, "job")
    said = reason if isinstance(reason, str) else dict(reason)
    tx.run(_END, {"id": row.id, "state": "failed", "result": dumps(said), "progress": row.progress})


def cancel(tx: Tx, job: int) -> None:
    """Stop a job: it is not given out again, and its worker is refused at the next beat."""
    row = tx.first(text("SELECT * FROM jobs WHERE id = :id"), {"id": job})
    if row is None:
        raise MissingError(f"job {job} is not in this workspace")
    if row.state == "ready":
        tx.run(_END, {"id": job, "state": "cancelled", "result": "null", "progress": row.progress})


def get(tx: Tx, job: int) -> Job:
    """One job; MissingError when it is not here."""
    row = tx.first(text("SELECT * FROM jobs WHERE id = :id"), {"id": job})
    if row is None:
        raise MissingError(f"job {job} is not in this workspace")
    return _job(row)


def all_of(tx: Tx, *, project: int | None = None, state: JobState | None = None, limit: int = 100) -> list[Job]:
    """The newest jobs first."""
    where = (
        ["1 = 1"] + (["project = :p"] if project is not None else []) + (["state = :s"] if state is not None else [])
    )
    rows = tx.run(
        text(f"SELECT * FROM jobs WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT :n"),  # noqa: S608
        {"n": limit, **({"p": project} if project is not None else {}), **({"s": state} if state is not None else {})},
    )
    return [_job(row) for row in rows]


def orphan(tx: Tx, owner: str) -> list[str]:
    """Free the jobs that dead workers held (`owner` is a LIKE pattern), before their time is over; whose they were."""
    held = tx.run(text("SELECT DISTINCT owner FROM jobs WHERE state = 'ready' AND owner LIKE :o"), {"o": owner}).all()
    free = "UPDATE jobs SET owner = NULL, token = NULL, expires = NULL WHERE state = 'ready' AND owner LIKE :o"
    tx.run(text(free), {"o": owner})
    return [row.owner for row in held]


_PRUNE = (
    "DELETE FROM jobs WHERE project = :p AND state <> 'ready'{one} AND id NOT IN "
    "(SELECT id FROM jobs WHERE project = :p AND state <> 'ready'{one} ORDER BY id DESC LIMIT :keep)"
)


def prune(tx: Tx, project: int, *, keep: int, kind: str | None = None) -> int:
    """Drop finished jobs of a project (of one kind), all but the newest `keep`; how many."""
    one = "" if kind is None else " AND kind = :kind"
    values = {"p": project, "keep": keep, **({} if kind is None else {"kind": kind})}
    return tx.run(text(_PRUNE.format(one=one)), values).rowcount

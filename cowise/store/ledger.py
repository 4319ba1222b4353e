"""The ledger's rows: appended inside the caller's transaction, never changed; triggers refuse the rest.

The head is read in the transaction that appends, and never cached: other processes append too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from cowise.guard import merkle
from cowise.guard.ledger import GENESIS, seal
from cowise.store.tx import Tx

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends: number of entries, last hash, Merkle peaks (largest first)."""

    size: int
    hash: bytes
    peaks: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """Merkle root over all entries."""
        return merkle.root(self.peaks)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `seq` counts from 1, `record` is canonical JSON, `hash` covers everything before it too."""

    seq: int
    project: int
    kind: str
    at: float
    record: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed statement of size, head and root; `note` is the signed text."""

    size: int
    head: bytes
    root: bytes
    note: str
    at: float


_HEAD = text("SELECT size, hash, peaks FROM ledger_head WHERE id = 1")
_HEAD_LOCK = text("SELECT size, hash, peaks FROM ledger_head WHERE id = 1 FOR UPDATE")
_START = text(
    "INSERT INTO ledger_head (id, size, hash, peaks) VALUES (1, 0, :hash, :peaks) ON CONFLICT (id) DO NOTHING"
)
_ADD = text(
    "INSERT INTO ledger (seq, project, kind, at, record, hash) VALUES (:seq, :project, :kind, :at, :record, :hash)"
)
_MOVE = text("UPDATE ledger_head SET size = :size, hash = :hash, peaks = :peaks WHERE id = 1")


def head(tx: Tx, *, lock: bool = False) -> Head:
    """Where the ledger ends now; `lock` keeps others from appending until this transaction ends."""
    row = tx.first(_HEAD_LOCK if lock and tx.postgres else _HEAD)
    if row is None:
        return Head(0, GENESIS, ())
    peaks = bytes(row.peaks)
    split = tuple(peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES))
    return Head(row.size, bytes(row.hash), split)


def append(tx: Tx, project: int, kind: str, record: Mapping[str, Any]) -> Entry:
    """Append one entry; see `append_many`."""
    return append_many(tx, project, [(kind, record)])[0]


def append_many(tx: Tx, project: int, records: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
    """Append entries in the caller's transaction: they stand or fall with it.

    `event`, `project`, `seq` and `at` are set here; a record holds personal data only as salted hashes.
    """
    if not records:
        return []
    tx.run(_START, {"hash": GENESIS, "peaks": b""})
    end = head(tx, lock=True)
    size, last, peaks, at = end.size, end.hash, list(end.peaks), tx.now()
    entries = []
    for kind, record in records:
        body, last = seal(last, {**record, "event": kind, "project": project, "seq": size + 1, "at": at})
        merkle.push(peaks, size, merkle.leaf(body))
        size += 1
        entries.append(Entry(size, project, kind, at, body, last))
    tx.run(
        _ADD,
        [
            {"seq": e.seq, "project": project, "kind": e.kind, "at": at, "record": e.record, "hash": e.hash}
            for e in entries
        ],
    )
    tx.run(_MOVE, {"size": size, "hash": last, "peaks": b"".join(peaks)})
    return entries


def each(tx: Tx, *, after: int = 0, project: int | None = None, size: int = 5000) -> Iterator[Entry]:
    """Entries in order from after `seq` on, of one project or of all."""
    only = "" if project is None else "project = :p AND "
    query = text(f"SELECT seq, project, kind, at, record, hash FROM ledger WHERE {only}seq > :a ORDER BY seq LIMIT :n")  # noqa: S608
    while True:
        params = {"a": after, "n": size, **({} if project is None else {"p": project})}
        rows = tx.run(query, params).all()
        for row in rows:
            yield Entry(row.seq, row.project, row.kind, row.at, bytes(row.record), bytes(row.hash))
        if len(rows) < size:
            return
        after = rows[-1].seq


def rows(tx: Tx) -> Iterator[tuple[int, bytes, bytes]]:
    """(seq, record, hash) of every entry: what `guard.ledger.verify` takes."""
    return ((e.seq, e.record, e.hash) for e in each(tx))


def add_checkpoint(tx: Tx, at_head: Head, note: str) -> None:
    """Keep a signed checkpoint; one for the same size is kept as it is."""
    tx.run(
        text(
            "INSERT INTO checkpoints (size, head, root, note, at) VALUES (:size, :head, :root, :note, :at) "
            "ON CONFLICT (size) DO NOTHING"
        ),
        {"size": at_head.size, "head": at_head.hash, "root": at_head.root, "note": note, "at": tx.now()},
    )


def unsigned(tx: Tx, end: Head) -> int:
    """How many entries came since the last checkpoint."""
    return end.size - int(tx.value(text("SELECT max(size) FROM checkpoints")) or 0)


def checkpoints(tx: Tx) -> list[CheckpointRow]:
    """Every checkpoint, smallest size first."""
    found = tx.run(text("SELECT size, head, root, note, at FROM checkpoints ORDER BY size"))
    return [CheckpointRow(r.size, bytes(r.head), bytes(r.root), r.note, r.at) for r in found]

"""A chain of records: each hash covers the record and every one before it.

Row `i` is `(seq, canonical, hash)` with `hash = SHA-256(previous hash || canonical)`. `seq` starts at 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Literal, TypeAlias

from cowise.core.errors import TrustError
from cowise.guard import merkle
from cowise.guard.canonical import JSON, canonical

if TYPE_CHECKING:
    from cowise.guard.checkpoint import Checkpoint

GENESIS: bytes = sha256(b"cowise ledger v1").digest()

Row: TypeAlias = tuple[int, bytes, bytes]
FaultKind: TypeAlias = Literal["edited", "deleted", "renumbered", "swapped", "cut", "rewritten"]

_DO = "restore a backup, or find out who could write to the database"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where a ledger does not fit; `seq` is the number the row should have."""

    kind: FaultKind
    seq: int
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked: `checked` rows in order, their last hash, Merkle root and peaks, and the first fault.

    `marks` counts the checkpoints and anchors that were compared and found to fit.
    """

    checked: int
    head: bytes
    root: bytes
    peaks: tuple[bytes, ...]
    marks: int = 0
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        """True when every row and every mark fits."""
        return self.fault is None

    def demand(self) -> Report:
        """The report itself, or TrustError with the first fault."""
        if self.fault is not None:
            raise TrustError(self.fault.message)
        return self


def seal(previous: bytes, record: Mapping[str, JSON]) -> tuple[bytes, bytes]:
    """Canonical bytes of a record and its hash, SHA-256(previous || canonical).

    >>> body, head = seal(GENESIS, {"event": "created"})
    >>> body, len(head)
    (b'{"event":"created"}', 32)
    """
    body = canonical(record)
    return body, sha256(previous + body).digest()


def verify(rows: Iterable[Row], *, marks: Sequence[Checkpoint] = ()) -> Report:
    """Check rows in ascending `seq`, beginning with the first, against the chain and against `marks`.

    `marks` are verified checkpoints or anchors. They tell what the chain alone cannot: a cut tail ("cut") and a
    ledger rewritten as a whole ("rewritten"). Stops at the first fault. Never reads a record's content.

    >>> body, head = seal(GENESIS, {"event": "created"})
    >>> verify([(1, body, head)]).ok, verify([(1, body + b" ", head)]).fault.kind
    (True, 'edited')
    """
    waiting = sorted(marks, key=lambda mark: mark.size)
    sizes = {mark.size for mark in waiting}
    head, peaks, count, passed = GENESIS, list[bytes](), 0, 0
    incoming = iter(rows)
    fault = _compare([m for m in waiting if m.size == 0], head, peaks)
    for row in incoming if fault is None else ():
        seq, body, kept = row
        if seq != count + 1 or sha256(head + body).digest() != kept:
            fault = _diagnose(head, count + 1, row, incoming)
            break
        merkle.push(peaks, count, merkle.leaf(body))
        head, count = kept, count + 1
        if count in sizes:
            here = [mark for mark in waiting if mark.size == count]
            fault = _compare(here, head, peaks)
            if fault is not None:
                break
            passed += len(here)
    if fault is None and waiting and waiting[-1].size > count:
        fault = Fault(
            "cut",
            count + 1,
            f"ledger: ends at record {count}, but a signed mark covers {waiting[-1].size}: "
            f"the last {waiting[-1].size - count} were cut off; {_DO}",
        )
    return Report(count, head, merkle.root(peaks), tuple(peaks), passed, fault)


def _compare(marks: Sequence[Checkpoint], head: bytes, peaks: Sequence[bytes]) -> Fault | None:
    for mark in marks:
        if not compare_digest(mark.root, merkle.root(peaks)) or (mark.head and not compare_digest(mark.head, head)):
            message = f"ledger: records 1 to {mark.size} are not those that a signed mark covers: rewritten; {_DO}"
            return Fault("rewritten", mark.size, message)
    return None


def _diagnose(head: bytes, expected: int, row: Row, rest: Iterator[Row]) -> Fault:
    """Say what happened from the odd row and the one after it."""
    seq, body, kept = row
    follows = sha256(head + body).digest() == kept
    after = next(rest, None)
    if after is not None and _changed_places(head, row, after):
        return Fault("swapped", expected, f"ledger: records {expected} and {expected + 1} changed places; {_DO}")
    if seq != expected and follows:
        return Fault("renumbered", expected, f"ledger: record {expected} bears number {seq}: renumbered; {_DO}")
    if seq > expected:
        gone = f"record {expected} is" if seq == expected + 1 else f"records {expected} to {seq - 1} are"
        return Fault("deleted", expected, f"ledger: {gone} missing: deleted; {_DO}")
    if seq < expected:
        return Fault("renumbered", expected, f"ledger: number {seq} comes where {expected} should: renumbered; {_DO}")
    return Fault(
        "edited",
        expected,
        f"ledger: record {expected} does not follow from the one before it: one of the two was edited, or records "
        f"between them were removed and the rest renumbered; {_DO}",
    )


def _changed_places(head: bytes, row: Row, after: Row) -> bool:
    """Whether the two fit in the other order; their hashes may have moved with them or stayed."""
    first = sha256(head + after[1]).digest()
    second = sha256(first + row[1]).digest()
    return {first, second} == {row[2], after[2]}

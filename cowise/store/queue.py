"""The questions that are open now: filled by the picker, held by one person at a time, gone when answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError
from cowise.store import counters, leases, opinions
from cowise.store.leases import Lease
from cowise.store.opinions import OpinionRow, Said
from cowise.store.tx import Tx
from cowise.store.values import clean, item_key, ordinal_of

QuestionKind = Literal["train", "audit", "decide", "second"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item to ask about: smaller `rank` first. `kind` is hidden from people; `seat` lets several answer one item."""

    ordinal: int
    rank: float
    kind: QuestionKind
    blind: bool = True
    seat: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A question that one person holds. Show `lease.token` with the answer; never show `kind`."""

    lease: Lease
    ordinal: int
    kind: QuestionKind
    blind: bool
    rank: float
    seat: int


def _held(row: Row[Any]) -> Held:
    return Held(leases.lease_of(row), ordinal_of(row.item), row.kind, bool(row.blind), row.rank, row.seat)


_FILL = text(
    "INSERT INTO queue (project, item, seat, rank, kind, blind) VALUES (:p, :item, :seat, :rank, :kind, :blind) "
    "ON CONFLICT (item, seat) DO UPDATE SET rank = excluded.rank, kind = excluded.kind, blind = excluded.blind "
    "WHERE queue.owner IS NULL"
)


def fill(tx: Tx, project: int, wanted: Sequence[Wanted]) -> None:
    """Put questions in; one that waits already gets the new rank and kind, one that is held stays as it is."""
    if wanted:
        tx.run(
            _FILL,
            [
                {
                    "p": project,
                    "item": item_key(project, w.ordinal),
                    "seat": w.seat,
                    "rank": w.rank,
                    "kind": w.kind,
                    "blind": int(w.blind),
                }
                for w in wanted
            ],
        )


_CLEAR = text("DELETE FROM queue WHERE project = :p AND kind = :k AND (owner IS NULL OR expires <= :now)")


def clear(tx: Tx, project: int, kinds: Sequence[QuestionKind] = ("train", "audit", "decide", "second")) -> int:
    """Take out the questions of these kinds that nobody holds now; held ones stay. How many went."""
    gone = 0
    for kind in kinds:
        gone += tx.run(_CLEAR, {"p": project, "k": kind, "now": tx.now()}).rowcount
    return gone


NEXT = (
    "project = :project "
    "AND NOT EXISTS (SELECT 1 FROM passes s WHERE s.item = queue.item AND s.member = :member) "
    "AND NOT EXISTS (SELECT 1 FROM opinions o WHERE o.item = queue.item AND o.member = :member AND o.state = 'current') "
    "AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.item = queue.item AND q.id <> queue.id AND q.owner = :owner AND q.expires > :now)"
)


def lease(tx: Tx, project: int, member: int, *, seconds: float = 300.0) -> Held | None:
    """The next question for a member, held for `seconds`; None when there is none.

    Never one that the member passed, answered or holds in another seat; one whose time is over is given out again.
    """
    row = leases.take(tx, "queue", NEXT, owner=str(member), seconds=seconds, project=project, member=member)
    return None if row is None else _held(row)


_MINE = text("SELECT * FROM queue WHERE project = :p AND owner = :owner AND expires > :now ORDER BY rank, id")


def held_by(tx: Tx, project: int, member: int) -> list[Held]:
    """What a member holds now (after a page was loaded again)."""
    return [_held(row) for row in tx.run(_MINE, {"p": project, "owner": str(member), "now": tx.now()})]


def held(tx: Tx, project: int) -> set[int]:
    """Ordinals of the items that somebody holds now."""
    rows = tx.run(
        text("SELECT item FROM queue WHERE project = :p AND owner IS NOT NULL AND expires > :now"),
        {"p": project, "now": tx.now()},
    )
    return {ordinal_of(row.item) for row in rows}


def renew(tx: Tx, token: str, *, seconds: float = 300.0) -> float:
    """Hold on; the new end. ConflictError when the hold is over."""
    return leases.renew(tx, "queue", token, seconds, "question")


def release(tx: Tx, token: str) -> None:
    """Give the question back to everybody, unanswered."""
    leases.release(tx, "queue", token, "question")


_DONE = text("DELETE FROM queue WHERE token = :token AND expires > :now AND owner IS NOT NULL RETURNING *")


def answer(tx: Tx, project: int, token: str, said: Said) -> OpinionRow:
    """Store the answer to a held question and take it from the queue.

    A repeat under the same key gets the stored answer, also after the hold is over. ConflictError when the key was
    used for another answer, when the hold is over, or when the answer is about another item or by another member.
    """
    known = opinions.repeat_of(tx, project, said)
    if known is not None:
        return known
    row = leases.held(tx.first(_DONE, {"token": token, "now": tx.now()}), "answer")
    if row.item != item_key(project, said.ordinal) or row.owner != str(said.member):
        raise ConflictError("answer: the hold is on another item or by another person; take the next question")
    return opinions.put_new(tx, project, said)


_PASS = text(
    "INSERT INTO passes (project, item, member, kind, note, at) VALUES (:p, :item, :m, :kind, :note, :at) "
    "ON CONFLICT (item, member, kind) DO NOTHING"
)


def skip(tx: Tx, project: int, token: str, member: int) -> None:
    """Pass a held question on to somebody else; this member is not asked it again."""
    row = leases.release(tx, "queue", token, "skip")
    tx.run(_PASS, {"p": project, "item": row.item, "m": member, "kind": "skip", "note": "", "at": tx.now()})


def flag(tx: Tx, project: int, ordinal: int, member: int, note: str) -> None:
    """Note a trouble with an item; it stays in the queue for others."""
    item = item_key(project, ordinal)
    added = tx.run(
        _PASS, {"p": project, "item": item, "m": member, "kind": "flag", "note": clean(note), "at": tx.now()}
    )
    counters.add(tx, project, {"flags": added.rowcount})


def unskip(tx: Tx, project: int, member: int, ordinal: int) -> None:
    """Take a skip back: the member may be asked again."""
    tx.run(
        text("DELETE FROM passes WHERE project = :p AND item = :i AND member = :m AND kind = 'skip'"),
        {"p": project, "i": item_key(project, ordinal), "m": member},
    )


@dataclass(frozen=True, slots=True)
class Passed:
    """A skip or a flag."""

    ordinal: int
    member: int
    kind: Literal["skip", "flag"]
    note: str
    at: float


def passed(tx: Tx, project: int, kind: Literal["skip", "flag"], limit: int = 1000) -> list[Passed]:
    """Skips or flags of a project, oldest first."""
    rows = tx.run(
        text("SELECT * FROM passes WHERE project = :p AND kind = :k ORDER BY id LIMIT :n"),
        {"p": project, "k": kind, "n": limit},
    )
    return [Passed(ordinal_of(r.item), r.member, r.kind, r.note, r.at) for r in rows]


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many questions wait and how many are held, by kind."""

    waiting: dict[str, int]
    held: dict[str, int]


def state(tx: Tx, project: int) -> QueueState:
    """Counts over the (small) queue."""
    rows = tx.run(
        text(
            "SELECT kind, sum(CASE WHEN owner IS NULL OR expires <= :now THEN 1 ELSE 0 END) AS w, count(*) AS n "
            "FROM queue WHERE project = :p GROUP BY kind"
        ),
        {"p": project, "now": tx.now()},
    ).all()
    return QueueState({r.kind: int(r.w) for r in rows}, {r.kind: int(r.n - r.w) for r in rows})


def ordinals(tx: Tx, project: int) -> list[int]:
    """Ordinals of every item in the queue."""
    return [
        ordinal_of(r.item)
        for r in tx.run(text("SELECT item FROM queue WHERE project = :p ORDER BY rank, id"), {"p": project})
    ]

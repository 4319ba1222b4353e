"""The questions that are open now: filled by the picker, held by one person at a time, gone when answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError
from cowise.store import counters, leases, members, opinions
from cowise.store.leases import Lease
from cowise.store.opinions import OpinionRow, Said
from cowise.store.tx import Tx
from cowise.store.values import clean, dumps, item_key, loads, ordinal_of

QuestionKind = Literal["train", "audit", "decide", "second"]
ECONOMY: tuple[QuestionKind, ...] = ("train", "audit", "decide")
"""What the economy asks for; second opinions were asked for by somebody, and wait until they are given."""
PassKind = Literal["skip", "flag", "seen"]


@dataclass(frozen=True, slots=True)
class Hint:
    """What a model says beside a question that is not blind: its label, how sure it is, likeliest labels first."""

    label: str
    p: float | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item to ask about: smaller `rank` first. `kind` is hidden; `seat` lets several answer; `wish` is asked it first."""

    ordinal: int
    rank: float
    kind: QuestionKind
    blind: bool = True
    seat: int = 0
    hint: Hint | None = None
    wish: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A question that one person holds. Show `lease.token` with the answer; never show `kind`."""

    lease: Lease
    ordinal: int
    kind: QuestionKind
    blind: bool
    rank: float
    seat: int
    hint: Hint | None = None

    def again(self, rank: float | None = None) -> Wanted:
        """The same question, to be put in once more."""
        rank = self.rank if rank is None else rank
        return Wanted(self.ordinal, rank, self.kind, self.blind, self.seat, self.hint)


def _held(row: Row[Any]) -> Held:
    blind, ordinal = bool(row.blind), ordinal_of(row.item)
    return Held(leases.lease_of(row), ordinal, row.kind, blind, row.rank, row.seat, None if blind else _hint(row.hint))


def _hint(kept: str | None) -> Hint | None:
    if kept is None:
        return None
    label, p, order = loads(kept)
    return Hint(label, p, tuple(order))


_FILL = text(
    "INSERT INTO queue (project, item, seat, rank, kind, blind, hint, wish, language) "
    "VALUES (:p, :item, :seat, :rank, :kind, :blind, :hint, :wish, "
    "coalesce((SELECT i.language FROM items i WHERE i.id = :item), '')) ON CONFLICT (item, seat) DO UPDATE "
    "SET rank = excluded.rank, kind = excluded.kind, blind = excluded.blind, hint = excluded.hint, wish = excluded.wish "
    "WHERE queue.owner IS NULL"
)


def fill(tx: Tx, project: int, wanted: Sequence[Wanted]) -> None:
    """Put questions in; one that waits already gets the new rank and kind, one that is held stays as it is."""
    if wanted:
        tx.run(_FILL, [_filled(project, one) for one in wanted])


def _filled(project: int, w: Wanted) -> dict[str, object]:
    hint = None if w.hint is None else dumps([w.hint.label, w.hint.p, list(w.hint.order)])
    return {
        "p": project, "item": item_key(project, w.ordinal), "seat": w.seat, "rank": w.rank, "kind": w.kind,
        "blind": int(w.blind), "hint": hint, "wish": w.wish,
    }  # fmt: skip


_CLEAR = text(
    "DELETE FROM queue WHERE project = :p AND kind = :k AND blind >= :blind AND (owner IS NULL OR expires <= :now)"
)


def clear(tx: Tx, project: int, kinds: Sequence[QuestionKind] = ECONOMY, *, blind: bool = False) -> int:
    """Take out the waiting questions of these kinds (the `blind` ones alone); held ones stay. How many went.

    Second opinions stay unless they are named: whoever asked for one is not to be forgotten.
    """
    now = tx.now()
    return sum(
        tx.run(_CLEAR, {"p": project, "k": kind, "blind": int(blind), "now": now}).rowcount for kind in sorted(kinds)
    )


# LIMIT 1 OFFSET 0 keeps PostgreSQL from making joins of these: it then reads all that the member ever said for each row.
_NONE = "AND NOT EXISTS (SELECT 1 FROM {} LIMIT 1 OFFSET 0) "
NEXT = (
    "project = :project "
    + _NONE.format("passes s WHERE s.item = queue.item AND s.member = :member AND s.kind = 'skip'")
    + _NONE.format("opinions o WHERE o.item = queue.item AND o.member = :member AND o.state = 'current'")
    + _NONE.format("queue q WHERE q.item = queue.item AND q.id <> queue.id AND q.owner = :owner AND q.expires > :now")
)


# Whoever names no languages reads all; what has none is read by everybody.
READ = " AND (queue.language = '' OR CAST(:reads AS TEXT) LIKE '%,' || queue.language || ',%')"
_NO_AUDITS = " AND kind NOT IN ('audit', 'second')"
_WISHED = " AND (wish = :member OR wish IS NULL)"


def lease(
    tx: Tx, project: int, member: int, *, seconds: float = 300.0, audits: bool = True, others: bool = True
) -> Held | None:
    """The next question for a member, held for `seconds`; None when there is none, or none but `audits` or `others`'.

    Never one that the member skipped, answered, cannot read or holds in another seat; one whose time is over goes out again.
    """
    where = NEXT + ("" if audits else _NO_AUDITS) + ("" if others else _WISHED)
    return _shown(tx, project, member, _taken(tx, where, project, member, seconds))


def lease_item(tx: Tx, project: int, member: int, ordinal: int, *, seconds: float = 300.0) -> Held | None:
    """The question about one item, if it waits; None while somebody holds it or none is asked."""
    row = _taken(tx, f"{NEXT} AND item = :item", project, member, seconds, item=item_key(project, ordinal))
    return _shown(tx, project, member, row)


def _shown(tx: Tx, project: int, member: int, row: Row[Any] | None) -> Held | None:
    """The question that was taken; what it suggests is remembered as seen, whatever becomes of it."""
    held = None if row is None else _held(row)
    if held is not None and held.hint is not None:
        see(tx, project, member, [held.ordinal])
    return held


def _taken(tx: Tx, where: str, project: int, member: int, seconds: float, **more: int) -> Row[Any] | None:
    reads, told = members.reads(tx, member), dict[str, Any](more)
    if reads is not None:
        where, told["reads"] = where + READ, f",{','.join(sorted(reads))},"
    return leases.take(tx, "queue", where, owner=str(member), seconds=seconds, project=project, member=member, **told)


_MINE = text("SELECT * FROM queue WHERE project = :p AND owner = :owner AND expires > :now ORDER BY rank, id")


def held_by(tx: Tx, project: int, member: int) -> list[Held]:
    """What a member holds now (after a page was loaded again)."""
    return [_held(row) for row in tx.run(_MINE, {"p": project, "owner": str(member), "now": tx.now()})]


def renew(tx: Tx, token: str, *, seconds: float = 300.0) -> float:
    """Hold on; the new end. ConflictError when the hold is over."""
    return leases.renew(tx, "queue", token, seconds, "question")


def release(tx: Tx, token: str) -> None:
    """Give the question back to everybody, unanswered."""
    leases.release(tx, "queue", token, "question")


_DONE = text("DELETE FROM queue WHERE token = :token AND expires > :now AND owner IS NOT NULL RETURNING *")
_SEE = text("SELECT * FROM queue WHERE token = :token AND expires > :now AND owner = :owner AND project = :p")


def look(tx: Tx, project: int, member: int, token: str) -> Held | None:
    """What a member holds under a token; None when the hold is over or was never this member's."""
    row = tx.first(_SEE, {"token": token, "now": tx.now(), "owner": str(member), "p": project})
    return None if row is None else _held(row)


def finish(tx: Tx, project: int, member: int, token: str, now: float) -> Held:
    """Take out a question that is answered `now`. ConflictError when the hold is over or is another person's.

    Store the answer with the same time: a second look at the clock could find the hold over.
    """
    row = leases.held(tx.first(_DONE, {"token": token, "now": now}), "answer")
    if row.project != project or row.owner != str(member):
        raise ConflictError("answer: the hold is on another item or by another person; take the next question")
    return _held(row)


def answer(tx: Tx, project: int, token: str, said: Said) -> OpinionRow:
    """Store the answer to a held question and take it from the queue.

    A repeat under the same key gets the stored answer, also after the hold is over; InputError when the key was used
    for another one. ConflictError when the hold is over, or when the answer is about another item or by another member.
    """
    known = opinions.repeat_of(tx, project, said)
    if known is not None:
        return known
    now = tx.now()
    if finish(tx, project, said.member, token, now).ordinal != said.ordinal:
        raise ConflictError("answer: the hold is on another item or by another person; take the next question")
    return opinions.put_new(tx, project, said, now)


_PASS = text(
    "INSERT INTO passes (project, item, member, kind, note, at, newest) VALUES (:p, :item, :m, :kind, :note, :at, "
    "(SELECT coalesce(max(o.id), 0) FROM opinions o WHERE o.project = :p AND o.member = :m)) "
    "ON CONFLICT (item, member, kind) DO NOTHING"
)


def _pass(tx: Tx, project: int, member: int, ordinals: Sequence[int], kind: str, note: str = "") -> int:
    one = {"p": project, "m": member, "kind": kind, "note": clean(note), "at": tx.now()}
    return sum(tx.run(_PASS, {**one, "item": item_key(project, o)}).rowcount for o in ordinals)


def skip(tx: Tx, project: int, token: str, member: int) -> Held:
    """Pass a held question on to somebody else; this member is not asked it again. ConflictError: the hold is over."""
    held = look(tx, project, member, token)
    leases.release(tx, "queue", token if held is not None else "", "skip")
    assert held is not None  # noqa: S101 (no row has the token "")
    counters.add(tx, project, {"skips": _pass(tx, project, member, [held.ordinal], "skip")})
    return held


def flag(tx: Tx, project: int, ordinal: int, member: int, note: str) -> None:
    """Note a trouble with an item; it stays in the queue."""
    counters.add(tx, project, {"flags": _pass(tx, project, member, [ordinal], "flag", note)})


def see(tx: Tx, project: int, member: int, ordinals: Sequence[int]) -> None:
    """Remember that a member was shown what a model says of these items: their answers are no longer blind."""
    _pass(tx, project, member, ordinals, "seen")


_SEEN = text(
    "SELECT item FROM passes WHERE project = :p AND member = :m AND kind = 'seen' AND item IN :items"
).bindparams(bindparam("items", expanding=True))


def seen(tx: Tx, project: int, member: int, ordinals: Sequence[int]) -> set[int]:
    """Which of these items a member was shown by `see`."""
    rows = tx.run(_SEEN, {"p": project, "m": member, "items": [item_key(project, o) for o in ordinals]})
    return {ordinal_of(row.item) for row in rows}


_UNSKIP = text("DELETE FROM passes WHERE project = :p AND item = :i AND member = :m AND kind = 'skip'")
_SKIPPED = text("SELECT * FROM passes WHERE project = :p AND member = :m AND kind = 'skip' ORDER BY id DESC LIMIT 1")


def unskip(tx: Tx, project: int, member: int, ordinal: int) -> None:
    """Take a skip back: the member may be asked again."""
    gone = tx.run(_UNSKIP, {"p": project, "i": item_key(project, ordinal), "m": member}).rowcount
    counters.add(tx, project, {"skips": -gone})


def last_skip(tx: Tx, project: int, member: int) -> Passed | None:
    """The newest skip of a member that stands."""
    row = tx.first(_SKIPPED, {"p": project, "m": member})
    return None if row is None else _passed(row)


@dataclass(frozen=True, slots=True)
class Passed:
    """A skip, a flag, or a look at what a model says. `newest`: the member's newest opinion then, whatever the clock says."""

    ordinal: int
    member: int
    kind: PassKind
    note: str
    at: float
    newest: int = 0


def _passed(row: Row[Any]) -> Passed:
    return Passed(ordinal_of(row.item), row.member, row.kind, row.note, row.at, row.newest)


_PASSED = text("SELECT * FROM passes WHERE project = :p AND kind = :k ORDER BY id")


def passed(tx: Tx, project: int, kind: PassKind) -> list[Passed]:
    """Skips, flags or looks of a project, all of them, oldest first."""
    return [_passed(row) for row in tx.run(_PASSED, {"p": project, "k": kind})]


_FLAGS = text("SELECT * FROM passes WHERE item = :i AND kind = 'flag' ORDER BY id")
_SKIPPERS = text("SELECT member FROM passes WHERE item = :i AND kind = 'skip'")


def flags_of(tx: Tx, project: int, ordinal: int) -> list[Passed]:
    """Flags of one item, oldest first."""
    return [_passed(row) for row in tx.run(_FLAGS, {"i": item_key(project, ordinal)})]


def skipped_by(tx: Tx, project: int, ordinal: int) -> set[int]:
    """Members who passed one item on."""
    return {int(row.member) for row in tx.run(_SKIPPERS, {"i": item_key(project, ordinal)})}


def passes_of(tx: Tx, project: int) -> dict[tuple[int, str], int]:
    """How many skips and flags each member has left, by (member, kind)."""
    count = "SELECT member, kind, count(*) AS n FROM passes WHERE project = :p GROUP BY member, kind"
    return {(row.member, row.kind): int(row.n) for row in tx.run(text(count), {"p": project})}


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many questions wait and how many are held, by kind."""

    waiting: dict[str, int]
    held: dict[str, int]

    @property
    def num_waiting(self) -> int:
        """How many of the economy's wait."""
        return sum(self.waiting.get(kind, 0) for kind in ECONOMY)

    @property
    def num_open(self) -> int:
        """How many of the economy's wait or are held."""
        return self.num_waiting + sum(self.held.get(kind, 0) for kind in ECONOMY)

    @property
    def num_second(self) -> int:
        """Second opinions that are asked for and not given yet."""
        return self.waiting.get("second", 0) + self.held.get("second", 0)


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


@dataclass(frozen=True, slots=True)
class Place:
    """One question in the queue, without its text: `held` now by somebody."""

    ordinal: int
    kind: QuestionKind
    blind: bool
    held: bool


_ROWS = text("SELECT item, kind, blind, owner, expires FROM queue WHERE project = :p ORDER BY rank, id")


def rows(tx: Tx, project: int) -> list[Place]:
    """Every question in the queue, first come first."""
    now = tx.now()
    return [
        Place(ordinal_of(r.item), r.kind, bool(r.blind), r.owner is not None and r.expires > now)
        for r in tx.run(_ROWS, {"p": project})
    ]


_SEATS = text("SELECT seat, kind FROM queue WHERE item = :i ORDER BY seat")


def seats(tx: Tx, project: int, ordinal: int) -> dict[int, QuestionKind]:
    """The questions about one item, held ones too, by seat."""
    return {int(row.seat): row.kind for row in tx.run(_SEATS, {"i": item_key(project, ordinal)})}


_ANY_HELD = text("SELECT 1 FROM queue WHERE item = :i AND owner IS NOT NULL AND expires > :now")


def drop(tx: Tx, project: int, ordinal: int) -> bool:
    """Take the economy's questions about one item out; False, and nothing goes, while somebody holds one."""
    item = item_key(project, ordinal)
    if tx.first(_ANY_HELD, {"i": item, "now": tx.now()}):
        return False
    tx.run(text("DELETE FROM queue WHERE item = :i AND kind <> 'second'"), {"i": item})
    return True


def release_all(tx: Tx, project: int, member: int) -> int:
    """Give back all that a member holds (somebody left); how many there were."""
    free = "UPDATE queue SET owner = NULL, token = NULL, expires = NULL WHERE project = :p AND owner = :o"
    return tx.run(text(free), {"p": project, "o": str(member)}).rowcount

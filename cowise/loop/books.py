"""What is kept of each thing that a person does: one code for the terminal and for a server, inside one transaction.

Every function takes the transaction that it belongs to: what it returns is true once that is committed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.registry import load
from cowise.core.types import Answer, Certificate, Question, Route
from cowise.loop import capacity, records
from cowise.loop.board import settled
from cowise.loop.protocol import REASON
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, decisions, items, members, opinions, projects, queue
from cowise.store.decisions import DecisionRow
from cowise.store.items import ItemRow
from cowise.store.members import Member
from cowise.store.opinions import OpinionRow, Said
from cowise.store.projects import Project
from cowise.store.queue import Held, Hint, Passed, Wanted

HOLD_S = 600.0
FIRST = -1.0
"""Rank of a question that was answered and taken back: before all others."""
_USE = {"train": "train", "audit": "audit", "decide": "none", "second": "second"}
_KIND = {"train": "train", "audit": "audit", "none": "decide", "second": "second"}


class StandsError(ConflictError):
    """A certificate stands on this answer: it is corrected, never undone. `details` names the item."""

    def __init__(self, message: str = "", item: str = "") -> None:
        super().__init__(message)
        self.details = {"item": item}


@dataclass(frozen=True, slots=True)
class Chair:
    """Who sits where: a person's seat in a project, as both are in this transaction."""

    project: Project
    seat: Member


def chair(tx: Tx, name: str, member: str) -> Chair:
    """The seat of that name, as `sitting` takes it; who has none yet gets one."""
    project = projects.get(tx, name)
    try:
        seat = members.get(tx, project.id, member)
    except MissingError:
        seat = members.ensure(tx, project.id, member)
        records.append(tx, project, "seated", {"member": records.person(seat)})
    return sitting(project, seat)


def sitting(project: Project, seat: Member) -> Chair:
    """A seat that may be sat on; ConflictError for a model's and for one that is closed."""
    if seat.kind != "person":
        raise ConflictError(f"{seat.name!r} is a model in this project; give a person's name")
    if not seat.active:
        raise ConflictError(f"{seat.name!r} has left this project; ask its owner to let you in again")
    return Chair(project, seat)


def lease(tx: Tx, at: Chair, n: int) -> list[Held]:
    """Up to `n` more questions for this person; last those that others had better be asked, and audits that are theirs.

    None beyond what they take on a day.
    """
    found: list[Held] = []
    room = capacity.left(tx, at.project.id, at.seat)
    n = n if room is None else min(n, room)
    chosen = at.project.settings.get("auditors") or [at.seat.id]
    audits = at.seat.id in chosen
    routed = bool(at.project.settings.get("routed"))
    turns = dict.fromkeys([(audits, not routed), (audits, True), (True, True)])
    for audit, others in turns:
        while len(found) < n:
            held = queue.lease(tx, at.project.id, at.seat.id, seconds=HOLD_S, audits=audit, others=others)
            if held is None:
                break
            found.append(held)
    return found


def question(project: Project, held: Held, row: ItemRow) -> Question:
    """What the person sees of it. A blind question carries no suggestion, and nothing else tells questions apart."""
    hint, task = held.hint, project.task
    return Question(
        item=row.id, text=row.text, labels=task.labels, instructions=task.instructions,
        suggestion=hint.label if hint else None, p=hint.p if hint else None, blind=hint is None, reason=REASON,
        token=held.lease.token, meta=row.meta, sets=task.sets,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it comes in. `item` "" means: whatever is held under the token; `key` "" means: the token.

    `why`: the person was looking at reasons for what is suggested.
    """

    token: str
    answer: Answer
    seconds: float = 0.0
    item: str = ""
    key: str = ""
    why: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is stored; `reopened`: it changed what a certificate stood on, which is evaluated again."""

    row: OpinionRow
    reopened: bool = False


def keep(ws: Workspace, tx: Tx, at: Chair, given: Given) -> Kept:
    """Keep an answer to a held question and decide the item by it; a repeat under its key gets the stored one.

    InputError for a key that was used for something else, TaskError for what the task does not take, ConflictError
    when the hold is over.
    """
    project, key = at.project.id, given.key or given.token
    given = replace(given, answer=at.project.task.settle(given.answer))
    known = opinions.by_key(tx, project, key)
    if known is not None:
        _repeats(tx, at, given, known)
        return Kept(known)
    at.project.task.check(given.answer)
    now = tx.now()
    held = queue.finish(tx, project, at.seat.id, given.token, now)
    salt, content = items.salts(tx, project, [held.ordinal])[held.ordinal]
    if given.item and given.item != content:
        raise ConflictError("answer: the hold is on another item; take the next question")
    shown = held.hint.label if held.hint else ""
    # It may have been shown to them with a suggestion before: in bulk, or in a question that they gave back.
    blind = held.hint is None and not queue.seen(tx, project, at.seat.id, [held.ordinal])
    row = opinions.put_new(
        tx,
        project,
        Said(
            held.ordinal, at.seat.id, given.answer, max(0.0, given.seconds), blind=blind,
            version=at.project.released if shown else "", used_for=_USE[held.kind], key=key, suggested=shown,  # type: ignore[arg-type]
        ),
        now,
    )  # fmt: skip
    rows = decide(tx, project, held.ordinal)
    if given.answer.kind == "unsure":
        queue.fill(tx, project, [held.again()])
    # What it is for is told by the certificate that stands on it, not before: the ledger is read by people who answer.
    named, more = records.item_hash(salt, content), {"blind": row.blind, "seconds": round(row.seconds, 1)}
    if given.why and shown:
        _record(tx, at, "reasons shown", named, None, {})
    _record(tx, at, "answered", named, row, more)
    before = [one for one in rows if one.id != row.id]
    shaken = _shaken(ws, tx, at, held.ordinal, (before, rows)) if settled(before) else []
    return Kept(row, reopened=_reopened(tx, project, shaken, "other people gave another answer"))


def _repeats(tx: Tx, at: Chair, given: Given, known: OpinionRow) -> None:
    """Refuse a key that was used for another item, by another person, or for another answer."""
    named = items.salts(tx, at.project.id, [known.ordinal])[known.ordinal][1]
    if (given.item and given.item != named) or not opinions.same(known, at.seat.id, given.answer):
        raise InputError(opinions.OTHER)


def record(tx: Tx, at: Chair, kind: str, ordinal: int, row: OpinionRow | None, more: dict[str, Any]) -> None:
    """One entry in the ledger: what this person did with an item, both under salted hashes."""
    _record(tx, at, kind, records.hashes_of(tx, at.project.id, [ordinal])[ordinal], row, more)


def _record(tx: Tx, at: Chair, kind: str, item: str, row: OpinionRow | None, more: dict[str, Any]) -> None:
    said = {"answer": records.answer_text(row.answer)} if row is not None else {}
    records.append(tx, at.project.id, kind, {"item": item, "member": records.person(at.seat), **said, **more})


def decide(tx: Tx, project: int, ordinal: int) -> list[OpinionRow]:
    """The team's decision on an item from what people say of it now, which is returned; taken back when that is nothing.

    Who is unsure of what the machine decided leaves that as it is. Of what people decided until now and a certificate names, the
    machine's decision is written again.
    """
    rows = current(tx, project, ordinal)
    told = settled(rows)
    if told is None:
        before = decisions.get(tx, project, ordinal)
        if before is None or before.route == "automated":
            return rows
        decisions.withdraw(tx, project, [ordinal])
        settings = projects.by_id(tx, project).settings
        if settings.get("items") or settings.get("streamed"):
            records.change(tx, project, deliver_again=int(settings.get("deliver_again") or 0) + 1)
        return rows
    same = sum(r.answer == told.answer for r in rows)
    unsure = sum(r.answer is not None and r.answer.kind == "unsure" for r in rows)
    route: Route = "consensus" if same > 1 else "reviewed"
    reason = f"{same} of {len(rows)} people gave this answer" if len(rows) > 1 else "a person answered"
    split = same + unsure < len(rows)
    decisions.put(tx, project, [DecisionRow(ordinal, told.answer, route, 1.0, reason, split=split)])
    return rows


def current(tx: Tx, project: int, ordinal: int) -> list[OpinionRow]:
    """What people say of an item now."""
    return [r for r in opinions.of_item(tx, project, ordinal) if r.state == "current"]


def skip(tx: Tx, at: Chair, token: str) -> int:
    """Pass a held question on to somebody else; this person is not asked it again. Its ordinal."""
    held = queue.skip(tx, at.project.id, token, at.seat.id)
    record(tx, at, "skipped", held.ordinal, None, {})
    return held.ordinal


def flag(tx: Tx, at: Chair, ordinal: int, note: str) -> None:
    """Note a trouble with an item; a question about it stays on the table."""
    queue.flag(tx, at.project.id, ordinal, at.seat.id, note)
    record(tx, at, "flagged", ordinal, None, {})


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back. `held` is the question again, None where `why` says that it cannot be asked now.

    `why`: `restored` (an earlier answer of this person stands again), `taken` (somebody else has it or answered it).
    `reopened`: a certificate that stood on it is evaluated again.
    """

    item: ItemRow
    was: Answer | None
    held: Held | None
    why: str = ""
    reopened: bool = False

    @property
    def skipped(self) -> bool:
        """Whether it was a skip."""
        return self.was is None


def undo(ws: Workspace, tx: Tx, at: Chair) -> Undone | None:
    """Take back this person's newest answer or skip, to any depth, and hold its question for them again.

    None when nothing is left. StandsError for an answer that a certificate stands on: that one is corrected.
    """
    last, skipped = opinions.last_of(tx, at.project.id, at.seat.id, 1), queue.last_skip(tx, at.project.id, at.seat.id)
    if skipped is not None and (not last or last[0].id <= skipped.newest):
        return _unskip(tx, at, skipped)
    if last and last[0].certificate:
        raise StandsError(
            "undo: a certificate stands on this answer; give the right answer instead, and it is evaluated again",
            _item(tx, at, last[0].ordinal).id,
        )
    return _unsay(ws, tx, at) if last else None


def _unskip(tx: Tx, at: Chair, skipped: Passed) -> Undone:
    queue.unskip(tx, at.project.id, at.seat.id, skipped.ordinal)
    record(tx, at, "undone", skipped.ordinal, None, {})
    held = queue.lease_item(tx, at.project.id, at.seat.id, skipped.ordinal, seconds=HOLD_S)
    return Undone(_item(tx, at, skipped.ordinal), None, held, "" if held else "taken")


def _unsay(ws: Workspace, tx: Tx, at: Chair) -> Undone:
    project = at.project.id
    row = opinions.undo(tx, project, at.seat.id)
    assert row is not None  # noqa: S101 (the caller has just seen it)
    rows = decide(tx, project, row.ordinal)
    record(tx, at, "undone", row.ordinal, row, {})
    item, restored = _item(tx, at, row.ordinal), any(r.member == at.seat.id for r in rows)
    # What a certificate stands on by itself is not undone; several answers may have moved it together.
    before = sorted([*(r for r in rows if r.member != at.seat.id), row], key=lambda r: r.id)
    shaken = _shaken(ws, tx, at, row.ordinal, (before, rows)) if restored or len(before) > 1 else []
    reopened = _reopened(tx, project, shaken, "an answer was taken back")
    if restored:
        return Undone(item, row.answer, None, "restored", reopened)
    hint = Hint(row.suggested) if row.suggested else None
    kind = _KIND[row.used_for]
    if kind != "second":
        queue.fill(tx, project, [Wanted(row.ordinal, FIRST, kind, hint is None, 0, hint)])  # type: ignore[arg-type]
    else:
        again(tx, project, row.ordinal, FIRST)
    held = queue.lease_item(tx, project, at.seat.id, row.ordinal, seconds=HOLD_S)
    return Undone(item, row.answer, held, "" if held else "taken", reopened)


def again(tx: Tx, project: int, ordinal: int, rank: float) -> bool:
    """Ask for one more opinion on an item, blind, on the next seat; False when one is asked for already."""
    asked = queue.seats(tx, project, ordinal)
    if "second" in asked.values():
        return False
    seat = max([*asked, len(current(tx, project, ordinal)) - 1, 0]) + 1
    queue.fill(tx, project, [Wanted(ordinal, rank, "second", seat=seat)])
    return True


def _item(tx: Tx, at: Chair, ordinal: int) -> ItemRow:
    return items.at(tx, at.project.id, [ordinal])[ordinal]


def correct(ws: Workspace, tx: Tx, at: Chair, right: tuple[str, Answer]) -> bool:
    """Give the right (item, answer) where this person answered before; whether a certificate is opened again by it.

    The same answer once more changes nothing. MissingError where this person has given none.
    """
    item, answer = right[0], at.project.task.settle(right[1])
    at.project.task.check(answer)
    project = at.project.id
    ordinal = items.ordinals(tx, project, [item]).get(item)
    mine = [] if ordinal is None else current(tx, project, ordinal)
    old = next((r for r in mine if r.member == at.seat.id), None)
    if old is None or ordinal is None:
        raise MissingError(f"item {item[:40]}: this person gave no answer to it; review it instead")
    if opinions.same(old, at.seat.id, answer):
        return False
    said = Said(
        ordinal, at.seat.id, answer, blind=old.blind, version=old.version, key=secrets.token_hex(16),
        suggested=old.suggested,
    )  # fmt: skip
    row = opinions.put(tx, project, said)
    shaken = _shaken(ws, tx, at, ordinal, (mine, decide(tx, project, ordinal)))
    record(tx, at, "corrected", ordinal, row, {"certificate": ", ".join(one.id for one in shaken)})
    return _reopened(tx, project, shaken, "an answer it stood on was corrected")


def _shaken(
    ws: Workspace, tx: Tx, at: Chair, ordinal: int, moved: tuple[list[OpinionRow], list[OpinionRow]]
) -> list[Certificate]:
    """The certificates that stand on an item whose settled answer is another one than before: (opinions then, now)."""
    then, now = (settled(rows) for rows in moved)
    if (then and then.answer) == (now and now.answer):
        return []
    # Only this pays for the designs of walks: a server starts without the room that plans them.
    found: list[Certificate] = load("loop.walks:standing_on")(ws, tx, at.project.id, ordinal)
    return found


def _reopened(tx: Tx, project: int, shaken: list[Certificate], why: str) -> bool:
    for one in shaken:
        reopen(tx, project, one, why)
    return bool(shaken)


def reopen(tx: Tx, project: int, shaken: Certificate, why: str) -> None:
    """Withdraw a certificate and open its walk again, so that it is evaluated with the answers as they are now.

    What it automated is to be taken back at once, by `automate.sweep`; `plan.advance` does that if nobody else did.
    Where a walk is open already, this one waits for its end.
    """
    now, details = projects.by_id(tx, project), shaken.details
    certificates.withdraw(tx, project, why, shaken.id)
    records.append(tx, project, "withdrawn", {"certificate": shaken.id, "reason": why})
    mark = {
        "blob": details["blob"], "window": shaken.window, "version": shaken.version, "look": details["look"],
        "uses": opinions.uses(tx, project), "reopened": True,
    }  # fmt: skip
    changes: dict[str, Any] = {"sweep": True}
    newest = now.settings.get("certified") or {}
    if newest.get("id") == shaken.id:
        changes |= {"batch_from": newest["from"], "deliver": None}
    if now.settings.get("walk") is None:
        changes |= {"walk": mark, "advice": None}
    else:
        changes["again"] = [*now.settings.get("again", []), mark]
    records.change(tx, project, **changes)

"""What members say: kept for ever, corrected or undone by a mark, each key answered once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.types import Answer
from cowise.store import counters
from cowise.store.tx import Tx
from cowise.store.values import clean, dumps, item_key, loads, ordinal_of

UsedFor = Literal["none", "train", "audit", "second"]
"""What an answer was given for; that of a second opinion never changes, and is never an audit."""


@dataclass(frozen=True, slots=True)
class Said:
    """An opinion to store. `key` is the caller's idempotency key: sent twice, it counts once.

    `suggested` is the label that was shown beside the question, "" for none.
    """

    ordinal: int
    member: int
    answer: Answer
    seconds: float = 0.0
    cost: float = 0.0
    blind: bool = False
    version: str = ""
    used_for: UsedFor = "none"
    key: str | None = None
    suggested: str = ""


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """A stored opinion. States: `current`, `corrected`, `undone`, `erased`. `repeated`: the key was known already."""

    id: int
    ordinal: int
    member: int
    answer: Answer | None
    seconds: float
    cost: float
    blind: bool
    version: str
    at: float
    state: str
    superseded_by: int | None
    used_for: UsedFor
    certificate: str
    repeated: bool = False
    suggested: str = ""


def _opinion(row: Row[Any], repeated: bool = False) -> OpinionRow:
    answer = None if row.answer is None else Answer.from_json(loads(row.answer))
    return OpinionRow(
        row.id, ordinal_of(row.item), row.member, answer, row.seconds, row.cost, bool(row.blind), row.version,
        row.at, row.state, row.superseded_by, row.used_for, row.certificate, repeated,
        row.suggested,
    )  # fmt: skip


def label_of(answer: Answer | None) -> str | None:
    """The label or labels that an answer names in one cell, for lists and filters; None for every other kind."""
    return clean(answer.text) if answer is not None and answer.kind in ("label", "labels") else None


def _body(said: Said) -> str:
    """What must be equal for a repeat: item, member and answer (not the seconds, which a retry counts anew)."""
    return hashlib.sha256(dumps([said.ordinal, said.member, said.answer.to_json()]).encode("utf-8")).hexdigest()


OTHER = "answer: this key was used for another answer; send a new key with a new answer"
_BY_KEY = text("SELECT * FROM opinions WHERE project = :p AND key = :key")
_CURRENT = text("SELECT * FROM opinions WHERE item = :item AND member = :member AND state = 'current'")
_CURRENT_LOCK = text("SELECT * FROM opinions WHERE item = :item AND member = :member AND state = 'current' FOR UPDATE")
_CORRECT = text("UPDATE opinions SET state = 'corrected' WHERE id = :id")
_POINT = text("UPDATE opinions SET superseded_by = :new WHERE id = :old")
_ADD = text(
    "INSERT INTO opinions (project, item, member, answer, label, seconds, cost, blind, version, at, state, key, body, used_for, suggested) "
    "VALUES (:project, :item, :member, :answer, :label, :seconds, :cost, :blind, :version, :at, 'current', :key, :body, :used_for, :suggested) "
    "RETURNING *"
)


def repeat_of(tx: Tx, project: int, said: Said) -> OpinionRow | None:
    """The opinion stored under this key before; InputError if that one said something else."""
    if said.key is None:
        return None
    found = by_key(tx, project, said.key)
    if found is not None and not (found.ordinal == said.ordinal and same(found, said.member, said.answer)):
        raise InputError(OTHER)
    return found


def by_key(tx: Tx, project: int, key: str) -> OpinionRow | None:
    """The opinion stored under a key, whoever gave it, marked `repeated`; None for a new key."""
    row = tx.first(_BY_KEY, {"p": project, "key": key})
    return None if row is None else _opinion(row, repeated=True)


def same(row: OpinionRow, member: int, answer: Answer) -> bool:
    """Whether a stored opinion is this answer of this member (the seconds, which a retry counts anew, aside)."""
    return row.member == member and row.answer is not None and dumps(row.answer.to_json()) == dumps(answer.to_json())


def put(tx: Tx, project: int, said: Said) -> OpinionRow:
    """Store one opinion; an earlier one of the same member on the item becomes `corrected`.

    The use for training or audit is carried over to the correction: a move is one-way. Same key and same answer:
    the stored one, `repeated`. Same key and another answer: InputError.
    """
    return repeat_of(tx, project, said) or put_new(tx, project, said)


def put_new(tx: Tx, project: int, said: Said, at: float | None = None) -> OpinionRow:
    """Store one opinion whose key is known to be new; else as `put`. `at` is when it was given, if not now."""
    item = item_key(project, said.ordinal)
    old = tx.first(_CURRENT_LOCK if tx.postgres else _CURRENT, {"item": item, "member": said.member})
    if old is not None:
        tx.run(_CORRECT, {"id": old.id})
    row = tx.run(
        _ADD,
        {
            "project": project,
            "item": item,
            "member": said.member,
            "answer": dumps(said.answer.to_json()),
            "label": label_of(said.answer),
            "seconds": said.seconds,
            "cost": said.cost,
            "blind": int(said.blind),
            "version": said.version,
            "at": tx.now() if at is None else at,
            "key": said.key,
            "body": _body(said),
            "used_for": old.used_for if old is not None and old.used_for != "none" else said.used_for,
            "suggested": clean(said.suggested),
        },
    ).one()
    if old is not None:
        tx.run(_POINT, {"new": row.id, "old": old.id})
    counters.add(tx, project, {"answers": 1 if old is None else 0, "given": 1})
    return _opinion(row)


_ITEM = text("SELECT * FROM opinions WHERE item = :item ORDER BY id")
_PAGE = text("SELECT * FROM opinions WHERE project = :p AND id > :after AND state = 'current' ORDER BY id LIMIT :n")


def of_item(tx: Tx, project: int, ordinal: int) -> list[OpinionRow]:
    """Every opinion on an item, corrected and undone ones too, oldest first."""
    return [_opinion(row) for row in tx.run(_ITEM, {"item": item_key(project, ordinal)})]


def current(tx: Tx, project: int, *, after: int = 0, size: int = 5000) -> Iterator[OpinionRow]:
    """Every current opinion of a project in the order given, from key `after` on."""
    while True:
        rows = tx.run(_PAGE, {"p": project, "after": after, "n": size}).all()
        yield from map(_opinion, rows)
        if len(rows) < size:
            return
        after = rows[-1].id


_GET = text("SELECT * FROM opinions WHERE id = :id AND project = :p")
_LAST = text(
    "SELECT * FROM opinions WHERE project = :p AND member = :m AND state = 'current' ORDER BY id DESC LIMIT :n"
)
_UNDO = text("UPDATE opinions SET state = 'undone' WHERE id = :id")
_BEFORE = text("SELECT * FROM opinions WHERE superseded_by = :id AND state = 'corrected'")
_RESTORE = text("UPDATE opinions SET state = 'current', superseded_by = NULL WHERE id = :id")


def last_of(tx: Tx, project: int, member: int, limit: int = 20) -> list[OpinionRow]:
    """The newest current opinions of one member, newest first: what `undo` would take back, in order."""
    return [_opinion(row) for row in tx.run(_LAST, {"p": project, "m": member, "n": limit})]


_SINCE = text(
    "SELECT count(*) FROM (SELECT at FROM opinions WHERE project = :p AND member = :m ORDER BY id DESC LIMIT :most) newest "
    "WHERE at >= :at"
)


def num_since(tx: Tx, project: int, member: int, at: float, most: int) -> int:
    """Answers that a member gave since `at`, corrections counted, as far as `most`: it reads no further back."""
    return int(tx.value(_SINCE, {"p": project, "m": member, "at": at, "most": most}) or 0)


_AGREED = text(
    "SELECT count(*) AS n, sum(CASE WHEN label = suggested THEN 1 ELSE 0 END) AS same FROM opinions "
    "WHERE project = :p AND member = :m AND state = 'current' AND blind = 0 AND suggested <> ''"
)
_DONE = text(
    "SELECT count(*) AS n, sum(CASE WHEN at >= :since THEN 1 ELSE 0 END) AS fresh FROM opinions "
    "WHERE project = :p AND member = :m AND state = 'current'"
)
_LATELY = text("SELECT DISTINCT member FROM opinions WHERE project = :p AND id > :after AND at >= :since")


def agreed(tx: Tx, project: int, member: int) -> tuple[int, int]:
    """(answers to questions that showed a suggestion, how many of them are that suggestion)."""
    row = tx.run(_AGREED, {"p": project, "m": member}).one()
    return int(row.n), int(row.same or 0)


def done(tx: Tx, project: int, member: int, since: float) -> tuple[int, int]:
    """(current answers of a member, how many were given since then)."""
    row = tx.run(_DONE, {"p": project, "m": member, "since": since}).one()
    return int(row.n), int(row.fresh or 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """A member's current answers: how many, how many since then, and with suggestions how many shown and followed."""

    answers: int
    fresh: int
    shown: int
    same: int


_FIGURES = text(
    "SELECT member, count(*) AS n, sum(CASE WHEN at >= :since THEN 1 ELSE 0 END) AS fresh, "
    "sum(CASE WHEN blind = 0 AND suggested <> '' THEN 1 ELSE 0 END) AS shown, "
    "sum(CASE WHEN blind = 0 AND suggested <> '' AND label = suggested THEN 1 ELSE 0 END) AS same "
    "FROM opinions WHERE project = :p AND state = 'current' GROUP BY member"
)


def figures(tx: Tx, project: int, since: float) -> dict[int, Figures]:
    """What every member has answered so far."""
    rows = tx.run(_FIGURES, {"p": project, "since": since})
    return {row.member: Figures(int(row.n), int(row.fresh), int(row.shown), int(row.same)) for row in rows}


def active(tx: Tx, project: int, since: float, newest: int = 2000) -> set[int]:
    """Members among those who gave the newest answers that gave one since then."""
    last = int(tx.value(text("SELECT max(id) FROM opinions"), {}) or 0)
    return {row.member for row in tx.run(_LATELY, {"p": project, "after": last - newest, "since": since})}


def touched(tx: Tx, project: int, after: int) -> set[int]:
    """Ordinals of items with an opinion that is newer than key `after`."""
    rows = tx.run(text("SELECT item FROM opinions WHERE project = :p AND id > :a"), {"p": project, "a": after})
    return {ordinal_of(row.item) for row in rows}


def undo(tx: Tx, project: int, member: int) -> OpinionRow | None:
    """Take back a member's newest current opinion; call again to go deeper; None when nothing is left.

    What it had corrected is current again. ConflictError for one that a certificate stands on: correct that instead.
    """
    row = tx.first(_LAST, {"p": project, "m": member, "n": 1})
    if row is None:
        return None
    if row.certificate:
        raise ConflictError(
            "undo: a certificate stands on this answer; give the right answer instead, and it is evaluated again"
        )
    tx.run(_UNDO, {"id": row.id})
    before = tx.first(_BEFORE, {"id": row.id})
    if before is not None:
        tx.run(_RESTORE, {"id": before.id})
    counters.add(tx, project, {"answers": 0 if before is not None else -1})
    return _opinion(tx.run(_GET, {"id": row.id, "p": project}).one())


_USE = text(
    "UPDATE opinions SET used_for = :use WHERE id = :id AND project = :p AND used_for IN ('none', :use, :allowed)"
)


def use(tx: Tx, project: int, ids: Sequence[int], used_for: Literal["train", "audit"]) -> None:
    """Say what opinions are for. One-way: none to audit or train, audit to train; ConflictError for train to audit."""
    if not ids:
        return
    allowed = "audit" if used_for == "train" else "none"
    for one in ids:
        if not tx.run(_USE, {"id": one, "p": project, "use": used_for, "allowed": allowed}).rowcount:
            _missing(tx, project, one)
            raise ConflictError(f"opinion {one} trained the model already and can no longer audit; draw another item")


_FREE = text(
    "UPDATE opinions SET used_for = 'train' WHERE project = :p AND used_for = 'audit' AND certificate = '' AND state = 'current'"
)


def free_audits(tx: Tx, project: int) -> int:
    """Audits on which no certificate was ever based may train: the look that asked for them was given up. How many."""
    return tx.run(_FREE, {"p": project}).rowcount


def _missing(tx: Tx, project: int, opinion: int) -> None:
    if tx.first(_GET, {"id": opinion, "p": project}) is None:
        raise MissingError(f"opinion {opinion} is not in this project")


_CERTIFY = text("UPDATE opinions SET certificate = :c WHERE project = :p AND id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def certify(tx: Tx, project: int, ids: Sequence[int], certificate: str) -> None:
    """Mark the opinions on which a certificate stands: from now on they are corrected, never undone."""
    for i in range(0, len(ids), 5000):
        tx.run(_CERTIFY, {"c": certificate, "p": project, "ids": list(ids[i : i + 5000])})


def mark(tx: Tx, project: int) -> tuple[int, int]:
    """(how many current opinions, key of the newest): changes with every answer, correction and undo."""
    row = tx.run(
        text(
            "SELECT count(*) AS n, coalesce(max(id), 0) AS last FROM opinions WHERE project = :p AND state = 'current'"
        ),
        {"p": project},
    ).one()
    return int(row.n), int(row.last)


_FIRST = text(
    "SELECT item, min(at) AS first, count(DISTINCT CASE WHEN state = 'current' AND answer <> :unsure THEN answer END) "
    "AS answers FROM opinions WHERE project = :p AND state <> 'undone' GROUP BY item"
)


def first_said(tx: Tx, project: int) -> dict[int, tuple[float, int]]:
    """Of each item: when it was answered first, and how many different answers it has now, the unsure left out."""
    rows = tx.run(_FIRST, {"p": project, "unsure": dumps(Answer("unsure").to_json())})
    return {ordinal_of(row.item): (float(row.first), int(row.answers)) for row in rows}


def uses(tx: Tx, project: int) -> dict[str, int]:
    """How many answers were given for training, audit and nothing of the two; corrected ones count, undone ones not.

    Second opinions are among the last: they are for the result.
    """
    rows = tx.run(
        text("SELECT used_for, count(*) AS n FROM opinions WHERE project = :p AND state <> 'undone' GROUP BY used_for"),
        {"p": project},
    )
    found = {row.used_for: int(row.n) for row in rows}
    second = found.pop("second", 0)
    return {**found, "none": found.get("none", 0) + second} if second else found

"""Items that the candidate is sure of, label by label, for people to confirm or correct many at a time.

Each is one recorded opinion, with the suggestion that was seen; none is ever an audit: while a look is open nothing is
swept, and what was shown here and not answered gets no lot (`board.apart`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.types import Answer, Indices
from cowise.loop import books, records
from cowise.loop.books import Chair
from cowise.loop.workspace import Workspace
from cowise.store import Tx, decisions, items, members, opinions, projects, queue
from cowise.store.opinions import Said
from cowise.store.projects import Project

MOST = 100
"""Items on one page."""
MOST_KEY = 120
LOCKED = "look"
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Sure:
    """An item with what the candidate says of it."""

    item: str
    text: str
    label: str
    p: float


@dataclass(frozen=True, slots=True)
class Page:
    """`reason` of an empty one: `look` (locked while a look is open), `nothing` (the candidate is sure of no more)."""

    items: tuple[Sure, ...]
    locked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Swept:
    """How many opinions are kept, earlier ones under the same key counted, and the items that were left out."""

    stored: int
    skipped: tuple[str, ...]


def page(ws: Workspace, name: str, member: str, *, label: str = "", limit: int = 24) -> Page:
    """Up to `limit` open items of one label ("" for all), the surest first. InputError for a label that is not there."""
    kept = _kept(ws, name)
    limit = max(1, min(MOST, limit))

    def work(tx: Tx) -> Page:
        at = books.chair(tx, name, member)
        if at.project.settings.get("walk"):
            return Page((), locked=True, reason=LOCKED)
        reads = members.reads(tx, at.seat.id)
        wanted = _wanted(at.project, kept, label)
        busy = {q.ordinal for q in queue.rows(tx, at.project.id) if q.held}
        found, shown = list[Sure](), list[int]()
        for i in range(0, len(wanted), MOST):
            part = [row for row in wanted[i : i + MOST] if row[0] not in busy]
            if reads is not None:
                spoken = items.languages(tx, at.project.id, [o for o, _, _ in part])
                part = [row for row in part if spoken[row[0]] in reads | {""}]
            rows = items.at(tx, at.project.id, [o for o, _, _ in part])
            for o, told, p in part:
                if len(found) < limit and o in rows and not rows[o].erased and _is_open(tx, at, o, rows[o].label):
                    found.append(Sure(rows[o].id, rows[o].text, told, round(p, 4)))
                    shown.append(o)
            if len(found) == limit:
                break
        queue.see(tx, at.project.id, at.seat.id, shown)
        return Page(tuple(found), locked=False, reason="" if found else NOTHING)

    return ws.store.write(work)


def _is_open(tx: Tx, at: Chair, ordinal: int, imported: str | None) -> bool:
    """Nobody has decided it, and this person has said nothing of it."""
    if imported is not None or decisions.get(tx, at.project.id, ordinal) is not None:
        return False
    return all(row.member != at.seat.id for row in books.current(tx, at.project.id, ordinal))


def _kept(ws: Workspace, name: str) -> dict[str, Any]:
    """What the candidate was surest of when it last learned: columns `ordinals`, `label`, `p`."""
    for _ in range(2):  # it may just be replaced
        with ws.store.read() as tx:
            blob = projects.get(tx, name).settings.get("sure")
        try:
            return records.columns(ws.store.blobs.get(blob)) if blob else {}
        except MissingError:
            continue
    return {}


def _wanted(project: Project, kept: dict[str, Any], label: str) -> list[tuple[int, str, float]]:
    """(ordinal, label, p) of the items to show."""
    task = project.task
    if label and label not in task.labels:
        raise InputError(f"sweep: asked for the label {label[:60]!r}, which the task does not have")
    if not kept:
        return []
    number: Indices = kept["label"]
    fits = number < task.size
    if label:
        place = task.labels.index(label)
        fits &= (number >> place & 1 == 1) if task.sets else (number == place)
    rows = np.flatnonzero(fits)
    return [(int(kept["ordinals"][i]), task.answer(int(number[i])).text, float(kept["p"][i])) for i in rows.tolist()]


def answer(ws: Workspace, name: str, member: str, said: Sequence[tuple[str, Answer]], key: str) -> Swept:
    """Keep one opinion for each (item, answer); sent twice under one key, each counts once.

    Left out is what this person was not shown here, what somebody else holds, and what was decided meanwhile.
    ConflictError while a look is open, InputError for another answer under a used key.
    """
    if not 0 < len(said) <= MOST or not 0 < len(key) <= MOST_KEY:
        raise InputError(
            f"sweep: got {len(said)} answers under a key of {len(key)} characters; send 1 to {MOST} and a key"
        )
    kept = _kept(ws, name)
    told = dict(zip(kept["ordinals"].tolist(), kept["label"].tolist(), strict=True)) if kept else {}

    def work(tx: Tx) -> Swept:
        at = books.chair(tx, name, member)
        places = items.ordinals(tx, at.project.id, [item for item, _ in said])
        seen = queue.seen(tx, at.project.id, at.seat.id, list(places.values()))
        stored, skipped = 0, list[str]()
        for item, one in said:
            task = at.project.task
            one = task.settle(one)  # noqa: PLW2901
            task.check(one)
            ordinal = places.get(item)
            shown = None if ordinal is None else told.get(ordinal)
            label = "" if shown is None or shown >= task.size else task.answer(shown).text
            if ordinal is not None and ordinal in seen and _keep(tx, at, (ordinal, one, label), f"sweep {key} {item}"):
                stored += 1
            else:
                skipped.append(item)
        return Swept(stored, tuple(skipped))

    return ws.store.write(work)


def _keep(tx: Tx, at: Chair, told: tuple[int, Answer, str], key: str) -> bool:
    ordinal, answer, label = told
    project = at.project.id
    said = Said(
        ordinal, at.seat.id, answer, blind=False, version=at.project.released, key=key, suggested=label
    )  # fmt: skip
    if opinions.repeat_of(tx, project, said) is not None:
        return True
    if at.project.settings.get("walk"):
        raise ConflictError("sweep: a look is open, in which every answer is given to a question; go on reviewing")
    if not _is_open(tx, at, ordinal, items.at(tx, project, [ordinal])[ordinal].label) or not queue.drop(
        tx, project, ordinal
    ):
        return False
    row = opinions.put_new(tx, project, said)
    books.decide(tx, project, ordinal)
    books.record(tx, at, "answered", ordinal, row, {"blind": False, "seconds": 0.0})
    return True

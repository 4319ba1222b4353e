"""Which languages the texts of a project are in, who reads which, and what nobody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cowise.core.language import good, reading
from cowise.loop import books, circles, records, seats
from cowise.loop.board import read
from cowise.loop.callers import Caller
from cowise.loop.workspace import Workspace
from cowise.store import Tx, items, members, queue
from cowise.store.members import Member


@dataclass(frozen=True, slots=True)
class Languages:
    """`texts` by language ("" for those that have none); of active `people` what they read, [] for everything.

    `unread`: how many open texts wait in each language that none of them reads.
    """

    texts: Mapping[str, int]
    people: Mapping[str, Sequence[str]]
    unread: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def languages(ws: Workspace, name: str) -> Languages:
    """The languages of a project's texts and of its people."""
    board = read(ws, name)
    counts = np.bincount(board.reading.code[~board.erased], minlength=len(board.reading.languages)).tolist()
    texts = {one: n for one, n in sorted(zip(board.reading.languages, counts, strict=True)) if n}
    with ws.store.read() as tx:
        people = [one for one in members.roster(tx, board.project.id) if one.kind == "person" and one.active]
    return Languages(
        texts, {one.name: list(one.settings.get("languages", ())) for one in people}, circles.unread(board)
    )


def set_languages(ws: Workspace, name: str, member: str, said: Sequence[str]) -> list[str]:
    """What a person reads from now on, [] for everything; as it is kept. Who has no seat yet gets one. On record.

    What they hold and no longer read goes back to the others. InputError for what is no language, ConflictError for a model or a closed seat.
    """
    wanted = good(said)

    def work(tx: Tx) -> None:
        at = books.chair(tx, name, member)
        _set(tx, at.project.id, at.seat, wanted)

    ws.store.write(work)
    circles.tell(ws, read(ws, name))
    return wanted


def set_languages_of(ws: Workspace, caller: Caller, name: str, account: int, said: Sequence[str]) -> list[str]:
    """As `set_languages`, by somebody who is signed in: for themselves, or for others whose seat they may change."""
    wanted = good(said)
    ws.store.write(lambda tx: _set(tx, *seats.changed(tx, caller, name, account), wanted))
    circles.tell(ws, read(ws, name))
    return wanted


def _set(tx: Tx, project: int, member: Member, wanted: Sequence[str]) -> None:
    if list(member.settings.get("languages", ())) == list(wanted):
        return
    members.set_settings(tx, member.id, {**member.settings, "languages": list(wanted)})
    known = reading(wanted)
    for held in queue.held_by(tx, project, member.id) if wanted else ():
        if items.languages(tx, project, [held.ordinal])[held.ordinal] not in known | {""}:
            queue.release(tx, held.lease.token)
    records.append(tx, project, "reads", {"member": records.person(member), "languages": list(wanted)})
    records.change(tx, project, asked_for=None)

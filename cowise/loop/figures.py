"""What people did in a project: their own figures for themselves, everybody's for who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from cowise.loop import seats
from cowise.loop.pace import PRESENT_S
from cowise.loop.seats import Seat
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, members, opinions, projects, queue
from cowise.store.opinions import Figures

RECENT = 200
"""Answers that the usual seconds are read from."""
_NOTHING = Figures(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Person:
    """One seat with figures. `agreement` with suggestions that were shown, None before there were any.

    `right` is how often this person is right, between `right_low` and `right_high` (95 %), and `tells` how much an answer
    says (0 for whoever answers the same whatever is asked); measured when a look began, None before.

    `present`: answered or was seen in the last quarter of an hour. `account` 0: a member without an account, such as
    somebody whose answers were imported.
    """

    account: int
    name: str
    role: str
    active: bool
    owner: bool
    present: bool
    last_seen: float | None
    answers: int
    today: int
    seconds_median: float | None
    agreement: float | None
    agreement_n: int
    skips: int
    flags: int
    right: float | None = None
    right_low: float | None = None
    right_high: float | None = None
    tells: float | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "id": str(self.account)}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Tallies of a project, read once."""

    tx: Tx
    project: int
    made: Mapping[int, Figures]
    passes: Mapping[tuple[int, str], int]
    known: Mapping[str, Mapping[str, float]]

    def person(self, seat: Seat, member: int) -> Person:
        """A seat with the figures of its member, 0 before the first question."""
        did = self.made.get(member, _NOTHING)
        last = opinions.last_of(self.tx, self.project, member, RECENT) if did.answers else []
        times = [row.seconds for row in last if row.seconds > 0]
        right = self.known.get(str(member), {})
        seen = max([seat.last_seen or 0.0, *(row.at for row in last[:1])])
        return Person(
            seat.account, seat.name, seat.role, seat.active, seat.owner, seen > self.tx.now() - PRESENT_S, seen or None,
            did.answers, did.fresh, round(median(times), 1) if times else None,
            did.same / did.shown if did.shown else None, did.shown,
            self.passes.get((member, "skip"), 0), self.passes.get((member, "flag"), 0),
            right.get("right"), right.get("low"), right.get("high"), right.get("tells"),
        )  # fmt: skip


def people(ws: Workspace, name: str, *, since: float) -> list[Person]:
    """Everybody with a seat, and members who answered without one; `since` is when the day began."""
    held = seats.roles(ws, name)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        sheet = _Sheet(
            tx,
            project.id,
            opinions.figures(tx, project.id, since),
            queue.passes_of(tx, project.id),
            project.settings.get("reliability", {}),
        )
        roster = {m.name: m.id for m in members.roster(tx, project.id) if m.kind == "person"}
        found = [sheet.person(seat, roster.get(seat.member, 0)) for seat in held]
        known = {roster.get(seat.member) for seat in held}
        others = [who for who, member in roster.items() if member not in known and member in sheet.made]
        return found + [sheet.person(_seatless(who), roster[who]) for who in others]


def _seatless(name: str) -> Seat:
    return Seat(account=0, name=name, role="reviewer", active=False, last_seen=None, member=name)


def own_member(ws: Workspace, name: str, account: int) -> str:
    """The member that an account answers as in a project, "" before its first question."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        seat = accounts.seat(tx, account, project.id)
        return "" if seat is None or seat.member is None else members.by_id(tx, seat.member).name

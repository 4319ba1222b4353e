"""What people take on: how many answers a day each gives at most, set by themselves or by who leads the project."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cowise.core.errors import InputError
from cowise.loop import books, capacity, records, seats
from cowise.loop.callers import Caller
from cowise.loop.workspace import Workspace
from cowise.store import Tx, members, projects
from cowise.store.members import Member

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Share:
    """A person's answers a day at most (`per_day`, 0: no limit) and how many more today, None without a limit."""

    per_day: int
    left: int | None

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def capacities(ws: Workspace, name: str) -> dict[str, Share]:
    """Every active person's share, by name."""
    with ws.store.read() as tx:
        project = projects.get(tx, name).id
        people = [one for one in members.roster(tx, project) if one.kind == "person" and one.active]
        return {one.name: Share(capacity.most(one), capacity.left(tx, project, one)) for one in people}


def set_capacity(ws: Workspace, name: str, member: str, per_day: int) -> int:
    """How many answers a day a person gives at most from now on, 0 for no limit. Who has no seat yet gets one. On record.

    InputError for less than 0 or more than 100,000, ConflictError for a model or a closed seat.
    """
    wanted = _good(per_day)

    def work(tx: Tx) -> None:
        at = books.chair(tx, name, member)
        _set(tx, at.project.id, at.seat, wanted)

    ws.store.write(work)
    return wanted


def set_capacity_of(ws: Workspace, caller: Caller, name: str, account: int, per_day: int) -> int:
    """As `set_capacity`, by somebody who is signed in: for themselves, or for others whose seat they may change."""
    wanted = _good(per_day)
    ws.store.write(lambda tx: _set(tx, *seats.changed(tx, caller, name, account), wanted))
    return wanted


def _good(per_day: int) -> int:
    if not 0 <= per_day <= MOST:
        raise InputError(f"answers a day: asked for {per_day:,}; give 1 to {MOST:,}, or 0 for no limit")
    return per_day


def _set(tx: Tx, project: int, member: Member, wanted: int) -> None:
    if capacity.most(member) == wanted:
        return
    members.set_settings(tx, member.id, {**member.settings, capacity.PER_DAY: wanted})
    records.append(tx, project, "takes on", {"member": records.person(member), "per_day": wanted})
    records.change(tx, project, asked_for=None)

"""A second opinion where somebody wants one: an answered item is asked once more, blind, of a person who has not said.

The answer that most people gave then decides. It is never an audit, and tells nobody whether the first one was.
"""

from __future__ import annotations

from collections.abc import Sequence

from cowise.core.errors import ConflictError, InputError, LimitError, MissingError
from cowise.guard.access import allowed
from cowise.loop import books, records
from cowise.loop.board import settled
from cowise.loop.books import Chair
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, decisions, items, members, queue

MOST = 200
"""Items at once."""


def ask_again(ws: Workspace, name: str, item_ids: Sequence[str], *, by: str) -> int:
    """Ask for one more opinion on each of these items, for the member `by`; on how many nobody was waited for yet.

    All or none. MissingError for an item that is not here, InputError for one that nobody answered, ConflictError
    where nobody else could.
    """
    wanted = list(dict.fromkeys(item_ids))
    if len(wanted) > MOST:
        raise LimitError(f"second opinions: asked for {len(wanted)} at once; ask for at most {MOST}")

    def work(tx: Tx) -> int:
        at = books.chair(tx, name, by)
        known = items.ordinals(tx, at.project.id, wanted)
        missing = [item for item in wanted if item not in known]
        if missing:
            raise MissingError(f"item {missing[0][:60]!r} is not in project {name!r}; the list of items shows their ids")
        return sum(_ask(tx, at, known[item], item) for item in wanted)

    return ws.store.write(work)


def _ask(tx: Tx, at: Chair, ordinal: int, item: str) -> bool:
    project = at.project
    rows = books.current(tx, project.id, ordinal)
    if settled(rows) is None:
        raise InputError(f"item {item[:40]}: nobody has answered it, so there is no first opinion; {_why(tx, at, ordinal)}")
    done = {row.member for row in rows} | queue.skipped_by(tx, project.id, ordinal)
    if "second" in queue.seats(tx, project.id, ordinal).values():
        return False
    if not _somebody(tx, project.id, done):
        raise ConflictError(
            f"item {item[:40]}: nobody else with an open seat could answer it; invite somebody: cowise invite {project.name}"
        )
    rank = int(project.settings.get("asked", 0))
    books.again(tx, project.id, ordinal, float(rank))
    records.append(
        tx, project, "asked again",
        {"item": records.hashes_of(tx, project.id, [ordinal])[ordinal], "by": records.person(at.seat)},
    )  # fmt: skip
    return True


def _why(tx: Tx, at: Chair, ordinal: int) -> str:
    """What becomes of an item without an answer."""
    if items.at(tx, at.project.id, [ordinal])[ordinal].label is not None:
        return "it came with its label"
    if decisions.get(tx, at.project.id, ordinal) is not None:
        return "a decision without an answer stands"
    return "it is asked in any case"


def _somebody(tx: Tx, project: int, done: set[int]) -> bool:
    """Whether a person with an open seat has neither answered nor passed it on; an owner of the workspace has a seat."""
    seats = accounts.seats(tx, project)
    owners = {one.id for one in accounts.all_of(tx) if one.owner and one.active}
    if owners - {seat.account for seat in seats}:
        return True
    may = [allowed(seat.role, seat.account in owners, "review.answer") for seat in seats]
    if any(ok and seat.active and seat.member not in done for ok, seat in zip(may, seats, strict=True)):
        return True
    bound = {seat.member for seat in seats}
    roster = members.roster(tx, project)
    return any(one.kind == "person" and one.active and one.id not in done | bound for one in roster)

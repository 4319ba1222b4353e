"""A second opinion where somebody wants one: an answered item is asked once more, blind, of a person who has not said.

The answer that most people gave then decides. It is never an audit, and tells nobody whether the first one was.
"""

from __future__ import annotations

from collections.abc import Sequence

from cowise.core.errors import ConflictError, InputError, LimitError
from cowise.guard.access import allowed
from cowise.loop import books, records
from cowise.loop.board import settled
from cowise.loop.books import Chair
from cowise.loop.look import find
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, decisions, items, members, projects, queue
from cowise.store.projects import Project

MOST = 200
"""Items at once."""
MOST_WORTH = 1000


def ask_again(ws: Workspace, name: str, item_ids: Sequence[str], *, by: str) -> int:
    """Ask for one more opinion on each item, named by id or text, for the member `by`; for how many none waited yet.

    All or none. MissingError for an item that is not here, InputError for one that nobody answered, ConflictError
    where nobody else could.
    """
    if len(item_ids) > MOST:
        raise LimitError(f"second opinions: asked for {len(item_ids)} at once; ask for at most {MOST}")

    def work(tx: Tx) -> int:
        at = books.chair(tx, name, by)
        wanted = dict.fromkeys(find(tx, at.project, item) for item in item_ids)
        return sum(_ask(tx, at, ordinal) for ordinal in wanted)

    return ws.store.write(work)


def ask_who_can(ws: Workspace, name: str, item_ids: Sequence[str], *, by: str) -> int:
    """As `ask_again`, but items that nobody else could answer are passed over; ConflictError where that is all of them."""

    def work(tx: Tx) -> int:
        at, asked, refused = books.chair(tx, name, by), 0, list[ConflictError]()
        for item in item_ids:
            try:
                asked += _ask(tx, at, find(tx, at.project, item))
            except ConflictError as why:
                refused.append(why)
        if refused and len(refused) == len(item_ids):
            raise refused[0]
        return asked

    return ws.store.write(work)


def ask_where_it_pays(ws: Workspace, name: str, worth: float) -> None:
    """From now on ask one more person wherever a mended error may cost `worth` answers; 0: never. On record.

    An answer is asked for where it is expected to make the item likelier to be right by more than 1 ÷ worth.
    """
    ws.store.write(lambda tx: where_it_pays(tx, projects.get(tx, name), worth))


def where_it_pays(tx: Tx, project: Project, worth: float) -> None:
    """As `ask_where_it_pays`, within a transaction."""
    if not 0 <= worth <= MOST_WORTH:
        raise InputError(f"worth: asked for {worth} answers for a mended error; give 0 to {MOST_WORTH}, such as 5")
    records.change(tx, project.id, repair=float(worth))
    records.append(tx, project, "asks on", {"worth": float(worth)})


def ask_rare_first(ws: Workspace, name: str, balance: float) -> None:
    """From now on ask earlier about texts that the model gives labels with few answers, by so much: 0 not at all, 1 most. On record.

    It meets rare labels sooner and costs answers over all. ConflictError for sets: each label is a question of its own there.
    """
    ws.store.write(lambda tx: rare_first(tx, projects.get(tx, name), balance))


def rare_first(tx: Tx, project: Project, balance: float) -> None:
    """As `ask_rare_first`, within a transaction."""
    if not 0 <= balance <= 1:
        raise InputError(f"rare labels: asked for {balance}; give 0 to 1, such as 0.5")
    if project.task.sets and balance:
        raise ConflictError("rare labels: of sets each label is a question of its own; there is no balance to ask for")
    records.change(tx, project.id, balance=float(balance))
    records.append(tx, project, "rare first", {"balance": float(balance)})


def _ask(tx: Tx, at: Chair, ordinal: int) -> bool:
    project = at.project.id
    row, rows = items.at(tx, project, [ordinal])[ordinal], books.current(tx, project, ordinal)
    if settled(rows) is None:
        why = "it came with its label" if row.label is not None else _why(tx, project, ordinal)
        raise InputError(f"item {row.id}: nobody has answered it, so there is no first opinion; {why}")
    if "second" in queue.seats(tx, project, ordinal).values():
        return False
    language = items.languages(tx, project, [ordinal])[ordinal]
    blind_to = {one.id for one in members.roster(tx, project) if language and not _reads(tx, one.id, language)}
    if not _somebody(tx, project, blind_to | {one.member for one in rows} | queue.skipped_by(tx, project, ordinal)):
        raise ConflictError(
            f"item {row.id}: nobody else with an open seat could answer it; invite somebody: cowise invite {at.project.name}"
        )
    asked = int(projects.by_id(tx, project).settings.get("asked", 0))
    books.again(tx, project, ordinal, float(asked))
    records.change(tx, project, asked=asked + 1)
    named = records.hashes_of(tx, project, [ordinal])[ordinal]
    records.append(tx, project, "asked again", {"item": named, "by": records.person(at.seat)})
    return True


def _reads(tx: Tx, member: int, language: str) -> bool:
    known = members.reads(tx, member)
    return known is None or language in known


def _why(tx: Tx, project: int, ordinal: int) -> str:
    """What becomes of an item that nobody has answered."""
    made = decisions.get(tx, project, ordinal)
    return "it is asked in any case" if made is None else f"its decision is {made.route}: {made.reason}"


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

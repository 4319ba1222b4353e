"""Items for people to look through: filtered, searched, page by page; and one of them with its story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from cowise.core.errors import InputError
from cowise.loop.kinds import ItemView, Progress, Told
from cowise.loop.look import find, told
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, items, listing, members, projects, queue, search
from cowise.store.listing import Filter, PageRow
from cowise.store.projects import Project

__all__ = ["Filter", "ItemPage", "ItemStory", "filed", "items_of", "look_back", "look_through", "one"]

AT_ONCE = 2000
"""Items that a search may file itself before it answers; more are left to the background."""


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page: `next` is where the following one starts, None at the end; `total` None for more than 10,000.

    `previous` is what the one before it ends at, None at the beginning. `unfiled` items are not searchable yet.
    """

    items: list[ItemView]
    next: int | None
    total: int | None
    unfiled: int = 0
    previous: int | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag: who raised it, when, and the comment."""

    by: str
    at: float
    note: str


@dataclass(frozen=True, slots=True)
class ItemStory:
    """One item: all that happened to it, in order, and its flags. `raw`: its bytes could not be stored as they came.

    `asked`: a second opinion is waited for.
    """

    item: ItemView
    raw: bool
    story: list[Told]
    flags: list[Flag]
    asked: bool = False

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "story": [each.to_json() for each in self.story]}


def _view(row: PageRow) -> ItemView:
    item = row.item
    return ItemView(
        item.ordinal, item.id, item.text, item.weight, row.route, row.decided or item.label, row.p, row.flags, item.meta,
        row.split, row.veiled,
    )  # fmt: skip


def items_of(
    ws: Workspace, name: str, want: Filter | None = None, *, after: int = -1, limit: int = 50
) -> list[ItemView]:
    """A page of items in order; pass the last ordinal as `after` for the next one."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        return _page(tx, project, replace(want or Filter(), sets=project.task.sets), after, limit)


def _page(tx: Tx, project: Project, want: Filter, after: int, limit: int) -> list[ItemView]:
    return [_view(row) for row in listing.page(tx, project.id, want, after=after, limit=limit)]


def look_through(
    ws: Workspace, name: str, want: Filter, *, account: int | None = None, after: int = -1, limit: int = 50
) -> ItemPage:
    """A page with how many there are in all. `account` answered them; InputError for one that never answered here."""
    want, missing = _ready(ws, name, want, account)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        found = _page(tx, project, want, after, limit)
        total = listing.total(tx, project.id, want)
    last = found[-1].ordinal if len(found) == limit else None
    return ItemPage(found, last, total, missing, found[0].ordinal if found and after >= 0 else None)


def look_back(
    ws: Workspace, name: str, want: Filter, *, before: int, account: int | None = None, limit: int = 50
) -> ItemPage:
    """The page that ends before an ordinal: paging the other way. A `before` beyond all items gives the last page."""
    want, missing = _ready(ws, name, want, account)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        rows = listing.page(tx, project.id, want, before=before, limit=limit)
        on = listing.page(tx, project.id, want, after=rows[-1].item.ordinal, limit=1) if rows else []
        total = listing.total(tx, project.id, want)
    found = [_view(row) for row in rows]
    first = found[0].ordinal if len(found) == limit else None
    return ItemPage(found, found[-1].ordinal if on else None, total, missing, first)


def _ready(ws: Workspace, name: str, want: Filter, account: int | None) -> tuple[Filter, int]:
    """(the filter with the member whom the account answers as, items that are not searchable yet)."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        want = replace(want, sets=project.task.sets)
        if account is not None:
            want = replace(want, person=_member(tx, project, account))
        missing = search.missing(tx, project.id) if want.words else 0
    if 0 < missing <= AT_ONCE:
        missing = filed(ws, name, most=AT_ONCE)
    return want, missing


def _member(tx: Tx, project: Project, account: int) -> int:
    seat = accounts.seat(tx, account, project.id)
    if seat is None or seat.member is None:
        raise InputError(f"person: account {account} has answered nothing in this project; leave the filter out")
    return int(seat.member)


def filed(ws: Workspace, name: str, *, most: int | None = None, progress: Progress | None = None) -> int:
    """File items in the search index, `most` of them or all; how many are still missing."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        missing = whole = search.missing(tx, project.id)
    goal = 0 if most is None else max(0, whole - most)
    while missing > goal:
        missing = ws.store.write(lambda tx: search.file(tx, project.id), bulk=True)
        if progress is not None:
            progress("indexing", whole - missing, whole)
    return missing


def one(ws: Workspace, name: str, item: str, *, veiled: bool = False) -> ItemStory:
    """One item by its id or its text, with its story; MissingError when there is none.

    `veiled` as in a `Filter`: of an item that is asked again, nothing of what was said or decided is told.
    """
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        ordinal = find(tx, project, item)
        (row,) = listing.page(tx, project.id, Filter(veiled=veiled), after=ordinal - 1, limit=1)
        raw = items.original_bytes(tx, project.id, ordinal) is not None
        names = _names(tx, project)
        flags = [Flag(names.get(f.member, ""), f.at, f.note) for f in queue.flags_of(tx, project.id, ordinal)]
        asked = "second" in queue.seats(tx, project.id, ordinal).values()
        return ItemStory(_view(row), raw, [] if row.veiled else told(tx, project, ordinal), flags, asked)


def _names(tx: Tx, project: Project) -> Mapping[int, str]:
    return {each.id: each.name for each in members.roster(tx, project.id)}

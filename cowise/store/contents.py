"""Which texts a project has, by content id: a table of its own that is filled in sorted runs.

An index on the items fills in random order, as content ids come: every batch touches as many pages as it has rows,
which was half of what an import cost. Here the ids of an import wait in memory and are filed sorted, so that a batch
touches neighbouring pages. They stand in the items too: what a kill kept from being filed is read again from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain

from sqlalchemy import text

from cowise.store.tx import Tx
from cowise.store.values import item_key

AT_ONCE = 200
# About 200 bytes each wait in memory; then they are filed and searched for like those of earlier imports.
RUN = 1_000_000


@lru_cache(256)
def _put(mark: str, n: int, project: int) -> str:
    rows = ", ".join([f"({project}, {mark}, {mark})"] * n)
    return f"INSERT INTO contents (project, content, item) VALUES {rows}"  # noqa: S608


@cache
def _find(mark: str) -> str:
    # One text for any number of ids: a statement is read by the database once, and the toolkit expands nothing.
    marks = ", ".join([mark] * AT_ONCE)
    return f"SELECT content, item FROM contents WHERE project = {mark} AND content IN ({marks})"  # noqa: S608


def find(tx: Tx, project: int, contents: Sequence[str]) -> dict[str, int]:
    """Item keys of those content ids that are filed."""
    found: dict[str, int] = {}
    for i in range(0, len(contents), AT_ONCE):
        asked = (*contents[i : i + AT_ONCE], *[""] * (i + AT_ONCE - len(contents)))
        rows = tx.connection.exec_driver_sql(_find(tx.mark), (project, *asked))
        found.update((content, item) for content, item in rows)
    return found


def put(tx: Tx, project: int, entries: Sequence[tuple[str, int]]) -> None:
    """File up to 200 (content id, item key), best in sorted order; a content id that is filed already is refused."""
    tx.connection.exec_driver_sql(_put(tx.mark, len(entries), project), tuple(chain.from_iterable(entries)))


_UNFILED = text(
    "SELECT i.content, i.id FROM items i WHERE i.id >= :a AND i.id < :b AND NOT EXISTS "
    "(SELECT 1 FROM contents c WHERE c.project = :p AND c.content = i.content)"
)


def unfiled(tx: Tx, project: int, start: int, end: int) -> dict[str, int]:
    """Content ids between two ordinals that a killed import left unfiled."""
    bounds = {"a": item_key(project, start), "b": item_key(project, end), "p": project}
    found = tx.connection.execute(_UNFILED, bounds)  # by the toolkit, which holds no second copy
    return {row.content: row.id for row in found}


_CUT = text(
    "DELETE FROM contents WHERE project = :p AND item >= :a AND content IN "
    "(SELECT content FROM items WHERE id >= :a AND id < :b ORDER BY id LIMIT :n)"
)


def cut(tx: Tx, project: int, first: int, rows: int) -> None:
    """Take out what is filed of the first `rows` items from ordinal `first` on."""
    tx.run(_CUT, {"p": project, "a": item_key(project, first), "b": item_key(project + 1, 0), "n": rows})


def drop(tx: Tx, project: int, content: str) -> None:
    """Take out one content id: the text may come again as a new item."""
    tx.run(text("DELETE FROM contents WHERE project = :p AND content = :c"), {"p": project, "c": content})


class Run:
    """The ids of an import that wait to be filed, and the key that its next new item gets."""

    def __init__(self, waiting: dict[str, int], following: int, *, searched: bool) -> None:
        self.waiting = waiting
        self.following = following
        # Nothing filed, nothing to search for: most first imports of a project.
        self.searched = searched

    @property
    def full(self) -> bool:
        """Whether it is time to file."""
        return len(self.waiting) >= RUN

    def sorted(self) -> Iterator[tuple[tuple[str, int], ...]]:
        """What waits, in order, by 200; then nothing waits any more."""
        waiting, self.waiting, self.searched = self.waiting, {}, True
        order = sorted(waiting)
        for i in range(0, len(order), AT_ONCE):
            yield tuple((content, waiting[content]) for content in order[i : i + AT_ONCE])

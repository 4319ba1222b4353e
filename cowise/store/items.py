"""Reading items: in order and fast for models, one by one for people; pages of lists are in listing.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row as DbRow

from cowise.core.registry import load
from cowise.core.types import Indices
from cowise.store import contents
from cowise.store.tx import Tx
from cowise.store.values import item_key, loads, ordinal_of


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item. `ordinal` is its place in the project's arrays; `weight` how many rows it stands for."""

    ordinal: int
    id: str
    text: str
    meta: Mapping[str, Any]
    weight: int
    label: str | None
    label_by: str | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring items in ordinal order, as columns of length n; `first` is the ordinal of the first."""

    first: int
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    weights: Indices
    labels: tuple[str | None, ...]
    label_by: tuple[str | None, ...]
    salts: tuple[bytes | None, ...]
    languages: tuple[str, ...]


COLUMNS = "i.id, i.content, i.text, i.meta, i.weight, i.label, i.label_by, i.erased"
_SPAN = text(
    "SELECT id, content, text, weight, label, label_by, salt, language FROM items WHERE id >= :a AND id < :b ORDER BY id LIMIT :n"
)
_LIGHT = text(
    "SELECT id, content, '' AS text, weight, label, label_by, salt, language FROM items WHERE id >= :a AND id < :b ORDER BY id LIMIT :n"
)


def visible(tx: Tx, project: int) -> int:
    """How many items a project has: ordinals 0 to this."""
    return int(tx.value(text("SELECT visible FROM projects WHERE id = :p"), {"p": project}) or 0)


def chunks(
    tx: Tx, project: int, *, size: int = 5000, start: int = 0, texts: bool = True, end: int | None = None
) -> Iterator[Chunk]:
    """Every visible item from ordinal `start` on, in order; without `texts` these come as "".

    `end` is the ordinal to stop before, for items of an import that are not shown yet.
    """
    end = item_key(project, visible(tx, project) if end is None else end)
    at = item_key(project, start)
    array = load("numpy:array")  # late, as in core.types
    while at < end:
        rows = tx.run(_SPAN if texts else _LIGHT, {"a": at, "b": end, "n": size}).all()
        if not rows:
            return
        keys, ids, bodies, weights, labels, by, salts, languages = zip(*rows, strict=True)
        yield Chunk(ordinal_of(keys[0]), ids, bodies, array(weights, "int64"), labels, by, salts, languages)
        at = keys[-1] + 1


def item_of(row: DbRow[Any]) -> ItemRow:
    """An item from a row of `COLUMNS`."""
    meta = loads(row.meta) or {}
    return ItemRow(
        ordinal_of(row.id), row.content, row.text, meta, row.weight, row.label, row.label_by, bool(row.erased)
    )


_BY_CONTENT = text(
    f"SELECT {COLUMNS} FROM contents c JOIN items i ON i.id = c.item "  # noqa: S608
    "WHERE c.project = :p AND c.content IN :ids AND c.item < :end"
).bindparams(bindparam("ids", expanding=True))
_BY_KEY = text(f"SELECT {COLUMNS} FROM items i WHERE i.id IN :keys").bindparams(bindparam("keys", expanding=True))  # noqa: S608
_SLICE = 5000


def get(tx: Tx, project: int, ids: Sequence[str]) -> dict[str, ItemRow]:
    """Items by content id; unknown ones are absent."""
    end, found = item_key(project, visible(tx, project)), dict[str, ItemRow]()
    for i in range(0, len(ids), _SLICE):
        rows = tx.run(_BY_CONTENT, {"p": project, "ids": list(ids[i : i + _SLICE]), "end": end})
        found.update({row.content: item_of(row) for row in rows})
    return found


def at(tx: Tx, project: int, ordinals: Sequence[int]) -> dict[int, ItemRow]:
    """Items by ordinal; those beyond the end are absent."""
    end, found = visible(tx, project), dict[int, ItemRow]()
    wanted = [item_key(project, int(o)) for o in ordinals if 0 <= o < end]
    for i in range(0, len(wanted), _SLICE):
        rows = tx.run(_BY_KEY, {"keys": wanted[i : i + _SLICE]})
        found.update({ordinal_of(row.id): item_of(row) for row in rows})
    return found


def ordinals(tx: Tx, project: int, ids: Sequence[str], *, end: int | None = None) -> dict[str, int]:
    """Ordinal of each known content id; `end` as in `chunks`."""
    end = item_key(project, visible(tx, project) if end is None else end)
    return {content: ordinal_of(item) for content, item in contents.find(tx, project, ids).items() if item < end}


_NAMED = text("SELECT salt, content FROM items WHERE id >= :a AND id < :b ORDER BY id")


def named(tx: Tx, project: int, start: int, end: int) -> Iterator[tuple[bytes | None, str]]:
    """(salt, content id) of the items between two ordinals, in order: what an import's root is made from."""
    # By the toolkit, which hands rows out as they come; in portions, because one by one fetching costs more than hashing.
    found = tx.connection.execute(_NAMED, {"a": item_key(project, start), "b": item_key(project, end)})
    for some in found.partitions(_SLICE):
        salts, ids = zip(*some, strict=True)
        yield from zip(salts, ids, strict=True)


_GIVEN = text(
    "SELECT id, label, label_by FROM items WHERE id >= :a AND id < :b AND label IS NOT NULL AND erased = 0 ORDER BY id"
)


def labelled(tx: Tx, project: int, start: int, end: int) -> Iterator[tuple[int, str, str]]:
    """Ordinal, label and who gave it ("" for nobody named) of items that came with one, in order."""
    for row in tx.run(_GIVEN, {"a": item_key(project, start), "b": item_key(project, end)}):
        yield ordinal_of(row.id), row.label, row.label_by or ""


_SALTS = text("SELECT id, content, salt FROM items WHERE id IN :keys").bindparams(bindparam("keys", expanding=True))


def salts(tx: Tx, project: int, ordinals: Sequence[int]) -> dict[int, tuple[bytes | None, str]]:
    """(salt, content id) by ordinal: what the ledger's name of an item is made from."""
    found = dict[int, tuple[bytes | None, str]]()
    for i in range(0, len(ordinals), _SLICE):
        keys = [item_key(project, int(o)) for o in ordinals[i : i + _SLICE]]
        for row in tx.run(_SALTS, {"keys": keys}):
            found[ordinal_of(row.id)] = (None if row.salt is None else bytes(row.salt), row.content)
    return found


_LANGUAGES = text("SELECT id, language FROM items WHERE id IN :keys").bindparams(bindparam("keys", expanding=True))


def languages(tx: Tx, project: int, ordinals: Sequence[int]) -> dict[int, str]:
    """The language of some items by ordinal, "" where nothing tells."""
    found = dict[int, str]()
    for i in range(0, len(ordinals), _SLICE):
        keys = [item_key(project, int(o)) for o in ordinals[i : i + _SLICE]]
        found.update({ordinal_of(row.id): row.language for row in tx.run(_LANGUAGES, {"keys": keys})})
    return found


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another imported label for the same text."""

    ordinal: int
    label: str
    label_by: str


def conflicts(tx: Tx, project: int, *, after: int = 0, limit: int = 1000) -> list[Conflict]:
    """Imported labels that contradict the first one, in the order found."""
    rows = tx.run(
        text("SELECT item, label, label_by FROM conflicts WHERE project = :p AND id > :a ORDER BY id LIMIT :n"),
        {"p": project, "a": after, "n": limit},
    )
    return [Conflict(ordinal_of(row.item), row.label, row.label_by) for row in rows]


def original_bytes(tx: Tx, project: int, ordinal: int) -> bytes | None:
    """The bytes of a text that could not be stored as it came; None where it could."""
    found = tx.value(text("SELECT raw FROM items WHERE id = :i"), {"i": item_key(project, ordinal)})
    return None if found is None else bytes(found)

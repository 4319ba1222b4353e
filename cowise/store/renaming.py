"""One label under another name, everywhere at once; and one whose answers no longer count."""

from __future__ import annotations

from sqlalchemy import text

from cowise.core.types import Answer
from cowise.store import counters
from cowise.store.tx import Tx
from cowise.store.values import dumps, item_key, ordinal_of

_OF_PROJECT = (
    "UPDATE opinions SET label = :new, answer = :answer WHERE project = :p AND label = :old",
    "UPDATE opinions SET suggested = :new WHERE project = :p AND suggested = :old",
    "UPDATE decisions SET label = :new, answer = :answer WHERE project = :p AND label = :old",
    "UPDATE conflicts SET label = :new WHERE project = :p AND label = :old",
)
_ITEMS = "UPDATE items SET label = :new WHERE id >= :a AND id < :b AND label = :old"


def label(tx: Tx, project: int, old: str, new: str) -> int:
    """Rename a label in answers, suggestions, decisions and imported labels; how many rows changed.

    One transaction: half of a renaming would be two labels. The task itself is the caller's to change.
    """
    values = {"p": project, "old": old, "new": new, "answer": dumps(Answer.of(new).to_json())}
    changed = sum(tx.run(text(one), values).rowcount for one in _OF_PROJECT)
    span = {"a": item_key(project, 0), "b": item_key(project + 1, 0), "old": old, "new": new}
    return int(changed + tx.run(text(_ITEMS), span).rowcount)


_COUNT = text("SELECT count(*) FROM opinions WHERE project = :p AND label = :old AND state = 'current'")
_ITEMS_COUNT = text("SELECT count(*) FROM items WHERE id >= :a AND id < :b AND label = :old")


def count(tx: Tx, project: int, old: str) -> int:
    """Answers with a label that count now, imported ones too."""
    span = {"a": item_key(project, 0), "b": item_key(project + 1, 0), "old": old}
    return int(tx.value(_COUNT, {"p": project, "old": old}) or 0) + int(tx.value(_ITEMS_COUNT, span) or 0)


_ASIDE = text(
    "UPDATE opinions SET state = 'aside' WHERE project = :p AND label = :old AND state = 'current' RETURNING item"
)
_UNLABEL = text(
    "UPDATE items SET label = NULL, label_by = NULL WHERE id >= :a AND id < :b AND label = :old RETURNING id"
)
_FORGET = text("UPDATE opinions SET suggested = '' WHERE project = :p AND suggested = :old")
_CONFLICTS = text("DELETE FROM conflicts WHERE project = :p AND label = :old")


def set_aside(tx: Tx, project: int, old: str) -> list[int]:
    """Answers with a label count no longer, and stay on record; ordinals of their items, imported ones too."""
    said = [row.item for row in tx.run(_ASIDE, {"p": project, "old": old})]
    span = {"a": item_key(project, 0), "b": item_key(project + 1, 0), "old": old}
    named = [row.id for row in tx.run(_UNLABEL, span)]
    tx.run(_FORGET, {"p": project, "old": old})
    tx.run(_CONFLICTS, {"p": project, "old": old})
    counters.add(tx, project, {"answers": -len(said), "labelled": -len(named)})
    return sorted({ordinal_of(item) for item in (*said, *named)})


_DISAGREED = text("SELECT item FROM decisions WHERE project = :p AND split = 1")


def disagreed(tx: Tx, project: int) -> list[int]:
    """Ordinals of items on which people disagree."""
    return [ordinal_of(row.item) for row in tx.run(_DISAGREED, {"p": project})]

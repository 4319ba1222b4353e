"""One label under another name, everywhere at once; and one whose answers no longer count.

Where answers are sets, every set that holds the label.
"""

from __future__ import annotations

from sqlalchemy import text

from cowise.core.task import Task
from cowise.store import counters, decisions
from cowise.store.tx import Tx
from cowise.store.values import dumps, item_key, ordinal_of

_OF_PROJECT = (
    "UPDATE opinions SET label = :new, answer = :answer WHERE project = :p AND label = :old",
    "UPDATE opinions SET suggested = :new WHERE project = :p AND suggested = :old",
    "UPDATE decisions SET label = :new, answer = :answer WHERE project = :p AND label = :old",
    "UPDATE conflicts SET label = :new WHERE project = :p AND label = :old",
)
_ITEMS = "UPDATE items SET label = :new WHERE id >= :a AND id < :b AND label = :old"
_HELD = (
    "SELECT DISTINCT label FROM opinions WHERE project = :p",
    "SELECT DISTINCT suggested AS label FROM opinions WHERE project = :p",
    "SELECT DISTINCT label FROM decisions WHERE project = :p",
    "SELECT DISTINCT label FROM conflicts WHERE project = :p",
    "SELECT DISTINCT label FROM items WHERE id >= :a AND id < :b",
)


def _span(project: int) -> dict[str, int]:
    return {"a": item_key(project, 0), "b": item_key(project + 1, 0)}


def _cells(tx: Tx, project: int, task: Task, label: str) -> list[str]:
    """What is written in the cells that name a label: itself, or every set that holds it."""
    if not task.sets:
        return [label]
    values = {"p": project, **_span(project)}
    found = {row.label for one in _HELD for row in tx.run(text(one), values) if row.label}
    return sorted(cell for cell in found if label in cell.split("; "))


def label(tx: Tx, project: int, task: Task, old: str, new: str) -> int:
    """Rename a label in answers, suggestions, decisions and imported labels; how many rows changed.

    `task` says in which order labels stand in a set from now on. One transaction: half of a renaming would be two labels.
    The task itself is the caller's to change.
    """
    return sum(_rename(tx, project, task, cell, (old, new)) for cell in _cells(tx, project, task, old))


def _rename(tx: Tx, project: int, task: Task, cell: str, names: tuple[str, str]) -> int:
    old, new = names
    answer = task.settle(task.plain(new if one == old else one for one in (cell.split("; ") if task.sets else [cell])))
    values = {"p": project, "old": cell, "new": answer.text, "answer": dumps(answer.to_json())}
    changed = sum(tx.run(text(one), values).rowcount for one in _OF_PROJECT)
    return int(changed + tx.run(text(_ITEMS), {**_span(project), "old": cell, "new": answer.text}).rowcount)


_COUNT = text("SELECT count(*) FROM opinions WHERE project = :p AND label = :old AND state = 'current'")
_ITEMS_COUNT = text("SELECT count(*) FROM items WHERE id >= :a AND id < :b AND label = :old")


def count(tx: Tx, project: int, task: Task, old: str) -> int:
    """Answers with a label that count now, imported ones too."""
    found = 0
    for cell in _cells(tx, project, task, old):
        found += int(tx.value(_COUNT, {"p": project, "old": cell}) or 0)
        found += int(tx.value(_ITEMS_COUNT, {**_span(project), "old": cell}) or 0)
    return found


_GIVEN = text("SELECT count(*) FROM opinions WHERE project = :p AND label IS NOT NULL AND state = 'current'")
_ITEMS_GIVEN = text("SELECT count(*) FROM items WHERE id >= :a AND id < :b AND label IS NOT NULL")


def given(tx: Tx, project: int) -> int:
    """Answers that name a label or a set and count now, imported ones too."""
    return int(tx.value(_GIVEN, {"p": project}) or 0) + int(tx.value(_ITEMS_GIVEN, _span(project)) or 0)


_ASIDE = text(
    "UPDATE opinions SET state = 'aside' WHERE project = :p AND label = :old AND state = 'current' RETURNING item"
)
# Decided by people of whom none is left to say so: the label is gone all the same.
_BY_PEOPLE = text("SELECT item FROM decisions WHERE project = :p AND label = :old AND route <> 'automated'")
_UNLABEL = text(
    "UPDATE items SET label = NULL, label_by = NULL WHERE id >= :a AND id < :b AND label = :old RETURNING id"
)
_FORGET = text("UPDATE opinions SET suggested = '' WHERE project = :p AND suggested = :old")
_CONFLICTS = text("DELETE FROM conflicts WHERE project = :p AND label = :old")


def set_aside(tx: Tx, project: int, task: Task, old: str) -> list[int]:
    """Answers with a label count no longer, and stay on record; ordinals of their items, imported ones too."""
    said, named, decided = list[int](), list[int](), list[int]()
    for cell in _cells(tx, project, task, old):
        said += [row.item for row in tx.run(_ASIDE, {"p": project, "old": cell})]
        decided += [row.item for row in tx.run(_BY_PEOPLE, {"p": project, "old": cell})]
        named += [row.id for row in tx.run(_UNLABEL, {**_span(project), "old": cell})]
        tx.run(_FORGET, {"p": project, "old": cell})
        tx.run(_CONFLICTS, {"p": project, "old": cell})
    decisions.twice(tx, project, named, -1)
    counters.add(tx, project, {"answers": -len(said), "labelled": -len(named)})
    return sorted({ordinal_of(item) for item in (*said, *named, *decided)})


_DISAGREED = text("SELECT item FROM decisions WHERE project = :p AND split = 1")


def disagreed(tx: Tx, project: int) -> list[int]:
    """Ordinals of items on which people disagree."""
    return [ordinal_of(row.item) for row in tx.run(_DISAGREED, {"p": project})]

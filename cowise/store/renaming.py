"""One label under another name, everywhere at once."""

from __future__ import annotations

from sqlalchemy import text

from cowise.core.types import Answer
from cowise.store.tx import Tx
from cowise.store.values import dumps, item_key

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

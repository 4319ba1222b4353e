"""Adding many items: an import is held by a lease, and nothing of it is seen before it is finished.

New items lie behind the project's `visible` mark. Rows that repeat a visible item wait in `joins`.
A killed import is resumed where it stood, or rolled back; either way the workspace is whole in between.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row as DbRow

from cowise.core.errors import ConflictError, LimitError
from cowise.core.types import content_id
from cowise.store import counters, leases
from cowise.store.tx import Tx
from cowise.store.values import MAX_BATCH, ORDINAL_MASK, clean, dumps, item_key, loads, original

SALT_BYTES = 16
# Columns of a prepared row, and where the joined ones stand. Plain tuples: a dictionary for each row costs as much
# as the insert itself.
COLUMNS = ("content", "text", "raw", "meta", "salt", "weight", "label", "label_by")
WEIGHT, LABEL, BY = 5, 6, 7
# Rows go in by fifties: one step of the database for many rows keeps the interpreter free to read on.
AT_ONCE = 50
_INTO = f"INSERT INTO items ({', '.join(COLUMNS)}, id, project, import_id) VALUES "  # noqa: S608
_ROW = {mark: f"({', '.join([mark] * (len(COLUMNS) + 3))})" for mark in ("?", "%s")}
_FIFTY = {mark: _INTO + ", ".join([row] * AT_ONCE) for mark, row in _ROW.items()}


@dataclass(frozen=True, slots=True)
class NewItem:
    """One row of a file. `label` is an answer already given, by `label_by` ("" for nobody named)."""

    text: str
    meta: Mapping[str, Any] | None = None
    label: str | None = None
    label_by: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """An import. States: `running`, `finishing` (no way back), `done`, `undone`.

    `position` is what the reader needs to go on; `rows` were read, `added` are new, `joined` repeat another,
    `conflicts` name another label for the same text.
    """

    id: int
    project: int
    source: str
    state: str
    position: Any
    first: int
    rows: int
    added: int
    joined: int
    conflicts: int
    token: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch made ready outside the transaction: one entry for each distinct content id.

    `look` are the ids that may be in the project already, None for any of them: see seen.py.
    """

    ids: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    num_rows: int
    conflicts: tuple[tuple[str, str, str], ...]
    look: tuple[str, ...] | None = None


def _import(row: DbRow[Any]) -> Import:
    position = loads(row.position)
    return Import(
        row.id, row.project, row.source, row.state, position, row.first,
        row.rows, row.added, row.joined, row.conflicts, row.token or "",
    )  # fmt: skip


_OPEN = text("SELECT * FROM imports WHERE project = :project AND finished IS NULL")
_ADD = text(
    "INSERT INTO imports (project, source, state, position, first, started, owner, token, expires) "
    "SELECT :project, :source, 'running', 'null', visible, :now, :owner, :token, :expires "
    "FROM projects WHERE id = :project RETURNING *"
)
_TAKE = text(
    "UPDATE imports SET owner = :owner, token = :token, expires = :expires, epoch = epoch + 1 WHERE id = :id RETURNING *"
)


def begin(tx: Tx, project: int, source: str, *, owner: str, seconds: float = 60.0) -> Import:
    """Start an import, or take over the one that was left; look at `state` and `position`.

    ConflictError while another process holds it, or while one from another source waits to be resumed or undone.
    """
    now = tx.now()
    hold = {"owner": owner, "token": secrets.token_hex(16), "expires": now + seconds}
    found = tx.first(_OPEN, {"project": project})
    if found is None:
        added = tx.run(_ADD, {"project": project, "source": clean(source), "now": now, **hold}).one()
        return _import(added)
    if found.owner is not None and found.expires > now:
        raise ConflictError(f"an import from {found.source} is running in this project; {_hold(found.expires - now)}")
    if found.source != clean(source):
        raise ConflictError(
            f"an import from {found.source} was cut short after {found.rows:,} rows; add that file again to finish it, or undo it"
        )
    return _import(tx.run(_TAKE, {"id": found.id, **hold}).one())


def _hold(seconds: float) -> str:
    return f"wait for it to end; if it was cut short, repeat this in {math.ceil(seconds)} s"


def left(tx: Tx, project: int) -> Import | None:
    """The import that is open in a project, running or cut short."""
    row = tx.first(_OPEN, {"project": project})
    return None if row is None else _import(row)


def take_over(tx: Tx, project: int, *, owner: str, seconds: float = 60.0) -> Import:
    """Take the one that was cut short, whatever its source, to undo it; ConflictError while it is held."""
    row = tx.first(_OPEN, {"project": project})
    if row is None:
        raise ConflictError("no import that was cut short is in this project")
    if row.owner is not None and row.expires > (now := tx.now()):
        raise ConflictError(f"an import from {row.source} is running in this project; {_hold(row.expires - now)}")
    token = secrets.token_hex(16)
    return _import(tx.run(_TAKE, {"id": row.id, "owner": owner, "token": token, "expires": tx.now() + seconds}).one())


def prepare(rows: Sequence[NewItem]) -> Prepared:
    """Make up to 200 rows ready: identify, clean, join repeats. Needs no transaction; call it while others write."""
    if len(rows) > MAX_BATCH:
        raise LimitError(f"a batch holds at most {MAX_BATCH} rows, so that answers need not wait; got {len(rows)}")
    salts = os.urandom(SALT_BYTES * len(rows))
    found: dict[str, list[Any]] = {}
    conflicts: list[tuple[str, str, str]] = []
    for i, row in enumerate(rows):
        stored = clean(row.text)
        key = content_id(stored)
        label = None if row.label is None else clean(row.label)
        by = None if label is None else clean(row.label_by)
        known = found.get(key)
        if known is None:
            meta = dumps(dict(row.meta)) if row.meta else None
            salt = salts[i * SALT_BYTES : (i + 1) * SALT_BYTES]
            found[key] = [key, stored, None if stored is row.text else original(row.text), meta, salt, 1, label, by]
            continue
        known[WEIGHT] += 1
        if label is not None and known[LABEL] is None:
            known[LABEL], known[BY] = label, by
        elif label is not None and known[LABEL] != label:
            conflicts.append((key, label, by or ""))
    return Prepared(tuple(found), tuple(map(tuple, found.values())), len(rows), tuple(conflicts))


_KNOWN = text("SELECT content, id, label, erased FROM items WHERE project = :project AND content IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_GROW = text(
    "UPDATE items SET weight = weight + :n, label_by = CASE WHEN label IS NULL THEN :label_by ELSE label_by END, "
    "label = COALESCE(label, :label) WHERE id = :id"
)
_CONFLICT = text(
    "INSERT INTO conflicts (project, item, label, label_by, import_id) VALUES (:project, :item, :label, :label_by, :import_id) "
    "ON CONFLICT (item, label, label_by) DO NOTHING"
)
_PROGRESS = text(
    "UPDATE imports SET rows = rows + :rows, added = added + :added, joined = joined + :joined, conflicts = conflicts + :conflicts, "
    "position = :position, expires = :expires WHERE id = :id"
)
_WAIT = text(
    "INSERT INTO joins (import_id, item, n, label, label_by) VALUES (:import_id, :item, :n, :label, :label_by)"
)
_STATE = text("UPDATE imports SET state = :state WHERE id = :id")


def add(
    tx: Tx, held: Import, batch: Prepared, *, after: int | None = None, position: Any = None, seconds: float = 60.0
) -> int:
    """Store one batch under the import's token; how many items are new. Renews the hold.

    `after` is how many rows must be stored already: a batch before that failed leaves no gap (ConflictError).
    `position` is kept for a reader that needs more than the number of rows to go on.
    """
    now = leases.fence(tx, "imports", held.token, "import")
    if now.state != "running":
        raise ConflictError(f"import from {held.source} is {now.state}; start another one")
    if after is not None and after != now.rows:
        raise ConflictError(
            f"import from {held.source}: {now.rows:,} rows are stored, this batch follows {after:,}; go on from there"
        )
    project = held.project
    asked = batch.ids if batch.look is None else batch.look
    known = {row.content: row for row in tx.run(_KNOWN, {"project": project, "ids": asked})} if asked else {}
    ordinal = now.first + now.added
    if ordinal + len(batch.rows) > ORDINAL_MASK:
        raise LimitError(f"a project holds at most {ORDINAL_MASK:,} items; start another project")
    fresh: list[tuple[Any, ...]] = []
    first = item_key(project, now.first)
    waiting: list[dict[str, Any]] = []
    clashes = [(key, label, by) for key, label, by in batch.conflicts]
    keys: dict[str, int] = {}
    for key, row in zip(batch.ids, batch.rows, strict=True):
        old = known.get(key)
        if old is None:
            keys[key] = item_key(project, ordinal + len(fresh))
            fresh.append((*row, keys[key], project, held.id))
            continue
        keys[key] = old.id
        join = {"import_id": held.id, "item": old.id, "n": row[WEIGHT], "label": row[LABEL], "label_by": row[BY]}
        if old.id < first:
            waiting.append(join)
        else:
            clashes += _join(tx, old, key, join)
    if fresh:
        _insert(tx, fresh)
    waiting += [
        {"import_id": held.id, "item": keys[k], "n": 0, "label": label, "label_by": by} for k, label, by in clashes
    ]
    if waiting:
        tx.run(_WAIT, waiting)
    tx.run(
        _PROGRESS,
        {
            "id": held.id,
            "rows": batch.num_rows,
            "added": len(fresh),
            "joined": batch.num_rows - len(fresh),
            "conflicts": 0,
            "position": dumps(position),
            "expires": tx.now() + seconds,
        },
    )
    return len(fresh)


def _insert(tx: Tx, fresh: Sequence[tuple[Any, ...]]) -> None:
    mark = "%s" if tx.postgres else "?"
    whole = len(fresh) - len(fresh) % AT_ONCE
    for i in range(0, whole, AT_ONCE):
        tx.connection.exec_driver_sql(_FIFTY[mark], tuple(chain.from_iterable(fresh[i : i + AT_ONCE])))
    if whole < len(fresh):
        tx.connection.exec_driver_sql(_INTO + _ROW[mark], list(fresh[whole:]))


def _join(tx: Tx, old: DbRow[Any], key: str, join: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Join a repeat into an item of the same import, which nobody sees yet."""
    tx.run(_GROW, {"id": old.id, "n": join["n"], "label": join["label"], "label_by": join["label_by"]})
    if join["label"] is not None and old.label is not None and old.label != join["label"]:
        return [(key, join["label"], join["label_by"])]
    return []


_JOINS = text(
    "SELECT j.id, j.item, j.n, j.label, j.label_by, i.label AS had, i.erased FROM joins j JOIN items i ON i.id = j.item "
    "WHERE j.import_id = :id ORDER BY j.id LIMIT :n"
)
_DROP = text("DELETE FROM joins WHERE id = :id")
_CONFLICTS = text("UPDATE imports SET conflicts = conflicts + :n WHERE id = :id")


def settle(tx: Tx, held: Import, rows: int = MAX_BATCH) -> bool:
    """First part of finishing: join up to `rows` repeats into the items they repeat; True while there are more.

    From here the import can only go forward: whoever finds it cut short goes on settling.
    """
    now = leases.fence(tx, "imports", held.token, "import")
    if now.state == "running":
        tx.run(_STATE, {"id": held.id, "state": "finishing"})
    batch = tx.run(_JOINS, {"id": held.id, "n": rows}).all()
    had: dict[int, str | None] = {}
    clashes, labelled, grown = 0, 0, 0
    for row in batch:
        label = had.get(row.item, row.had)
        add_label = None if row.erased else row.label
        tx.run(_GROW, {"id": row.item, "n": row.n, "label": add_label, "label_by": row.label_by})
        if add_label is not None and label is not None and add_label != label:
            clashes += tx.run(
                _CONFLICT,
                {
                    "project": held.project,
                    "item": row.item,
                    "label": add_label,
                    "label_by": row.label_by or "",
                    "import_id": held.id,
                },
            ).rowcount
        visible = row.item < item_key(held.project, now.first)
        labelled += visible and label is None and add_label is not None
        grown += row.n if visible else 0
        had[row.item] = label if label is not None else add_label
    tx.run(_DROP, [{"id": row.id} for row in batch]) if batch else None
    tx.run(_CONFLICTS, {"id": held.id, "n": clashes})
    counters.add(tx, held.project, {"rows": grown, "labelled": labelled})
    return len(batch) == rows


_SHOW = text("UPDATE projects SET visible = :visible WHERE id = :id")
_DONE = text(
    "UPDATE imports SET state = :state, finished = :now, owner = NULL, token = NULL, expires = NULL WHERE id = :id RETURNING *"
)
_SUMS = text("SELECT coalesce(sum(weight), 0) AS w, count(label) AS l FROM items WHERE id >= :a AND id < :b")


def finish(tx: Tx, held: Import) -> Import:
    """Last part: show the new items. Call `settle` until it says False first; append the ledger entry in the same tx."""
    now = leases.fence(tx, "imports", held.token, "import")
    if settle(tx, held):
        raise ConflictError("import: repeats are still to be joined; call settle until it returns False")
    end = now.first + now.added
    sums = tx.run(_SUMS, {"a": item_key(held.project, now.first), "b": item_key(held.project, end)}).one()
    tx.run(_SHOW, {"id": held.project, "visible": end})
    counters.add(tx, held.project, {"items": now.added, "rows": int(sums.w), "labelled": int(sums.l)})
    return _import(tx.run(_DONE, {"id": held.id, "state": "done", "now": tx.now()}).one())


_CUT = text("DELETE FROM items WHERE id IN (SELECT id FROM items WHERE id >= :a AND id < :b LIMIT :n)")
_CUT_JOINS = text("DELETE FROM joins WHERE id IN (SELECT id FROM joins WHERE import_id = :id LIMIT :n)")


def undo(tx: Tx, held: Import, rows: int = MAX_BATCH) -> bool:
    """Take back an unfinished import, up to `rows` rows a call; False when it is all gone. ConflictError once finishing."""
    now = leases.fence(tx, "imports", held.token, "import")
    if now.state == "finishing":
        raise ConflictError("import: it is finishing and can only go forward; add the same file again to finish it")
    bounds = {"a": item_key(held.project, now.first), "b": item_key(held.project + 1, 0), "n": rows}
    if tx.run(_CUT_JOINS, {"id": held.id, "n": rows}).rowcount or tx.run(_CUT, bounds).rowcount:
        return True
    tx.run(_DONE, {"id": held.id, "state": "undone", "now": tx.now()})
    return False


def history(tx: Tx, project: int) -> list[Import]:
    """Every import of a project, oldest first."""
    return [
        _import(row) for row in tx.run(text("SELECT * FROM imports WHERE project = :p ORDER BY id"), {"p": project})
    ]


def orphan(tx: Tx, owner: str) -> int:
    """Free what a dead process held, before its time is over: the same import can go on at once. How many there were."""
    free = "UPDATE imports SET owner = NULL, token = NULL, expires = NULL WHERE finished IS NULL AND owner = :o"
    return tx.run(text(free), {"o": owner}).rowcount

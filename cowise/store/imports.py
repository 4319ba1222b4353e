"""Adding many items: an import is held by a lease, and nothing of it is seen before it is finished.

New items lie behind the project's `visible` mark. Rows that repeat a visible item wait in `joins`.
A killed import is resumed where it stood, or rolled back; either way the workspace is whole in between.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row as DbRow

from cowise.core.errors import ConflictError, LimitError
from cowise.core.language import language_of
from cowise.core.types import content_id
from cowise.store import contents, counters, decisions, leases
from cowise.store.contents import AT_ONCE, Run
from cowise.store.tx import Tx
from cowise.store.values import MAX_BATCH, ORDINAL_MASK, clean, dumps, item_key, loads, original

SALT_BYTES = 16
# Columns of a prepared row, and where the joined ones stand. Plain tuples: a dictionary for each row costs as much
# as the insert itself.
COLUMNS = ("content", "text", "raw", "meta", "salt", "weight", "label", "label_by", "language")
WEIGHT, LABEL, BY = 5, 6, 7


class NewItem(NamedTuple):
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
    filed: int
    token: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch made ready outside the transaction: one row for each distinct content id, by that id."""

    rows: Mapping[str, Sequence[Any]]
    num_rows: int
    conflicts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A batch whose new rows have their keys. `repeats` are (key of the item, row), conflicts (key, label, by)."""

    fresh: Sequence[tuple[Any, ...]]
    repeats: Sequence[tuple[int, Sequence[Any]]]
    num_rows: int
    conflicts: Sequence[tuple[int, str, str]]


def _import(row: DbRow[Any]) -> Import:
    position = loads(row.position)
    return Import(
        row.id, row.project, row.source, row.state, position, row.first,
        row.rows, row.added, row.joined, row.conflicts, row.filed, row.token or "",
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


def take_over(tx: Tx, project: int, *, owner: str, of: str = "", seconds: float = 60.0) -> Import:
    """Take the one that was cut short, whatever its source, to undo it; ConflictError while others than `of` hold it."""
    row = tx.first(_OPEN, {"project": project})
    if row is None:
        raise ConflictError("no import that was cut short is in this project")
    if row.owner not in (None, of) and row.expires > (now := tx.now()):
        raise ConflictError(f"an import from {row.source} is running in this project; {_hold(row.expires - now)}")
    if row.state == "finishing":
        raise ConflictError("import: it is finishing and can only go forward; add the same file again to finish it")
    token = secrets.token_hex(16)
    return _import(tx.run(_TAKE, {"id": row.id, "owner": owner, "token": token, "expires": tx.now() + seconds}).one())


def prepare(rows: Sequence[NewItem]) -> Prepared:
    """Make up to 200 rows ready: identify, clean, join repeats. Needs no transaction; call it while others write."""
    if len(rows) > MAX_BATCH:
        raise LimitError(f"a batch holds at most {MAX_BATCH} rows, so that answers need not wait; got {len(rows)}")
    salts = bytearray(os.urandom(SALT_BYTES * len(rows)))
    found, conflicts = dict[str, list[Any]](), list[tuple[str, str, str]]()
    for i, row in enumerate(rows):
        stored = clean(row.text)
        key = content_id(stored)
        label = None if row.label is None else clean(row.label)
        by = None if label is None else clean(row.label_by)
        known = found.get(key)
        if known is None:
            meta = dumps(row.meta if type(row.meta) is dict else dict(row.meta)) if row.meta else None
            salt = salts[i * SALT_BYTES : (i + 1) * SALT_BYTES]
            raw, language = None if stored is row.text else original(row.text), language_of(stored, row.meta)
            found[key] = [key, stored, raw, meta, salt, 1, label, by, language]
            continue
        known[WEIGHT] += 1
        if label is not None and known[LABEL] is None:
            known[LABEL], known[BY] = label, by
        elif label is not None and known[LABEL] != label:
            conflicts.append((key, label, by or ""))
    return Prepared(found, len(rows), tuple(conflicts))


def place(batch: Prepared, run: Run, find: Callable[[Sequence[str]], Mapping[str, int]]) -> Placed:
    """Tell new rows from repeats, and give the new ones their keys; `find` gives the keys of filed content ids."""
    waiting, rows = run.waiting, batch.rows
    known = {content: waiting[content] for content in rows if content in waiting}
    if run.searched:
        known.update(find([content for content in rows if content not in known]))
    repeats = [(item, rows[content]) for content, item in known.items()]
    keys = range(run.following, run.following + len(rows) - len(known))
    if keys.stop & ORDINAL_MASK < keys.start & ORDINAL_MASK:
        raise LimitError(f"a project holds at most {ORDINAL_MASK:,} items; start another project")
    new = [row for content, row in rows.items() if content not in known] if known else rows.values()
    fresh = [(*row, key) for row, key in zip(new, keys, strict=True)]
    waiting.update((row[0], row[-1]) for row in fresh)
    run.following = keys.stop
    conflicts = [(known.get(content) or waiting[content], label, by) for content, label, by in batch.conflicts]
    return Placed(fresh, repeats, batch.num_rows, conflicts)


def unfiled(tx: Tx, held: Import) -> Run:
    """Where an import stands: what it stored that is not filed yet, and the next key."""
    end = held.first + held.added
    waiting = contents.unfiled(tx, held.project, held.first, end) if held.filed < held.added else {}
    return Run(waiting, item_key(held.project, end), searched=held.first + held.filed > 0)


_GROW = text(
    "UPDATE items SET weight = weight + :n, label_by = CASE WHEN label IS NULL THEN :label_by ELSE label_by END, "
    "label = COALESCE(label, :label) WHERE id = :id"
)
_CONFLICT = text(
    "INSERT INTO conflicts (project, item, label, label_by, import_id) VALUES (:project, :item, :label, :label_by, :import_id) "
    "ON CONFLICT (item, label, label_by) DO NOTHING"
)
_STEP = (
    "UPDATE imports SET rows = rows + ?, added = added + ?, joined = joined + ?, filed = filed + ?, "
    "position = coalesce(?, position), expires = ? "
    "WHERE id = ? AND token = ? AND owner IS NOT NULL AND expires > ? AND state = 'running' AND rows = coalesce(?, rows)"
)
_WAIT = text(
    "INSERT INTO joins (import_id, item, n, label, label_by) VALUES (:import_id, :item, :n, :label, :label_by)"
)
_STATE = text("UPDATE imports SET state = :state WHERE id = :id")


def add(
    tx: Tx, held: Import, batch: Placed, *, after: int | None = None, position: Any = None, seconds: float = 60.0
) -> int:
    """Store one batch under the import's token; how many items are new. Renews the hold.

    `after` is how many rows must be stored already: a batch before that failed leaves no gap (ConflictError).
    `position` is kept for a reader that needs more than the number of rows to go on.
    """
    added = len(batch.fresh)
    _step(tx, held, (batch.num_rows, added, batch.num_rows - added, 0, dumps(position)), after, seconds)
    if batch.fresh:
        _insert(tx, held, batch.fresh)
    waiting = _joined(tx, held, batch.repeats)
    waiting += [_join(held, item, 0, label, by) for item, label, by in batch.conflicts]
    if waiting:
        tx.run(_WAIT, waiting)
    return added


def _step(tx: Tx, held: Import, grown: tuple[Any, ...], after: int | None, seconds: float) -> None:
    """Count on and renew the hold: one statement for every 200 rows, so said to the driver directly."""
    now = tx.now()
    params = (*grown, now + seconds, held.id, held.token, now, after)
    if tx.connection.exec_driver_sql(_STEP.replace("?", tx.mark), params).rowcount:
        return
    found = leases.fence(tx, "imports", held.token, "import")
    if found.state != "running":
        raise ConflictError(f"import from {held.source} is {found.state}; start another one")
    raise ConflictError(
        f"import from {held.source}: {found.rows:,} rows are stored, this batch follows {after:,}; go on from there"
    )


@lru_cache(256)
def _into(mark: str, n: int, project: int, held: int, columns: tuple[str, ...]) -> str:
    row = f"({', '.join([mark] * len(columns))}, {project}, {held})"
    return f"INSERT INTO items ({', '.join(columns)}, project, import_id) VALUES {', '.join([row] * n)}"  # noqa: S608


def _insert(tx: Tx, held: Import, fresh: Sequence[tuple[Any, ...]]) -> None:
    """In one step of the database for many rows, which keeps the interpreter free to read on.

    A column that is empty in all of them is left out: SQLite's driver takes texts, numbers and bytearrays as they are,
    but looks for an adapter at each None and each bytes, which cost three times what the rest of an insert does.
    """
    for i in range(0, len(fresh), AT_ONCE):
        some = fresh[i : i + AT_ONCE]
        filled = [
            (name, column)
            for name, column in zip((*COLUMNS, "id"), zip(*some, strict=True), strict=True)
            if column.count(None) < len(some)
        ]
        names, columns = zip(*filled, strict=True)
        statement = _into(tx.mark, len(some), held.project, held.id, names)
        tx.connection.exec_driver_sql(statement, tuple(chain.from_iterable(zip(*columns, strict=True))))


def _join(held: Import, item: int, n: int, label: str | None, by: str | None) -> dict[str, Any]:
    return {"import_id": held.id, "item": item, "n": n, "label": label, "label_by": by}


_MORE = "UPDATE items SET weight = weight + ? WHERE id = ?"
_OWN = text("SELECT id, label FROM items WHERE id IN :keys").bindparams(bindparam("keys", expanding=True))


def _joined(tx: Tx, held: Import, repeats: Sequence[tuple[int, Sequence[Any]]]) -> list[dict[str, Any]]:
    """Join repeats into items of the same import, which nobody sees yet; what must wait until it is finished."""
    shown = item_key(held.project, held.first)
    waiting = [_join(held, item, row[WEIGHT], row[LABEL], row[BY]) for item, row in repeats if item < shown]
    own = [(item, row) for item, row in repeats if item >= shown]
    if more := [(row[WEIGHT], item) for item, row in own if row[LABEL] is None]:
        tx.connection.exec_driver_sql(_MORE.replace("?", tx.mark), more)
    own = [(item, row) for item, row in own if row[LABEL] is not None]
    if not own:
        return waiting
    had = {row.id: row.label for row in tx.run(_OWN, {"keys": [item for item, _ in own]})}
    tx.run(_GROW, [{"id": item, "n": row[WEIGHT], "label": row[LABEL], "label_by": row[BY]} for item, row in own])
    return waiting + [
        _join(held, item, 0, row[LABEL], row[BY])
        for item, row in own
        if had[item] is not None and had[item] != row[LABEL]
    ]


def file(tx: Tx, held: Import, entries: Sequence[tuple[str, int]], *, seconds: float = 60.0) -> None:
    """Make up to 200 content ids of stored items findable. Renews the hold."""
    _step(tx, held, (0, 0, 0, len(entries), None), None, seconds)
    contents.put(tx, held.project, entries)


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
    if now.filed != now.added:
        raise ConflictError(f"import: {now.added - now.filed:,} items are not filed; file them before it is finished")
    if now.state == "running":
        tx.run(_STATE, {"id": held.id, "state": "finishing"})
    batch = tx.run(_JOINS, {"id": held.id, "n": rows}).all()
    had: dict[int, str | None] = {}
    clashes, grown, labelled = 0, 0, list[int]()
    for row in batch:
        label = had.get(row.item, row.had)
        add_label = None if row.erased else row.label
        tx.run(_GROW, {"id": row.item, "n": row.n, "label": add_label, "label_by": row.label_by})
        if add_label is not None and label is not None and add_label != label:
            told = {"label": add_label, "label_by": row.label_by or "", "import_id": held.id}
            clashes += tx.run(_CONFLICT, {"project": held.project, "item": row.item, **told}).rowcount
        visible = row.item < item_key(held.project, now.first)
        if visible and label is None and add_label is not None:
            labelled.append(row.item)
        grown += row.n if visible else 0
        had[row.item] = label if label is not None else add_label
    tx.run(_DROP, [{"id": row.id} for row in batch]) if batch else None
    tx.run(_CONFLICTS, {"id": held.id, "n": clashes})
    decisions.twice(tx, held.project, labelled, 1)
    counters.add(tx, held.project, {"rows": grown, "labelled": len(labelled)})
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


_CUT = text("DELETE FROM items WHERE id IN (SELECT id FROM items WHERE id >= :a AND id < :b ORDER BY id LIMIT :n)")
_CUT_JOINS = text("DELETE FROM joins WHERE id IN (SELECT id FROM joins WHERE import_id = :id LIMIT :n)")


def undo(tx: Tx, held: Import, rows: int = MAX_BATCH) -> bool:
    """Take back an unfinished import, up to `rows` rows a call; False when it is all gone. ConflictError once finishing."""
    now = leases.fence(tx, "imports", held.token, "import")
    if now.state == "finishing":
        raise ConflictError("import: it is finishing and can only go forward; add the same file again to finish it")
    bounds = {"a": item_key(held.project, now.first), "b": item_key(held.project + 1, 0), "n": rows}
    contents.cut(tx, held.project, now.first, rows)
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

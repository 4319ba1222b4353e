"""Texts come in, with labels or a model's own answers; all of a source or nothing of it."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.errors import ConflictError, DataError, InputError, LimitError, TaskError
from cowise.core.task import parted
from cowise.core.types import Answer, Task, content_id
from cowise.data import How, Row, Rows, read
from cowise.data.columns import Columns
from cowise.loop import came, records
from cowise.loop.board import MILLION
from cowise.loop.jobs import CancelledError
from cowise.loop.kinds import Added, Progress
from cowise.loop.workspace import Workspace
from cowise.store import Tx, counters, imports, items, load_items, machine, members, projects, roll_back
from cowise.store.imports import Import, NewItem
from cowise.store.projects import Project

__all__ = ["Columns", "How", "add", "undo_import"]

UNNAMED = "model"


@dataclass(slots=True)
class _Brought:
    """What passes by while rows are read: who gave labels, and a model's answers in the order of the rows."""

    task: Task
    people: set[str] = field(default_factory=set)
    labels: int = 0
    ids: list[bytes] = field(default_factory=list)
    said: list[tuple[int, float]] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    whole: bool = False

    def items(self, rows: Rows) -> Iterator[NewItem]:
        """The rows as items, checked against the task."""
        for row in rows:
            label = None
            if row.opinion is not None:
                self._opinion(row)
            elif row.label is not None:
                label = _read(self.task, row.label, row).text
                self.labels += 1
                if row.by:
                    self.people.add(row.by)
            yield NewItem(row.text, row.meta or None, label, row.by if label is not None else "")
        self.whole = True

    def _opinion(self, row: Row) -> None:
        assert row.opinion is not None  # the caller has looked  # noqa: S101
        code = self.task.code(_read(self.task, row.opinion, row))
        sure = 1.0 if row.confidence is None else float(row.confidence)
        if not math.isfinite(sure):
            raise DataError(f"row {row.position:,}: confidence {row.confidence} is no number; mend or leave it empty")
        self.models.add(row.by or UNNAMED)
        if len(self.models) > 1:
            raise InputError(f"opinions: one source gives answers of {', '.join(sorted(self.models))}; add them apart")
        self.ids.append(bytes.fromhex(content_id(row.text)))
        self.said.append((code, sure))


def _read(task: Task, cell: str, row: Row) -> Answer:
    """A cell as an answer; TaskError for a label that is not in the task."""
    named = parted(cell, task.labels) if task.sets else [cell]
    for label in named:
        if not task.knows(label):
            shown = ", ".join(task.labels[:8]) + (" …" if len(task.labels) > 8 else "")
            raise TaskError(
                f"row {row.position:,}: label {label[:80]!r} is not in the task; it has {shown}. "
                "Mend the file, or make a project with that label"
            )
    return task.settle(Answer("labels", tuple(named))) if task.sets else Answer("label", cell)


def add(
    ws: Workspace,
    name: str,
    source: str | Path | Iterable[Any],
    columns: Columns | None = None,
    *,
    how: How | None = None,
    progress: Progress | None = None,
) -> Added:
    """Add every text of a source; equal ones are joined and counted. Cut off by a kill, the same call goes on.

    Labels by a named person count as that person's answers, labels by nobody only train; a column of `opinion`s
    becomes the answers of the model named in `how.by`. TaskError for a label that is not in the task, DataError for
    what cannot be read; the project is then as it was.
    """
    ask = columns or Columns()
    with ws.store.read() as tx:
        project = projects.get(tx, name)
    how = replace(how or How(), sets=project.task.sets)
    rows = read(source, text=ask.text, label=ask.label, opinion=ask.opinion, confidence=ask.confidence, how=how)
    brought = _Brought(project.task)
    mark = _mark(source)
    _clear_left(ws, project, mark)
    stream = _some(brought.items(rows), rows)
    tell = (lambda n: progress("reading", n, 0)) if progress else None
    kept: list[tuple[int, int]] = []
    try:
        done = load_items(
            ws.store, project.id, mark, stream, ending=_ending(ws, project, brought, stream, kept), progress=tell
        )
    except BaseException as cause:
        _take_back(ws, project, cause)
        raise
    taken = kept[0][0] if kept else 0
    report = rows.source
    return Added(
        done.rows, done.added, done.joined, report.blank, done.conflicts, brought.labels, taken, report.to_json()
    )


def _some(stream: Iterator[NewItem], rows: Rows) -> Iterator[NewItem]:
    """The stream itself; DataError when nothing is in it, before anything is stored."""
    first = next(stream, None)
    if first is None:
        report = rows.source
        raise DataError(
            f"{report.name} holds no text; {report.blank:,} rows are blank. Check the column given as --text"
        )
    return chain([first], stream)


def _mark(source: str | Path | Iterable[Any]) -> str:
    """A name for a source by its content, so that a killed import is known again; streams cannot be read twice."""
    if isinstance(source, str | Path) and str(source) != "-" and Path(source).is_file():
        with Path(source).open("rb") as file:
            return f"{Path(source).name} ({hashlib.file_digest(file, 'sha256').hexdigest()[:16]})"
    return f"stream {secrets.token_hex(8)}"


def _clear_left(ws: Workspace, project: Project, mark: str) -> None:
    """Take back a killed import of a source that cannot be read again; one of a file must be finished or undone."""
    with ws.store.read() as tx:
        left = imports.left(tx, project.id)
    if left is not None and left.source != mark and left.source.startswith("stream ") and left.state == "running":
        roll_back(ws.store, project.id)


def _take_back(ws: Workspace, project: Project, cause: BaseException) -> None:
    """After a fault of the data nothing of the import stays; after one of ours it can go on."""
    if not isinstance(cause, InputError | LimitError | CancelledError | KeyboardInterrupt):
        return
    with ws.store.read() as tx:
        left = imports.left(tx, project.id)
    if left is None or left.state != "running":
        return
    while ws.store.write(lambda tx: imports.undo(tx, left), bulk=True):
        pass


def undo_import(ws: Workspace, name: str) -> None:
    """Take back an import that was killed; ConflictError when there is none, or it is still running."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        if imports.left(tx, project.id) is None:
            raise ConflictError(f"project {name!r} has no import that was cut short; there is nothing to undo")
    roll_back(ws.store, project.id)


def _ending(
    ws: Workspace,
    project: Project,
    brought: _Brought,
    stream: Iterator[NewItem],
    kept: list[tuple[int, int]],
) -> Callable[[Import], Callable[[Tx, Import], None]]:
    """Before the rows are shown: Merkle root and opinions; with them: seats and one ledger entry."""

    def prepare(held: Import) -> Callable[[Tx, Import], None]:
        if not brought.whole:
            for _ in stream:  # resumed behind the last row: what the rows say is still needed
                pass
        end = held.first + held.added
        with ws.store.read() as tx:
            new = items.named(tx, project.id, held.first, end)
            root = records.root_of(records.item_hash(salt, content) for salt, content in new)
            packed = _packed(ws, tx, project, brought, end)
            labels = came.keep(ws, tx, project, held, sorted(brought.people)) if brought.labels else {}
        kept.append((packed[1] if packed else 0, end))
        return lambda tx, done: _record(tx, project, brought, done, {"root": root, **labels}, packed)

    return prepare


def _packed(ws: Workspace, tx: Tx, project: Project, brought: _Brought, end: int) -> tuple[str, int] | None:
    """A model's answers as one array file: (label number, confidence) by ordinal; the last row for a text counts."""
    if not brought.said:
        return None
    last = dict(zip((one.hex() for one in brought.ids), brought.said, strict=True))
    found = items.ordinals(tx, project.id, list(last), end=end)
    pairs = sorted((ordinal, last[one]) for one, ordinal in found.items())
    ordinals = np.array([o for o, _ in pairs], dtype=np.int64)
    codes, sure = (np.array(column) for column in zip(*(said for _, said in pairs), strict=True))
    # Two columns of one kind: a confidence in millionths keeps a set's number whole.
    columns = (
        np.stack([codes, np.rint(sure * MILLION).astype(np.int64)], axis=1)
        if project.task.sets
        else (np.stack([codes, sure], axis=1))
    )
    return machine.pack(ws.store.blobs, ordinals, columns)


def _record(
    tx: Tx, project: Project, brought: _Brought, done: Import, held: Mapping[str, Any], packed: tuple[str, int] | None
) -> None:
    people = [records.person(members.ensure(tx, project.id, who)) for who in sorted(brought.people)]
    entry: dict[str, Any] = {
        "rows": done.rows, "added": done.added, "joined": done.joined, "conflicts": done.conflicts,
        "first": done.first, "labels": brought.labels, "by": people, **held,
    }  # fmt: skip
    if packed is not None:
        who = next(iter(brought.models))
        seat = members.ensure(tx, project.id, who, "llm")
        version = f"stated-{seat.id}"
        machine.put(tx, project.id, who, version, packed)
        records.change(tx, project.id, stated={"member": who, "version": version})
        entry |= {"opinions": packed[1], "blob": packed[0], "model": records.person(seat), "version": version}
    counters.add(tx, project.id, {"imports": 1})
    records.append(tx, project, "imported", entry)

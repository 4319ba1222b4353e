"""Decisions as a file: who decided what, when, by which route, model version and certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cowise.core.registry import load
from cowise.core.task import Task
from cowise.data import Written, write
from cowise.data.write import form_of
from cowise.loop import records
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, counters, decisions, listing, members, opinions, projects
from cowise.store.decisions import DecisionRow
from cowise.store.items import ItemRow
from cowise.store.projects import Project

__all__ = ["Written", "export"]

OURS = ("text", "label", "route", "by", "at", "p", "reason", "version", "certificate", "count", "id")
PAGE = 1000
REASONS = (
    "a person answered", "{} of {} people gave this answer", "named by the certificate: surer than where its audits stopped",
    "automated as it came, under a certificate for texts to come",
)  # fmt: skip
"""What `books`, `automate` and `watching` say of a decision, as it is translated."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How decisions are told: reasons in `language`, en or zh; `hidden` names by what stands for them."""

    language: str = "en"
    hidden: Mapping[str, str] = field(default_factory=dict)


def export(
    ws: Workspace, name: str, file: str | Path, *, form: str = "", overwrite: bool = False, telling: Telling | None = None
) -> Written:  # fmt: skip
    """Write every item with its decision; `count` says for how many rows of the source it stands.

    The promise is over distinct texts. Columns of the source stay beside ours, under `source.NAME` where a name is
    taken. An item that nobody has decided has an empty label. Of sets, `label` holds all of them, in JSON as a list, and
    `label.NAME` says 1 or 0 of each. ConflictError for a file that exists.
    """
    told = telling or Telling()
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        valid = {row.certificate.id for row in certificates.history(tx, project.id) if row.state != "withdrawn"}
        people = {m.id: told.hidden.get(m.name, m.name) for m in members.roster(tx, project.id)}
        kind = form_of(file, form)
        sets = _sets(project.task)
        listed = kind in ("jsonl", "label-studio")
        said = cache(load("core.chinese:chinese")) if told.language == "zh" else str
        found = (_told(row, said) for row in _rows(tx, project, valid, people, (*OURS, *sets)))
        rows = (_spread(row, project.task, sets, listed=listed) for row in found)
        if kind == "label-studio":
            written = write(map(_task, rows), file, format=kind, overwrite=overwrite)
        else:
            columns = (*OURS, *sets, *_extra(tx, project, (*OURS, *sets)))
            written = write(
                ({c: row.get(c) for c in columns} for row in rows),
                file,
                columns=columns,
                format=kind,
                overwrite=overwrite,
            )

    def note(tx: Tx) -> None:
        counters.add(tx, project.id, {"exports": 1})
        records.append(tx, project, "exported", {"rows": written.rows, "form": written.format})

    ws.store.write(note)
    return written


def _sets(task: Task) -> tuple[str, ...]:
    """A column for each label of a set."""
    return tuple(f"label.{label}" for label in task.labels) if task.sets else ()


def _told(row: dict[str, Any], said: Callable[[str], str]) -> dict[str, Any]:
    """A row with its reason in the language that is asked for."""
    return {**row, "reason": said(row["reason"])} if row.get("reason") else row


def _spread(row: dict[str, Any], task: Task, sets: tuple[str, ...], *, listed: bool) -> dict[str, Any]:
    """A row with which labels its set holds, and the set as a list where one is `listed`; any other as it is."""
    code = task.coded(row["label"]) if sets and row.get("label") is not None else -1
    if code < 0:
        return row
    held = task.answer(code).value
    return {
        **row,
        "label": list(held) if listed else row["label"],
        **{name: int(label in held) for name, label in zip(sets, task.labels, strict=True)},
    }


def _extra(tx: Tx, project: Project, ours: tuple[str, ...]) -> list[str]:
    """Columns of the sources, in the order met."""
    found: dict[str, None] = {}
    after = -1
    while page := listing.page(tx, project.id, after=after, limit=PAGE):
        for row in page:
            found.update(dict.fromkeys(_meta(row.item, ours)))
        after = page[-1].item.ordinal
    return list(found)


def _meta(item: ItemRow, ours: tuple[str, ...]) -> dict[str, Any]:
    return {(f"source.{key}" if key in ours else key): value for key, value in item.meta.items()}


def _rows(
    tx: Tx, project: Project, valid: set[str], people: Mapping[int, str], ours: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    answered = _answerers(tx, project, people)
    made = decisions.each(tx, project.id)
    next_one = next(made, None)
    after = -1
    while page := listing.page(tx, project.id, after=after, limit=PAGE):
        for row in page:
            while next_one is not None and next_one.ordinal < row.item.ordinal:
                next_one = next(made, None)
            found = next_one if next_one is not None and next_one.ordinal == row.item.ordinal else None
            if found is not None and found.route == "automated" and found.certificate not in valid:
                found = None  # its certificate no longer stands
            if not row.item.erased:
                yield _row(row.item, found, answered, ours)
        after = page[-1].item.ordinal


def _answerers(tx: Tx, project: Project, people: Mapping[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in opinions.current(tx, project.id):
        if one.answer is not None and one.answer.kind != "unsure":
            found.setdefault(one.ordinal, []).append(people.get(one.member, ""))
    return found


def _row(
    item: ItemRow, made: DecisionRow | None, answered: Mapping[int, list[str]], ours: tuple[str, ...]
) -> dict[str, Any]:
    row: dict[str, Any] = {**_meta(item, ours), "text": item.text, "count": item.weight, "id": item.id}
    if made is not None and made.answer is not None:
        by = "model" if made.route == "automated" else ", ".join(answered.get(item.ordinal, []))
        label = made.answer.text
        row |= {
            "label": label, "route": made.route, "by": by, "at": round(made.at, 3), "p": round(made.p, 6),
            "reason": made.reason, "version": made.version, "certificate": made.certificate,
        }  # fmt: skip
    elif item.label is not None:
        row |= {"label": item.label, "route": "reviewed", "by": item.label_by or "", "reason": "came with the data"}
    return row


def _task(row: dict[str, Any]) -> dict[str, Any]:
    """A row for Label Studio: a person's answer is an annotation, a machine's a prediction."""
    apart = {"label", "by", "p", "version"}
    out = {key: value for key, value in row.items() if key not in apart and not key.startswith("label.")}
    if row.get("label") is None:
        return out
    if row.get("route") == "automated":
        return {**out, "opinion": row["label"], "confidence": row["p"], "version": row["version"]}
    return {**out, "answer": row["label"], "by": row["by"]}

"""Labels merged and split in mid-project: what becomes of answers, and what has to be asked again.

Merged: every answer with the one label becomes one with the other; nothing is asked again. Split: nobody can know which
of the new labels an old answer meant, so these answers are set aside, kept on record, and their items are asked again.
Both void certificates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cowise.core.errors import TaskError
from cowise.core.types import Task
from cowise.loop import books, records
from cowise.store import Tx, certificates, projects, queue, renaming
from cowise.store.projects import Project


def merged(task: Task, into: Mapping[str, str]) -> Task:
    """The task without the labels that `into` gives to others; TaskError for labels that are not in it."""
    for label in (*into, *into.values()):
        task.index(label)
    chained = [old for old in into if into[old] in into]
    if chained:
        raise TaskError(f"merge: {into[chained[0]]!r} is merged itself; name the label that stays for {chained[0]!r}")
    return replace(task, labels=tuple(label for label in task.labels if label not in into))


def parted(task: Task, label: str, parts: Sequence[str]) -> Task:
    """The task with several labels in the place of one; TaskError for fewer than two and for labels there are."""
    at = task.index(label)
    if len(parts) < 2:
        raise TaskError(f"split: {label!r} into {len(parts)} label(s); give two or more")
    return replace(task, labels=(*task.labels[:at], *parts, *task.labels[at + 1 :]))


def merge(tx: Tx, project: Project, into: Mapping[str, str]) -> None:
    """Give answers, suggestions and decisions the label that `into` names for theirs."""
    task = merged(project.task, into)
    moved = sum(renaming.label(tx, project.id, task, old, new) for old, new in into.items())
    _anew(tx, project, task, {"merged": dict(into), "split": [], "rows": moved}, [])


def split(tx: Tx, project: Project, label: str, parts: Sequence[str]) -> None:
    """Set answers with a label aside and put several in its place."""
    aside = renaming.set_aside(tx, project.id, project.task, label)
    _anew(tx, project, parted(project.task, label, parts), {"merged": {}, "split": [label], "rows": 0}, aside)


def _anew(tx: Tx, project: Project, task: Task, told: Mapping[str, object], aside: Sequence[int]) -> None:
    """The task has other labels from now on: items whose answers changed are decided anew."""
    projects.set_task(tx, project.id, task, project.promise)
    withdrawn = certificates.withdraw(tx, project.id, "labels merged or split")
    records.afresh(tx, project.id, stated=None, hints={}, pairs=[])
    queue.clear(tx, project.id)
    for ordinal in (*renaming.disagreed(tx, project.id), *aside):
        books.decide(tx, project.id, ordinal)
    entry = {"labels": list(task.labels), **told, "again": len(aside), "withdrawn": withdrawn}
    records.append(tx, project, "labels reshaped", entry)

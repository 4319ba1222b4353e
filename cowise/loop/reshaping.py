"""Labels merged and split in mid-project: what becomes of answers, and what has to be asked again, is said first.

Merged: every answer with the one label becomes one with the other; nothing is asked again. Split: nobody can know which
of the new labels an old answer meant, so these answers are set aside, kept on record, and their items are asked again.
Both void certificates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cowise.core.errors import ConflictError, TaskError
from cowise.core.types import Task
from cowise.loop import books, projects, records
from cowise.loop.automate import sweep
from cowise.loop.kinds import AFRESH, ProjectInfo
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, queue, renaming
from cowise.store import projects as kept
from cowise.store.projects import Project


class ReshapeError(ConflictError):
    """What a change of labels would do, for whoever confirms it: answers `moved`, texts asked `again`, what is `withdrawn`."""

    def __init__(self, message: str, details: Mapping[str, int]) -> None:
        super().__init__(message)
        self.details = details


def merge(ws: Workspace, name: str, into: Mapping[str, str], *, confirmed: bool = False) -> ProjectInfo:
    """Give every answer with one of the labels `into` names the label that it names for it; the old one is gone.

    ConflictError says what that changes unless it is `confirmed`; TaskError for labels that are not in the task.
    """
    task = projects.get(ws, name).task
    _known(task, [*into, *into.values()])
    chained = [old for old in into if into[old] in into]
    if chained:
        raise TaskError(f"merge: {into[chained[0]]!r} is merged itself; name the label that stays for {chained[0]!r}")
    left = tuple(label for label in task.labels if label not in into)
    return _reshape(ws, name, (replace(task, labels=left), dict(into), ()), confirmed)


def split(ws: Workspace, name: str, label: str, parts: Sequence[str], *, confirmed: bool = False) -> ProjectInfo:
    """Put several labels in the place of one, whose answers are set aside; their items are asked again.

    ConflictError says how many unless it is `confirmed`; TaskError for fewer than two parts and for labels there are.
    """
    task = projects.get(ws, name).task
    _known(task, [label])
    if len(parts) < 2:
        raise TaskError(f"split: {label!r} into {len(parts)} label(s); give two or more")
    at = task.labels.index(label)
    labels = (*task.labels[:at], *parts, *task.labels[at + 1 :])
    return _reshape(ws, name, (replace(task, labels=labels), {}, (label,)), confirmed)


def _known(task: Task, labels: Sequence[str]) -> None:
    for label in labels:
        task.index(label)


def _reshape(
    ws: Workspace, name: str, plan: tuple[Task, Mapping[str, str], Sequence[str]], confirmed: bool
) -> ProjectInfo:
    """Both in one transaction: half of it would leave answers that the task does not know."""
    task, into, gone = plan

    def work(tx: Tx) -> None:
        project = kept.get(tx, name)
        counts = {label: renaming.count(tx, project.id, project.task, label) for label in (*into, *gone)}
        if not confirmed:
            raise _cost(tx, project, sum(counts[old] for old in into), sum(counts[old] for old in gone))
        moved = sum(renaming.label(tx, project.id, task, old, new) for old, new in into.items())
        aside = [ordinal for label in gone for ordinal in renaming.set_aside(tx, project.id, project.task, label)]
        kept.set_task(tx, project.id, task, project.promise)
        withdrawn = certificates.withdraw(tx, project.id, "labels merged or split")
        records.change(tx, project.id, **AFRESH, stated=None, hints={}, pairs=[])
        queue.clear(tx, project.id)
        for ordinal in (*renaming.disagreed(tx, project.id), *aside):
            books.decide(tx, project.id, ordinal)
        entry = {
            "labels": list(task.labels), "merged": dict(into), "split": list(gone), "rows": moved, "again": len(aside),
            "withdrawn": withdrawn,
        }  # fmt: skip
        records.append(tx, project, "labels reshaped", entry)

    ws.store.write(work)
    sweep(ws, name)
    return projects.get(ws, name)


def _cost(tx: Tx, project: Project, moved: int, again: int) -> ReshapeError:
    """What the change would do, in one sentence and as counts."""
    standing = [row.certificate for row in certificates.history(tx, project.id) if row.state == "valid"]
    message = (
        f"labels: {moved:,} answers get another label, {again:,} are set aside and their texts asked again, and "
        f"{len(standing)} certificate(s) are withdrawn; repeat it with confirm to go on"
    )
    back = sum(one.n_automated for one in standing if one.window == "batch")
    return ReshapeError(message, {"moved": moved, "again": again, "withdrawn": len(standing), "back": back})

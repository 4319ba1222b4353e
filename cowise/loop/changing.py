"""Changing a project: what a change costs is said first, and all of it is done in one transaction or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cowise.core.errors import ConflictError, TaskError
from cowise.core.types import Promise, Task
from cowise.loop import projects as whole
from cowise.loop import records, reshaping, second
from cowise.loop.automate import take_back
from cowise.loop.consequences import ChangeError, Cost, weigh
from cowise.loop.kinds import ProjectInfo
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, imports, projects, queue, renaming
from cowise.store.projects import Project


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; None leaves it as it is.

    Labels are `merged` first, each into the one that stays; then `split`, each into those in its place; then `renamed`.
    `labels` are all of them after that, those there are first, in their order; or new ones are `added` at the end.
    """

    name: str | None = None
    instructions: str | None = None
    language: str | None = None
    labels: Sequence[str] | None = None
    promise: Promise | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, Sequence[str]] = field(default_factory=dict)
    added: Sequence[str] = ()
    repair: float | None = None
    balance: float | None = None


def change(ws: Workspace, name: str, wanted: Change, *, confirmed: bool = False) -> ProjectInfo:
    """Change a project, all or nothing; a change of labels or promise withdraws its certificates.

    ConflictError says what that means unless it is `confirmed`; TaskError for labels that are not in the task, leave
    some out or shuffle them. Instructions and language touch no certificate.
    """

    def work(tx: Tx) -> int:
        project = projects.get(tx, name)
        task, cost = _weighed(tx, project, wanted)
        _nothing_comes(tx, project, task)
        if not confirmed and (cost != Cost() or wanted.merged or wanted.split):
            said = f"this change has consequences: {cost.whole}; repeat it with confirm to go on"
            raise ChangeError(said, cost)
        _alter(tx, project.id, wanted, task)
        if cost.withdrawn:
            records.change(tx, project.id, sweep=True)
        return cost.withdrawn

    withdrawn, now = ws.store.write(work), wanted.name or name
    if withdrawn:
        take_back(ws, now)
    return whole.get(ws, now)


def consequences(ws: Workspace, name: str, wanted: Change) -> Cost:
    """What a change would do; TaskError for labels that cannot be."""
    with ws.store.read() as tx:
        return _weighed(tx, projects.get(tx, name), wanted)[1]


def merge(ws: Workspace, name: str, into: Mapping[str, str], *, confirmed: bool = False) -> ProjectInfo:
    """Give every answer with one of the labels `into` names the label that it names for it; the old one is gone.

    ConflictError says what that changes unless it is `confirmed`; TaskError for labels that are not in the task.
    """
    return change(ws, name, Change(merged=into), confirmed=confirmed)


def split(ws: Workspace, name: str, label: str, parts: Sequence[str], *, confirmed: bool = False) -> ProjectInfo:
    """Put several labels in the place of one, whose answers are set aside; their items are asked again.

    ConflictError says how many unless it is `confirmed`; TaskError for fewer than two parts and for labels there are.
    """
    return change(ws, name, Change(split={label: parts}), confirmed=confirmed)


def _weighed(tx: Tx, project: Project, wanted: Change) -> tuple[Task, Cost]:
    """The task after the change, every step of it checked, and what it would do."""
    before = _reshaped(project.task, wanted)
    task = _task(before, wanted)
    if (task.labels, wanted.promise or project.promise) == (project.task.labels, project.promise):
        return task, Cost()
    return task, weigh(tx, project, wanted.merged, wanted.split, task.labels[len(before.labels) :])


def _reshaped(task: Task, wanted: Change) -> Task:
    if wanted.merged:
        task = reshaping.merged(task, wanted.merged)
    for label, parts in wanted.split.items():
        task = reshaping.parted(task, label, parts)
    return task


def _nothing_comes(tx: Tx, project: Project, task: Task) -> None:
    """ConflictError where labels of now would be other ones while an import brings more of them."""
    coming = imports.left(tx, project.id)
    if coming is not None and task.labels[: len(project.task.labels)] != project.task.labels:
        raise ConflictError(
            f"labels cannot change while an import from {coming.source} is open, which brings more of them; let it end, or undo it"
        )


def _task(now: Task, wanted: Change) -> Task:
    """The task after all of it, checked."""
    unknown = [old for old in wanted.renamed if old not in now.labels]
    if unknown:
        raise TaskError(f"rename: label {unknown[0]!r} is not in the task; it has {', '.join(now.labels[:8])}")
    labels = tuple(wanted.renamed.get(label, label) for label in now.labels)
    if wanted.labels is not None:
        asked = tuple(wanted.labels)
        if asked[: len(labels)] != labels:
            raise TaskError(
                "labels: new ones may be added at the end, and there are renamings; leave those there are in their order"
            )
        labels = asked
    return replace(
        now, labels=(*labels, *wanted.added),
        instructions=now.instructions if wanted.instructions is None else wanted.instructions,
        language=now.language if wanted.language is None else wanted.language,
    )  # fmt: skip


def _alter(tx: Tx, key: int, wanted: Change, task: Task) -> None:
    """Every step, each as the one before left the project."""
    if wanted.merged:
        reshaping.merge(tx, projects.by_id(tx, key), wanted.merged)
    for label, parts in wanted.split.items():
        reshaping.split(tx, projects.by_id(tx, key), label, parts)
    _reword(tx, projects.by_id(tx, key), task)
    if wanted.renamed:
        _rename(tx, projects.by_id(tx, key), wanted.renamed)
    whole.alter(tx, projects.by_id(tx, key), task, wanted.promise)
    if wanted.repair is not None:
        second.where_it_pays(tx, projects.by_id(tx, key), wanted.repair)
    if wanted.balance is not None:
        second.rare_first(tx, projects.by_id(tx, key), wanted.balance)
    now = projects.by_id(tx, key)
    if wanted.name is not None and wanted.name != now.name:
        whole.call(tx, now, wanted.name)


def _reword(tx: Tx, project: Project, task: Task) -> None:
    """Instructions and language, on record; certificates stay, for they speak of labels."""
    new = replace(project.task, instructions=task.instructions, language=task.language)
    if new == project.task:
        return
    projects.set_task(tx, project.id, new, project.promise)
    records.append(tx, project, "reworded", {"instructions": new.instructions, "language": new.language})


def _rename(tx: Tx, project: Project, renamed: Mapping[str, str]) -> None:
    """New names in answers, decisions and the task in one step; by way of names that nobody can type, for swaps."""
    labels = tuple(renamed.get(label, label) for label in project.task.labels)
    task = replace(project.task, labels=labels)
    for i, old in enumerate(renamed):
        renaming.label(tx, project.id, project.task, old, f"\ufffe{i}")
    rows = sum(renaming.label(tx, project.id, task, f"\ufffe{i}", new) for i, new in enumerate(renamed.values()))
    projects.set_task(tx, project.id, task, project.promise)
    gone = certificates.withdraw(tx, project.id, "labels renamed")
    _anew(tx, project)
    records.append(tx, project, "labels renamed", {"labels": dict(renamed), "rows": rows, "withdrawn": gone})


def _anew(tx: Tx, project: Project) -> None:
    """Everything open is promised about anew; questions that nobody holds yet carry suggestions under the old names."""
    queue.clear(tx, project.id)
    records.afresh(tx, project.id, hints={})

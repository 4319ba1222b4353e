"""Changing a project: what a change costs is said first, and done only when that was confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cowise.core.errors import ConflictError, TaskError
from cowise.core.types import Promise, Task
from cowise.loop import projects as whole
from cowise.loop import records
from cowise.loop.kinds import ProjectInfo
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, projects, queue, renaming
from cowise.store.projects import Project


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; None leaves it as it is. `labels` are all of them, those there are first, in their order."""

    name: str | None = None
    instructions: str | None = None
    language: str | None = None
    labels: Sequence[str] | None = None
    promise: Promise | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)


def change(ws: Workspace, name: str, wanted: Change, *, confirmed: bool = False) -> ProjectInfo:
    """Change a project; a change of labels or promise withdraws its certificates.

    ConflictError says what that means unless it is `confirmed`; TaskError for labels that leave some out or shuffle
    them. Instructions and language touch no certificate.
    """
    now = whole.get(ws, name)
    task = _task(now.task, wanted)
    if (task.labels, wanted.promise or now.promise) != (now.task.labels, now.promise) and not confirmed:
        _consequences(ws, name)
    _reword(ws, name, task)
    if wanted.renamed:
        _rename(ws, name, wanted.renamed)
    whole.change(ws, name, task=task, promise=wanted.promise)
    if wanted.name is not None and wanted.name != name:
        return whole.rename(ws, name, wanted.name)
    return whole.get(ws, name)


def _task(now: Task, wanted: Change) -> Task:
    """The task after the change, checked."""
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
        now, labels=labels,
        instructions=now.instructions if wanted.instructions is None else wanted.instructions,
        language=now.language if wanted.language is None else wanted.language,
    )  # fmt: skip


def _consequences(ws: Workspace, name: str) -> None:
    """Refuse what nobody confirmed, and say what it would do; a project without any evidence has nothing to lose."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        standing = [row for row in certificates.history(tx, project.id) if row.state == "valid"]
    walking = bool(project.settings.get("walk"))
    if not standing and not walking:
        return
    n = sum(row.certificate.n_automated for row in standing if row.certificate.window == "batch")
    gone = f"{len(standing)} certificate(s) are withdrawn and {n:,} texts go back to people"
    given_up = "the audits that are under way are given up; their answers then train the model"
    lost = gone if not walking else f"{gone}, and {given_up}" if standing else given_up
    raise ConflictError(f"this change voids evidence: {lost}; repeat it with confirm to go on")


def _reword(ws: Workspace, name: str, task: Task) -> None:
    """Instructions and language, on record; certificates stay, for they speak of labels."""

    def work(tx: Tx) -> None:
        project = projects.get(tx, name)
        new = replace(project.task, instructions=task.instructions, language=task.language)
        if new == project.task:
            return
        projects.set_task(tx, project.id, new, project.promise)
        entry = {"instructions": new.instructions, "language": new.language}
        records.append(tx, project, "reworded", entry)

    ws.store.write(work)


def _rename(ws: Workspace, name: str, renamed: Mapping[str, str]) -> None:
    """New names in answers, decisions and the task in one step; by way of names that nobody can type, for swaps."""

    def work(tx: Tx) -> None:
        project = projects.get(tx, name)
        labels = tuple(renamed.get(label, label) for label in project.task.labels)
        task = replace(project.task, labels=labels)
        for i, old in enumerate(renamed):
            renaming.label(tx, project.id, project.task, old, f"\ufffe{i}")
        rows = sum(renaming.label(tx, project.id, task, f"\ufffe{i}", new) for i, new in enumerate(renamed.values()))
        projects.set_task(tx, project.id, task, project.promise)
        gone = certificates.withdraw(tx, project.id, "labels renamed")
        _forget_questions(tx, project)
        entry = {"labels": dict(renamed), "rows": rows, "withdrawn": gone}
        records.append(tx, project, "labels renamed", entry)

    ws.store.write(work)


def _forget_questions(tx: Tx, project: Project) -> None:
    """Questions that nobody holds yet carry suggestions under the old names: the next advance asks anew."""
    queue.clear(tx, project.id)
    records.change(tx, project.id, walk=None, advice=None, hints={})

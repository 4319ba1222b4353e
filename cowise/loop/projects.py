"""Projects: make, list, rename, change, delete. The first ledger entry of each commits to its audit key."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from functools import partial
from pathlib import Path

from cowise.core.errors import InputError
from cowise.core.registry import load
from cowise.core.types import Promise, Task
from cowise.guard import commitment
from cowise.loop import records
from cowise.loop.kinds import ProjectInfo
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, counters, projects, queue
from cowise.store.projects import Project

DEFAULT_ENCODER = "use-multilingual"


def info(project: Project, counts: dict[str, int]) -> ProjectInfo:
    """What lists and messages show of a project."""
    return ProjectInfo(
        name=project.name,
        task=project.task,
        promise=project.promise,
        encoder=str(project.settings.get("encoder", DEFAULT_ENCODER)),
        items=counts.get("items", 0),
        rows=counts.get("rows", 0),
        answers=counts.get("answers", 0),
        automated=counts.get("route:automated", 0),
        created=project.created,
        repair=float(project.settings.get("repair", 0.0)),
        balance=float(project.settings.get("balance", 0.0)),
    )


def create(ws: Workspace, name: str, task: Task, promise: Promise, *, encoder: str = DEFAULT_ENCODER) -> ProjectInfo:
    """A new project; ConflictError when the name is taken, InputError for what no project could use."""
    if task.kind not in ("classify", "multilabel"):
        raise InputError(
            f"task: asked for {task.kind!r}; this version plays the loop for classify and multilabel tasks"
        )
    known_encoder(encoder)
    ref = secrets.token_hex(8)
    key = ws.keys.create_audit(ref)

    def work(tx: Tx) -> Project:
        made = projects.create(tx, name, task, promise, audit_key=(ref, commitment(key)), settings={"encoder": encoder})
        entry = {"commitment": made.commitment, "task": _task(task), "promise": asdict(promise), "encoder": encoder}
        records.append(tx, made, "created", entry)
        return made

    try:
        made = ws.store.write(work)
    except BaseException:
        ws.keys.remove_audit(ref)
        raise
    return info(made, {})


def known_encoder(name: str) -> None:
    """MissingError or InputError for an encoder that nobody could open; whether its weights are here shows later."""
    if name == "hashing":
        return
    if name.startswith("path:"):
        folder = Path(name.removeprefix("path:")).expanduser()
        if not folder.is_dir():
            raise InputError(f"encoder: {folder} is no folder; give path:FOLDER with an encoder's files")
        return
    load("models.weights:encoder")(name)


def _task(task: Task) -> dict[str, object]:
    return {
        "kind": task.kind,
        "labels": list(task.labels),
        "instructions": task.instructions,
        "language": task.language,
    }


def get(ws: Workspace, name: str) -> ProjectInfo:
    """The project of that name; MissingError names those there are."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        return info(project, counters.counts(tx, project.id))


def listing(ws: Workspace) -> list[ProjectInfo]:
    """Every project, by name."""
    with ws.store.read() as tx:
        return [info(each, counters.counts(tx, each.id)) for each in projects.all_of(tx)]


def rename(ws: Workspace, name: str, new: str) -> ProjectInfo:
    """Give it another name; ConflictError when that is taken."""
    ws.store.write(lambda tx: call(tx, projects.get(tx, name), new))
    return get(ws, new)


def call(tx: Tx, project: Project, new: str) -> None:
    """Another name, within a transaction."""
    projects.rename(tx, project.id, new)
    records.append(tx, project, "renamed", {})


def change(ws: Workspace, name: str, *, task: Task | None = None, promise: Promise | None = None) -> ProjectInfo:
    """Change task or promise: every certificate is withdrawn, and what they automated goes back to people."""
    ws.store.write(lambda tx: alter(tx, projects.get(tx, name), task, promise))
    load("loop.automate:sweep")(ws, name)
    return get(ws, name)


def alter(tx: Tx, project: Project, task: Task | None, promise: Promise | None) -> None:
    """Another task or promise, within a transaction."""
    new_task, new_promise = task or project.task, promise or project.promise
    if (new_task, new_promise) == (project.task, project.promise):
        return
    projects.set_task(tx, project.id, new_task, new_promise)
    gone = certificates.withdraw(tx, project.id, "task or promise changed")
    # A model's own answers name the labels by number: they are added again for other labels.
    gone_too = {} if new_task.labels == project.task.labels else {"stated": None}
    records.afresh(tx, project.id, **gone_too)
    queue.clear(tx, project.id)
    entry = {"task": _task(new_task), "promise": asdict(new_promise), "withdrawn": gone}
    records.append(tx, project, "changed", entry)


def delete(ws: Workspace, name: str) -> None:
    """Delete a project and destroy its audit key; its ledger entries stay, and name nobody."""

    def work(tx: Tx) -> None:
        project = projects.get(tx, name)
        projects.close(tx, project.id)
        records.append(tx, project, "deleted", {})

    ws.store.write(work)
    sweep_deleted(ws)


def sweep_deleted(ws: Workspace) -> None:
    """Remove what is left of deleted projects: also of those whose deletion a full disk or a kill cut short."""
    with ws.store.read() as tx:
        left = projects.closed(tx)
    if left:
        load("loop.uploads:tidy")(ws, imported=True)
    for project, key_ref in left:
        while ws.store.write(partial(projects.sweep, project=project), bulk=True):
            pass
        load("loop.llm_seats:replies")(ws, project).clear()
        ws.keys.remove_audit(key_ref)

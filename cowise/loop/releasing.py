"""A version released or withdrawn by hand. A released one automates nothing without a certificate; a withdrawn one nothing.

What either does stands in one transaction; what certificates had automated is taken back after it, by whoever comes next
if that was cut short.
"""

from __future__ import annotations

from cowise.core.errors import InputError, TaskError
from cowise.loop import brain, records
from cowise.loop.automate import take_back
from cowise.loop.board import read
from cowise.loop.history import outdated
from cowise.loop.kinds import VersionInfo
from cowise.loop.walks import trained_by
from cowise.loop.workspace import Workspace
from cowise.store import Tx, opinions, projects, queue
from cowise.store import versions as kept


def release(ws: Workspace, name: str, version: str, reason: str) -> int:
    """Release a version: it gives the suggestions, and the next look is over it. How many certificates that withdraws.

    What they automated goes back to people. A look that is open is given up; its answers then train. MissingError for a
    version that is not here, InputError for one that cowise cannot run or without a reason, TaskError for one of other labels.
    """
    _given("release", reason)
    board = read(ws, name)
    with ws.store.read() as tx:
        found = kept.get(tx, board.project.id, version)
    if found.state == "released":
        take_back(ws, name)
        return 0
    if not found.folder:
        raise InputError(f"release: {version} are answers of another program; cowise does not run that program")
    labels = brain.thaw(ws, board.project, version).labels
    if tuple(labels) != board.project.task.labels:
        raise TaskError(
            f"release: {version} learned other labels than the project has now; learn again, or release a newer one"
        )
    trained = trained_by(board)

    def work(tx: Tx) -> int:
        project = projects.get(tx, name)
        given_up = bool(project.settings.get("walk"))
        gone = kept.release(tx, project.id, version, reason)
        if gone or given_up:
            records.append(tx, project.id, "withdrawn", {"n": gone, "reason": reason})
        records.afresh(tx, project.id, chosen=version, sweep=True)
        queue.clear(tx, project.id)
        for i in range(0, len(trained), 200):
            opinions.use(tx, project.id, trained[i : i + 200], "train")
        entry = {"version": version, "folder": found.folder, "withdrawn": gone, "metrics": dict(found.metrics)}
        records.append(tx, project.id, "released", {**entry, "reason": reason})
        return gone

    withdrawn = ws.store.write(work)
    take_back(ws, name)
    return withdrawn


def withdraw_version(ws: Workspace, name: str, version: str, reason: str) -> int:
    """Take the released version back: nothing is released, its certificates go with it. How many certificates that were.

    What they automated goes back to people, and a look that is open is given up; its answers then train. Nobody releases
    the version again but by hand. MissingError for a version that is not here, ConflictError for one that is not released.
    """
    _given("withdraw", reason)
    trained = trained_by(read(ws, name))

    def work(tx: Tx) -> int:
        project = projects.get(tx, name)
        if kept.get(tx, project.id, version).state == "withdrawn":
            return 0
        gone = kept.withdraw(tx, project.id, version, reason)
        stated = {"stated": None} if version.startswith("stated-") else {}
        records.afresh(tx, project.id, **stated, sweep=True)
        queue.clear(tx, project.id)
        for i in range(0, len(trained), 200):
            opinions.use(tx, project.id, trained[i : i + 200], "train")
        records.append(tx, project.id, "withdrawn", {"n": gone, "reason": reason, "version": version})
        return gone

    withdrawn = ws.store.write(work)
    take_back(ws, name)
    return withdrawn


def _given(what: str, reason: str) -> None:
    if not reason.strip():
        raise InputError(f"{what}: no reason is given; say why, it is kept in the ledger")


def versions(ws: Workspace, name: str) -> list[VersionInfo]:
    """Every version of a project, oldest first."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        known = kept.history(tx, project.id)
    return [
        VersionInfo(one.id, one.state, one.folder, one.metrics, outdated(ws, one.folder, project.task.labels))
        for one in known
    ]

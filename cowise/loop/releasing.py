"""A version released by hand: an earlier one again, or one that was only learned. It automates nothing without a certificate."""

from __future__ import annotations

from cowise.core.errors import InputError, TaskError
from cowise.loop import brain, records
from cowise.loop.automate import sweep
from cowise.loop.board import read
from cowise.loop.kinds import AFRESH
from cowise.loop.walks import trained_by
from cowise.loop.workspace import Workspace
from cowise.store import Tx, opinions, projects, queue, versions


def release(ws: Workspace, name: str, version: str, reason: str) -> int:
    """Release a version: it gives the suggestions, and the next look is over it. How many certificates that withdraws.

    What they automated goes back to people. A look that is open is given up; its answers then train. MissingError for a
    version that is not here, InputError for one that cowise cannot run, TaskError for one of other labels.
    """
    board = read(ws, name)
    with ws.store.read() as tx:
        found = versions.get(tx, board.project.id, version)
    if found.state == "released":
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
        gone = versions.release(tx, project.id, version, reason)
        if gone or given_up:
            records.append(tx, project.id, "withdrawn", {"n": gone, "reason": reason})
        records.change(tx, project.id, **{**AFRESH, "chosen": version})
        queue.clear(tx, project.id)
        for i in range(0, len(trained), 200):
            opinions.use(tx, project.id, trained[i : i + 200], "train")
        entry = {"version": version, "folder": found.folder, "withdrawn": gone, "metrics": dict(found.metrics)}
        records.append(tx, project.id, "released", {**entry, "reason": reason})
        return gone

    withdrawn = ws.store.write(work)
    sweep(ws, name)
    return withdrawn

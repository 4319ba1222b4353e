"""Fit the candidate now and keep its model folder. It changes with every answer, and never automates."""

from __future__ import annotations

import numpy as np

from cowise.core.errors import GuaranteeError
from cowise.loop import brain, filling, plan, records
from cowise.loop.board import read
from cowise.loop.kinds import Progress, VersionInfo
from cowise.loop.workspace import Workspace
from cowise.store import Tx, versions


def learn(ws: Workspace, name: str, *, progress: Progress | None = None) -> VersionInfo:
    """The candidate at all answers that may train, kept as a version; nothing is released.

    GuaranteeError while there are fewer than three answers or one label. Killed, the workspace is as it was.
    """
    board = read(ws, name)
    labels = board.label[board.trains]
    if len(labels) < filling.LEARNABLE or len(np.unique(labels)) < 2:
        raise GuaranteeError(
            f"learn: got {len(labels)} answer(s) of {len(np.unique(labels))} label(s), needs at least "
            f"{filling.LEARNABLE} of 2; answer with: cowise review {name}"
        )
    found = brain.candidate(ws, board, progress)
    view = found.learner.look()
    past = view.past_wrong
    metrics = {
        "answers": len(found.learner.y), "log_loss": plan.number(view.log_loss),
        "error_before_learning": plan.number(past.mean()) if len(past) else None,
    }  # fmt: skip
    version, folder = brain.freeze(ws, board, found, metrics)

    def work(tx: Tx) -> VersionInfo:
        known = {v.id: v for v in versions.history(tx, board.project.id)}
        if version not in known:
            versions.put(tx, board.project.id, version, folder, metrics)
            records.append(tx, board.project, "learned", {"version": version, "folder": folder, "metrics": metrics})
        now = versions.get(tx, board.project.id, version)
        return VersionInfo(now.id, now.state, now.folder, now.metrics)

    return ws.store.write(work)

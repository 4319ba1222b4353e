"""A newer version in the shadow of the one that decides: it is frozen, judged on texts to come, and takes over or is dropped.

Of each group of texts that `decide` is given, those that people have not answered are drawn by the same lots that audit the
automated ones: a uniform sample of what comes, in which the shadow's answers are held against what people say blind. The
sample's size and the share of delta are fixed when the shadow begins, and only texts that come after count: what people said
before may have been learned from, or have led to this version. Meanwhile the released version decides, and is watched.

Legend: n = texts of a group.
"""

from __future__ import annotations

import numpy as np

from cowise.loop import brain, design, jury, shade, walks
from cowise.loop.board import Board
from cowise.loop.workspace import Workspace, audit_key
from cowise.store import machine


def lay(ws: Workspace, board: Board) -> bool:
    """Judge the shadow once enough texts are drawn: their audits are asked for and evaluated like any look's. Whether it began."""
    running = shade.of(board.project.settings)
    if running is None or running.drawn < running.texts:
        return False
    with ws.store.read() as tx:
        kept = machine.batches(tx, board.project.id, shade.SHADOW, running.version)
    drawn = machine.rows(ws.store.blobs, kept)[0][: running.texts]
    ordinals, gone = drawn[~board.erased[drawn]], drawn[board.erased[drawn]]
    each, place = np.unique(ordinals, return_inverse=True)
    model = brain.thaw(ws, board.project, running.version)
    said = brain.predict(ws, board.project, model, each, alone=True).at(place)
    draw = design.Draw(
        audit_key(ws, board.project), running.look, float(board.project.settings["shadow"]["delta"]), running.version,
        board.project.promise, jury.sits(board), jury.doubt(board), design.sets_of(board), board.salt,
    )  # fmt: skip
    ids = [board.ids[o] for o in ordinals.tolist()]
    rest = design.Rest(ordinals, ids, said, 1 - said.p, len(ordinals), board.n)
    sample = design.lost(rest, gone, each=board.project.promise.per_label)
    return walks.begin(ws, board, design.stream(sample, draw), None)

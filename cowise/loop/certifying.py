"""Certificates on request: lay down a look, conclude it, hand out what stands."""

from __future__ import annotations

import numpy as np

from cowise.core.errors import GuaranteeError, InputError
from cowise.core.types import Certificate, Window
from cowise.loop import brain, design, filling, jury, plan, walks
from cowise.loop.automate import deliver, sweep
from cowise.loop.board import Board, read
from cowise.loop.design import Draw, Rest
from cowise.loop.kinds import Progress
from cowise.loop.shares import RESERVED
from cowise.loop.workspace import Workspace
from cowise.store import certificates, queue
from cowise.team import answers_needed


def certify(ws: Workspace, name: str, *, window: Window = "batch", progress: Progress | None = None) -> Certificate:
    """The certificate that stands for this window, concluded now if its audits are answered.

    Without one a look is laid down; GuaranteeError then says how many audits wait, or why no certificate can be had.
    """
    if window not in ("batch", "stream"):
        raise InputError(f"certify: asked for {window!r}; use batch or stream")
    for _ in range(3):
        board = read(ws, name)
        mark = board.project.settings.get("walk")
        if mark:
            _conclude(ws, board, mark, window, name)
            board = read(ws, name)
        found = standing(ws, board, window)
        if found is not None:
            deliver(ws, name, progress=progress)
            return found
        if mark:
            break
        _lay(ws, board, window, progress)
    raise GuaranteeError(
        f"no certificate: {board.project.settings.get('last_reason') or 'the answers do not allow one'}. They train the "
        f"model now; go on with: cowise review {name}, then certify again"
    )


def _conclude(ws: Workspace, board: Board, mark: dict[str, str], window: Window, name: str) -> None:
    """Conclude the open look, or say how many audits it waits for. Whoever asks for it now waits for no jury."""
    advice = None if walks.cut_short(ws, board) else walks.go_on(ws, board)
    if advice is None:
        return
    other = "" if mark["window"] == window else f" for a {mark['window']}"
    raise GuaranteeError(
        f"a look{other} is open: {advice.reason}; answer them with: cowise review {name}, then certify again"
    )


def standing(ws: Workspace, board: Board, window: Window) -> Certificate | None:
    """The newest certificate of that window that stands, if for a batch no text came after it."""
    project = board.project
    if not project.released:
        return None
    if window == "batch" and len(plan.rest_of(board)):
        return None
    with ws.store.read() as tx:
        for row in certificates.valid(tx, project.id, project.released):
            if row.certificate.window == window:
                return row.certificate
    return None


def _lay(ws: Workspace, board: Board, window: Window, progress: Progress | None) -> None:
    name = board.project.name
    if window == "stream":
        _lay_stream(ws, board, progress)
        return
    rest = plan.rest_of(board)
    if not len(rest):
        raise GuaranteeError(
            f"project {board.project.name!r} has no undecided text to promise about; add texts, or export what is decided"
        )
    if plan.lay_stated(ws, board):
        return
    if plan.certified(ws, board):
        plan.more(ws, board, rest, progress)
        return
    _learned(board)
    # Nobody is asked for training while the look is laid down: what waits is taken back, what is held stays outside.
    ws.store.write(lambda tx: queue.clear(tx, board.project.id, blind=True))
    plan.begin_walk(ws, read(ws, name), rest, progress)


def _learned(board: Board) -> None:
    labels = board.label[board.trains]
    if len(labels) < filling.LEARNABLE or len(np.unique(labels)) < 2:
        raise GuaranteeError(
            f"a model needs answers first: asked to certify with {len(labels)} answer(s) of {len(np.unique(labels))} "
            f"label(s); answer with: cowise review {board.project.name}"
        )


def _lay_stream(ws: Workspace, board: Board, progress: Progress | None) -> None:
    """Every reserved text is audited: drawn by a lot of its own from the beginning, and never learned from."""
    promise, project = board.project.promise, board.project
    if project.settings.get("stated"):
        raise GuaranteeError("answers of another program cannot cover texts to come: cowise does not run that program")
    if project.task.sets and promise.per_label and promise.of == "delivered":
        raise GuaranteeError(
            "texts to come: a promise for each label of a set is made for texts that are here; promise whole sets instead"
        )
    start = int(project.settings.get("stream_from", 0))
    rest = np.flatnonzero(board.reserved & ~board.erased & ~board.imported)
    rest = rest[rest >= start]
    delta = plan.share(board)
    need = answers_needed(promise.max_error * (1 - promise.missed), delta)
    if len(rest) < need:
        more = int((need - len(rest)) / RESERVED) + 1
        raise GuaranteeError(
            f"error <= {promise.max_error} of texts to come at confidence {promise.confidence} needs, at this look, at "
            f"least {need} texts reserved by lot, got {len(rest)}; add about {more:,} more texts, or raise max_error"
        )
    if project.released and (plan.certified(ws, board) or plan.by_hand(board)):
        version, frozen = project.released, None
        model = brain.thaw(ws, project, version)
    else:
        _learned(board)
        found = brain.candidate(ws, board, progress)
        version, folder = brain.freeze(ws, board, found, {"answers": len(found.learner.y)})
        frozen, model = (version, folder, {"answers": len(found.learner.y)}), brain.frozen(project, found)
    brain.embed(ws, project, progress)
    # Of texts to come no member has spoken: what is audited here is what the head says alone, as it will be there.
    said = brain.predict(ws, project, model, rest, alone=True)
    key, look = ws.keys.audit(project.key_ref), int(project.settings.get("looks", 0))
    draw = Draw(key, look, delta, version, promise, jury.sits(board), jury.doubt(board), plan.sets_of(board))
    ids = [board.ids[i] for i in rest]
    layout = design.stream(Rest(rest, ids, said, 1 - said.p, len(rest), board.n), draw)
    walks.begin(ws, board, layout, frozen)
    if frozen is not None:
        sweep(ws, project.name)

"""Certificates on request: lay down a look, conclude it, hand out what stands."""

from __future__ import annotations

import numpy as np

from cowise.core.errors import ConflictError, GuaranteeError, InputError
from cowise.core.types import Certificate, Indices, Promise, Window
from cowise.loop import aside, brain, came, design, filling, jury, plan, records, shade, walks
from cowise.loop.automate import deliver, sweep
from cowise.loop.board import Board, read
from cowise.loop.design import Draw, Rest, sets_of, share
from cowise.loop.kinds import Progress
from cowise.loop.shade import Shadow
from cowise.loop.shares import RESERVED
from cowise.loop.workspace import Workspace, audit_key
from cowise.store import Tx, certificates, opinions, projects, queue, versions
from cowise.store.projects import Project
from cowise.team import answers_needed

SPARE = 4
"""A shadow is judged on so many times the least number of texts, unless somebody says otherwise: some errors may be found."""


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
        for row in certificates.valid(tx, project.id):
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


def _comes(board: Board) -> None:
    """GuaranteeError where no promise for texts to come can be made."""
    project, promise = board.project, board.project.promise
    if project.settings.get("stated"):
        raise GuaranteeError("answers of another program cannot cover texts to come: cowise does not run that program")
    if project.task.sets and promise.per_label and promise.of == "delivered":
        raise GuaranteeError(
            "texts to come: a promise for each label of a set is made for texts that are here; promise whole sets instead"
        )


def _lay_stream(ws: Workspace, board: Board, progress: Progress | None) -> None:
    """Every reserved text is audited: drawn by a lot of its own from the beginning, and never learned from."""
    promise, project = board.project.promise, board.project
    _comes(board)
    _refused(project)
    start = int(project.settings.get("stream_from", 0))
    with ws.store.read() as tx:
        there = ~board.erased & ~came.with_them(ws, tx, project, board.imported)
    rest = _sample(project, np.flatnonzero(board.reserved & there), start)
    gone = _sample(project, np.array(project.settings.get("erased_reserved", []), np.int64), start)
    delta = share(board)
    need = answers_needed(promise.max_error * (1 - promise.missed), delta)
    if len(rest) + len(gone) < need:
        more = int((need - len(rest) - len(gone)) / RESERVED) + 1
        raise GuaranteeError(
            f"error <= {promise.max_error} of texts to come at confidence {promise.confidence} needs, at this look, at "
            f"least {need} texts reserved by lot, got {len(rest)}; add about {more:,} more texts (what decide kept to watch by is no "
            "sample of what comes), or raise max_error"
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
    key, look = audit_key(ws, project), int(project.settings.get("looks", 0))
    draw = Draw(key, look, delta, version, promise, jury.sits(board), jury.doubt(board), sets_of(board), board.salt)
    ids = [board.ids[i] for i in rest]
    sample = design.lost(Rest(rest, ids, said, 1 - said.p, len(rest), board.n), gone, each=promise.per_label)
    walks.begin(ws, board, design.stream(sample, draw), frozen)
    if frozen is not None:
        sweep(ws, project.name)


def _sample(project: Project, ordinals: Indices, start: int) -> Indices:
    """Those that no look has used, and that were not chosen out of what came."""
    return ordinals[(ordinals >= start) & ~aside.chosen(project, ordinals)]


def shadow(
    ws: Workspace, name: str, *, texts: int = 0, rate: float = shade.RATE, progress: Progress | None = None
) -> Shadow:  # fmt: skip
    """Freeze what was learned so far and judge it on `texts` to come, 0 for a fair number. It decides nothing meanwhile.

    Of what comes the share `rate` is drawn, by lot, from the first text to the last.
    ConflictError while another shadow runs, and where nothing was learned since the released version; GuaranteeError where
    no promise for texts to come can be made, InputError for fewer texts than any outcome could certify.
    """
    if not 0 < rate <= 1:
        raise InputError(f"shadow: asked for {rate} of the texts to come; give a share above 0, up to 1, such as 0.05")
    board = read(ws, name)
    running = shade.of(board.project.settings)
    if running is not None:
        raise ConflictError(
            f"{running.version} runs in the shadow: {running.drawn} of {running.texts} texts are drawn; let it end, or stop it first"
        )
    _comes(board)
    _learned(board)
    texts = _enough(board.project.promise, share(board), texts)
    found = brain.candidate(ws, board, progress)
    metrics = {"answers": len(found.learner.y)}
    version, folder = brain.freeze(ws, board, found, metrics)
    if version == board.project.released:
        raise ConflictError(f"{version} decides already: nothing was learned since; answer more, then try again")
    trained = walks.trained_by(board)

    def work(tx: Tx) -> Shadow:
        now = projects.by_id(tx, board.project.id)
        if shade.of(now.settings) is not None or now.settings.get("looks", 0) != board.project.settings.get("looks", 0):
            raise ConflictError("another check began in this moment; try again")
        if version not in {one.id for one in versions.history(tx, now.id)}:
            versions.put(tx, now.id, version, folder, metrics)
        for i in range(0, len(trained), 200):
            opinions.use(tx, now.id, trained[i : i + 200], "train")
        look = int(now.settings.get("looks", 0))
        told = Shadow(version, texts, 0, look, tx.now(), rate)
        kept = {**told.to_json(), "delta": share(board)}
        records.change(tx, now.id, shadow=kept, looks=look + 1)
        records.append(tx, now, "shadow begun", {**kept, "folder": folder})
        return told

    return ws.store.write(work)


def _enough(promise: Promise, delta: float, texts: int) -> int:
    need = answers_needed(promise.max_error * (1 - promise.missed), delta)
    if texts and texts < need:
        raise InputError(
            f"shadow: {texts} texts can certify nothing at this look, whatever people say; draw at least {need}"
        )
    return texts or SPARE * need


def stop_shadow(ws: Workspace, name: str, reason: str) -> bool:
    """Drop the version in the shadow; whether there was one. What people answered stays, and may train."""

    def work(tx: Tx) -> bool:
        project = projects.get(tx, name)
        running = shade.of(project.settings)
        if running is None:
            return False
        records.change(tx, project.id, shadow=None)
        records.append(
            tx, project, "shadow ended", {"version": running.version, "drawn": running.drawn, "reason": reason}
        )
        return True

    return ws.store.write(work)


def _refused(project: Project) -> None:
    """GuaranteeError where audits of before could be thought to serve a newer version."""
    running = shade.of(project.settings)
    if running is not None:
        raise GuaranteeError(
            f"{running.version} is judged on texts that came after it was frozen: {running.drawn} of {running.texts} are drawn. "
            "What people said before may have led to it, so it proves nothing of it"
        )

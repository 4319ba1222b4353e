"""The economy at work: what people's next answers are for, put into the queue; a walk begun or ended when it is time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Indices, Step
from cowise.learn.pool import PoolView
from cowise.loop import (
    askon,
    brain,
    design,
    estimating,
    filling,
    jury,
    pace,
    records,
    rules,
    shadowing,
    trust,
    walks,
    watching,
)
from cowise.loop.automate import deliver, sweep, take_back
from cowise.loop.board import Board, read, stated
from cowise.loop.brain import Candidate, Said
from cowise.loop.circles import lacking, tell
from cowise.loop.design import Draw, Rest, sets_of, share
from cowise.loop.filling import can_learn
from cowise.loop.foretelling import keep
from cowise.loop.ground import Facts, Ground, ground, of_walk
from cowise.loop.kinds import Advice, Progress
from cowise.loop.layout import RIGHT, Codes, Layout
from cowise.loop.rules import Looks
from cowise.loop.workspace import EVERY, Workspace, audit_key
from cowise.store import certificates, counters, projects
from cowise.team.economy import FIRST_ANSWERS, Standing, another_look, batch_size, best_walk, next_step

ROUNDS = 6
Metrics = dict[str, Any]
Frozen = tuple[str, str, Metrics]
"""Version, digest of its folder, figures."""


def advance(ws: Workspace, name: str, *, low: int = 0, progress: Progress | None = None) -> Advice:
    """Do what is due: learn, fill the queue, begin or conclude a walk, write decisions. Says what people do next.

    The queue is filled once at most `low` questions wait: above 0, the next ones are prepared while people still
    answer, so that nobody waits. A walk is begun only when no question waits, and never over an item that is held.
    """
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        stamp = pace.stamp(counters.counts(tx, project.id))
    if project.settings.get("sweep"):  # a certificate was withdrawn, and whoever did it was cut short
        take_back(ws, name)
    if project.settings.get("streamed") and watching.tend(ws, read(ws, name)):
        sweep(ws, name)
    if project.settings.get("shadow"):
        shadowing.lay(ws, read(ws, name))
    deliver(ws, name, progress=progress)
    ws.sign(least=EVERY)
    advice = Advice("decide", 0, 0, "answers came in while a walk was concluded; repeat in a moment")
    for _ in range(ROUNDS):
        found = _once(ws, name, low, progress)
        if found is not None:
            advice = found
            break
        deliver(ws, name, progress=progress)
    else:
        return advice
    ws.store.write(lambda tx: pace.note(tx, projects.by_id(tx, project.id), advice, stamp))
    return advice


def _once(ws: Workspace, name: str, low: int, progress: Progress | None) -> Advice | None:
    board = read(ws, name)
    if not board.n:
        return Advice("add", 0, 0, "the project has no texts yet")
    tell(ws, board)
    if board.project.settings.get("walk"):
        return walks.go_on(ws, board, low, partial(_again, ws, board))
    if askon.ask_on(ws, board):
        board = read(ws, name)
    wait = filling.waiting(board)
    if wait is not None:
        return _ahead(ws, board, wait, progress, low) if lacking(board, low) else wait
    rest = rest_of(board)
    if not len(rest):
        return filling.deferred(ws, board, None, low)
    if lay_stated(ws, board):
        return None
    if board.project.settings.get("stated"):
        return filling.deferred(ws, board, None, low)
    if certified(ws, board):
        return None if _pays(ws, board, rest, progress) else filling.deferred(ws, board, None, low)
    return _learning(ws, board, rest, progress, None, low)


def _ahead(ws: Workspace, board: Board, wait: Advice, progress: Progress | None, low: int) -> Advice:
    """The next questions while the last ones still wait: what would be asked now if those were answered already.

    Never a walk: it begins when they are.
    """
    rest = rest_of(board)
    if not len(rest) or board.project.settings.get("stated"):
        return filling.deferred(ws, board, wait, low)
    if certified(ws, board):
        return wait
    found = _learning(ws, board, rest, progress, wait, low)
    return wait if found is None else found


def rest_of(board: Board) -> Indices:
    """Open items of the batch that is to be promised about now; what nobody reads is none of them."""
    start = int(board.project.settings.get("batch_from", 0))
    found = np.flatnonzero(board.askable)
    return np.asarray(found[found >= start], dtype=np.int64)


def n_items(board: Board) -> int:
    """Items of that batch, answered ones included; open ones that nobody reads are not delivered, and do not count."""
    promised = board.promised & (board.askable | ~board.open)
    return int(promised[int(board.project.settings.get("batch_from", 0)) :].sum())


def certified(ws: Workspace, board: Board) -> bool:
    """Whether a certificate stands on the released version."""
    if not board.project.released:
        return False
    with ws.store.read() as tx:
        return bool(certificates.valid(tx, board.project.id))


def by_hand(board: Board) -> bool:
    """Whether somebody released the version by hand: the next look is then over it, not over the candidate."""
    return bool(board.project.released) and board.project.settings.get("chosen") == board.project.released


@dataclass(frozen=True, slots=True, eq=False)
class Foresight:
    """What planning knows: the candidate, and of the rest that lies in its pool its words and forecast risk (r,).

    `gain` is the exponent with which more answers lower the risk. `parts`: where each label of a set is promised, how errors lie in them.
    """

    found: Candidate
    rows: Indices
    said: Said
    margin: Floats
    risk: Floats
    gain: float
    view: PoolView
    parts: tuple[float, ...] = ()

    def teaches(self, board: Board) -> Bools:
        """Which of the rest (r,) may train."""
        return np.asarray(~board.reserved[self.found.ordinals[self.rows]], dtype=np.bool_)


def look(ws: Workspace, board: Board, rest: Indices, progress: Progress | None) -> Foresight:
    """Look at the rest through the candidate; forecasts come from predictions made before an item was learned."""
    found = brain.candidate(ws, board, progress)
    view = found.learner.look()
    rows = found.rows_of(rest[found.contains(rest)])
    looks: Looks = ws.memory.setdefault(f"looks {board.project.id}", Looks())
    risk, gain = looks.foresee(view, len(found.learner.y), rows)
    risk = rules.cleared(risk, jury.doubt(board), len(board.project.task.labels))
    each = board.project.promise.per_label and view.book is not None
    parts = rules.parts(risk, view.p[rows], view.book) if each and view.book and len(rows) else ()
    said = brain.said(view.p, view.book).at(rows)
    return Foresight(found, rows, said, view.margin[rows], risk, gain, view, parts)


def _ground(board: Board, seen: Foresight, rest: Indices) -> Ground:
    """What this look foretells stands on, as it is kept for whoever asks what another promise would cost."""
    project = board.project
    facts = Facts(
        n_items(board), len(rest), int(board.trains.sum()), seen.gain, jury.doubt(board), len(project.task.labels),
        int(project.settings.get("looks", 0)), sets_of(board), [round(one, 4) for one in seen.parts],
    )  # fmt: skip
    return ground(facts, seen.margin, seen.said.label, (seen.view.past_margin, seen.view.past_wrong))


def _again(ws: Workspace, board: Board, layout: Layout, codes: Codes, granted: int) -> bool:
    """Whether a walk that grants `granted` items is left unused: forecasts as at its start, sobered by its audits."""
    if layout.version.startswith("stated-"):
        return False
    asked = np.array(sorted(codes), dtype=np.int64)
    then = board.trains.copy()
    then[layout.ordinals] = False
    before = replace(board, trains=then)
    seen = look(ws, before, np.union1d(rest_of(board), asked), None)
    audited = np.isin(seen.found.ordinals[seen.rows], asked)
    wrong = sum(code != RIGHT for code in codes.values())
    risk = rules.sobered(seen.risk[~audited], seen.risk[audited], wrong)
    n_rest = len(rest_of(board))
    scale = len(risk) / max(1, n_rest)
    whole = _standing(before, seen, round(n_items(board) * scale), int(then.sum()))
    standing = replace(whole, confidence=seen.margin[~audited], risk=risk, teaches=seen.teaches(board)[~audited])
    return another_look(standing, round(granted * scale))


def _standing(board: Board, seen: Foresight, items: int, answered: int) -> Standing:
    """What the economy sees of the rest, as a part of so many `items` of which so many are `answered`."""
    return Standing(
        n_items=max(1, items), answered=answered, confidence=seen.margin, risk=seen.risk, promise=board.project.promise,
        gain=seen.gain, delta=share(board), labels=design.each_of(board.project.promise, sets_of(board)), parts=seen.parts,
        teaches=seen.teaches(board), doubt=jury.doubt(board),
    )  # fmt: skip


def _learning(
    ws: Workspace, board: Board, rest: Indices, progress: Progress | None, wait: Advice | None, low: int
) -> Advice | None:
    """Train, audit or decide, as the economy says. None: a walk was begun, or is due once what waits is answered."""
    seen = look(ws, board, rest, progress)
    found = seen.found
    filling.keep_sure(ws, board, (seen.found, seen.view))
    keep(ws, board.project, _ground(board, seen, rest))
    estimating.keep(ws, board, (seen.found, seen.view))
    answered = int(board.trains.sum())
    promise, n = board.project.promise, n_items(board)
    whole = promise.of == "delivered" and (not promise.per_label or sets_of(board) > 1)
    granted = whole and design.trivial(len(rest), n, promise.max_error)
    scale = len(seen.risk) / len(rest)
    sure = max(answered, min(FIRST_ANSWERS, answered + (wait.queued if wait else 0)))
    standing = _standing(board, seen, round(n * scale), sure)
    step = Step("audit") if granted and can_learn(found) else next_step(standing)
    needed = int(best_walk(standing).answers / max(scale, 1e-9))
    if step.kind == "audit" and not granted and fruitless(board):
        step = Step("train", n=batch_size(answered), reason="the last look granted nothing, and nobody answered since")
    if step.kind == "audit" and can_learn(found):
        if wait is not None:
            return None
        try:
            return _begin(ws, board, rest, progress)
        except GuaranteeError as cause:  # no region is expected to keep the promise yet, or the version was withdrawn
            step = Step("train", n=batch_size(answered), reason=str(cause))
    return filling.pick(ws, board, (seen.found, seen.view), step, needed, low)


def fruitless(board: Board) -> bool:
    """Whether a look ended without a certificate and nothing was answered since: another would end the same."""
    return board.project.settings.get("fruitless") == board.newest


def _begin(ws: Workspace, board: Board, rest: Indices, progress: Progress | None) -> Advice | None:
    """A walk over what nobody holds; where all of it is held, people go on."""
    if not len(_free(board, rest)):
        return filling.deferred(ws, board)
    begin_walk(ws, board, rest, progress)
    return None


def _free(board: Board, rest: Indices) -> Indices:
    """Items of the rest that a lot may be drawn for."""
    return np.setdiff1d(rest, np.array(sorted(board.apart), dtype=np.int64))


def begin_walk(ws: Workspace, board: Board, rest: Indices, progress: Progress | None = None) -> None:
    """Freeze the candidate, release it, and lay down the design for the rest, but for what is held just now."""
    rest = _free(board, rest)
    if by_hand(board):
        whole, _, known_of = _over_released(ws, board, rest, progress)
        lay(ws, board, whole, None, known_of)
        return
    seen = look(ws, board, rest, progress)
    found, view = seen.found, seen.view
    metrics: Metrics = {
        "answers": len(found.learner.y), "log_loss": number(view.log_loss),
        "error_before_learning": number(view.past_wrong.mean()) if len(view.past_wrong) else None,
    }  # fmt: skip
    version, folder = brain.freeze(ws, board, found, metrics)
    said, risks = _scored(ws, board, seen, rest)
    ids = [board.ids[i] for i in rest.tolist()]
    whole = Rest(rest, ids, said, risks, n_items(board), board.n, seen.parts)
    chosen = jury.auditors(board, found.ordinals[found.learner.answered], view.past_wrong)
    known, voice = trust.measure(board, found, view), trust.voice(found, view)
    told = {"blob": ws.store.blobs.put(voice), "labels": list(board.project.task.labels)} if voice else None
    ws.store.write(lambda tx: records.change(tx, board.project.id, auditors=chosen, reliability=known, voice=told))
    lay(ws, board, whole, (version, folder, metrics), _ground(board, seen, rest))


def _scored(ws: Workspace, board: Board, seen: Foresight, rest: Indices) -> tuple[Said, Floats]:
    """What the frozen candidate says of the whole rest, ordered by the margin between raw scores.

    Where the pool is a part of a large project, leads of probabilities stand in: they order alike.
    """
    if len(seen.risk) == len(rest):
        return Said(seen.said.label, seen.said.p, seen.margin), seen.risk
    said = brain.predict(ws, board.project, brain.frozen(board.project, seen.found), rest)
    lead, risks = np.sort(seen.said.score), np.sort(seen.risk)[::-1]
    return said, np.asarray(np.interp(said.score, lead, risks), dtype=np.float64)


def number(value: float) -> float | None:
    """A figure as JSON takes it: rounded, None for what is no number."""
    return round(float(value), 6) if np.isfinite(value) else None


def lay(ws: Workspace, board: Board, rest: Rest, frozen: Frozen | None, known: Ground | None = None) -> None:
    """Draw the lots of the next look and put the design on record; without `frozen` for the released version.

    By what is `known` the record says what is foretold of it.
    """
    key = audit_key(ws, board.project)
    version = frozen[0] if frozen is not None else board.project.released
    draw = Draw(
        key, int(board.project.settings.get("looks", 0)), share(board), version, board.project.promise,
        jury.sits(board), jury.doubt(board), sets_of(board), board.salt,
    )  # fmt: skip
    layout = design.batch(rest, draw)
    walks.begin(ws, board, layout, frozen, of_walk(known, draw.promise, layout.plans) if known else {})
    if frozen is not None:
        sweep(ws, board.project.name)


def lay_stated(ws: Workspace, board: Board) -> bool:
    """A model's own answers need no training: straight to the audits, surest first. False where there are none."""
    with ws.store.read() as tx:
        told = stated(ws, tx, board.project)
    if told is None:
        return False
    ordinals, labels, sure = told
    rest = np.intersect1d(_free(board, rest_of(board)), ordinals)
    if not len(rest):
        return False
    rows = np.searchsorted(ordinals, rest)
    spread = sure[rows]
    said = Said(labels[rows], np.clip(spread, 0.0, 1.0), spread)
    version = str(board.project.settings["stated"]["version"])
    frozen: Frozen | None = None if board.project.released == version else (version, "", {"stated": True})
    ids = [board.ids[i] for i in rest.tolist()]
    lay(
        ws,
        board,
        Rest(rest, ids, said, _guess(spread, board.project.promise.max_error), n_items(board), board.n),
        frozen,
    )
    return True


def _guess(stated_sure: Floats, max_error: float) -> Floats:
    """Risk of answers that nobody has checked, for choosing the size of the walk alone.

    Probabilities are believed up to a half more; whoever asks for a certificate thinks that it can be had, so the mean
    is held to two fifths of the accepted error. Anything else than probabilities gives an order only.
    """
    n = len(stated_sure)
    if n and stated_sure.min() >= 0 and stated_sure.max() <= 1 and np.ptp(stated_sure) > 0:
        found = 1.5 * (1 - stated_sure) + 0.005
    else:
        found = (n - np.argsort(np.argsort(stated_sure))) / max(1, n)
    return np.asarray(found * min(1.0, 0.4 * max_error / max(float(found.mean()), 1e-9)) if n else found)


def _pays(ws: Workspace, board: Board, rest: Indices, progress: Progress | None) -> bool:
    """As `more`; False too where what the released version was weighed with is lost: people answer what came since."""
    try:
        return more(ws, board, rest, progress)
    except GuaranteeError:
        return False


def more(ws: Workspace, board: Board, rest: Indices, progress: Progress | None) -> bool:
    """Texts that came after a certificate: a walk with the model that is released already; False where none pays."""
    rest = _free(board, rest)
    if fruitless(board):
        return False
    whole, standing, known = _over_released(ws, board, rest, progress)
    if best_walk(standing).answers >= len(rest):
        return False
    lay(ws, board, whole, None, known)
    return True


def _over_released(
    ws: Workspace, board: Board, rest: Indices, progress: Progress | None
) -> tuple[Rest, Standing, Ground]:
    """The rest as the released model sees it, with risks that the candidate foretells."""
    brain.embed(ws, board.project, progress)
    model = brain.thaw(ws, board.project, board.project.released)
    said = brain.predict(ws, board.project, model, rest)
    seen = look(ws, board, rest, progress)
    lead = np.sort(seen.said.score)
    risks = np.interp(said.score, lead, np.sort(seen.risk)[::-1]) if len(lead) else np.full(len(rest), 0.1)
    standing = Standing(
        n_items=n_items(board), answered=max(FIRST_ANSWERS, int(board.trains.sum())), confidence=said.score, risk=risks,
        promise=board.project.promise, delta=share(board), doubt=jury.doubt(board),
    )  # fmt: skip
    ids = [board.ids[i] for i in rest.tolist()]
    whole = Rest(rest, ids, said, np.asarray(risks), n_items(board), board.n)
    return whole, standing, _ground(board, seen, rest)

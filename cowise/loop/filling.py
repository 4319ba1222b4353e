"""The queue is filled: what the picker wants, what people decide in any case; and what the sweep shows is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import default_rng

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Pool, Step
from cowise.learn.pool import PoolView
from cowise.loop import askon, brain, capacity, jury, pace, records, rules, sampled, skills
from cowise.loop.board import Board
from cowise.loop.brain import Candidate
from cowise.loop.circles import lacking
from cowise.loop.kinds import Advice, AdviceKind, Turn
from cowise.loop.workspace import Workspace
from cowise.store import Tx, members, opinions
from cowise.store.queue import Hint, QuestionKind, Wanted
from cowise.team.economy import FIRST_ANSWERS

DEFERRED_AT_ONCE = 200
LEARNABLE = 3
SURE, SURE_OF_EACH = 4000, 400
"""Items that the sweep is shown, of all labels and of each."""


def can_learn(found: Candidate) -> bool:
    """Whether there is anything to tell apart yet."""
    return len(found.learner.y) >= LEARNABLE and len(np.unique(found.learner.y)) > 1


def waiting(board: Board, *, anybody: bool = False) -> Advice | None:
    """What is asked already, unless all of it is held, or was passed on by somebody and waits for others.

    Of people who are around, or of `anybody` on the roster.
    """
    around = board.reading.by(board.around) if board.around and not anybody else None
    n = sum(around is None or bool(around[o]) for o in board.waiting)
    if not n:
        return None
    kept = board.project.settings.get("advice")
    if kept:
        return Advice(kept["kind"], n, max(n, int(kept["needed"])), kept["reason"])
    return Advice("decide", n, n, "questions wait for people")


Looked = tuple[Candidate, PoolView]
"""The candidate, and what it makes of its pool now: computed once for all that an advance does."""


def pick(ws: Workspace, board: Board, looked: Looked, step: Step, needed: int, low: int) -> Advice:
    """Put the picker's items into the queue, some at least for all who read other languages and have at most `low` left."""
    (found, view), task = looked, board.project.task
    rows = np.zeros(len(found.ordinals), dtype=np.bool_)
    free = board.askable & ~board.reserved if step.kind == "train" else board.askable.copy()
    # Somebody was unsure of it or skipped it, and it waits for others; or it is asked already.
    free[[*board.said, *board.passed, *board.queued]] = False
    lack = lacking(board, low)
    rows[(free & np.logical_or.reduce([*lack, np.zeros_like(free)]))[found.ordinals]] = True
    if not rows.any():
        return deferred(ws, board, waiting(board), low)
    cold = len(found.learner.y) + len(board.waiting) < FIRST_ANSWERS or not can_learn(found)
    rng = default_rng([board.project.id, len(board.said)])
    leads, balance = None if cold else rules.leads(view), float(board.project.settings.get("balance", 0.0))
    counts = None if task.sets else np.bincount(found.learner.y, minlength=len(task.labels))
    chosen = rules.pick(Pool(found.learner.vectors, rows, leads, answers=counts), step.n, rng, balance=balance)
    # Lots among what some people read alone stand for no whole.
    fair = step.kind == "train" and rows.sum() == free[found.ordinals].sum()
    turns = rules.turns(leads, int(rows.sum()), step.n, found.ordinals[chosen].tolist()) if fair else []
    for reads in lack if len(lack) > 1 else ():
        few, mine = max(1, step.n // (2 * len(lack))), reads[found.ordinals]
        if mine[chosen].sum() < few and (more := rows & mine & ~np.isin(np.arange(len(rows)), chosen)).any():
            chosen = np.append(
                chosen, rules.pick(Pool(found.learner.vectors, more, leads, answers=counts), few, rng, balance=balance)
            )
    ordinals = found.ordinals[chosen].tolist()
    kind: AdviceKind = "train" if step.kind == "train" else "decide"
    n = len(ordinals) + len(board.waiting)
    advice = Advice(kind, n, max(needed, n), step.reason)
    # Training questions are all blind: a suggestion would bend the answers, and audits need company.
    hints = [] if kind == "train" else brain.hints(view.p[chosen], task, view.book)
    wishes: dict[int, int] = {}
    if not cold and len(board.around) > 1 and skills.fit(task):
        known = askon.skills_of(ws, board, found, view)
        wishes = skills.wishes(known, found.ordinals[chosen], view.p[chosen], board.reading, _room(ws, board))
    return _fill(ws, board, _Wish(ordinals, hints, wishes, turns), advice)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What to ask about, with what a model says, where it says something, and `whom` first; `turns` as they were drawn."""

    ordinals: list[int]
    hints: list[Hint]
    whom: Mapping[int, int]
    turns: Sequence[Turn] = ()


def _fill(ws: Workspace, board: Board, wish: _Wish, advice: Advice) -> Advice:
    """Ask about these items; every second one shows what a model says."""
    now = int(board.project.settings.get("asked", 0))
    kind: QuestionKind = "train" if advice.kind == "train" else "decide"
    wanted = []
    for i, o in enumerate(wish.ordinals):
        # What is kept for texts to come is audited one day, so it is always asked blind.
        hint = wish.hints[i] if wish.hints and i % 2 and not board.reserved[o] else None
        wanted.append(Wanted(o, float(now + i), kind, hint is None, 0, hint, wish.whom.get(o)))

    taken = board.asked if sampled.lasts(board.project) else frozenset()

    def work(tx: Tx) -> None:
        # What was asked by lot at once, and answered while the economy thought, is not asked again.
        answered = opinions.touched(tx, board.project.id, board.newest)
        fresh = [one for one in wanted if one.ordinal not in answered]
        twice = jury.paired(board, fresh) if kind == "train" else []
        if twice:
            known = board.project.settings.get("pairs", [])
            records.change(tx, board.project.id, pairs=[*known, *(one.ordinal for one in twice)])
        if fresh:
            records.ask(tx, board.project, [*fresh, *twice], "picked", {"why": advice.reason, "for": kind})
            drawn = {o for turn in wish.turns for part in turn for o in part}
            rest = [one.ordinal for one in fresh if one.ordinal not in drawn]
            sampled.note(tx, board.project, board.n, taken, [*wish.turns, ([], rest)])
        routed = {"routed": True} if wish.whom else {}
        records.change(tx, board.project.id, advice=pace.advised(tx, board.project.id, advice), **routed)

    ws.store.write(work)
    return advice


def _room(ws: Workspace, board: Board) -> dict[int, int]:
    """How many more answers each person takes today, of those who have said so."""
    with ws.store.read() as tx:
        left = {one.id: capacity.left(tx, board.project.id, one) for one in members.roster(tx, board.project.id)}
    return {who: n for who, n in left.items() if n is not None}


def deferred(ws: Workspace, board: Board, wait: Advice | None = None, low: int = 0) -> Advice:
    """What no certificate covers goes to people; when nothing is left that somebody reads, stop."""
    left, apart = np.flatnonzero(board.open), board.said.keys() | board.passed.keys() | board.queued
    lack = lacking(board, low)
    read = np.logical_or.reduce([*lack, np.zeros_like(board.open)])
    free = [o for o in left[read[left]].tolist() if o not in apart]
    wait = wait or waiting(board, anybody=True)
    if not free and wait is not None:
        return wait
    if not free:
        n = len(left)
        reason = f"{n} items wait for somebody who can answer them" if n else "every item is decided"
        advice = Advice("stop", 0, n, reason)
        ws.store.write(
            lambda tx: records.change(tx, board.project.id, advice=pace.advised(tx, board.project.id, advice))
        )
        return advice
    part = list(dict.fromkeys(o for reads in lack for o in _first(free, reads, DEFERRED_AT_ONCE // len(lack))))
    n = len(part) + (wait.queued if wait else 0)
    advice = Advice("decide", n, len(free) + n - len(part), "no certificate covers these: people decide them")
    p_nk, hints = _beliefs(ws, board, part)
    known = None if p_nk is None else askon.kept(ws, board)
    wishes = (
        {}
        if known is None or p_nk is None or not skills.fit(board.project.task)
        else skills.wishes(known, np.array(part, np.int64), p_nk, board.reading, _room(ws, board))
    )
    return _fill(ws, board, _Wish(part, hints, wishes), advice)


def _first(free: list[int], reads: Bools, n: int) -> list[int]:
    found = np.array(free, np.int64)
    return [int(o) for o in found[reads[found]][:n]]


def _beliefs(ws: Workspace, board: Board, ordinals: list[int]) -> tuple[Floats | None, list[Hint]]:
    """What the released model says of items that people decide, (n, k), and as hints; None where it says nothing."""
    if not board.project.released or board.project.settings.get("stated"):
        return None, []
    model = brain.thaw(ws, board.project, board.project.released)
    if model.labels != board.project.task.labels:
        return None, []
    try:
        p_nk = brain.probabilities(ws, board.project, model, np.array(ordinals, dtype=np.int64))
    except GuaranteeError:  # opinions that it was weighed with are lost: people answer without a suggestion
        return None, []
    return p_nk, brain.hints(p_nk, board.project.task, model.book)


def keep_sure(ws: Workspace, board: Board, looked: Looked) -> None:
    """Keep what the candidate is surest of, label by label, for the sweep: who asks for it waits for no model."""
    found, view = looked
    free = board.open & ~board.reserved
    free[[ordinal for ordinal, _ in board.watched]] = False
    rows = np.flatnonzero(free[found.ordinals])
    if not len(rows) or not can_learn(found):
        return
    said = brain.said(view.p[rows], view.book)
    label, p = said.label, said.p
    order = np.argsort(-p, kind="stable")
    place = np.zeros(len(order), dtype=np.int64)  # how many surer ones there are of the same label
    for one in np.unique(label):
        mine = order[label[order] == one]
        place[mine] = np.arange(len(mine))
    best = order[place[order] < SURE_OF_EACH][:SURE]
    kept = records.arrays(ordinals=found.ordinals[rows[best]], label=label[best], p=p[best])
    blob, old = ws.store.blobs.put(kept), board.project.settings.get("sure")
    if blob == old:
        return
    ws.store.write(lambda tx: records.change(tx, board.project.id, sure=blob))
    if old:
        ws.store.blobs.delete(old)

"""One more person is asked wherever that pays, and questions wait for whom they suit, while people answer.

Audits are untouched by it: while a look is open nothing is routed, and nothing is asked on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cowise.learn.pool import PoolView
from cowise.loop import brain, jury, records, trust
from cowise.loop.board import Board, settled
from cowise.loop.brain import Candidate
from cowise.loop.classes import classes
from cowise.loop.skills import Skills, measured, one_more
from cowise.loop.workspace import Workspace
from cowise.store import Tx
from cowise.store.opinions import OpinionRow
from cowise.store.queue import Wanted
from cowise.team.economy import FIRST_ANSWERS


def skills_of(ws: Workspace, board: Board, found: Candidate, view: PoolView) -> Skills:
    """Skills of everybody around, kept until answers grew by a tenth; `view` is the candidate's of its pool."""
    members = tuple(sorted(board.people & board.around))
    known, now = kept(ws, board), len(board.said)
    if known is not None and known.members == members and not known.old(now):
        return known
    told = trust.answers(board, found)
    made = measured(members, told.votes, told.members, told.beliefs(view) if trust.learned(found) else None, now)
    if (
        board.project.task.sets
    ):  # which sets are told apart is another matter at each look: how often each is right remains
        made = replace(made, rows=None)
    ws.memory[f"skills {board.project.id}"] = (board.project.task.labels, made)
    return made


def kept(ws: Workspace, board: Board) -> Skills | None:
    """The skills that this process measured last; None before it did, or for other labels."""
    known: tuple[object, Skills] | None = ws.memory.get(f"skills {board.project.id}")
    return known[1] if known is not None and known[0] == board.project.task.labels else None


def ask_on(ws: Workspace, board: Board) -> int:
    """Ask one more person wherever that is worth its price, of the answers that came since the last time; how many.

    Only where there are people enough to overrule one. An error that is mended may cost as many answers as the project
    says (`repair`); 0, and nobody is asked on.
    """
    worth = float(board.project.settings.get("repair", 0.0))
    if worth <= 0 or not jury.sits(board) or board.project.settings.get("walk"):
        return 0
    fresh = _fresh(board, int(board.project.settings.get("weighed", 0)))
    if not fresh or len(board.said) < FIRST_ANSWERS or board.project.settings.get("stated"):
        return 0
    found = brain.candidate(ws, board)
    if not trust.learned(found):
        return 0
    view = found.learner.look()
    wanted = list(_worth_it(board, found, (skills_of(ws, board, found, view), view), fresh, worth))

    def work(tx: Tx) -> None:
        if wanted:
            records.ask(tx, board.project, wanted, "asked on", {"worth": worth})
        records.change(tx, board.project.id, weighed=board.newest)

    ws.store.write(work)
    return len(wanted)


def _fresh(board: Board, since: int) -> dict[int, list[OpinionRow]]:
    """What was answered after opinion `since` and is not asked now, without audits and what a certificate stands on."""
    apart = board.queued | {o for o, _ in board.watched}
    return {
        o: rows
        for o, rows in sorted(board.said.items())
        if rows[-1].id > since and o not in apart and all(r.used_for != "audit" and not r.certificate for r in rows)
    }


def _worth_it(
    board: Board, found: Candidate, known: tuple[Skills, PoolView], fresh: dict[int, list[OpinionRow]], worth: float
) -> Iterator[Wanted]:
    (skills, view), task = known, board.project.task
    codes = np.array([task.code(row.answer) for rows in fresh.values() for row in rows], np.int64)
    among = classes(task, codes, view.book.sets if view.book else codes)
    number = {code: i for i, code in enumerate(among.codes.tolist())}
    first = float(board.project.settings.get("asked", 0))
    here = np.flatnonzero(np.isin(found.ordinals, list(fresh)))
    p_nc = among.beliefs(view.p[here], view.book)
    for p, o in zip(p_nc, found.ordinals[here].tolist(), strict=True):
        rows = fresh[o]
        now = settled(rows)
        stands = -1 if now is None else number.get(task.code(now.answer), -1)
        told = [(one.member, number.get(task.code(one.answer), -1)) for one in rows if one.blind]
        told = [(who, label) for who, label in told if label >= 0]
        if stands < 0 or not told:
            continue
        asked = {one.member for one in rows} | board.passed.get(o, set())
        free = np.array([who not in asked and who in board.reading.of(o) for who in skills.members])
        one = one_more(skills, p, told, free, worth, stands)
        if one.member >= 0:
            yield Wanted(o, first, "second", seat=len(rows), wish=skills.members[one.member])

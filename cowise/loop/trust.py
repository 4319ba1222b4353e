"""How often each person is right, measured from answers alone: those of others on the same texts, and what the model says.

The model's voice on an answered text is what it would say without that answer. Blind answers count, no others. It plans
and informs; no certificate stands on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.types import Floats, Indices
from cowise.learn.pool import PoolView
from cowise.loop.board import Board
from cowise.loop.brain import Candidate, said
from cowise.loop.classes import Classes, classes
from cowise.loop.records import arrays
from cowise.team import Votes, votes
from cowise.team.conduct import LEAST, accuracy, weigh


def measure(board: Board, found: Candidate, view: PoolView) -> dict[str, dict[str, float]]:
    """Of each member with answers enough, by key: `n` answers, share `right` with `low` and `high` (95 %), how much they `tell`.

    `view` is the candidate's of its pool, of answered items without their own answers.
    """
    told = answers(board, found)
    if not len(told.votes):
        return {}
    known = weigh(told.votes, told.beliefs(view) if learned(found) else None, alike=board.project.task.sets)
    return {
        str(who): {"n": one.n, "right": one.value, "low": one.low, "high": one.high, "tells": round(float(tells), 4)}
        for who, one, tells in zip(told.members, accuracy(known, told.votes), known.informative, strict=True) if one.n >= LEAST
    }  # fmt: skip


def learned(found: Candidate) -> bool:
    """Whether the candidate has learned to tell labels apart."""
    return len(np.unique(found.learner.y)) > 1


def voice(found: Candidate, view: PoolView) -> bytes | None:
    """What the candidate says of each item that it learned from, without that item's answer: one file; None before it learned.

    `view` is its of its pool, rows of answered items leave-one-out.
    """
    if not learned(found):
        return None
    rows = np.sort(found.learner.answered)
    told = said(view.p[rows], view.book)
    return arrays(ordinals=found.ordinals[rows], label=told.label, p=told.p)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Blind answers as `votes` for `classes`, on the pool's `rows` (n,), by `members` (m,)."""

    votes: Votes
    rows: Indices
    members: tuple[int, ...]
    classes: Classes

    def beliefs(self, view: PoolView) -> Floats:
        """What a candidate believes of the items, (n, c)."""
        return self.classes.beliefs(view.p[self.rows], view.book)


def answers(board: Board, found: Candidate) -> Told:
    """Blind answers that name labels of the task, on items of the pool."""
    task = board.project.task
    told = [
        (ordinal, row.member, code)
        for ordinal, rows in board.said.items() for row in rows
        if row.blind and (code := task.code(row.answer)) >= 0
    ]  # fmt: skip
    columns = np.array(told, np.int64).reshape(-1, 3)
    columns = columns[found.contains(columns[:, 0])]
    ordinals, item = np.unique(columns[:, 0], return_inverse=True)
    members, member = np.unique(columns[:, 1], return_inverse=True)
    among = classes(task, columns[:, 2])
    shape = (len(ordinals), len(members), len(among))
    given = votes(item, member, among.of(columns[:, 2]), shape)
    return Told(given, found.rows_of(ordinals), tuple(members.tolist()), among)

"""How often each person is right, measured from answers alone: those of others on the same texts, and what the model says.

The model's voice on an answered text is what it would say without that answer. Blind answers count, no others. It plans
and informs; no certificate stands on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cowise.core.types import Floats
from cowise.loop.board import Board
from cowise.loop.brain import Candidate
from cowise.loop.records import arrays
from cowise.team import Votes, votes
from cowise.team.conduct import LEAST, accuracy, weigh


def measure(board: Board, found: Candidate, p_nk: Floats) -> dict[str, dict[str, float]]:
    """Of each member with answers enough, by key: `n` answers, share `right` with `low` and `high` (95 %), how much they `tell`.

    `p_nk` are the candidate's probabilities for its pool, of answered items without their own answers.
    """
    said, rows, members = answers(board, found)
    if not len(said):
        return {}
    known = weigh(said, p_nk[rows] if learned(found) else None)
    return {
        str(who): {"n": one.n, "right": one.value, "low": one.low, "high": one.high, "tells": round(float(tells), 4)}
        for who, one, tells in zip(members, accuracy(known, said), known.informative, strict=True) if one.n >= LEAST
    }  # fmt: skip


def learned(found: Candidate) -> bool:
    """Whether the candidate has learned to tell labels apart."""
    return len(np.unique(found.learner.y)) > 1


def voice(found: Candidate, p_nk: Floats) -> bytes | None:
    """What the candidate says of each item that it learned from, without that item's answer: one file; None before it learned.

    `p_nk` are its probabilities for its pool, rows of answered items leave-one-out.
    """
    if not learned(found):
        return None
    rows = np.sort(found.learner.answered)
    return arrays(ordinals=found.ordinals[rows], label=p_nk[rows].argmax(axis=1), p=p_nk[rows].max(axis=1))


def answers(board: Board, found: Candidate) -> tuple[Votes, Any, list[int]]:
    """Blind answers that name a label, on items of the pool; the pool's rows that they are about; the members."""
    label = {name: i for i, name in enumerate(board.project.task.labels)}
    told = [
        (ordinal, row.member, label[str(row.answer.value)])
        for ordinal, rows in board.said.items() for row in rows
        if row.blind and row.answer is not None and row.answer.kind == "label" and row.answer.value in label
    ]  # fmt: skip
    columns = np.array(told, np.int64).reshape(-1, 3)
    columns = columns[found.contains(columns[:, 0])]
    ordinals, item = np.unique(columns[:, 0], return_inverse=True)
    members, member = np.unique(columns[:, 1], return_inverse=True)
    shape = (len(ordinals), len(members), len(label))
    return votes(item, member, columns[:, 2], shape), found.rows_of(ordinals), members.tolist()

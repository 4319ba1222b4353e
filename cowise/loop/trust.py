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
from cowise.team import Votes, estimate, votes
from cowise.team.reliability import Kind

LEAST = 20
"""Blind answers below which nothing is said of a person."""
SURE = 1.96
FEW = 8
"""Labels up to which each answer is weighed by the label that it names: who always says the same is then seen through."""


def measure(board: Board, found: Candidate, p_nk: Floats) -> dict[str, dict[str, float]]:
    """Of each member with answers enough, by key: `n` answers, share `right` with `low` and `high` (95 %), how much they `tell`.

    `p_nk` are the candidate's probabilities for its pool, of answered items without their own answers.
    """
    said, rows, members = _votes(board, found)
    if not len(said):
        return {}
    learned = len(np.unique(found.learner.y)) > 1
    kind: Kind = "one matrix each" if said.n_labels <= FEW else "one accuracy each"
    known = estimate(said, p_nk[rows] if learned else None, kind=kind)
    right, spread = known.accuracy
    told = np.bincount(said.member, minlength=len(members))
    return {
        str(who): {
            "n": int(told[i]), "right": round(float(right[i]), 4), "tells": round(float(known.informative[i]), 4),
            "low": round(max(0.0, float(right[i] - SURE * spread[i])), 4),
            "high": round(min(1.0, float(right[i] + SURE * spread[i])), 4),
        }
        for i, who in enumerate(members) if told[i] >= LEAST
    }  # fmt: skip


def _votes(board: Board, found: Candidate) -> tuple[Votes, Any, list[int]]:
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

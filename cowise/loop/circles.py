"""Who lacks questions in their languages, and how many texts wait that nobody reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cowise.core.types import Bools
from cowise.loop import records
from cowise.loop.board import Board
from cowise.loop.workspace import Workspace


def idle(board: Board, low: int) -> list[frozenset[int]]:
    """Circles of people for whom at most `low` questions wait that they can read."""
    asked = np.array(board.waiting, np.int64)
    return [each for each in board.reading.circles if board.reading.by(each)[asked].sum() <= low]


def lacking(board: Board, low: int) -> list[Bools]:
    """What each idle circle reads, (n,) flags, where it reads open items that nobody was asked yet."""
    free = board.askable.copy()
    free[[*board.said, *board.passed, *board.queued]] = False
    found = [board.reading.by(each) for each in idle(board, low)]
    return [reads for reads in found if (free & reads).any()]


def unread(board: Board) -> Mapping[str, int]:
    """How many open items wait in each language that nobody on the roster reads."""
    left = board.reading.code[board.open & board.reading.unread] if board.reading.limited else np.zeros(0, np.int64)
    counts = np.bincount(left, minlength=len(board.reading.languages))
    return {name: int(n) for name, n in zip(board.reading.languages, counts.tolist(), strict=False) if n}


def tell(ws: Workspace, board: Board) -> None:
    """Keep those counts for whoever asks how the project stands."""
    found = dict(unread(board))
    if found != board.project.settings.get("unread", {}):
        ws.store.write(lambda tx: records.change(tx, board.project.id, unread=found))

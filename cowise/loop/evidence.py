"""What language models said, as evidence beside the candidate: exactly which opinions, and never others.

Legend: n = items, s = seats, k = labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cowise.core.errors import GuaranteeError, MissingError, TrustError
from cowise.core.types import Floats, Indices
from cowise.loop import llm_seats
from cowise.loop.board import Board
from cowise.loop.workspace import Workspace
from cowise.models.voices import Pinned, evidence
from cowise.store import machine, members


def pinned(ws: Workspace, board: Board, known: Sequence[Pinned] = ()) -> tuple[Pinned, ...]:
    """The opinions that count now: of each open seat that has spoken at its version, by name.

    What is not `known` already is read once: who cannot be read is left out, and keeps nobody else from being heard.
    """
    found = []
    with ws.store.read() as tx:
        for seat in members.roster(tx, board.project.id):
            if not seat.active or llm_seats.LLM not in seat.settings:
                continue
            version = llm_seats.version_of(board.project, seat)
            batches = machine.batches(tx, board.project.id, seat.name, version)
            if batches:
                found.append(Pinned(seat.name, version, tuple(each.blob for each in batches)))
    found.sort(key=lambda one: one.name)
    return tuple(one for one in found if one in known or not lost(ws, [one]))


def rows(ws: Workspace, seats: Sequence[Pinned], ordinals: Indices, k: int) -> Floats:
    """Evidence (n, s, k) on items `ordinals` (n,), NaN where a seat has not spoken.

    GuaranteeError where a file of opinions is gone, or is not what its digest says.
    """
    found = np.full((len(ordinals), len(seats), k), np.nan)
    for i, seat in enumerate(seats):
        there, p = _read(ws, seat)
        place = np.minimum(np.searchsorted(there, ordinals), len(there) - 1)
        spoken = there[place] == ordinals
        found[spoken, i] = evidence(p[place[spoken]])
    return found


def lost(ws: Workspace, seats: Sequence[Pinned]) -> str:
    """Why pinned opinions cannot be read any more, "" where all are there as they were."""
    try:
        for seat in seats:
            _read(ws, seat)
    except GuaranteeError as cause:
        return str(cause)
    return ""


def _read(ws: Workspace, seat: Pinned) -> tuple[Indices, Floats]:
    try:
        return machine.read_files(ws.store.blobs, seat.blobs)
    except (MissingError, TrustError) as cause:
        raise GuaranteeError(
            f"what {seat.name} said, which this version was weighed with, is gone or changed; restore a backup, or "
            "learn and certify again"
        ) from cause

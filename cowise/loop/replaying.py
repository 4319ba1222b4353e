"""The rule played again from what is on record: the same design, the same answers, the same items."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from cowise.core.errors import TrustError
from cowise.guard import lots, ties
from cowise.loop import records
from cowise.loop.board import Board, read_in, settled
from cowise.loop.granting import region
from cowise.loop.layout import NO_ANSWER, Codes, Layout, asks, outcome
from cowise.loop.recorded import compared
from cowise.loop.walks import codes_of, kept
from cowise.loop.workspace import Workspace, audit_key, look_key
from cowise.store import Tx, projects


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one certificate in the ledger: `same` items again, `erased` in part, or `differs` and how.

    Without a `certificate` it is about answers and decisions that are not what the ledger says.
    """

    certificate: str
    items: int
    outcome: Literal["same", "erased", "differs"]
    what: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def replay(ws: Workspace, name: str) -> list[Replayed]:
    """Play every certificate that stands again from the ledger, its files, and the answers that are kept.

    Lots are drawn again from the audit key. What was withdrawn, for whatever reason, automates nothing and is not played: the
    answers and labels that it was over may be others now. Answers and decisions are held against the ledger first.
    """
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        try:
            audit_key(ws, project)
        except TrustError as cause:  # another key draws other lots
            return [Replayed("", 0, "differs", str(cause))]
        board = read_in(ws, tx, project)
        held = compared(ws, tx, board)
        first = [Replayed("", board.n, "differs", held.fault)] if held.fault else []
        return first + [_one(ws, tx, board, entry, held.lost) for entry in held.stands.values()]


def _one(ws: Workspace, tx: Tx, board: Board, entry: Mapping[str, Any], lost: AbstractSet[int]) -> Replayed:
    layout = kept(ws, entry["details"]["blob"])
    drawn_again = _lots_fit(ws, board, layout)
    if drawn_again:
        return Replayed(entry["id"], entry["n_automated"], "differs", drawn_again)
    codes, drawn = _codes(board, layout), layout.ordinals[layout.drawn].tolist()
    if any(board.erased[o] or o in lost for o in drawn):
        return Replayed(entry["id"], entry["n_automated"], "erased", "answers that it stood on were erased")
    if asks(layout, codes, 1):
        return Replayed(entry["id"], entry["n_automated"], "differs", "answers that it stood on are missing")
    if entry["window"] == "stream":
        same = _accepts_the_same(layout, codes, entry)
        return Replayed(entry["id"], 0, "same" if same else "differs", "" if same else "another threshold")
    named = records.columns(ws.store.blobs.get(entry["items_blob"]))
    left = np.isin(layout.ordinals, entry["details"].get("gone", ()))
    again = layout.ordinals[outcome(layout, codes, left).automated]
    extra = np.setdiff1d(named["ordinals"], again)
    if len(extra):
        return Replayed(entry["id"], entry["n_automated"], "differs", f"{len(extra)} items are not granted again")
    erased = [int(o) for o in named["ordinals"] if board.erased[int(o)]]
    if erased:
        return Replayed(entry["id"], entry["n_automated"], "erased", f"{len(erased)} of its items were erased")
    hashes = records.hashes_of(tx, board.project.id, named["ordinals"].tolist())
    if records.root_of(sorted(hashes.values())) != entry["items_root"]:
        return Replayed(entry["id"], entry["n_automated"], "differs", "its items are not those that the ledger names")
    return Replayed(entry["id"], entry["n_automated"], "same")


def _codes(board: Board, layout: Layout) -> dict[int, int]:
    """What people said of the audits; of one that nobody answered, that nobody was left: others may have come since."""
    codes = dict(codes_of(board, layout, jury_waits=False))
    while (lacks := asks(layout, codes, 1)) and settled(board.said.get(lacks[0], [])) is None:
        codes[lacks[0]] = NO_ANSWER
    return codes


def _accepts_the_same(layout: Layout, codes: Codes, entry: Mapping[str, Any]) -> bool:
    found = outcome(layout, codes)
    counts = (found.granted, found.n_audited, found.n_errors, found.threshold if np.isfinite(found.threshold) else 0.0)
    told = (True, entry["n_audited"], entry["n_errors"], entry["threshold"])
    return counts == told and all(entry["details"].get(name) == one for name, one in region(layout, found).items())


def _lots_fit(ws: Workspace, board: Board, layout: Layout) -> str:
    """Whether the lots and tie ranks are those that the audit key draws; what is wrong, or ""."""
    key = look_key(audit_key(ws, board.project), layout.look, layout.salt)
    here = np.array([not board.erased[int(o)] for o in layout.ordinals], dtype=np.bool_)
    ids = [board.ids[int(o)] for o in layout.ordinals[here]]
    if not np.array_equal(lots(key, ids), layout.lot[here]):
        return "its lots are not those of the audit key"
    if not np.array_equal(ties(key, ids), layout.tie[here]):
        return "its tie ranks are not those of the audit key"
    return ""

"""What share of the texts has each label, and how often the machine alone would be right: estimated, never certified.

Stands on the questions that were drawn by lot while the model learned, and on what the model makes of every text; it is kept
when the economy plans and read without a model. No audit is among them, so that nothing is told of an open look.

Legend: n = texts estimated about, a = those of them that were asked, k = labels.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from cowise.core.types import Bools, Floats, Indices
from cowise.learn.pool import PoolView
from cowise.loop import brain, records
from cowise.loop.board import Board
from cowise.loop.brain import Candidate
from cowise.loop.filling import Looked
from cowise.loop.sampled import asked, lasts
from cowise.loop.workspace import Workspace
from cowise.measure.powered import LEAST, Drawn, powered_share
from cowise.models.sets import bits
from cowise.store import projects
from cowise.store.projects import Project

CONFIDENCE, SHOWN, MISSING = 0.9, 52, -2
"""Confidence of each interval; labels that are told, the commonest; the label of a question without an answer."""
State = Literal["ready", "early", "none"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and its 90 % interval. `exact`: by the lots alone; `worth`: as many lots would tell as much without a model."""

    share: float
    low: float
    high: float
    exact: bool
    worth: int


@dataclass(frozen=True, slots=True)
class Estimates:
    """By `lots` answers drawn by lot, of `asked` in all, among `texts`, as of `at`; `missing` questions nobody answered.

    `labels` are the commonest first, of sets the share of texts that have it; `right` is how often the machine alone would be.
    `early`: too few lots are answered yet; `none`: too few were drawn, as where a model's own answers are audited.
    """

    state: State
    at: float | None = None
    texts: int = 0
    lots: int = 0
    asked: int = 0
    missing: int = 0
    right: Estimate | None = None
    labels: tuple[tuple[str, Estimate], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "labels": [{"label": label, **asdict(one)} for label, one in self.labels]}


def keep(ws: Workspace, board: Board, looked: Looked) -> None:
    """Keep what can be estimated now, once for each number of answers."""
    lots, old = board.project.settings.get("lots"), board.project.settings.get("estimates")
    mark = [len(board.said), board.n, len(lots["turns"]) if lots else 0]
    if lots is None or lots["n"] != board.n or (old and old["mark"] == mark):
        return
    made = _made(board, *looked, lots)
    blob = ws.store.blobs.put(json.dumps(made.to_json(), ensure_ascii=False).encode("utf-8"))
    ws.store.write(
        lambda tx: records.change(
            tx,
            board.project.id,
            estimates={"blob": blob, "mark": mark, "at": tx.now(), "labels": len(board.project.task.labels)},
        )
    )
    if old and old["blob"] != blob:
        ws.store.blobs.delete(old["blob"])


def estimates(ws: Workspace, name: str) -> Estimates:
    """What was estimated last, by the answers until then."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
    kept = project.settings.get("estimates")
    state: State = "early" if _may_come(project) else "none"
    if kept is None:
        return Estimates(state)
    told = json.loads(ws.store.blobs.get(kept["blob"]))
    labels = tuple((one.pop("label"), Estimate(**one)) for one in told.pop("labels"))
    right = told.pop("right")
    told["state"] = told["state"] if told["state"] == "ready" else state
    if not {label for label, _ in labels} <= set(project.task.labels):  # renamed or reshaped since
        return Estimates("early")
    return Estimates(**{**told, "at": kept["at"], "right": Estimate(**right) if right else None, "labels": labels})


def _may_come(project: Project) -> bool:
    """Whether enough questions are, or may yet be, drawn by lot."""
    lots = project.settings.get("lots")
    enough = lots is not None and sum(by_lot for _, _, by_lot in asked(lots)) >= LEAST
    return enough or (lasts(project) and not project.settings.get("stated"))


def _made(board: Board, found: Candidate, view: PoolView, lots: dict[str, Any]) -> Estimates:
    """All estimates from the candidate's view."""
    member = ~(board.imported | board.erased | board.reserved)
    member[lots["before"]] = False
    if board.reading.limited:
        member &= ~board.reading.unread
    settled = _settled(board, lots, member & np.isin(np.arange(board.n), found.ordinals))
    ordinals = np.array([o for o, _, _ in settled], np.int64)
    turn, lot = (np.array([one[at] for one in settled]) for at in (1, 2))
    drawn = Drawn(int(member.sum()), turn.astype(np.int64), lot.astype(np.bool_))
    answered = board.decided[ordinals]
    known = int(answered.sum())
    early = Estimates("early", None, drawn.n, int((drawn.lot & answered).sum()), known, len(answered) - known)
    if early.lots < LEAST:
        return early
    y = np.where(answered, board.label[ordinals], MISSING)
    right, each = shares(view, found.rows_of(ordinals), y, drawn, member[found.ordinals])
    labels = board.project.task.labels
    told = sorted(((labels[j], one) for j, one in each.items()), key=lambda one: -one[1].share)
    return replace(early, state="ready", right=right, labels=tuple(told))


def _settled(board: Board, lots: dict[str, Any], member: Bools) -> list[tuple[int, int, bool]]:
    """(item, turn, by lot) of what was asked, but for what nobody has seen yet: who passes on a text leaves a gap."""
    waits = board.queued - board.said.keys() - board.passed.keys()
    return [one for one in asked(lots) if member[one[0]] and (one[0] not in waits or board.decided[one[0]])]


def shares(
    view: PoolView, rows: Indices, y: Indices, drawn: Drawn, among: Bools
) -> tuple[Estimate, dict[int, Estimate]]:
    """How often the model is right, and the share of each of the commonest labels.

    `rows` (a,) of the pool were `drawn`, with the answers `y` (a,): -1 for none of the labels, -2 for a missing one. `among` (n,)
    says which of the pool's texts are estimated about; the view's rows of answered texts are left out of their own.
    """
    said, k = brain.said(view.p, view.book), view.p.shape[1]
    sure = said.p if view.book is not None else view.p.max(axis=1)
    known = y != MISSING
    there = bits(np.maximum(y, 0), k) if view.book is not None else y[:, None] == np.arange(k)
    there = there.astype(np.bool_) & (y >= 0)[:, None]
    right = _estimate(np.where(known, said.label[rows] == y, np.nan), (sure[rows], sure[among]), drawn)
    common = np.argsort(-view.p[among].mean(axis=0), kind="stable")[:SHOWN].tolist()
    return right, {
        j: _estimate(np.where(known, there[:, j], np.nan), (view.p[rows, j], view.p[among, j]), drawn) for j in common
    }


def _estimate(y: Floats, f: tuple[Floats, Floats], drawn: Drawn) -> Estimate:
    """One share; answers that are missing are taken as the worst for either end of the interval."""
    ends = [
        powered_share(np.where(np.isnan(y), worst, y), *f, drawn, confidence=CONFIDENCE)
        for worst in ((0.0, 1.0) if np.isnan(y).any() else (0.0,))
    ]
    low, high = ends[0], ends[-1]
    worth = min(one.worth or 0 for one in ends)
    share = round((low.mean + high.mean) / 2, 4)
    return Estimate(share, round(low.low, 4), round(high.high, 4), low.exact or high.exact, worth)

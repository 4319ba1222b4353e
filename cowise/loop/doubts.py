"""Which labels of a project had best be looked at again, and asking people to: nothing is relabelled by machine.

Each text is judged by what the candidate says of it without its own answers, beside everybody who gave it a label, by how
reliable their blind answers are. Left out is what people may still be asked about, what was answered since an open check
began, and every audit: who looks again only where a machine differs would bend what a certificate stands on.

Legend: n = items judged, v = labels given, k = labels that occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from cowise.core.errors import ConflictError, InputError, LimitError
from cowise.core.types import Bools, Indices
from cowise.loop import board as boards
from cowise.loop import brain, judged, second
from cowise.loop.board import Board
from cowise.loop.workspace import Workspace
from cowise.store import Tx, items, projects
from cowise.store.items import ItemRow
from cowise.team.conduct import weigh
from cowise.team.label_errors import LabelErrors, believed, suspects
from cowise.team.votes import Votes, votes

SHOWN = 50
NOBODY, IMPORTED = "", "import"
"""Who gave a label that came with the data, where nobody was named."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One label to look at again: what people `given`, what they `suggested` least unlikely otherwise, how likely it is right (`score`).

    `answers` people said something of it here. `askable`: somebody else can be asked; labels that came with the data are mended where
    they came from.
    """

    item: str
    text: str
    given: str
    suggested: str
    score: float
    flagged: bool
    answers: int
    askable: bool


@dataclass(frozen=True, slots=True)
class Doubts:
    """`rows`, the most doubtful first, of `judged` labels; `flagged` of all are taken for errors, `errors` are expected.

    `apart` labelled texts were left out. `thresholds` are how likely texts with each label have it, in the mean.
    """

    rows: tuple[Doubt, ...]
    judged: int
    flagged: int
    errors: float
    apart: int
    thresholds: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "thresholds": dict(self.thresholds)}


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """What was found of the items `ordinals` (n,), `asked` (n,) of people here; `apart` were left out."""

    found: LabelErrors
    ordinals: Indices
    asked: Bools
    apart: int

    def first(self, n: int, which: Bools | None = None) -> list[int]:
        """Places of the `n` most doubtful of `which` (n,)."""
        order = self.found.order if which is None else self.found.order[which[self.found.order]]
        return list(order[:n].tolist())


def label_errors(ws: Workspace, name: str, *, limit: int = SHOWN) -> Doubts:
    """The `limit` most doubtful labels of a project. InputError for a task of sets, and before two labels were learned."""
    if limit < 1:
        raise InputError(f"label errors: asked for {limit} at most; give 1 or more")
    ranked = _ranked(ws, name)
    found, places = ranked.found, ranked.first(limit)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        there = items.at(tx, project.id, ranked.ordinals[places].tolist())
        answers = _answers(boards.read_in(ws, tx, project), ranked.ordinals[places])
    rows = tuple(
        _doubt(ranked, place, there[int(ranked.ordinals[place])], n) for place, n in zip(places, answers, strict=True)
    )
    limits = {str(label): round(float(t), 4) for label, t in zip(found.classes, found.thresholds, strict=True)}
    return Doubts(
        rows, len(ranked.ordinals), int(found.flagged.sum()), round(found.errors, 1), ranked.apart, limits
    )  # fmt: skip


def look_again(ws: Workspace, name: str, n: int, *, by: str) -> int:
    """Ask somebody else, blind, about the `n` most doubtful labels that people gave here; how many questions that makes.

    LimitError for more than fit, ConflictError where nobody else could answer any of them.
    """
    if not 1 <= n <= second.MOST:
        raise LimitError(f"label errors: asked to look again at {n}; give 1 to {second.MOST}")
    ranked = _ranked(ws, name)
    places = ranked.first(n, ranked.asked)
    with ws.store.read() as tx:
        there = items.at(tx, projects.get(tx, name).id, ranked.ordinals[places].tolist())
    return second.ask_who_can(ws, name, [there[int(ranked.ordinals[place])].id for place in places], by=by)


def _doubt(ranked: _Ranked, place: int, row: ItemRow, answers: int) -> Doubt:
    found, named = ranked.found, ranked.found.classes
    return Doubt(
        row.id, row.text, str(named[found.given[place]]), str(named[found.suggested[place]]),
        round(float(found.score[place]), 4), bool(found.flagged[place]), answers, bool(ranked.asked[place]),
    )  # fmt: skip


def _answers(board: Board, ordinals: Indices) -> list[int]:
    return [len(board.said.get(o, [])) for o in ordinals.tolist()]


def _ranked(ws: Workspace, name: str) -> _Ranked:
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        if project.task.sets:
            raise InputError(
                "label errors: each label of a set is a question of its own; ask again by name (cowise again), or judge one label "
                "in Python: cowise.label_errors(labels, probabilities)"
            )
        board = boards.read_in(ws, tx, project)
        came = _came(tx, board)
        until = judged.settled_until(tx, project)
    late = np.zeros(board.n, np.bool_)
    late[[o for o, rows in board.said.items() if until is not None and any(one.at > until for one in rows)]] = True
    board = replace(board, trains=board.trains & ~late)
    ordinals = _judged(board)
    if len(np.unique(board.label[ordinals])) < 2:
        raise ConflictError(
            f"label errors: there are {len(ordinals)} labelled texts that may be judged, with fewer than two labels among them; "
            f"go on with cowise review {name}"
        )
    found = brain.candidate(ws, board)
    p = found.learner.look().p[found.rows_of(ordinals)]
    among = np.unique(board.label[ordinals])
    p = np.maximum(p[:, among], 1e-12)
    p /= p.sum(axis=1, keepdims=True)
    said, blind = _said(board, came, ordinals, among)
    given = np.searchsorted(among, board.label[ordinals])
    labels = [board.project.task.labels[code] for code in among.tolist()]
    asked = np.array([bool(board.said.get(o)) for o in ordinals.tolist()], np.bool_)
    labelled = int(((board.label >= 0) & (board.decided | board.given) & ~board.erased).sum())
    return _Ranked(
        suspects(given, p, believed(weigh(said.only(blind), p), said, p), classes=labels), ordinals, asked, labelled - len(ordinals)
    )  # fmt: skip


def _judged(board: Board) -> Indices:
    """Labelled items that a model learns from, but for what somebody may still be asked and what a certificate stands on."""
    apart = board.queued | {o for o, _ in board.watched}
    apart |= {o for o, rows in board.said.items() if any(one.used_for == "audit" or one.certificate for one in rows)}
    free = board.trains.copy()
    free[list(apart)] = False
    return np.flatnonzero(free)


def _came(tx: Tx, board: Board) -> dict[int, tuple[int, str]]:
    """Label number and who gave it, of each item that came with one."""
    if not board.imported.any():
        return {}
    found, task = dict[int, tuple[int, str]](), board.project.task
    for chunk in items.chunks(tx, board.project.id, texts=False):
        for i, (label, by) in enumerate(zip(chunk.labels, chunk.label_by, strict=True), chunk.first):
            if label is not None:
                found[i] = task.coded(label), by or NOBODY
    return found


def _said(
    board: Board, came: Mapping[int, tuple[int, str]], ordinals: Indices, among: Indices
) -> tuple[Votes, Bools]:  # fmt: skip
    """Every label that somebody gave, (v,), people here by their seat and those of an import by name; and which were blind."""
    seats, rows = dict[tuple[str, object], int](), list[tuple[int, int, int, bool]]()
    place = {code: i for i, code in enumerate(among.tolist())}
    for i, o in enumerate(ordinals.tolist()):
        told: list[tuple[tuple[str, object], int, bool]] = [
            (("seat", one.member), board.project.task.code(one.answer), one.blind)
            for one in board.said.get(o, []) if one.answer is not None
        ]  # fmt: skip
        if o in came:
            told.append(((IMPORTED, came[o][1]), came[o][0], True))
        rows += [
            (i, seats.setdefault(who, len(seats)), place[code], blind) for who, code, blind in told if code in place
        ]
    table = np.array(rows, np.int64).reshape(-1, 4)
    shape = (len(ordinals), len(seats), len(among))
    return votes(table[:, 0], table[:, 1], table[:, 2], shape), table[:, 3].astype(np.bool_)

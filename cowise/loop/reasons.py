"""Beside a question that is not blind: which words moved the model to what it suggests, and what people said of texts alike.

Nothing is told beside a blind question, and no text alike is one of an open check.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cowise.core.errors import ConflictError, ForbiddenError
from cowise.core.explanation import Ask, Explanation
from cowise.core.types import Indices, Vectors32
from cowise.explain.methods import DEFAULT, explainer
from cowise.loop import board as boards
from cowise.loop import brain, judged
from cowise.loop.explaining import version_of
from cowise.loop.workspace import Workspace
from cowise.store import Tx, counters, items, members, projects, queue
from cowise.store.projects import Project
from cowise.store.queue import Held, Hint

CAP = 400
"""Texts that the model reads for one explanation: enough for the default method at any length."""
KEPT = 500
"""Explanations kept in memory."""
NEAREST, LOOKED_AT, SHORT = 3, 12, 400
"""Texts alike that are shown, of so many; and characters of each."""
LIKE = 0.3
"""Cosine below which texts are not called alike."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A text that people answered, and how alike it is: the cosine of their vectors."""

    text: str
    answer: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why `model` suggests what it does: the head alone, without opinions that are weighed beside it."""

    explanation: Explanation
    model: str
    alike: tuple[Alike, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "explanation": self.explanation.to_json()}


def reasons(ws: Workspace, name: str, member: str, token: str) -> Reasons:
    """Why the model suggests what stands beside a question that this person holds.

    ConflictError where they hold it no longer, ForbiddenError where the question is blind: who answers it is not to be led.
    """
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        seat = members.get(tx, project.id, member).id
        held = next((one for one in queue.held_by(tx, project.id, seat) if one.lease.token == token), None)
        hint = _hint(held)
        assert held is not None  # or there were no hint  # noqa: S101
        row = items.at(tx, project.id, [held.ordinal])[held.ordinal]
        version = version_of(tx, project)
    kept: dict[tuple[str, str], Explanation] = ws.memory.setdefault(f"reasons {project.id}", {})
    key = (version, row.id)
    if key not in kept:
        model = brain.thaw(ws, project, version)
        kept[key] = explainer(DEFAULT).explain(model, row.text, Ask(target=_target(project, hint), cap=CAP))
        for old in list(kept)[:-KEPT]:
            kept.pop(old, None)
    return Reasons(kept[key], version, _alike(ws, project, held.ordinal))


def _hint(held: Held | None) -> Hint:
    if held is None:
        raise ConflictError("reasons: this question is not held by you any more; take the next one")
    if held.hint is None:
        raise ForbiddenError("reasons: this question is blind, and whoever answers it is not to be led by the model")
    return held.hint


def _target(project: Project, hint: Hint) -> str | None:
    """The label that is suggested; of a set the likeliest of all, None where that is the model's to say."""
    named = hint.order[:1] if project.task.sets else (hint.label,)
    return next((one for one in named if project.task.knows(one)), None)


@dataclass(frozen=True, slots=True, eq=False)
class _Answered:
    """Items that people answered: `ordinals` (n,), what they settled on, and `vectors` (n, d) of length one."""

    ordinals: Indices
    answers: tuple[str, ...]
    vectors: Vectors32


def _alike(ws: Workspace, project: Project, ordinal: int) -> tuple[Alike, ...]:
    """The nearest texts that people answered, nearest first."""
    with ws.store.read() as tx:
        known = _answered(ws, tx, project)
    if not len(known.ordinals):
        return ()
    _, mine = brain.embedded(ws, project, brain.encoder_of(ws, project), np.array([ordinal]))
    assert mine is not None  # there is an encoder  # noqa: S101
    cosine = np.where(known.ordinals == ordinal, -1.0, known.vectors @ _unit(mine)[0])
    nearest = [i for i in np.argsort(-cosine, kind="stable")[:LOOKED_AT].tolist() if cosine[i] >= LIKE]
    with ws.store.read() as tx:
        rows = items.at(tx, project.id, known.ordinals[nearest].tolist())
        asked = {o for o in rows if queue.seats(tx, project.id, o)}  # who is asked about one is not to be led either
    found = [
        Alike(row.text[:SHORT], known.answers[i], round(float(cosine[i]), 3))
        for i in nearest
        if (row := rows[int(known.ordinals[i])]).text and row.ordinal not in asked
    ]
    return tuple(found[:NEAREST])


def _unit(vectors: Vectors32) -> Vectors32:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)


def _answered(ws: Workspace, tx: Tx, project: Project) -> _Answered:
    """Items that may be learned from and that people answered, none since an open check began."""
    until = judged.settled_until(tx, project)
    key = (project.visible, project.task.labels, until, counters.counts(tx, project.id))
    kept: tuple[object, _Answered] | None = ws.memory.get(f"answered {project.id}")
    if kept is not None and kept[0] == key:
        return kept[1]
    board = boards.read_in(ws, tx, project)
    told = {
        ordinal: one.answer.text
        for ordinal, rows in board.said.items()
        if board.trains[ordinal] and not (until is not None and any(row.at > until for row in rows))
        and (one := boards.settled(rows)) is not None and one.answer is not None and project.task.code(one.answer) >= 0
    }  # fmt: skip
    digest = brain.encoder_of(ws, project).digest
    there, vectors = ws.store.vectors.rows(digest, [board.ids[o] for o in told])
    ordinals = np.array(list(told), np.int64)[there]
    found = _Answered(ordinals, tuple(told[o] for o in ordinals.tolist()), _unit(vectors))
    ws.memory[f"answered {project.id}"] = (key, found)
    return found

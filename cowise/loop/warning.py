"""New texts beside those that a certificate was earned on: a warning when they look different. It touches no certificate.

Every 500 texts of a stream are compared with a sample of the texts that the certificate's own look was over. The texts
since the last comparison are in memory alone: a process that ends takes up to 499 of them with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Certificate, Indices, Vectors32
from cowise.loop import brain, records, walks
from cowise.loop.board import Board, read
from cowise.loop.classes import classes
from cowise.loop.layout import Layout
from cowise.loop.workspace import Workspace
from cowise.models import TextModel
from cowise.store import Tx, certificates
from cowise.store.projects import Project
from cowise.team.shift import input_shift, label_shift

EVERY, SAMPLE = 500, 1000
LEVEL = 0.001
"""Chance of a false warning in one comparison, by each of the two tests."""
FEW, CLOSER = 99, 0.05
"""A first look by few permutations; only what could be a shift is looked at by all. It can only make warnings rarer."""
TOLD = 3
"""Labels that a warning names."""


@dataclass(slots=True, eq=False)
class _Beside:
    """What came before, and what has come since the last comparison: `vectors` (n, d), answers with predictions (a,)."""

    certificate: str
    vectors: Vectors32
    true: Indices
    predicted: Indices
    now: list[Vectors32] = field(default_factory=list)
    labels: list[Indices] = field(default_factory=list)
    texts: int = 0


def see(
    ws: Workspace, project: Project, certificate: Certificate, model: TextModel, group: tuple[Vectors32, Indices]
) -> bool:
    """Take a group of new texts, vectors (n, d) and the model's labels (n,), and compare once enough came. Whether it warned."""
    key = f"beside {project.id}"
    kept: _Beside | None = ws.memory.get(key)
    if kept is None or kept.certificate != certificate.id:
        kept = ws.memory[key] = _before(ws, project, certificate, model)
    kept.now.append(group[0])
    kept.labels.append(group[1])
    kept.texts += len(group[1])
    if kept.texts < EVERY:
        return False
    now, labels = np.concatenate(kept.now), np.concatenate(kept.labels)
    kept.now, kept.labels, kept.texts = [], [], 0
    return _compare(ws, project, kept, (now, labels))


def _before(ws: Workspace, project: Project, certificate: Certificate, model: TextModel) -> _Beside:
    """A sample of what the certificate's look was over, always the same, and its audits with people's answers."""
    layout = walks.kept(ws, certificate.details["blob"])
    board = read(ws, project.name)
    there = layout.ordinals[~board.erased[layout.ordinals]]
    chosen = np.random.default_rng(project.id).permutation(len(there))[:SAMPLE]
    vectors = brain.embedded(ws, project, model.encoder, np.sort(there[chosen]))[1]
    assert vectors is not None  # there is an encoder  # noqa: S101
    return _Beside(certificate.id, vectors, *_answered(board, layout))


def _answered(board: Board, layout: Layout) -> tuple[Indices, Indices]:
    drawn = np.flatnonzero(layout.drawn)
    told = drawn[board.label[layout.ordinals[drawn]] >= 0]
    return board.label[layout.ordinals[told]], layout.label[told]


def _compare(ws: Workspace, project: Project, kept: _Beside, now: tuple[Vectors32, Indices]) -> bool:
    labels = now[1]
    before, vectors = kept.vectors.astype(np.float64), now[0].astype(np.float64)
    try:
        looks = input_shift(before, vectors, seed=project.id, permutations=FEW).p
        if looks <= CLOSER:
            looks = input_shift(before, vectors, seed=project.id).p
    except InputError:  # too few texts under the certificate to compare with
        return False
    try:
        among = classes(project.task, kept.true, kept.predicted, labels)
        shares = label_shift(among.of(kept.true), among.of(kept.predicted), among.of(labels), labels=len(among))
        p, weights = shares.p, shares.weights
    except InputError:  # too few audits, or a model that confuses labels
        p, weights = 1.0, ()
    if min(looks, p) > LEVEL:
        return False
    told = {"certificate": kept.certificate, "texts": len(labels), "looks": looks <= LEVEL, "labels": p <= LEVEL,
            "shares": _named(among.names, weights) if p <= LEVEL else []}  # fmt: skip

    def work(tx: Tx) -> bool:
        if certificates.get(tx, project.id, kept.certificate).state != "valid":
            return False
        records.change(tx, project.id, warning={**told, "at": tx.now()})
        records.append(tx, project, "warned", {**told, "p_looks": looks, "p_labels": p})
        return True

    return ws.store.write(work)


def _named(labels: Sequence[str], weights: Sequence[float]) -> list[list[Any]]:
    """The labels that changed most, and how many times as frequent each is."""
    far = np.argsort(-np.abs(np.log(np.maximum(weights, 0.05))), kind="stable")[:TOLD]
    return [[labels[i], round(float(weights[i]), 2)] for i in far.tolist()]

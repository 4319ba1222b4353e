"""What the machine can say: vectors of the items, the candidate that learns, and frozen versions as model folders.

Legend: n = items, r = rows of a pool, d = vector size, k = labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cowise.core.registry import load
from cowise.core.roles import Encoder
from cowise.core.types import Bools, Floats, Indices, Task, Vectors32
from cowise.learn.pool import PoolLearner
from cowise.loop import evidence
from cowise.loop.board import Board
from cowise.loop.kinds import Progress
from cowise.loop.rules import lessons
from cowise.loop.workspace import Workspace
from cowise.models import open_encoder
from cowise.models.folder import TextModel, pack, unpack
from cowise.models.kernel import KernelHead
from cowise.models.sets import SetBook
from cowise.models.voices import Members, Pinned, Voices
from cowise.models.words import count_words
from cowise.store import items, versions
from cowise.store.projects import Project
from cowise.store.queue import Hint

POOL = 20_000
"""Items that the candidate looks at while it learns; of more, a fixed random part stands for the rest."""
AT_ONCE = 1024
MANY = 64
"""So many small files of vectors are joined."""
SHOWN = 12
"""Labels that a suggestion puts in order."""


def encoder_of(ws: Workspace, project: Project) -> Encoder:
    """The project's encoder; MissingError says how to get it. Opened once in a process."""
    name = str(project.settings["encoder"])
    found = ws.memory.get(f"encoder {name}")
    if found is None:
        found = ws.memory[f"encoder {name}"] = open_encoder(name, ws.settings.models, threads=ws.settings.threads)
    encoder: Encoder = found
    return encoder


def embed(ws: Workspace, project: Project, progress: Progress | None = None) -> Encoder:
    """Embed every item that has no vector yet, group by group: cut short, it goes on where it stood."""
    encoder = encoder_of(ws, project)
    if project.settings.get("forgetting"):
        load("loop.erase:finish")(ws, project, project.settings["forgetting"])
    with ws.store.read() as tx:
        total = items.visible(tx, project.id)
    done = f"embedded {project.id} {encoder.digest}"
    start, wrote = int(ws.memory.get(done, 0)), False
    while start < total:
        with ws.store.read() as tx:
            chunk = next(items.chunks(tx, project.id, size=AT_ONCE, start=start), None)
        if chunk is None:
            break
        there = dict(zip(chunk.ids, chunk.texts, strict=True))
        ids = [one for one, text in there.items() if text]  # an erased item has no text
        found, _ = ws.store.vectors.rows(encoder.digest, ids)
        missing = [ids[i] for i in np.flatnonzero(~found)]
        if missing:
            ws.store.vectors.put(encoder.digest, missing, encoder.encode([there[one] for one in missing]))
            wrote = True
        start = chunk.first + len(chunk.ids)
        if progress:
            progress("reading with the encoder", start, total)
    ws.memory[done] = total
    if wrote:
        ws.store.vectors.compact(encoder.digest, least=MANY)
    return encoder


@dataclass(slots=True, eq=False)
class Candidate:
    """The learner over its pool: `ordinals` (r,) says which items its rows are, `heard` which opinions it knows."""

    ordinals: Indices
    learner: PoolLearner
    encoder: Encoder
    heard: tuple[Pinned, ...] = ()

    def rows_of(self, wanted: Indices) -> Indices:
        """Rows of items that are in the pool."""
        return np.searchsorted(self.ordinals, wanted)

    def contains(self, wanted: Indices) -> Bools:
        """Which items are in the pool."""
        return np.isin(wanted, self.ordinals)


def candidate(ws: Workspace, board: Board, progress: Progress | None = None) -> Candidate:
    """The candidate with every answer that may train; only what is new since the last call is learned."""
    encoder = embed(ws, board.project, progress)
    key = f"candidate {board.project.id}"
    known: tuple[tuple[int, tuple[str, ...]], Candidate] | None = ws.memory.get(key)
    trained = np.flatnonzero(board.trains)
    now_at = (board.n, board.project.task.labels)
    heard = evidence.pinned(ws, board, known[1].heard if known is not None else ())
    if known is not None and known[0] == now_at and known[1].encoder is encoder and bool(known[1].heard) == bool(heard):
        found = known[1]
        old = dict(zip(found.ordinals[found.learner.answered].tolist(), found.learner.y.tolist(), strict=True))
        now = dict(zip(trained.tolist(), board.label[trained].tolist(), strict=True))
        fresh = np.array([o for o in now if o not in old], dtype=np.int64)
        if all(now.get(o) == y for o, y in old.items()) and found.contains(fresh).all():
            if found.heard != heard:
                found.learner.hear(evidence.rows(ws, heard, found.ordinals, len(board.project.task.labels)))
                found.heard = heard
            found.learner.learn(found.rows_of(fresh), board.label[fresh])
            return found
    found = _begin(ws, board, encoder, trained, heard)
    _relive(found, board, trained)
    ws.memory[key] = (now_at, found)
    return found


def _relive(found: Candidate, board: Board, trained: Indices) -> None:
    """Learn in the order in which answers came."""
    first = {o: rows[0].id for o, rows in board.said.items()}
    order = np.array(sorted(trained.tolist(), key=lambda o: (first.get(o, 0), o)), dtype=np.int64)
    for part in lessons(order):
        found.learner.learn(found.rows_of(part), board.label[part])


def _begin(ws: Workspace, board: Board, encoder: Encoder, trained: Indices, heard: tuple[Pinned, ...]) -> Candidate:
    chosen = np.arange(board.n)
    if board.n > POOL:
        part = np.random.default_rng(board.project.id).permutation(board.n)[:POOL]
        chosen = np.union1d(part, trained)
    chosen = chosen[~board.erased[chosen]]
    ids, texts = _texts(ws, board.project, chosen)
    vectors = _vectors(ws, encoder, ids, texts)
    task = board.project.task
    said = evidence.rows(ws, heard, chosen, len(task.labels)) if heard else None
    return Candidate(chosen, PoolLearner(vectors, texts, len(task.labels), said, sets=task.sets), encoder, heard)


def embedded(
    ws: Workspace, project: Project, encoder: Encoder | None, ordinals: Indices
) -> tuple[list[str], Vectors32 | None]:
    """Texts of items and their vectors (n, d), embedded now where none are kept; None without an encoder."""
    ids, texts = _texts(ws, project, ordinals)
    return texts, None if encoder is None else _vectors(ws, encoder, ids, texts)


def _texts(ws: Workspace, project: Project, ordinals: Indices) -> tuple[list[str], list[str]]:
    ids, texts = [], []
    with ws.store.read() as tx:
        if len(ordinals) and len(ordinals) > 0.2 * (int(ordinals[-1]) + 1):
            wanted = set(ordinals.tolist())
            for chunk in items.chunks(tx, project.id):
                kept = [i for i in range(len(chunk.ids)) if chunk.first + i in wanted]
                ids += [chunk.ids[i] for i in kept]
                texts += [chunk.texts[i] for i in kept]
        else:
            rows = items.at(tx, project.id, ordinals.tolist())
            ids = [rows[o].id for o in ordinals.tolist()]
            texts = [rows[o].text for o in ordinals.tolist()]
    return ids, texts


def _vectors(ws: Workspace, encoder: Encoder, ids: Sequence[str], texts: Sequence[str]) -> Vectors32:
    found, rows = ws.store.vectors.rows(encoder.digest, ids)
    if found.all():
        return rows if len(ids) else np.zeros((0, encoder.dim), np.float32)
    out = np.empty((len(ids), encoder.dim), np.float32)
    out[found] = rows if found.any() else out[found]
    missing = np.flatnonzero(~found).tolist()
    out[missing] = encoder.encode([texts[i] for i in missing])
    return out


def freeze(ws: Workspace, board: Board, found: Candidate, metrics: dict[str, Any]) -> tuple[str, str]:
    """Keep the candidate's model folder among the files; (version, digest of the folder)."""
    model = replace(frozen(board.project, found), metrics=metrics)
    folder = {name: ws.store.blobs.put(data) for name, data in pack(model).items()}
    digest = ws.store.blobs.put(json.dumps(folder, sort_keys=True).encode("utf-8"))
    return f"v-{digest[:12]}", digest


def frozen(project: Project, found: Candidate) -> TextModel:
    """The candidate as it is now, as a model that no longer changes."""
    name = str(project.settings["encoder"])
    return TextModel(found.encoder, found.learner.head(), project.task.labels, name, members=_members(found))


def _members(found: Candidate) -> Members | None:
    """The seats that count beside the candidate's head, with their opinions as they were read."""
    voices = found.learner.voices()
    if voices is None:
        return None
    some = np.flatnonzero(voices.counts())
    return Members(tuple(found.heard[i] for i in some), Voices(voices.own, voices.weight[some], voices.lean[some]))


def lost(ws: Workspace, project: Project, version: str) -> str:
    """Why opinions that a version was weighed with cannot be read any more; "" where all are there as they were."""
    with ws.store.read() as tx:
        folder = versions.get(tx, project.id, version).folder
    if not folder:
        return ""
    names = json.loads(ws.store.blobs.get(folder))
    config = json.loads(ws.store.blobs.get(names["config.json"]))
    labels = json.loads(ws.store.blobs.get(names["labels.json"]))["labels"]
    return evidence.lost(ws, Members.read(config["members"], len(labels)).seats) if "members" in config else ""


def thaw(ws: Workspace, project: Project, version: str) -> TextModel:
    """A frozen version, every file checked against its hash before it is read."""
    with ws.store.read() as tx:
        folder = versions.get(tx, project.id, version).folder
    key = f"model {folder}"
    if key not in ws.memory:
        names = json.loads(ws.store.blobs.get(folder))
        files = {name: ws.store.blobs.get(digest) for name, digest in names.items()}
        ws.memory[key] = unpack(files, encoder_of(ws, project))
    model: TextModel = ws.memory[key]
    return model


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a model says of items: `label` numbers, `p` of each, and `score`, by which they are ordered; (r,) each."""

    label: Indices
    p: Floats
    score: Floats

    def at(self, rows: Indices) -> Said:
        """Those of some rows."""
        return Said(self.label[rows], self.p[rows], self.score[rows])


def said(p_nk: Floats, book: SetBook | None = None) -> Said:
    """Probabilities as an opinion: the likeliest label, and its lead over the next as the score; (n, k) each row.

    With a `book` of sets: the set that fits best, and how likely it is.
    """
    if book is not None:
        label, p = book.said(p_nk)
        return Said(label, p, p)
    top = np.partition(p_nk, -2, axis=1)
    return Said(p_nk.argmax(axis=1).astype(np.int64), np.asarray(top[:, -1]), np.asarray(top[:, -1] - top[:, -2]))


def predict(ws: Workspace, project: Project, model: TextModel, ordinals: Indices, *, alone: bool = False) -> Said:
    """What a frozen model says of items, from kept vectors and the opinions that it pins; `alone` without those.

    GuaranteeError where pinned opinions are gone or changed.
    """
    parts = []
    for i in range(0, len(ordinals), 5000):
        part = ordinals[i : i + 5000]
        p_nk = _scored(ws, project, model, part) if alone else probabilities(ws, project, model, part)
        parts.append(said(p_nk, model.book))
    if not parts:
        return Said(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    label, p, score = (np.concatenate([getattr(part, name) for part in parts]) for name in ("label", "p", "score"))
    return Said(label, p, score)


def probabilities(ws: Workspace, project: Project, model: TextModel, ordinals: Indices) -> Floats:
    """Probabilities (n, k) of a few items, from kept vectors and the opinions that the model pins; of sets, of each label.

    GuaranteeError where pinned opinions are gone or changed.
    """
    p_nk = _scored(ws, project, model, ordinals)
    if model.members is None:
        return p_nk
    told = evidence.rows(ws, model.members.seats, ordinals, len(model.labels))
    return model.members.voices.combine(p_nk, told)


def _scored(ws: Workspace, project: Project, model: TextModel, ordinals: Indices) -> Floats:
    ids, texts = _texts(ws, project, ordinals)
    return scored(model, _vectors(ws, model.encoder, ids, texts), texts)


def hints(p_nk: Floats, task: Task, book: SetBook | None = None) -> list[Hint]:
    """What to show beside questions that are not blind: what the model would say, and the likeliest labels in order.

    >>> hints(np.array([[0.25, 0.75]]), Task(("bug", "praise")))
    [Hint(label='praise', p=0.75, order=('praise', 'bug'))]
    """
    order_nk = np.argsort(-p_nk, axis=1, kind="stable")[:, :SHOWN]
    found = said(p_nk, book)
    return [
        Hint(task.answer(code).text, round(p, 4), tuple(task.labels[j] for j in order))
        for code, p, order in zip(found.label.tolist(), found.p.tolist(), order_nk.tolist(), strict=True)
    ]


def scored(model: TextModel, vectors: Vectors32, texts: Sequence[str]) -> Floats:
    """Probabilities (n, k) of the head alone, from vectors that are there already."""
    if isinstance(model.head, KernelHead) and model.head.words is not None:
        return model.head.predict(vectors, count_words(texts))
    return model.head.predict(vectors)


def grouped(texts: Iterable[str], size: int = AT_ONCE) -> Iterator[list[str]]:
    """Texts in lists of at most `size`.

    >>> [len(part) for part in grouped("abcde", 2)]
    [2, 2, 1]
    """
    part: list[str] = []
    for one in texts:
        part.append(one)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part

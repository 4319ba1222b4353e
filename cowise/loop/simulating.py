"""Whole projects played with known answers, many times over, to learn what share people would have had to answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.errors import DataError, InputError
from cowise.core.registry import load
from cowise.core.roles import Encoder
from cowise.core.task import parted
from cowise.core.types import Indices, Promise, Task, Vectors32
from cowise.data import How, read
from cowise.data.tally import Tally, counted
from cowise.engine import Local
from cowise.loop.crew import Crew
from cowise.loop.kinds import Progress
from cowise.loop.rehearse import Case, Played, play
from cowise.models import open_encoder

_FIGURES = ("human_share", "training", "audit", "deferred", "error", "automated_error", "seconds")


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """A rehearsal: labelled `files`, what is promised, and how often it is played on `pool` texts drawn anew.

    `others` work beside the `crew`: with a `jury` they are weighed against each other, else each answer stands, and one
    more is asked wherever a mended error costs at most `repair` answers.
    `given` labels are imported before the start: they train, certify nothing and are no human share. `models` is the
    folder of encoders; `plots` a folder for figures, None for none. With `sets` each text has any number of labels.
    """

    files: tuple[Path, ...]
    text: str = ""
    label: str = ""
    promise: Promise = field(default_factory=Promise)
    pool: int = 6000
    repeat: int = 20
    seed: int = 0
    jobs: int = 1
    encoder: str = "use-multilingual"
    crew: Crew = field(default_factory=Crew)
    others: tuple[Crew, ...] = ()
    jury: bool = True
    repair: float = 0.0
    given: int = 0
    models: Path = Path()
    threads: int = 0
    sets: bool = False
    plots: Path | None = None

    def __post_init__(self) -> None:
        """Counts that make sense."""
        for name, least in (("pool", 20), ("repeat", 1), ("jobs", 1), ("given", 0), ("seed", 0)):
            if getattr(self, name) < least:
                raise InputError(f"{name}: asked for {getattr(self, name)}; give {least} or more")
        if self.sets and self.repair:
            raise InputError("simulate: further opinions by their worth are for one label a text; leave --worth out")
        if not self.files:
            raise InputError("simulate: no file is named; give one or more labelled files")


@dataclass(frozen=True, slots=True, eq=False)
class Gold:
    """Distinct texts with their known label: `y` (n,) indexes `labels`."""

    texts: list[str]
    y: Indices
    labels: tuple[str, ...]
    conflicts: int


def gold(files: Sequence[Path], text: str, label: str, *, sets: bool = False) -> Gold:
    """Distinct labelled texts of all files; where a text has several labels, the first stands and it is counted.

    With `sets` a label cell names any number of labels, and `y` numbers sets of them.

    DataError when nothing is labelled, TaskError when the labels make no task.
    """
    tally, kept = Tally(), dict[str, tuple[str, str]]()
    for file in files:
        rows = read(file, text=text or None, label=label or None, how=How(sets=sets))
        for key, row in counted(rows, tally):
            if row.label:
                kept.setdefault(key, (row.text, str(row.label)))
    if not kept:
        where = ", ".join(str(file) for file in files)
        raise DataError(f"{where}: no text has a label; name the column that holds the known answers by --label")
    cells = [cell for _, cell in kept.values()]
    named = sorted({label for cell in cells for label in (parted(cell) if sets else [cell])})
    task = Task(tuple(named), "multilabel" if sets else "classify")
    y = np.array([task.code(task.read(cell)) for cell in cells], dtype=np.int64)
    return Gold([text for text, _ in kept.values()], y, task.labels, tally.conflicts)


def embed(encoder: Encoder, texts: Sequence[str], progress: Progress | None = None) -> Vectors32:
    """Vectors of all texts, (n, d), with progress."""
    parts, size = [], 1024
    for start in range(0, len(texts), size):
        parts.append(encoder.encode(texts[start : start + size]))
        if progress is not None:
            progress("encoding", min(start + size, len(texts)), len(texts))
    return np.vstack(parts) if parts else np.zeros((0, encoder.dim), np.float32)


def simulate(options: SimulateOptions, progress: Progress | None = None) -> dict[str, Any]:
    """Play the project `repeat` times; {"mean": {…}, "repetitions": [{…}], "options": {…}}.

    Each repetition draws its own pool, lots and ties from `seed` + its number.
    """
    draw: Callable[..., list[Path]] | None = None
    if options.plots is not None:
        load("measure.plot:ready")()  # said before the work, not after it
        draw = load("measure.plot:rehearsal")
    known = gold(options.files, options.text, options.label, sets=options.sets)
    encoder = open_encoder(options.encoder, options.models, threads=options.threads)
    vectors = embed(encoder, known.texts, progress)
    played = rehearse(known, vectors, options, progress)
    found = summary(played, options)
    found["data"] = {"texts": len(known.texts), "labels": list(known.labels), "conflicts": known.conflicts}
    if options.plots is not None and draw is not None:
        found["plots"] = [str(file) for file in draw([one.to_json() for one in played], options.promise, options.plots)]
    return found


def rehearse(
    known: Gold, vectors: Vectors32, options: SimulateOptions, progress: Progress | None = None
) -> list[Played]:
    """Every repetition, from vectors that are there already."""
    cases = (case_of(known, vectors, options, number) for number in range(options.repeat))
    played: list[Played] = []
    for one in Local(min(options.jobs, options.repeat)).map(play, cases):
        played.append(one)
        if progress is not None:
            progress("playing", len(played), options.repeat)
    return played


def case_of(known: Gold, vectors: Vectors32, options: SimulateOptions, number: int) -> Case:
    """The repetition of this number: its pool, drawn by its seed."""
    seed = options.seed + number
    rows = np.random.default_rng(seed).permutation(len(known.y))[: options.pool]
    texts = [known.texts[i] for i in rows.tolist()]
    return Case(
        vectors[rows], texts, known.y[rows], len(known.labels), options.promise, options.crew, seed, options.given,
        options.others, options.jury, options.repair, options.sets,
    )  # fmt: skip


def summary(played: Sequence[Played], options: SimulateOptions) -> dict[str, Any]:
    """Means over the repetitions, and each of them."""
    each = [one.to_json() for one in played]
    mean: dict[str, Any] = {name: float(np.mean([one[name] for one in each])) for name in _FIGURES}
    mean["promise_kept"] = float(np.mean([one["promise_kept"] for one in each]))
    mean["coverage"] = float(np.mean([one["certificate"]["automated"] / one["items"] for one in each]))
    if len(each) > 1:
        mean["human_share_se"] = float(np.std([one["human_share"] for one in each], ddof=1) / len(each) ** 0.5)
    told = json.loads(json.dumps(asdict(options), default=str))
    return {"mean": mean, "repetitions": each, "options": told}

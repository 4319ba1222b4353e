"""A first try without data of one's own: a project with the texts of a sample, its labels known and nothing answered."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cowise.core.samples import LABEL_COLUMN, SAMPLES, TEXT_COLUMN, Sample, sample
from cowise.core.types import Promise, Task
from cowise.loop import ingest, projects
from cowise.loop.projects import DEFAULT_ENCODER
from cowise.loop.workspace import Workspace

PROMISE = Promise(0.05, 0.9)


@dataclass(frozen=True, slots=True)
class SampleView:
    """One sample as a page offers it."""

    id: str
    title: str
    language: str
    items: int
    labels: int


def offered() -> list[SampleView]:
    """The samples that come with cowise."""
    return [SampleView(s.name, s.title, s.language, *_size(s.name)) for s in SAMPLES]


def begin(ws: Workspace, name: str, *, encoder: str = DEFAULT_ENCODER) -> str:
    """Make a project of a sample's texts, for people to answer; its name. MissingError for no such sample."""
    file = sample(name)
    chosen = next(one for one in SAMPLES if one.name == name)
    project = _free(ws, chosen)
    task = Task(tuple(sorted(set(_labels(name)))), language=chosen.language)
    projects.create(ws, project, task, PROMISE, encoder=encoder)
    try:
        ingest.add(ws, project, file, ingest.Columns(text=TEXT_COLUMN))
    except BaseException:
        projects.delete(ws, project)
        raise
    return project


def _free(ws: Workspace, chosen: Sample) -> str:
    """A name that no project has: bank, bank 2 and so on."""
    taken = {each.name for each in projects.listing(ws)}
    names: Iterator[str] = (chosen.name if i == 1 else f"{chosen.name} {i}" for i in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _labels(name: str) -> list[str]:
    with sample(name).open(encoding="utf-8", newline="") as file:
        return [row[LABEL_COLUMN] for row in csv.DictReader(file)]


@cache
def _size(name: str) -> tuple[int, int]:
    found = _labels(name)
    return len(found), len(set(found))

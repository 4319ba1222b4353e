"""Beside people on the roster: what language models' opinions are worth, and how often people err by what two were asked.

Judged by what people settled on in answers that are no audits and came before an open look: no figure may move by an audit.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cowise.core.types import Floats, Indices, Task
from cowise.loop import llm_seats
from cowise.loop.board import settled
from cowise.loop.workspace import Workspace
from cowise.store import Tx, machine, members, opinions, versions
from cowise.store.members import Member
from cowise.store.opinions import OpinionRow
from cowise.store.projects import Project
from cowise.team.conduct import Range, share
from cowise.team.ruling import error_bound, missed_by

DELTA = 0.05
Said = Mapping[int, Sequence[OpinionRow]]


@dataclass(frozen=True, slots=True)
class Llm:
    """A language model's seat: how often its likeliest label is what people settled on (`right`), by `opinions` in all.

    `weight` is how much it counts in the released version: 0 where it lowers no error there, None where none was weighed with it.
    """

    name: str
    version: str
    opinions: int
    right: Range | None
    cost: float
    weight: float | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of `asked` items that two people answered by themselves so many `differ`: people err at most in the share `error` (95 %).

    `missed`: at such an error a wrong answer of the machine passes whoever looks at it with this chance at most; a promise
    about the truth, and not about what people settle on, allows for it.
    """

    asked: int
    differ: int
    error: float
    missed: float


def said(tx: Tx, project: Project, until: float | None) -> Said:
    """People's current answers by item, in their order; items with an audit are left out."""
    people = {one.id for one in members.roster(tx, project.id) if one.kind == "person"}
    found, audited = defaultdict[int, list[OpinionRow]](list), set[int]()
    for row in opinions.current(tx, project.id):
        if row.used_for == "audit" or row.certificate:
            audited.add(row.ordinal)
        elif row.member in people and row.answer is not None and (until is None or row.at <= until):
            found[row.ordinal].append(row)
    return {ordinal: rows for ordinal, rows in found.items() if ordinal not in audited}


def llms(ws: Workspace, tx: Tx, project: Project, answers: Said) -> tuple[Llm, ...]:
    """Every open seat of a language model, by name."""
    known = {ordinal: code for ordinal, rows in answers.items() if (code := _code(project.task, rows)) >= 0}
    weights, found = _weights(ws, tx, project), list[Llm]()
    for seat in members.roster(tx, project.id):
        if not seat.active or llm_seats.LLM not in seat.settings:
            continue
        version = llm_seats.version_of(project, seat)
        ordinals, p_nk = spoken(ws, tx, project, seat)
        both = [(known[o], int(row.argmax())) for o, row in zip(ordinals.tolist(), p_nk, strict=True) if o in known]
        same = sum(one == other for one, other in both)
        right = share(same, len(both)) if both else None
        found.append(
            Llm(seat.name, version, len(ordinals), right, llm_seats.spent(seat), weights.get((seat.name, version)))
        )
    return tuple(sorted(found, key=lambda one: one.name))


def spoke(tx: Tx, project: Project) -> tuple[tuple[str, str, int, float], ...]:
    """What tells that a seat has said more, or that another one came: name, version, batches and money of each."""
    seats = [one for one in members.roster(tx, project.id) if one.active and llm_seats.LLM in one.settings]
    known = [(one, llm_seats.version_of(project, one)) for one in seats]
    return tuple(
        (one.name, version, len(machine.batches(tx, project.id, one.name, version)), llm_seats.spent(one))
        for one, version in known
    )


def spoken(ws: Workspace, tx: Tx, project: Project, seat: Member) -> tuple[Indices, Floats]:
    """What a seat said at its version now: ordinals (n,) ascending and probabilities (n, k); read again once there is more."""
    version = llm_seats.version_of(project, seat)
    found = machine.batches(tx, project.id, seat.name, version)
    key, mark = f"spoken {project.id} {seat.id}", (version, len(found))
    kept: tuple[tuple[str, int], tuple[Indices, Floats]] | None = ws.memory.get(key)
    if kept is None or kept[0] != mark:
        kept = ws.memory[key] = (mark, machine.read(ws.store.blobs, found))
    return kept[1]


def of_item(ws: Workspace, tx: Tx, project: Project, ordinal: int) -> list[tuple[str, int, float]]:
    """What each language model with an open seat says of an item: (name, label number, probability)."""
    found = []
    for seat in members.roster(tx, project.id):
        if seat.active and llm_seats.LLM in seat.settings:
            ordinals, p_nk = spoken(ws, tx, project, seat)
            at = int(np.searchsorted(ordinals, ordinal))
            if at < len(ordinals) and ordinals[at] == ordinal:
                found.append((seat.name, int(p_nk[at].argmax()), round(float(p_nk[at].max()), 4)))
    return sorted(found)


def _code(task: Task, rows: Sequence[OpinionRow]) -> int:
    told = settled(list(rows))
    return -1 if told is None or told.answer is None else task.code(told.answer)


def _weights(ws: Workspace, tx: Tx, project: Project) -> Mapping[tuple[str, str], float]:
    """How much each seat counts in the released version, read from its folder without loading a model."""
    if not project.released:
        return {}
    folder = versions.get(tx, project.id, project.released).folder
    if not folder:
        return {}
    names = json.loads(ws.store.blobs.get(folder))
    config = json.loads(ws.store.blobs.get(names["config.json"]))
    seats = config.get("members", {}).get("seats", ())
    return {(str(one["name"]), str(one["version"])): round(float(one["weight"]), 3) for one in seats}


def doubt(project: Project, answers: Said) -> Doubt | None:
    """How often people err at most, None before two have answered the same item by themselves."""
    twice = [[row for row in answers.get(o, ()) if row.blind] for o in project.settings.get("pairs", ())]
    two = [rows[:2] for rows in twice if len(rows) > 1]
    if not two:
        return None
    differ = sum(first.answer != second.answer for first, second in two)
    error = error_bound(len(two), differ, DELTA)
    labels = 2 if project.task.sets else len(project.task.labels)
    return Doubt(len(two), differ, round(error, 4), round(missed_by(min(error, 0.499), labels), 4))

"""Labels that came with the data: one file for each import, which the ledger names, and what it says of them today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from cowise.core.task import answer_of
from cowise.core.types import Bools
from cowise.loop import records
from cowise.loop.reworded import plain, reword
from cowise.loop.workspace import Workspace
from cowise.store import Tx, items, members, timeline
from cowise.store.imports import Import
from cowise.store.projects import Project

Entry = Mapping[str, Any]
NOBODY = ""


def keep(ws: Workspace, tx: Tx, project: Project, held: Import, people: Sequence[str]) -> dict[str, Any]:
    """For the import's entry: its labels as a file, and their names then. `people` gave them, in the order of the entry.

    Where rows repeat older items all labels are kept, for the file may have brought some of them.
    """
    number = {who: i for i, who in enumerate(people)}
    rows = [
        (ordinal, project.task.coded(label), number.get(by, -1))
        for ordinal, label, by in items.labelled(tx, project.id, 0 if held.joined else held.first, held.first + held.added)
    ]  # fmt: skip
    columns = np.array(rows, np.int64).reshape(-1, 3)
    file = records.arrays(ordinals=columns[:, 0], label=columns[:, 1], by=columns[:, 2])
    return {"labels_blob": ws.store.blobs.put(file), "names": list(project.task.labels)}


def fault(ws: Workspace, tx: Tx, project: Project, entries: Sequence[Entry]) -> str:
    """The first label that came with the data and is not what its import brought, or "".

    The first label for a text counts. Imports from before their labels were kept say nothing of any.
    """
    if any(one["event"] == "imported" and one["labels"] and "labels_blob" not in one for one in entries):
        return ""
    seats = {m.name: records.person(m) for m in members.roster(tx, project.id)}
    told = _told(ws, entries, set(seats.values()), sets=project.task.sets)
    for ordinal, label, by in items.labelled(tx, project.id, 0, items.visible(tx, project.id)):
        answer, who = told.pop(ordinal, ["nothing", NOBODY])
        if answer != plain(f"{'labels' if project.task.sets else 'label'}:{label}"):
            return f"a label that came with the data is {label!r}, and the ledger says {answer!r}"
        if who != seats.get(by, NOBODY):
            return "a label that came with the data is not by whom the ledger says"
    erased = {
        o for o, (salt, _) in enumerate(items.named(tx, project.id, 0, items.visible(tx, project.id))) if salt is None
    }
    return "a label that came with the data is missing" if told.keys() - erased else ""


def with_them(ws: Workspace, tx: Tx, project: Project, imported: Bools) -> Bools:
    """Which items (n,) came with their label, of the `imported` ones: one that was labelled later may be so for what a model said of it.

    Of imports from before their labels were kept, all of them.
    """
    found = np.zeros(len(imported), np.bool_)
    for one in timeline.events(tx, project.id, ("imported",)):
        first, end = int(one.record["first"]), int(one.record["first"]) + int(one.record["added"])
        if "labels_blob" in one.record:
            ordinals = records.columns(ws.store.blobs.get(one.record["labels_blob"]))["ordinals"]
            found[ordinals[(ordinals >= first) & (ordinals < end)]] = True
        elif one.record["labels"]:
            found[first:end] = imported[first:end]
    return found


def _told(ws: Workspace, entries: Iterable[Entry], live: AbstractSet[str], *, sets: bool) -> dict[int, list[str]]:
    """By item the label under its name of now, and who gave it: NOBODY where it is none of those who are there."""
    said, givers = dict[int, list[str]](), dict[int, str]()
    for entry in entries:
        if entry["event"] == "imported" and entry["labels"]:
            kept = records.columns(ws.store.blobs.get(entry["labels_blob"]))
            for ordinal, code, by in zip(*(kept[name].tolist() for name in ("ordinals", "label", "by")), strict=True):
                if said.get(ordinal, [""])[-1] == "":
                    said[ordinal] = [plain(records.answer_text(answer_of(entry["names"], code, sets=sets)))]
                    givers[ordinal] = entry["by"][by] if by >= 0 else NOBODY
        else:
            reword(entry, said.values())
    return {o: [answers[-1], givers[o] if givers[o] in live else NOBODY] for o, answers in said.items() if answers[-1]}

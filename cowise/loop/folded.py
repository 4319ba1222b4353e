"""What the ledger says that a project is, entry by entry, held against the database: task, promise, key, versions, looks, texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cowise.core.types import content_id
from cowise.loop.board import KEPT, WATCH
from cowise.loop.reworded import names
from cowise.loop.shade import SHADOW
from cowise.store import Tx, certificates, items, machine, versions
from cowise.store.projects import Project

Entry = Mapping[str, Any]


@dataclass(slots=True)
class _Told:
    task: dict[str, Any] = field(default_factory=dict)
    promise: dict[str, Any] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    folders: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    numbers: list[int] = field(default_factory=list)
    files: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    older: bool = False

    def hear(self, entry: Entry) -> None:
        """Take one entry in."""
        match entry["event"]:
            case "created" | "changed":
                self.task, self.promise = dict(entry["task"]), dict(entry["promise"])
            case "reworded":
                self.task |= {name: entry[name] for name in ("instructions", "language")}
            case "labels renamed":
                self.task["labels"] = [names(entry).get(one, one) for one in self.task["labels"]]
            case "labels reshaped":
                self.task["labels"] = list(entry["labels"])
            case "released" | "promoted":
                self.released = {entry["version"]}
            case _:
                self._begun(entry)
        self.older |= "nonce" in entry and "files" not in entry  # from before they were named
        for name, file in entry.get("files", {}).items():
            if name != SHADOW:
                self.files.setdefault((name, entry["certificate"]), []).append(file)
        if entry.get("folder") and "version" in entry:
            self.folders.setdefault(entry["version"], entry["folder"])

    def _begun(self, entry: Entry) -> None:
        match entry["event"]:
            case "designed":
                self.numbers.append(int(entry["look"]))
                self.looks = max(self.looks, int(entry["look"]) + 1)
            case "shadow begun":
                self.looks = int(entry["look"]) + 1
            case "restored":
                self.looks = int(entry["looks"])


def fault(tx: Tx, project: Project, entries: Sequence[Entry]) -> str:
    """The first thing that a project is now and is not by its ledger, or ""."""
    told = _Told()
    for entry in entries:
        told.hear(entry)
    here: dict[str, Any] = {"kind": project.task.kind, "labels": list(project.task.labels)}
    here |= {"instructions": project.task.instructions, "language": project.task.language}
    if any(told.task.get(name, value) != value for name, value in here.items()):
        return "the task is another one than the ledger says"
    if any(told.promise.get(name, value) != value for name, value in asdict(project.promise).items()):
        return "the promise is another one than the ledger says"
    if entries and entries[0].get("commitment", project.commitment) != project.commitment:
        return "the commitment to the audit key is another one than the ledger says"
    if project.released and project.released not in told.released:
        return f"{project.released} is released, and the ledger does not say so"
    if any(told.folders.get(one.id, one.folder) != one.folder for one in versions.history(tx, project.id)):
        return "the files of a version are others than the ledger says"
    if int(project.settings.get("looks", 0)) != told.looks or len(set(told.numbers)) < len(told.numbers):
        return f"{project.settings.get('looks', 0)} looks have begun, and by the ledger {told.looks}: each has its share of delta once"
    return _watch(tx, project, told) or _texts(tx, project)


def _watch(tx: Tx, project: Project, told: _Told) -> str:
    """What was drawn of a stream, and what was kept of it, by certificate, are the files that the ledger names."""
    for row in () if told.older else certificates.history(tx, project.id):
        for name in (WATCH, KEPT):
            here = [one.blob for one in machine.batches(tx, project.id, name, row.certificate.id)]
            if here != told.files.get((name, row.certificate.id), []):
                return f"what was drawn under {row.certificate.id} is not what the ledger says"
    return ""


def _texts(tx: Tx, project: Project) -> str:
    for chunk in items.chunks(tx, project.id):
        for one, text, salt in zip(chunk.ids, chunk.texts, chunk.salts, strict=True):
            if salt is not None and content_id(text) != one:
                return "a text is not the one that its item was made of"
    return ""

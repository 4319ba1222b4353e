"""A project as arrays at one moment: who answered what, what may train, what is still open.

Legend: n = items by ordinal. Imported labels by a named person are that person's answers; by nobody, they train and
are delivered as given, outside of every promise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cowise.core.types import Bools, Floats, Indices, Task
from cowise.guard import lots
from cowise.loop import capacity, records
from cowise.loop.reading import Reading, reading_of
from cowise.loop.shares import RESERVED
from cowise.loop.workspace import Workspace, audit_key, lot_key
from cowise.store import Tx, certificates, counters, decisions, items, machine, members, opinions, projects, queue
from cowise.store.opinions import OpinionRow
from cowise.store.projects import Project
from cowise.store.queue import Place

AROUND_S = 86_400.0
MILLION = 1_000_000
WATCH, KEPT = "watch", "kept"
"""Under these names the labels are kept that the machine gave to texts of a stream: the audited ones, and all."""


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """`label` (n,) the people's label number, -1 for none yet or "none of these"; `decided` (n,) a person has answered.

    `given` (n,) labelled by nobody, `imported` (n,) came with a label, `erased` (n,), `trains` (n,) may be learned from,
    `reserved` (n,) never is, `named` (n,) by a standing certificate as automated, `ids` (n,) content ids,
    `said` the people's current opinions by ordinal, `passed` who skipped it, `reading` who can read it.
    """

    project: Project
    ids: tuple[str, ...]
    label: Indices
    decided: Bools
    given: Bools
    erased: Bools
    trains: Bools
    reserved: Bools
    imported: Bools
    named: Bools
    said: Mapping[int, list[OpinionRow]]
    passed: Mapping[int, set[int]]
    people: frozenset[int]
    reading: Reading
    mark: tuple[int, int] = (0, 0)
    """Where the opinions stood, to notice one that came in since."""
    queue: tuple[Place, ...] = ()
    seen: frozenset[int] = frozenset()
    """Items of which somebody was shown what a model says, without answering."""
    around: frozenset[int] = frozenset()
    """Who has answered something within a day, and may be asked more today."""
    watched: tuple[tuple[int, int], ...] = ()
    """Audits of the standing certificate of a stream as they were drawn: the item, and the label that the machine gave."""
    kept: Mapping[int, int] = field(default_factory=dict)
    """Items that this certificate automated as they came, with their label: its promise is over them, the batch's is not."""

    @property
    def n(self) -> int:
        """Items, erased ones included."""
        return len(self.ids)

    @property
    def open(self) -> Bools:
        """Items that nobody has decided, and that no standing certificate names, (n,)."""
        return ~(self.decided | self.given | self.erased | self.named | self._came)

    @property
    def askable(self) -> Bools:
        """Open items that somebody on the roster reads, (n,)."""
        return self.open & ~self.reading.unread if self.reading.limited else self.open

    @property
    def newest(self) -> int:
        """Key of the newest opinion that this board knows."""
        return self.mark[1]

    @property
    def queued(self) -> set[int]:
        """Items that are asked now, held or not."""
        return {place.ordinal for place in self.queue}

    @property
    def asked(self) -> frozenset[int]:
        """Items that were asked, passed on or decided by people here: labels that came with the data are none of them."""
        made = np.flatnonzero(self.decided & ~self.imported).tolist()
        return frozenset((*made, *self.said, *self.passed, *self.queued))

    @property
    def waiting(self) -> list[int]:
        """Items in the queue that nobody holds, and that nobody has answered or passed on: whoever reads them can be asked.

        Second opinions are none of them: the economy waits for no answer but its own.
        """
        apart = self.said.keys() | self.passed.keys()
        found = [q.ordinal for q in self.queue if not (q.held or q.kind == "second" or q.ordinal in apart)]
        return [o for o in found if self.reading.of(o)] if self.reading.limited else found

    @property
    def apart(self) -> set[int]:
        """Items that no lot may be drawn for: somebody holds one now, or was shown what the model says of it.

        None of this depends on lots, so that the rest stays a set fixed before its lots are looked at.
        """
        watched = {ordinal for ordinal, _ in self.watched}
        return {q.ordinal for q in self.queue if q.held or not q.blind} | self.seen | watched

    @property
    def salt(self) -> str:
        """What the lots of the next look are drawn with beside the key; "" in a workspace that was never restored."""
        return str(self.project.settings.get("salt", ""))

    @property
    def promised(self) -> Bools:
        """Items that a batch's promise is over, (n,): all but the erased, those that nobody named has labelled, and `kept`."""
        return ~(self.given | self.erased | self._came)

    @property
    def _came(self) -> Bools:
        found = np.zeros(self.n, np.bool_)
        found[list(self.kept)] = True
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Items:
    """What changes with an import or an erasure alone: kept in memory between two reads."""

    key: tuple[object, ...]
    ids: tuple[str, ...]
    label: Indices
    named: Bools
    erased: Bools
    reserved: Bools
    language: Indices
    languages: tuple[str, ...]


def _items(ws: Workspace, tx: Tx, project: Project, forgotten: int) -> _Items:
    """Columns of the items, read again when something changed them."""
    counts = counters.counts(tx, project.id)
    key = (project.visible, counts.get("labelled"), counts.get("erased"), forgotten, project.task.labels)
    kept: _Items | None = ws.memory.get(f"items {project.id}")
    if kept is not None and kept.key == key:
        return kept
    task = project.task
    ids, label, named, erased = list[str](), list[int](), list[bool](), list[bool]()
    language, languages = list[int](), dict[str, int]()
    for chunk in items.chunks(tx, project.id, texts=False):
        ids += chunk.ids
        label += [task.coded(one) if one is not None else -1 for one in chunk.labels]
        named += [bool(by) for by in chunk.label_by]
        erased += [salt is None for salt in chunk.salts]
        language += [languages.setdefault(one, len(languages)) for one in chunk.languages]
    found = _Items(
        key,
        tuple(ids),
        np.array(label, dtype=np.int64),
        np.array(named, dtype=np.bool_),
        np.array(erased, dtype=np.bool_),
        reserved(ws, project, ids),
        np.array(language, dtype=np.int64),
        tuple(languages),
    )
    ws.memory[f"items {project.id}"] = found
    return found


def read(ws: Workspace, name: str) -> Board:
    """The board of a project now."""
    with ws.store.read() as tx:
        return read_in(ws, tx, projects.get(tx, name))


def read_in(ws: Workspace, tx: Tx, project: Project) -> Board:
    """The board within a transaction."""
    roster = members.roster(tx, project.id)
    forgotten = sum(m.salt is None for m in roster)
    kept = _items(ws, tx, project, forgotten)
    label, erased, reserved = kept.label.copy(), kept.erased, kept.reserved
    imported = label >= 0
    decided, given = imported & kept.named, imported & ~kept.named
    trains = imported & ~erased & ~reserved
    said: dict[int, list[OpinionRow]] = {}
    around, since = set[int](), tx.now() - AROUND_S
    for one in opinions.current(tx, project.id):
        said.setdefault(one.ordinal, []).append(one)
        if one.at > since:
            around.add(one.member)
    for ordinal, rows in said.items():
        _place(ordinal, rows, project.task, (label, decided, trains))
    trains &= ~reserved & ~erased
    named = np.zeros(len(label), dtype=np.bool_)
    named[covered(ws, tx, project)] = True
    skipped: dict[int, set[int]] = {}
    for one_pass in queue.passed(tx, project.id, "skip"):
        skipped.setdefault(one_pass.ordinal, set()).add(one_pass.member)
    if forgotten:
        _kept(tx, project, decided, erased)
    people = frozenset(m.id for m in roster if m.kind == "person" and m.active)
    seen = frozenset(one.ordinal for one in queue.passed(tx, project.id, "seen"))
    return Board(
        project, kept.ids, label, decided, given, erased, trains, reserved, imported, named, said, skipped, people,
        reading_of(kept.language, kept.languages, roster),
        opinions.mark(tx, project.id), tuple(queue.rows(tx, project.id)), seen, (frozenset(around) & people) - capacity.full(tx, project.id, roster),
        *_stream(ws, tx, project),
    )  # fmt: skip


def _place(ordinal: int, rows: list[OpinionRow], task: Task, arrays: tuple[Indices, Bools, Bools]) -> None:
    label, decided, trains = arrays
    answer = settled(rows)
    if answer is None or answer.answer is None:
        return
    decided[ordinal] = True
    label[ordinal] = task.code(answer.answer)
    trains[ordinal] = label[ordinal] >= 0 and all(row.used_for != "audit" for row in rows)


def covered(ws: Workspace, tx: Tx, project: Project) -> Indices:
    """Ordinals that a certificate which stands now names as automated."""
    if not project.released:
        return np.zeros(0, np.int64)
    found = [np.zeros(0, np.int64)]
    named = project.settings.get("items", {})
    for row in certificates.valid(tx, project.id):
        blob = named.get(row.certificate.id)
        if blob:
            found.append(records.columns(ws.store.blobs.get(blob))["ordinals"])
    return np.unique(np.concatenate(found))


def _stream(ws: Workspace, tx: Tx, project: Project) -> tuple[tuple[tuple[int, int], ...], dict[int, int]]:
    """What was drawn under the standing certificate of a stream, and what it and those before it automated and kept.

    One that was evaluated again stands on the same look: what was drawn under it before watches it still.
    """
    if not project.released or not project.settings.get("streamed"):
        return (), {}
    drawn, came = list[tuple[int, int]](), dict[int, int]()
    rows = [row for row in certificates.history(tx, project.id) if row.certificate.window == "stream"]
    looks = {row.certificate.details.get("blob") for row in rows if row.state == "valid"}
    for row in rows:
        if row.certificate.details.get("blob") in looks:
            drawn += labels_of(ws, tx, project, WATCH, row.certificate.id)
        if row.state != "withdrawn":
            came.update(labels_of(ws, tx, project, KEPT, row.certificate.id))
    return tuple(drawn), came


def labels_of(ws: Workspace, tx: Tx, project: Project, name: str, certificate: str) -> list[tuple[int, int]]:
    """Items with the label that the machine gave, in the order kept; only batches that came since are read."""
    found, key = machine.batches(tx, project.id, name, certificate), f"labels {project.id} {name} {certificate}"
    known: tuple[tuple[str, ...], list[tuple[int, int]]] = ws.memory.get(key, ((), []))
    blobs = (certificate, *(one.blob for one in found))
    (had, pairs) = known if known[0] and blobs[: len(known[0])] == known[0] else ((certificate,), [])
    fresh = found[len(had) - 1 :]
    if fresh:
        ordinals, labels = machine.rows(ws.store.blobs, fresh)
        pairs = [*pairs, *zip(ordinals.tolist(), labels[:, 0].astype(np.int64).tolist(), strict=True)]
    ws.memory[key] = (blobs, pairs)
    return pairs


def _kept(tx: Tx, project: Project, decided: Bools, erased: Bools) -> None:
    """Decisions that rested on answers of somebody who was forgotten stay the team's: nobody is asked again."""
    for made in decisions.each(tx, project.id):
        if made.route != "automated" and not erased[made.ordinal]:
            decided[made.ordinal] = True


def settled(rows: list[OpinionRow]) -> OpinionRow | None:
    """The opinion that decides an item: the answer most people gave, the earliest one at a tie; None when all are unsure.

    "None of these" is an answer like any other.
    """
    told = [row for row in rows if row.answer is not None and row.answer.decides]
    votes = Counter(row.answer for row in told)
    return max(told, key=lambda row: votes[row.answer], default=None)


def reserved(ws: Workspace, project: Project, ids: list[str]) -> Bools:
    """Which content ids (n,) never train: drawn by a lot of the project's own, the same at each call."""
    if not ids:
        return np.zeros(0, dtype=np.bool_)
    drawn = lots(lot_key(audit_key(ws, project), "stream"), ids)
    return np.asarray(drawn < RESERVED, dtype=np.bool_)


def stated(ws: Workspace, tx: Tx, project: Project) -> tuple[Indices, Indices, Floats] | None:
    """A model's own imported answers: ordinals, label numbers and confidences; None where there are none."""
    mark = project.settings.get("stated")
    if not mark:
        return None
    found = machine.batches(tx, project.id, mark["member"], mark["version"])
    ordinals, pairs = machine.read(ws.store.blobs, found)
    sure = pairs[:, 1] / MILLION if project.task.sets else pairs[:, 1]
    return ordinals, pairs[:, 0].astype(np.int64), np.asarray(sure, dtype=np.float64)

"""Proof that one decision is in the ledger, checked with the signed checkpoint alone: no other entry is shown."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from cowise.core.errors import MissingError, TrustError
from cowise.guard import batch_root, included, inclusion, leaf
from cowise.loop import records
from cowise.loop.look import find
from cowise.loop.workspace import Workspace
from cowise.store import Tx, decisions, ledger, projects
from cowise.store.decisions import DecisionRow
from cowise.store.ledger import Entry
from cowise.store.projects import Project


@dataclass(frozen=True, slots=True)
class Step:
    """Leaf number `index` of a tree of `size` leaves with this `root`, by its sibling hashes; all in hex digits."""

    index: int
    size: int
    root: str
    path: tuple[str, ...]

    def holds(self, text: bytes) -> bool:
        """Whether the text is that leaf."""
        path = [bytes.fromhex(one) for one in self.path]
        return included(leaf(text), self.index, self.size, path, bytes.fromhex(self.root))


@dataclass(frozen=True, slots=True)
class Proof:
    """`decision` is what the ledger says of the item; a machine's stands in the `batch` that `record` names.

    `record` is entry number `entry.index` + 1, and `note` the signed checkpoint whose root `entry` leads to.
    """

    decision: str
    batch: Step | None
    record: str
    entry: Step
    note: str

    def holds(self) -> bool:
        """Whether it all fits; the signature of `note` is for `cowise.guard.verified`."""
        said = json.loads(self.record)
        if self.batch is None:
            inside = self.decision == f"{said['item']} {said['answer']}"
        else:
            inside = self.batch.root == said["root"] and self.batch.holds(self.decision.encode("utf-8"))
        return inside and self.entry.holds(self.record.encode("utf-8"))

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def prove(ws: Workspace, name: str, item: str) -> Proof:
    """Proof that the decision on an item, named by its id or its text, is in the ledger; a checkpoint is signed first.

    MissingError when nothing is decided about it, TrustError when the ledger does not hold the decision.
    """
    ws.sign()
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        ordinal = find(tx, project, item)
        made = decisions.get(tx, project.id, ordinal)
        if made is None:
            raise MissingError(f"item {item[:60]!r}: nothing is decided yet; there is nothing to prove")
        decision = f"{records.hashes_of(tx, project.id, [ordinal])[ordinal]} {records.answer_text(made.answer)}"
        batch = _batch(tx, project, made) if made.route == "automated" else None
        entry = _entry(tx, project, made, decision, batch)
        mark = ledger.checkpoints(tx)[-1]
        hashes = [leaf(one.record) for one in islice(ledger.each(tx), mark.size)]
    path = tuple(one.hex() for one in inclusion(hashes, entry.seq - 1))
    whole = Step(entry.seq - 1, mark.size, mark.root.hex(), path)
    found = Proof(decision, batch, entry.record.decode("utf-8"), whole, mark.note)
    if not found.holds():
        raise TrustError(f"item {item[:60]!r}: {_ABSENT}")
    return found


_ABSENT = "the ledger does not hold this decision; run: cowise ledger verify, and compare with a backup"


def _batch(tx: Tx, project: Project, made: DecisionRow) -> Step:
    """The item among those written with it."""
    beside = [d for d in decisions.by_certificate(tx, project.id, made.certificate) if d.at == made.at]
    named = records.hashes_of(tx, project.id, [d.ordinal for d in beside])
    leaves = [f"{named[d.ordinal]} {records.answer_text(d.answer)}" for d in beside]
    place = [d.ordinal for d in beside].index(made.ordinal)
    path = inclusion([leaf(one.encode("utf-8")) for one in leaves], place)
    return Step(place, len(leaves), batch_root(leaves).hex(), tuple(one.hex() for one in path))


def _entry(tx: Tx, project: Project, made: DecisionRow, decision: str, batch: Step | None) -> Entry:
    """The newest entry that says so."""
    for one in reversed(list(ledger.each(tx, project=project.id))):
        said = json.loads(one.record)
        if batch is not None:
            same = one.kind == "decided" and (said.get("certificate"), said["root"]) == (made.certificate, batch.root)
        else:
            same = one.kind in ("answered", "corrected") and decision == f"{said['item']} {said['answer']}"
        if same:
            return one
    raise TrustError(
        f"decision {decision[:12]}…: {_ABSENT}, or one that was written with it was erased or decided anew"
    )

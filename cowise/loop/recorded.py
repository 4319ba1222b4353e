"""Answers and decisions as they are in the database, held against what the ledger says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cowise.core.types import Answer
from cowise.loop import records
from cowise.loop.board import Board, settled
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, decisions, items, ledger, members

Key = tuple[str, str]
"""Item and member as the ledger names them."""


def differing(ws: Workspace, tx: Tx, board: Board) -> str:
    """The first answer or decision that is not what the ledger says, in words; "" when all fit.

    What was erased is passed over: the ledger can no longer tell whose it was.
    """
    project = board.project.id
    hashes = [records.item_hash(salt, one) for salt, one in items.named(tx, project, 0, items.visible(tx, project))]
    seats = {m.id: records.person(m) for m in members.roster(tx, project)}
    said = _said(json.loads(entry.record) for entry in ledger.each(tx, project=project))
    here = {
        (hashes[o], seats.get(row.member, records.ERASED)): records.answer_text(row.answer)
        for o, rows in board.said.items()
        for row in rows
    }
    live, people = set(hashes) - {records.ERASED}, set(seats.values()) - {records.ERASED}
    for key, answer in here.items():
        if key[0] in live and key[1] in people and said.get(key) != answer:
            return f"an answer says {answer!r}, and the ledger {said.get(key, 'nothing')!r}"
    if any(key not in here and key[0] in live and key[1] in people for key in said):
        return "an answer that the ledger holds is missing"
    return _decided(ws, tx, board)


def _said(entries: Iterable[Mapping[str, Any]]) -> dict[Key, str]:
    """Each person's answer to each item after all that was corrected and undone."""
    found: dict[Key, list[str]] = {}
    for entry in entries:
        if entry["event"] in ("answered", "corrected"):
            found.setdefault((entry["item"], entry["member"]), []).append(entry["answer"])
        elif entry["event"] == "undone":
            found.get((entry["item"], entry["member"]), [""]).pop()
    return {key: answers[-1] for key, answers in found.items() if answers}


def _decided(ws: Workspace, tx: Tx, board: Board) -> str:
    granted = _granted(ws, tx, board)
    for made in decisions.each(tx, board.project.id):
        if made.route == "automated":
            rule = granted.get(made.certificate)
            if rule is not None and rule.get(made.ordinal) != made.answer:
                return "a machine's decision is not what its certificate names"
        else:
            told = settled(board.said.get(made.ordinal, []))
            if told is not None and told.answer != made.answer:
                return "a decision is not what people answered"
    return ""


def _granted(ws: Workspace, tx: Tx, board: Board) -> dict[str, dict[int, Answer]]:
    """What each standing certificate lets the machine say, by item."""
    task, found = board.project.task, dict[str, dict[int, Answer]]()
    named = board.project.settings.get("items", {})
    for row in certificates.valid(tx, board.project.id):
        blob = named.get(row.certificate.id)
        if blob:
            kept = records.columns(ws.store.blobs.get(blob))
            pairs = zip(kept["ordinals"].tolist(), kept["label"].tolist(), strict=True)
            found[row.certificate.id] = {o: task.answer(label) for o, label in pairs}
        elif row.certificate.window == "stream":
            found[row.certificate.id] = {o: task.answer(label) for o, label in board.kept.items()}
    return found

"""Answers and decisions as they are in the database, held against what the ledger says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from cowise.core.types import Answer
from cowise.loop import records
from cowise.loop.board import Board, settled
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, decisions, items, ledger, members

Key = tuple[str, str]
"""Item and member as the ledger names them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The first answer or decision that is not what the ledger says, "" when all fit; and items that `lost` answers."""

    fault: str
    lost: AbstractSet[int]


def compared(ws: Workspace, tx: Tx, board: Board) -> Compared:
    """Hold answers and decisions against the ledger.

    What was erased is passed over: the ledger can no longer tell whose it was. What an item's other answers come to may then
    be something else than what it was decided by.
    """
    project = board.project.id
    hashes = [records.item_hash(salt, one) for salt, one in items.named(tx, project, 0, items.visible(tx, project))]
    seats = {m.id: records.person(m) for m in members.roster(tx, project)}
    said = _said(json.loads(entry.record) for entry in ledger.each(tx, project=project))
    here = {
        (hashes[o], seats.get(row.member, records.ERASED)): _plain(records.answer_text(row.answer))
        for o, rows in board.said.items()
        for row in rows
    }
    live, people = set(hashes) - {records.ERASED}, set(seats.values()) - {records.ERASED}
    anonymous = {item for item, member in said if member not in people}
    lost = {o for o, name in enumerate(hashes) if name in anonymous}
    return Compared(fault=_fault(said, here, live, people) or _decided(ws, tx, board, lost), lost=lost)


def _fault(said: Mapping[Key, str], here: Mapping[Key, str], live: AbstractSet[str], people: AbstractSet[str]) -> str:
    """The first answer that is not what was `said`; of `live` items and `people` alone."""
    for key, answer in here.items():
        if key[0] in live and key[1] in people and said.get(key) != answer:
            return f"an answer says {answer!r}, and the ledger {said.get(key, 'nothing')!r}"
    if any(key not in here and key[0] in live and key[1] in people for key in said):
        return "an answer that the ledger holds is missing"
    return ""


def _said(entries: Iterable[Mapping[str, Any]]) -> dict[Key, str]:
    """Each person's answer to each item after all that was corrected and undone, under the names that labels have now."""
    found: dict[Key, list[str]] = {}
    for entry in entries:
        event = entry["event"]
        if event in ("answered", "corrected"):
            found.setdefault((entry["item"], entry["member"]), []).append(_plain(entry["answer"]))
        elif event == "undone" and entry.get("answer"):  # a skip that is taken back was no answer
            found.get((entry["item"], entry["member"]), [""]).pop()
        elif event == "labels renamed":
            _relabel(found.values(), entry["labels"])
        elif event == "labels reshaped":
            _relabel(found.values(), entry["merged"])
            for label in entry["split"]:
                _set_aside(found.values(), label)
    return {key: answers[-1] for key, answers in found.items() if answers and answers[-1]}


def _plain(answer: str, names: Mapping[str, str] | None = None) -> str:
    """An answer as it is compared: labels under other `names`, those of a set in order of the alphabet.

    >>> _plain("labels:b; c", {"c": "a"}), _plain("label:b; c"), _plain("none:")
    ('labels:a; b', 'label:b; c', 'none:')
    """
    kind, _, text = answer.partition(":")
    labels = text.split("; ") if kind == "labels" else [text]
    return f"{kind}:{'; '.join(sorted({(names or {}).get(one, one) for one in labels}))}"


def _relabel(said: Iterable[list[str]], names: Mapping[str, str]) -> None:
    for answers in said:
        answers[:] = [_plain(one, names) if one else one for one in answers]


def _set_aside(said: Iterable[list[str]], label: str) -> None:
    """Answers with a label that was split count no longer: "" in their place."""
    for answers in said:
        kind, _, text = answers[-1].partition(":") if answers else ("", "", "")
        if kind in ("label", "labels") and label in (text.split("; ") if kind == "labels" else [text]):
            answers[-1] = ""


def _decided(ws: Workspace, tx: Tx, board: Board, lost: AbstractSet[int]) -> str:
    """The first decision that is not what was answered or certified; of `lost` items some answers were erased."""
    granted = _granted(ws, tx, board)
    for made in decisions.each(tx, board.project.id):
        if made.route == "automated":
            rule = granted.get(made.certificate)
            if rule is not None and rule.get(made.ordinal) != made.answer:
                return "a machine's decision is not what its certificate names"
        elif made.ordinal not in lost:
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

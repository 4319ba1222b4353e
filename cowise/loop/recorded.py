"""Answers, decisions and certificates as they are in the database, held against what the ledger says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from typing import Any

from cowise.core.types import Answer
from cowise.loop import came, folded, granting, records
from cowise.loop.board import KEPT, Board, settled
from cowise.loop.reworded import plain, reword
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, decisions, items, ledger, machine, members

Key = tuple[str, str]
"""Item and member as the ledger names them."""
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """The first thing that is not what the ledger says, "" when all fits; items that `lost` answers; what `stands` by it."""

    fault: str
    lost: AbstractSet[int]
    stands: Mapping[str, Entry]


def compared(ws: Workspace, tx: Tx, board: Board) -> Compared:
    """Hold answers, decisions and certificates against the ledger.

    Of what was erased the ledger can no longer tell whose it was: an answer without a name must be one of those that people who
    were forgotten gave, and a decision on such an item one of the item's. Erased is what the ledger says was.
    """
    project = board.project.id
    entries = [json.loads(entry.record) for entry in ledger.each(tx, project=project)]
    hashes = [records.item_hash(salt, one) for salt, one in items.named(tx, project, 0, items.visible(tx, project))]
    roster = members.roster(tx, project)
    seats, said, stands = {m.id: records.person(m) for m in roster}, _said(entries), standing(entries)
    here = [
        ((hashes[o], seats.get(row.member, records.ERASED)), plain(records.answer_text(row.answer)))
        for o, rows in board.said.items()
        for row in rows
    ]
    people = set(seats.values()) - {records.ERASED}
    gone: dict[str, set[str]] = {}
    for (item, member), answer in said.items():
        if member not in people:
            gone.setdefault(item, set()).add(answer)
    lost = {o for o, name in enumerate(hashes) if name in gone}
    told: dict[str, set[str]] = {}
    for (item, _), answer in said.items():
        told.setdefault(item, set()).add(answer)
    certified = {one["id"] for one in entries if one["event"] == "certified"}
    fault = (
        folded.fault(tx, board.project, entries)
        or came.fault(ws, tx, board.project, entries)
        or _erased(tx, entries, (int(board.erased.sum()), sum(m.salt is None for m in roster)))
        or _answers(said, here, (set(hashes) - {records.ERASED}, people), gone)
        or _certificates(certificates.history(tx, project), entries, stands)
        or _decided(board, decisions.each(tx, project), granted_by(ws, tx, board, stands), {o: told[hashes[o]] for o in lost}, certified)
    )  # fmt: skip
    return Compared(fault=fault, lost=lost, stands=stands)


def standing(entries: Iterable[Entry]) -> dict[str, Entry]:
    """What was certified and not withdrawn since, in order; one that another took the place of stands for what went out."""
    found, followed = dict[str, Entry](), set[str]()
    for entry in entries:
        event, all_gone = entry["event"], entry.get("n") if entry["event"] == "withdrawn" else entry.get("withdrawn")
        match event, bool(all_gone):
            case "certified", _:
                found[entry["id"]] = entry
            case "promoted", _:
                followed |= set(entry["superseded"])
            case (("changed" | "labels renamed" | "labels reshaped"), True):
                found = {}  # what it was over has other names or another promise now
            case _, True:
                found = {name: one for name, one in found.items() if name in followed}
            case (("withdrawn" | "alarm"), _):
                found.pop(entry.get("certificate", ""), None)
    return found


def _erased(tx: Tx, entries: Sequence[Entry], here: tuple[int, int]) -> str:
    """Items and people without a name are as many as the ledger says were forgotten, accounts of other projects among them."""
    told = Counter(one["what"] for one in entries if one["event"] == "erased")
    accounts = sum(json.loads(one.record).get("what") == "account" for one in ledger.each(tx, project=0))
    if here[0] > told["item"] or here[1] > told["person"] + accounts:
        return "something was erased, and the ledger does not say so"
    return ""


def _answers(
    said: Mapping[Key, str], here: Iterable[tuple[Key, str]], live: tuple[AbstractSet[str], AbstractSet[str]],
    gone: Mapping[str, AbstractSet[str]],
) -> str:  # fmt: skip
    """The first answer that is not what was `said`; of `live` items, and people, or of those who are `gone`."""
    (whole, people), seen = live, set[Key]()
    for (item, member), answer in here:
        if item not in whole:
            continue
        seen.add((item, member))
        known = said.get((item, member), "nothing")
        if member in people and known != answer:
            return f"an answer says {answer!r}, and the ledger {known!r}"
        if member not in people and answer not in gone.get(item, ()):
            return f"an answer says {answer!r}, and the ledger has none of that by anybody who was forgotten"
    if any(key not in seen and key[0] in whole and key[1] in people for key in said):
        return "an answer that the ledger holds is missing"
    return ""


def _certificates(
    rows: Iterable[certificates.CertificateRow], entries: Sequence[Entry], stands: Mapping[str, Entry]
) -> str:
    """The first certificate that is not as it was certified, or stands where the ledger says that it does not."""
    made = {one["id"]: one for one in entries if one["event"] == "certified"}
    followed, seen = {name for one in entries if one["event"] == "promoted" for name in one["superseded"]}, set[str]()
    for row in rows:
        one = row.certificate
        state = "superseded" if one.id in followed else "valid" if one.id in stands else "withdrawn"
        body = json.loads(json.dumps({**asdict(one), "threshold": granting.finite(one.threshold)}))
        if any(made.get(one.id, {}).get(name) != value for name, value in body.items()):
            return f"certificate {one.id} is not as it was certified"
        if row.state != state:
            return f"certificate {one.id} is {row.state}, and the ledger does not say so"
        seen.add(one.id)
    missing = [one for one in stands if one not in seen]
    return f"certificate {missing[0]} is missing" if missing else ""


def _said(entries: Iterable[Mapping[str, Any]]) -> dict[Key, str]:
    """Each person's answer to each item after all that was corrected and undone, under the names that labels have now."""
    found: dict[Key, list[str]] = {}
    for entry in entries:
        event = entry["event"]
        if event in ("answered", "corrected"):
            found.setdefault((entry["item"], entry["member"]), []).append(plain(entry["answer"]))
        elif event == "undone" and entry.get("answer"):  # a skip that is taken back was no answer
            found.get((entry["item"], entry["member"]), [""]).pop()
        reword(entry, found.values())
    return {key: answers[-1] for key, answers in found.items() if answers and answers[-1]}


def _decided(
    board: Board, made: Iterable[decisions.DecisionRow], granted: Mapping[str, Mapping[int, Answer]],
    lost: Mapping[int, AbstractSet[str]], certified: AbstractSet[str],
) -> str:  # fmt: skip
    """The first decision that is not what was answered or `certified` once; of `lost` items some answers were erased."""
    seen = set[int]()
    for one in made:
        seen.add(one.ordinal)
        fault = (
            _unnamed(board, one, granted, certified)
            if one.route == "automated"
            else _unsaid(board, one, lost.get(one.ordinal))
        )
        if fault:
            return fault
    late = bool(board.project.settings.get("deliver") or board.project.settings.get("deliver_again"))
    named = {o for rule in granted.values() for o in rule if not board.erased[o]}
    return "a machine's decision that its certificate names is missing" if named - seen and not late else ""


def _unnamed(
    board: Board, made: decisions.DecisionRow, granted: Mapping[str, Mapping[int, Answer]], certified: AbstractSet[str]
) -> str:  # fmt: skip
    rule = granted.get(made.certificate)
    if rule is None:  # what a withdrawn certificate let out may be about to be taken back
        late = bool(board.project.settings.get("sweep")) and made.certificate in certified
        return "" if late else "a machine's decision names a certificate that does not stand"
    return "" if rule.get(made.ordinal) == made.answer else "a machine's decision is not what its certificate names"


def _unsaid(board: Board, made: decisions.DecisionRow, lost: AbstractSet[str] | None) -> str:
    if lost is not None:
        fits = made.answer is None or plain(records.answer_text(made.answer)) in lost
    else:
        told = settled(board.said.get(made.ordinal, []))
        if told is not None and told.answer == made.answer:
            return ""
        label = board.project.task.code(made.answer) == board.label[made.ordinal]
        fits = bool(board.erased[made.ordinal] or (told is None and board.imported[made.ordinal] and label))
    return "" if fits else "a decision is not what people answered"


def granted_by(ws: Workspace, tx: Tx, board: Board, stands: Mapping[str, Entry]) -> dict[str, dict[int, Answer]]:
    """What each certificate that stands by the ledger lets the machine say, by item; of a stream, of what was kept."""
    task, found = board.project.task, dict[str, dict[int, Answer]]()
    for name, entry in stands.items():
        if entry["items_blob"]:
            kept = records.columns(ws.store.blobs.get(entry["items_blob"]))
            ordinals, labels = kept["ordinals"].tolist(), kept["label"].tolist()
        else:
            rows, columns = machine.rows(ws.store.blobs, machine.batches(tx, board.project.id, KEPT, name))
            ordinals, labels = rows.tolist(), columns[:, 0].astype(int).tolist() if len(rows) else []
        found[name] = {o: task.answer(label) for o, label in zip(ordinals, labels, strict=True)}
    return found

"""A stream under watch: some automated texts are kept and asked blind, and a certificate that no longer holds is withdrawn.

Each automated text is drawn with the same probability, by a lot of its own from the project's audit key and a number used
once, whatever it says. What is drawn becomes an item, asked like any other blind question, with as many texts beside it
that people decide anyway, where there are such.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cowise.core.errors import InputError
from cowise.core.registry import load
from cowise.core.types import Bools, Certificate, Floats, Indices
from cowise.guard import lots
from cowise.loop import aside, jury, records, shade
from cowise.loop.board import KEPT, WATCH, Board, settled
from cowise.loop.layout import NO_ANSWER, RIGHT
from cowise.loop.shade import Shadow
from cowise.loop.workspace import Workspace, audit_key, lot_key
from cowise.store import Tx, certificates, decisions, items, machine, projects, queue
from cowise.store.decisions import DecisionRow
from cowise.store.projects import Project
from cowise.store.queue import Wanted
from cowise.team.alarm import Alarm, accepted_rate, begin, likely_wrong, see

RATE = 0.05
TENS = 10
CAME = "automated as it came, under a certificate for texts to come"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Texts that came together (n): their content `ids` and what the model says of each.

    It answers those of `alone` (n,), and those of `waits` (n,) wait for people. `shadow`: a version that is judged on them.
    """

    texts: Sequence[str]
    ids: Sequence[str]
    label: Indices
    p: Floats
    alone: Bools
    waits: Bools
    shadow: Shadow | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a group leaves in the project: ordinals `asked`, labels packed by what they are kept for, `made` decisions."""

    asked: tuple[int, ...]
    packed: Mapping[str, tuple[str, int]]
    made: tuple[DecisionRow, ...]
    entry: Mapping[str, Any]
    shadow: tuple[str, tuple[str, int]] | None = None
    """The version in the shadow, and which texts it is judged on, packed."""


def checked(rate: float) -> float:
    """A share of automated texts to audit; InputError for anything else."""
    if not 0 <= rate <= 1:
        raise InputError(f"audits: asked for {rate} of the automated texts; give a share from 0 to 1, such as 0.05")
    return rate


def look(ws: Workspace, project: Project, group: Group, rate: float, *, keep: bool = False) -> Seen:
    """Draw the audits of a group and make them items; with `keep` every text of it, the automated ones decided.

    Equal texts are drawn each by a lot of its own. A text that waits already is not asked a second time.
    """
    nonce = secrets.token_hex(8)
    key = lot_key(audit_key(ws, project), f"watch {nonce}")
    lot = lots(key, [f"{i} {one}" for i, one in enumerate(group.ids)])
    shadowed = lot < (group.shadow.rate if group.shadow is not None else 0.0)
    rate = max(rate, group.shadow.rate) if group.shadow is not None else rate
    drawn = np.flatnonzero(group.alone & (lot < rate)).tolist()
    beside = _beside(group, shadowed, len(drawn))
    rows = sorted([*drawn, *beside])  # in the order in which they came, which tells nothing
    there, new = _items(ws, project, group, range(len(group.ids)) if keep else rows, apart=not keep)
    asked = {there[group.ids[i]] for i in rows if group.ids[i] in there}
    came = [i for i in np.flatnonzero(group.alone).tolist() if there.get(group.ids[i]) in new] if keep else []
    packed = {}
    for name, part in ((WATCH, drawn), (KEPT, came)):
        found = [(there[group.ids[i]], int(group.label[i])) for i in part if group.ids[i] in there]
        if found:
            ordinals, labels = np.array(found, np.int64).T
            packed[name] = machine.pack(ws.store.blobs, ordinals, labels[:, None])
    kept = {"kept": len(new)} if keep else {}
    shadow = _sampled(ws, group, shadowed, there)
    files = {name: one[0] for name, one in packed.items()} | ({shade.SHADOW: shadow[1][0]} if shadow else {})
    entry = {"nonce": nonce, "audit_rate": rate, "audits": len(drawn), **kept, "files": files}
    return Seen(tuple(sorted(asked)), packed, tuple(_made(project, group, there, came)), entry, shadow)


def _beside(group: Group, lucky: Bools, n: int) -> list[int]:
    """About as many texts that people decide anyway as there are audits: with a shadow those drawn by the same lots, and others."""
    waits = np.flatnonzero(group.waits)
    if group.shadow is None:
        return [int(i) for i in waits[:n]]
    drawn = waits[lucky[waits]]
    others = np.setdiff1d(waits, drawn)[: max(0, n - len(drawn))]
    return [int(i) for i in np.concatenate([drawn, others])]


def _sampled(ws: Workspace, group: Group, lucky: Bools, there: Mapping[str, int]) -> tuple[str, tuple[str, int]] | None:
    """A uniform sample of the texts that nobody had answered, for the shadow to be judged on, as far as it lacks any."""
    running = group.shadow
    if running is None:
        return None
    rows = np.flatnonzero((group.alone | group.waits) & lucky).tolist()
    found = [there[group.ids[i]] for i in rows if group.ids[i] in there][: max(0, running.texts - running.drawn)]
    return (running.version, shade.packed(ws, found)) if found else None


def _made(project: Project, group: Group, there: Mapping[str, int], came: Sequence[int]) -> Iterator[DecisionRow]:
    for i in came:
        answer = project.task.answer(int(group.label[i]))
        yield DecisionRow(there[group.ids[i]], answer, "automated", float(group.p[i]), CAME)


def _items(
    ws: Workspace, project: Project, group: Group, rows: Sequence[int], *, apart: bool
) -> tuple[dict[str, int], set[int]]:
    """Ordinals of these texts as items by content id, without the erased; and which of them are new.

    With `apart` they are a choice out of what came, and noted as one: no promise for texts to come is tested on them.
    """
    if not len(rows):
        return {}, set()
    with ws.store.read() as tx:
        before = items.visible(tx, project.id)
    if apart:  # before they are here, so that a kill in between leaves nothing unnoted
        aside.note(ws, project, before, before + len(rows))
    load("loop.ingest:add")(ws, project.name, [group.texts[i] for i in rows])
    if apart:
        aside.note(ws, project, before)
    with ws.store.read() as tx:
        there = items.ordinals(tx, project.id, list(dict.fromkeys(group.ids[i] for i in rows)))
        erased = {o for o, row in items.at(tx, project.id, list(there.values())).items() if row.erased}
    there = {one: o for one, o in there.items() if o not in erased}
    return there, {o for o in there.values() if o >= before}


def put(tx: Tx, project: Project, certificate: Certificate | None, seen: Seen, automated: int) -> None:
    """Ask what was kept, and count what went out under the certificate; in the transaction that records the decisions."""
    now = projects.by_id(tx, project.id)
    if certificate is not None:
        gone = dict(now.settings.get("streamed", {}))
        gone[certificate.id] = int(gone.get(certificate.id, 0)) + automated
        now = records.change(tx, project.id, streamed=gone)
        for name, packed in seen.packed.items():
            machine.put(tx, project.id, name, certificate.id, packed)
    first = float(now.settings.get("asked", 0))
    waiting = {place.ordinal for place in queue.rows(tx, project.id)}
    if seen.shadow is not None:
        shade.put(tx, project.id, *seen.shadow)
    wanted = [o for o in seen.asked if o not in waiting]
    if wanted:
        records.ask(tx, now, [Wanted(o, first + i, "decide") for i, o in enumerate(wanted)], "asked", {})
    if certificate is None:
        return
    there = decisions.at(tx, project.id, [one.ordinal for one in seen.made])
    fresh = [one for one in seen.made if one.ordinal not in there]
    named = [replace(one, version=certificate.version, certificate=certificate.id) for one in fresh]
    decisions.put(tx, project.id, named)


def tend(ws: Workspace, board: Board) -> bool:
    """Look at the audits of the stream: ask again what is missing, withdraw what no longer holds. Whether it was withdrawn."""
    certificate = _certificate(ws, board)
    if certificate is None:
        return False
    codes = [_code(board, ordinal, label) for ordinal, label in board.watched]
    alarm = _alarm(certificate, codes)
    if alarm.sounded:
        return _withdraw(ws, board, certificate, alarm, _doubtful(board, codes))
    _again(ws, board, codes)
    _tell(ws, board.project, certificate, alarm)
    return False


def _alarm(certificate: Certificate, codes: Sequence[int | None]) -> Alarm:
    """The fold over the audits in the order in which they were drawn; what is not settled counts as right until it is.

    So the evidence is never above what it would be if all were known, however long the wrong ones take to be settled:
    the mean time to a false alarm stays. The order of answers would not do: who disagrees waits for others. Its counts are
    of the settled ones.
    """
    promise = certificate.promise
    accepted = accepted_rate(promise, float(certificate.details["coverage"])) * (1 - promise.missed)
    alarm = see(begin(accepted), [code not in (RIGHT, None) for code in codes])
    known = [code for code in codes if code is not None]
    return replace(alarm, audits=len(known), wrong=sum(code != RIGHT for code in known))


def _doubtful(board: Board, codes: Sequence[int | None]) -> int:
    """Audits that somebody has answered or passed on and that are not settled."""
    touched = board.said.keys() | board.passed.keys()
    return sum(code is None and o in touched for (o, _), code in zip(board.watched, codes, strict=True))


def _code(board: Board, ordinal: int, label: int) -> int | None:
    """RIGHT or not by what people said blind; None while somebody may still say something. Nothing said counts as wrong, or erased."""
    if board.erased[ordinal]:
        return NO_ANSWER
    rows = board.said.get(ordinal, [])
    told = settled([row for row in rows if row.blind])
    if told is None or told.answer is None:
        asked = {row.member for row in rows} | board.passed.get(ordinal, set())
        return NO_ANSWER if board.people and board.reading.of(ordinal) <= asked else None
    if jury.sits(board):
        return jury.found(board, ordinal, label)
    return jury.alone(label, board.project.task.code(told.answer))


def _tell(ws: Workspace, project: Project, certificate: Certificate, alarm: Alarm) -> None:
    """Keep the figures for a status, in tens: one at a time would tell somebody that the last answer was an audit."""
    known = project.settings.get("watch") or {}
    before = int(known.get("audits", 0)) if known.get("certificate") == certificate.id else -TENS
    if alarm.audits < before + TENS:
        return
    told = {"audits": alarm.audits, "wrong": alarm.wrong, "accepted": round(alarm.accepted, 6)}
    ws.store.write(lambda tx: records.change(tx, project.id, watch={"certificate": certificate.id, **told}))


def _certificate(ws: Workspace, board: Board) -> Certificate | None:
    if not board.watched:
        return None
    with ws.store.read() as tx:
        standing = certificates.valid(tx, board.project.id)
    return next((row.certificate for row in standing if row.certificate.window == "stream"), None)


def _again(ws: Workspace, board: Board, codes: Sequence[int | None]) -> None:
    """Audits that wait and are not asked: a queue was cleared, or a jury wants another opinion."""
    waits = {o for (o, _), code in zip(board.watched, codes, strict=True) if code is None}
    missing = [o for o in waits if o not in board.queued and not board.erased[o]]
    first = int(board.project.settings.get("asked", 0))
    wanted = [
        Wanted(o, float(first + i), "second" if o in board.said else "decide", seat=len(board.said.get(o, [])))
        for i, o in enumerate(sorted(missing))
    ]
    if wanted:
        ws.store.write(lambda tx: records.ask(tx, board.project, wanted, "asked", {}))


def _withdraw(ws: Workspace, board: Board, certificate: Certificate, alarm: Alarm, doubtful: int) -> bool:
    """The alarm sounded: the certificate is gone at once, and people are told how many wrong texts may have gone out.

    What is in doubt counts as right for the lower end and as wrong for the higher one.
    """
    project = board.project.id

    def work(tx: Tx) -> bool:
        now = projects.by_id(tx, project)
        if certificates.get(tx, project, certificate.id).state != "valid":
            return False
        reason = f"the stream has changed: {alarm.wrong} of {alarm.audits} audits were wrong"
        certificates.withdraw(tx, project, reason, certificate.id)
        streamed, blob = now.settings.get("streamed", {}), certificate.details.get("blob")
        same = [
            one.certificate for one in certificates.history(tx, project) if one.certificate.details.get("blob") == blob
        ]
        out = sum(int(streamed.get(one.id, 0)) for one in same)
        all_in = replace(alarm, audits=alarm.audits + doubtful)
        low, high = likely_wrong(all_in, out)[0], likely_wrong(replace(all_in, wrong=alarm.wrong + doubtful), out)[1]
        told = {
            "certificate": certificate.id, "audits": alarm.audits, "wrong": alarm.wrong, "automated": out,
            "wrong_low": low, "wrong_high": high, "kept": len(board.kept), "at": tx.now(),
        }  # fmt: skip
        records.change(tx, project, watch=None, alarm=told, sweep=True)
        entry = {**told, "accepted": alarm.accepted, "evidence": alarm.evidence, "run_length": alarm.run_length}
        records.append(tx, project, "alarm", entry)
        return True

    return ws.store.write(work)

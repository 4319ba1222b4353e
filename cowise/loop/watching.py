"""A stream under watch: some automated texts are kept and asked blind, and a certificate that no longer holds is withdrawn.

Each automated text is drawn with the same probability, by a lot of its own from the project's audit key and a number used
once, whatever it says. What is drawn becomes an item, asked like any other blind question, with as many texts beside it
that people decide anyway, where there are such.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cowise.core.errors import InputError
from cowise.core.registry import load
from cowise.core.types import Bools, Certificate, Indices
from cowise.guard import lots
from cowise.loop import jury, records
from cowise.loop.board import WATCH, Board, settled
from cowise.loop.layout import RIGHT
from cowise.loop.workspace import Workspace, lot_key
from cowise.store import Tx, certificates, decisions, items, machine, projects
from cowise.store.projects import Project
from cowise.store.queue import Wanted
from cowise.team.alarm import Alarm, accepted_rate, begin, likely_wrong, see

RATE = 0.05
TENS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a group leaves in the project: ordinals `asked`, the watch's own rows packed (or None), and how they were drawn."""

    asked: tuple[int, ...]
    packed: tuple[str, int] | None
    entry: Mapping[str, Any]


def checked(rate: float) -> float:
    """A share of automated texts to audit; InputError for anything else."""
    if not 0 <= rate <= 1:
        raise InputError(f"audits: asked for {rate} of the automated texts; give a share from 0 to 1, such as 0.05")
    return rate


def look(
    ws: Workspace, project: Project, group: tuple[Sequence[str], Sequence[str], Indices], alone: Bools, rate: float
) -> Seen:
    """Draw the audits of a group (texts, content ids, label numbers), `alone` (n,) automated, and make them items.

    Equal texts of one group share a lot. What people or a file have answered already is not asked again.
    """
    texts, ids, labels = group
    nonce = secrets.token_hex(8)
    lot = lots(lot_key(ws.keys.audit(project.key_ref), f"watch {nonce}"), list(ids))
    watched = np.flatnonzero(alone & (lot < rate)).tolist()
    beside = np.flatnonzero(~alone)[: len(watched)].tolist()
    rows = sorted([*watched, *beside])  # in the order in which they came, which tells nothing
    fresh = _kept(ws, project, [texts[i] for i in rows], [ids[i] for i in rows])
    marked = {fresh[ids[i]]: int(labels[i]) for i in watched if ids[i] in fresh}
    packed = None
    if marked:
        columns = np.array(list(marked.values()), np.float32)[:, None]
        packed = machine.pack(ws.store.blobs, np.array(list(marked), np.int64), columns)
    return Seen(tuple(sorted(fresh.values())), packed, {"nonce": nonce, "audit_rate": rate, "audits": len(marked)})


def _kept(ws: Workspace, project: Project, texts: list[str], ids: list[str]) -> dict[str, int]:
    """Ordinals of the texts as items, by content id, without those that are answered or decided already."""
    if not texts:
        return {}
    load("loop.ingest:add")(ws, project.name, texts)
    with ws.store.read() as tx:
        there = items.ordinals(tx, project.id, list(dict.fromkeys(ids)))
        rows = items.at(tx, project.id, list(there.values()))
        return {
            one: o for one, o in there.items() if rows[o].label is None and decisions.get(tx, project.id, o) is None
        }  # fmt: skip


def put(tx: Tx, project: Project, certificate: Certificate, seen: Seen, automated: int) -> None:
    """Ask what was kept, and count what went out under the certificate; in the transaction that records the decisions."""
    now = projects.by_id(tx, project.id)
    gone = dict(now.settings.get("streamed", {}))
    gone[certificate.id] = int(gone.get(certificate.id, 0)) + automated
    now = records.change(tx, project.id, streamed=gone)
    if seen.packed is not None:
        machine.put(tx, project.id, WATCH, certificate.id, seen.packed)
    first = float(now.settings.get("asked", 0))
    if seen.asked:
        records.ask(tx, now, [Wanted(o, first + i, "decide") for i, o in enumerate(seen.asked)], "asked", {})


def tend(ws: Workspace, board: Board) -> bool:
    """Look at the audits of the stream: ask again what is missing, withdraw what no longer holds. Whether it was withdrawn."""
    certificate = _certificate(ws, board)
    if certificate is None:
        return False
    codes = {o: _code(board, o, label) for o, label in board.watched.items()}
    alarm = _alarm(board, certificate, codes)
    if alarm.sounded:
        return _withdraw(ws, board, certificate, alarm)
    _again(ws, board, codes)
    _tell(ws, board.project, certificate, alarm)
    return False


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
        standing = certificates.valid(tx, board.project.id, board.project.released)
    return next((row.certificate for row in standing if row.certificate.window == "stream"), None)


def _alarm(board: Board, certificate: Certificate, codes: Mapping[int, int | None]) -> Alarm:
    """The fold over the audits that are answered, in the order of their first answers."""
    promise = certificate.promise
    accepted = accepted_rate(promise, float(certificate.details["coverage"])) * (1 - promise.missed)
    done = sorted(
        (board.said[o][0].id if board.said.get(o) else 0, code) for o, code in codes.items() if code is not None
    )
    return see(begin(accepted), [code != RIGHT for _, code in done])


def _code(board: Board, ordinal: int, label: int) -> int | None:
    """RIGHT or not by what people said; None while somebody may still say something. What was not blind counts as wrong."""
    rows = board.said.get(ordinal, [])
    told = settled(rows)
    if told is None or told.answer is None:
        asked = {row.member for row in rows} | board.passed.get(ordinal, set())
        return RIGHT + 1 if asked and board.people <= asked else None
    if not rows[0].blind:
        return RIGHT + 1
    if jury.sits(board):
        return jury.found(board, ordinal, label)
    same = told.answer.kind == "label" and told.answer.value == board.project.task.labels[label]
    return RIGHT if same else RIGHT + 1


def _again(ws: Workspace, board: Board, codes: Mapping[int, int | None]) -> None:
    """Audits that wait and are not asked: a queue was cleared, or a jury wants another opinion."""
    missing = [o for o, code in codes.items() if code is None and o not in board.queued and not board.erased[o]]
    first = int(board.project.settings.get("asked", 0))
    wanted = [
        Wanted(o, float(first + i), "second" if o in board.said else "decide", seat=len(board.said.get(o, [])))
        for i, o in enumerate(sorted(missing))
    ]
    if wanted:
        ws.store.write(lambda tx: records.ask(tx, board.project, wanted, "asked", {}))


def _withdraw(ws: Workspace, board: Board, certificate: Certificate, alarm: Alarm) -> bool:
    """The alarm sounded: the certificate is gone at once, and people are told how many wrong texts may have gone out."""
    project = board.project.id

    def work(tx: Tx) -> bool:
        now = projects.by_id(tx, project)
        if certificates.get(tx, project, certificate.id).state != "valid":
            return False
        reason = f"the stream has changed: {alarm.wrong} of {alarm.audits} audits were wrong"
        certificates.withdraw(tx, project, reason, certificate.id)
        out = int(now.settings.get("streamed", {}).get(certificate.id, 0))
        low, high = likely_wrong(alarm, out)
        told = {
            "certificate": certificate.id, "audits": alarm.audits, "wrong": alarm.wrong, "automated": out,
            "wrong_low": low, "wrong_high": high, "at": tx.now(),
        }  # fmt: skip
        records.change(tx, project, watch=None, alarm=told, sweep=True)
        entry = {**told, "accepted": alarm.accepted, "evidence": alarm.evidence, "run_length": alarm.run_length}
        records.append(tx, project, "alarm", entry)
        return True

    return ws.store.write(work)

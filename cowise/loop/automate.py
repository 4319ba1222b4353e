"""Decisions by the machine alone: on the items that a certificate names, and on texts to come under a stream's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from cowise.core.errors import MissingError
from cowise.core.types import Bools, Certificate, Decision, Floats, Task, content_id
from cowise.guard import salted, ties
from cowise.loop import board, brain, records, shade, warning, watching
from cowise.loop.kinds import Progress
from cowise.loop.workspace import Workspace, audit_key, look_key
from cowise.store import Tx, certificates, decisions, items, opinions, projects, queue, versions
from cowise.store.decisions import DecisionRow
from cowise.store.projects import Project

BATCH = 200
UNCOVERED = "no certificate covers new texts"
ANSWERED = "people have answered this very text"


def deliver(ws: Workspace, name: str, *, progress: Progress | None = None) -> int:
    """Write automated decisions that a certificate names and that are not written; how many were. Killed, it goes on.

    A version whose pinned opinions are gone or changed automates nothing: its certificate is withdrawn, and says why.
    """
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        todo, again = project.settings.get("deliver"), project.settings.get("deliver_again")
        if not todo and not again:
            return 0
        named = dict(project.settings.get("items", {})) if again else {}
        if todo:
            named[todo["id"]] = todo["blob"]
        rows = {one.certificate.id: one for one in certificates.history(tx, project.id) if one.certificate.id in named}
        there = {d.ordinal for d in decisions.each(tx, project.id)}
    written = sum(_delivered(ws, project, row, (named[one], there), progress) for one, row in rows.items())
    written += _came_again(ws, name, there) if again else 0

    def close(tx: Tx) -> None:
        now = projects.by_id(tx, project.id).settings
        if todo and (now.get("deliver") or {}).get("id") == todo["id"]:
            records.change(tx, project.id, deliver=None)
        if again and now.get("deliver_again") == again:
            records.change(tx, project.id, deliver_again=None)

    ws.store.write(close)
    return written


def _came_again(ws: Workspace, name: str, there: AbstractSet[int]) -> int:
    """Decide anew what a stream's certificate automated and kept, and has no decision now; how many were."""
    here, written = board.read(ws, name), 0
    with ws.store.read() as tx:
        rows = [row for row in certificates.history(tx, here.project.id) if row.state != "withdrawn"]
        streams = [row.certificate for row in rows if row.certificate.window == "stream"]
        kept = [(one, board.labels_of(ws, tx, here.project, board.KEPT, one.id)) for one in streams]
    for one, pairs in kept:
        lost = [
            DecisionRow(o, here.project.task.answer(label), "automated", 1.0, watching.CAME, one.version, one.id)
            for o, label in pairs
            if o not in there and not here.erased[o]
        ]
        for i in range(0, len(lost), BATCH):
            written += ws.store.write(_writing(here.project, one.id, lost[i : i + BATCH]), bulk=True)
    return written


def _delivered(
    ws: Workspace, project: Project, row: certificates.CertificateRow, named: tuple[str, AbstractSet[int]],
    progress: Progress | None,
) -> int:  # fmt: skip
    """Write what a certificate names in a file, but for what is `there`; how many were."""
    (blob, there), certificate, written = named, row.certificate, 0
    gone = brain.lost(ws, project, certificate.version) if row.state == "valid" else ""
    if gone:  # what its scores were weighed with cannot be shown any more: people answer
        withdraw(ws, project.name, gone)
    elif row.state == "valid":
        kept = records.columns(ws.store.blobs.get(blob))
        rows = [i for i, o in enumerate(kept["ordinals"].tolist()) if o not in there]
        for i in range(0, len(rows), BATCH):
            part = [_row(project, certificate, kept, j) for j in rows[i : i + BATCH]]
            written += ws.store.write(_writing(project, certificate.id, part), bulk=True)
            if progress:
                progress("writing decisions", i + len(part), len(rows))
    return written


def _row(project: Project, certificate: Certificate, kept: dict[str, Any], i: int) -> DecisionRow:
    answer = project.task.answer(int(kept["label"][i]))
    reason = "named by the certificate: surer than where its audits stopped"
    return DecisionRow(
        int(kept["ordinals"][i]), answer, "automated", float(kept["p"][i]), reason, certificate.version, certificate.id
    )


def _writing(project: Project, certificate: str, part: list[DecisionRow]) -> Any:
    def work(tx: Tx) -> int:
        if certificates.get(tx, project.id, certificate).state == "withdrawn":
            return 0
        erased = items.at(tx, project.id, [d.ordinal for d in part])
        fresh = [d for d in part if not erased[d.ordinal].erased and decisions.get(tx, project.id, d.ordinal) is None]
        if not fresh:
            return 0
        decisions.put(tx, project.id, fresh)
        named = records.hashes_of(tx, project.id, [d.ordinal for d in fresh])
        leaves = [f"{named[d.ordinal]} {records.answer_text(d.answer)}" for d in fresh]
        entry = {
            "n": len(fresh),
            "certificate": certificate,
            "version": fresh[0].version,
            "root": records.root_of(leaves),
        }
        records.append(tx, project.id, "decided", {**entry, "route": "automated"})
        return len(fresh)

    return work


def stream_certificate(tx: Tx, project: Project) -> Certificate | None:
    """The certificate for texts to come that stands on the released version."""
    if not project.released:
        return None
    for row in certificates.valid(tx, project.id):
        if row.certificate.window == "stream":
            return row.certificate
    return None


def decide(
    ws: Workspace,
    name: str,
    texts: Iterable[str],
    *,
    audit: float = watching.RATE,
    keep: bool = False,
    progress: Progress | None = None,
) -> Iterator[Decision]:
    """One decision for each text, as they come: people's answer to this very text, the machine's, or for people to make.

    The machine's where a stream's certificate covers it and nobody has answered that text. Without such a certificate every text goes to people, and the reason says what the model would have said. Of the
    automated ones the share `audit`, drawn by lot, is kept as items and asked of people, blind: they keep the certificate
    honest. With `keep` every text becomes an item, decided or open; what is automated goes back to people if its
    certificate is withdrawn. MissingError while there is no model. Each group of texts is one entry in the ledger, made
    before it is handed on.
    """
    watching.checked(audit)
    done = 0
    for part in brain.grouped(texts, BATCH if keep else brain.AT_ONCE):
        _tend(ws, name)
        with ws.store.read() as tx:
            project = projects.get(tx, name)
            certificate = stream_certificate(tx, project)
        version = certificate.version if certificate else _newest(ws, project)
        model = brain.thaw(ws, project, version)
        vectors = model.encoder.encode(part)
        said = brain.said(brain.scored(model, vectors, part), model.book)
        found = routed(ws, project, certificate, (said, replace(project.task, labels=model.labels)), part)
        seen, running = None, shade.of(project.settings)
        if certificate is not None or keep or running is not None:
            alone = np.array([one.route == "automated" for one in found], np.bool_)
            waits = np.array([one.answer is None for one in found], np.bool_)
            group = watching.Group(part, [one.item for one in found], said.label, said.p, alone, waits, running)
            seen = watching.look(ws, project, group, audit, keep=keep)
        made = _recorded(ws, project, found, version, (certificate, seen))
        if certificate is not None:
            warning.see(ws, project, certificate, model, (vectors, said.label))
        yield from made
        done += len(part)
        if progress:
            progress("deciding", done, 0)


def _tend(ws: Workspace, name: str) -> None:
    """See whether the certificate of a stream still holds, where somebody has answered since it was last seen."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        if stream_certificate(tx, project) is None or not project.settings.get("streamed"):
            return
        mark = opinions.mark(tx, project.id)
    if ws.memory.get(f"tended {project.id}") != mark and watching.tend(ws, board.read(ws, name)):
        sweep(ws, name)
    ws.memory[f"tended {project.id}"] = mark


def _newest(ws: Workspace, project: Project) -> str:
    with ws.store.read() as tx:
        usable = [v for v in versions.history(tx, project.id) if v.folder and v.state != "withdrawn"]
    known = sorted(usable, key=lambda v: v.state == "released")
    if not known:
        raise MissingError(
            f"project {project.name!r} has no model yet; answer some questions, then run: cowise learn {project.name}"
        )
    return known[-1].id


def routed(
    ws: Workspace,
    project: Project,
    certificate: Certificate | None,
    voice: tuple[brain.Said, Task],
    texts: list[str],
) -> list[Decision]:
    """The decision for each text by what a model says, people's answer to it first; nothing is recorded."""
    said, task = voice
    accepted = np.zeros(len(texts), np.bool_)
    ids = [content_id(text) for text in texts]
    if certificate is not None:
        accepted = accepts(ws, project, certificate, said, ids)
    found = []
    known = _known(ws, project, ids)
    for i, one in enumerate(ids):
        answer, p = task.answer(int(said.label[i])), float(said.p[i])
        if one in known:
            found.append(known[one])
            continue
        if accepted[i] and certificate is not None:
            reason = f"{certificate.id} covers texts this sure"
            found.append(Decision(one, answer, "automated", p, reason, certificate.version, certificate.id))
            continue
        why = UNCOVERED if certificate is None else f"less sure than {certificate.id} covers"
        found.append(Decision(one, None, "reviewed", p, f"{why}; the model would say {answer.text!r}", ""))
    return found


def _known(ws: Workspace, project: Project, ids: list[str]) -> dict[str, Decision]:
    """What people have said of these very texts, by content id: it stands, whatever a model says.

    Not where they named a label that the task has no more.
    """
    with ws.store.read() as tx:
        rows = {one: row for one, row in items.get(tx, project.id, list(dict.fromkeys(ids))).items() if not row.erased}
        made = decisions.at(tx, project.id, [row.ordinal for row in rows.values()])
    found = {}
    for one, row in rows.items():
        told = made.get(row.ordinal)
        if told is not None and told.route != "automated":
            found[one] = Decision(one, told.answer, told.route, told.p, ANSWERED)
        elif told is None and row.label is not None:
            code = project.task.coded(row.label)
            found[one] = Decision(one, project.task.answer(code) if code >= 0 else None, "reviewed", 1.0, ANSWERED)
    return {
        k: d for k, d in found.items() if d.answer and (d.answer.kind == "none" or project.task.code(d.answer) >= 0)
    }


def accepts(ws: Workspace, project: Project, certificate: Certificate, said: brain.Said, ids: list[str]) -> Bools:
    """Which scores lie in a stream certificate's region, (n,); ties at its edge are broken by the look's own ranks.

    Where each predicted label has a region of its own, a label without one lies in none.
    """
    details = certificate.details
    key = look_key(audit_key(ws, project), details.get("look"), details.get("salt", ""))
    if "parts" not in details:
        edge = None if details.get("loosest") else certificate.threshold
        return _inside(said.score, (edge, details.get("tie")), key, ids)
    found = np.zeros(len(ids), np.bool_)
    for label, edge, tie in details["parts"]:
        rows = np.flatnonzero(said.label == label)
        found[rows] = _inside(said.score[rows], (edge, tie), key, [ids[i] for i in rows.tolist()])
    return found


def _inside(score: Floats, edge: tuple[float | None, float | None], key: bytes, ids: list[str]) -> Bools:
    """Which scores lie beyond an edge, None for all; at it those of a tie rank at most the second, None for all of them."""
    threshold, tie = edge
    if threshold is None:
        return np.ones(len(ids), np.bool_)
    at = score == threshold
    if tie is not None:
        at &= ties(key, ids) <= tie
    return np.asarray((score > threshold) | at)


def _recorded(
    ws: Workspace,
    project: Project,
    found: list[Decision],
    version: str,
    under: tuple[Certificate | None, watching.Seen | None],
) -> list[Decision]:
    certificate, seen = under
    secret = audit_key(ws, project)
    leaves = [salted(secret, f"{d.item} {records.answer_text(d.answer)}") for d in found]
    entry = {
        "n": len(found), "automated": sum(d.route == "automated" for d in found), "version": version,
        "certificate": certificate.id if certificate else "", "root": records.root_of(leaves),
        **(seen.entry if seen else {}),
    }  # fmt: skip

    def work(tx: Tx) -> list[Decision]:
        now = certificate and certificates.get(tx, project.id, certificate.id).state == "valid"
        if certificate is not None and not now:
            return _withdrawn(found)
        records.append(tx, project.id, "decided", {**entry, "route": "stream"})
        if seen is not None:
            watching.put(tx, project, certificate, seen, int(entry["automated"]))
        return found

    return ws.store.write(work)


def _withdrawn(found: list[Decision]) -> list[Decision]:
    reason = "the certificate was withdrawn meanwhile"
    return [d if d.route != "automated" else Decision(d.item, None, "reviewed", d.p, reason) for d in found]


def withdraw(ws: Workspace, name: str, reason: str) -> int:
    """Withdraw every certificate; what they automated goes back to people. How many were."""

    def work(tx: Tx) -> int:
        project = projects.get(tx, name)
        gone = certificates.withdraw(tx, project.id, reason)
        records.afresh(tx, project.id, sweep=True)
        queue.clear(tx, project.id)
        records.append(tx, project.id, "withdrawn", {"n": gone, "reason": reason})
        return gone

    found = ws.store.write(work)
    take_back(ws, name)
    return found


def sweep(ws: Workspace, name: str) -> int:
    """Take back automated decisions whose certificate no longer stands; how many. Killed, the next call goes on."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        history = certificates.history(tx, project.id)
        stands = {row.certificate.id for row in history if row.state != "withdrawn"}
        gone = [
            d.ordinal for d in decisions.each(tx, project.id) if d.route == "automated" and d.certificate not in stands
        ]
    for i in range(0, len(gone), 200):
        ws.store.write(partial(_taken_back, project=project.id, part=gone[i : i + 200]), bulk=True)
    return len(gone)


def take_back(ws: Workspace, name: str) -> int:
    """`sweep` after a transaction that withdrew and set the mark `sweep`: whoever was cut short in between, it is done."""
    gone = sweep(ws, name)
    ws.store.write(lambda tx: records.change(tx, projects.get(tx, name).id, sweep=None))
    return gone


def _taken_back(tx: Tx, project: int, part: list[int]) -> None:
    named = records.hashes_of(tx, project, part)
    decisions.withdraw(tx, project, part)
    records.append(tx, project, "taken back", {"n": len(part), "root": records.root_of(sorted(named.values()))})

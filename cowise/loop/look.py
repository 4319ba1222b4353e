"""Reads for people: where a project stands, its items, the story of one. Light: no model is loaded."""

from __future__ import annotations

from typing import Any

from cowise.core.errors import MissingError
from cowise.core.types import Certificate, content_id
from cowise.loop import pace
from cowise.loop.kinds import AdviceKind, HumanShare, Status, Told
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, counters, decisions, items, members, opinions, projects, queue
from cowise.store.projects import Project


def status(ws: Workspace, name: str) -> Status:
    """Where a project stands and what to do next. Reads counters, a few rows and the answers' tallies only."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        counts = counters.counts(tx, project.id)
        human = share_of(tx, project, counts)
        standing = _standing(tx, project)
        state = queue.state(tx, project.id)
    batch = next((c for c in standing if c.window == "batch"), None)
    stream = next((c for c in standing if c.window == "stream"), None)
    automated = counts.get("route:automated", 0) if batch else 0
    reviewed = counts.get("route:reviewed", 0) + counts.get("route:consensus", 0)
    n, labelled = counts.get("items", 0) - counts.get("erased", 0), counts.get("labelled", 0)
    left = max(0, n - automated - reviewed - labelled)
    advice = project.settings.get("advice") or {}
    queued = sum(state.waiting.values()) + sum(state.held.values())
    phase, sentence, command = _next(project, n, left, queued, advice)
    return Status(
        name=project.name, items=n, rows=counts.get("rows", 0), labelled=labelled, automated=automated,
        reviewed=reviewed, open=left, automated_share=automated / n if n else 0.0, promise=project.promise,
        error_bound=_bound(batch), confidence=project.promise.confidence, certificate=batch.id if batch else "",
        stream_certificate=stream.id if stream else "", version=project.released, human=human,
        needed=int(advice.get("needed", left)) if left else 0, queued=queued, flags=counts.get("flags", 0),
        phase=phase, next=sentence, command=command,
    )  # fmt: skip


def _standing(tx: Tx, project: Project) -> list[Certificate]:
    if not project.released:
        return []
    return [row.certificate for row in certificates.valid(tx, project.id, project.released)]


def _bound(certificate: Certificate | None) -> float | None:
    if certificate is None:
        return None
    return float(certificate.details.get("bound", certificate.promise.max_error))


def share_of(tx: Tx, project: Project, counts: dict[str, int]) -> HumanShare:
    """What people answered so far, by what it was for."""
    given = pace.parts(tx, project)
    n = counts.get("items", 0) - counts.get("erased", 0)
    return HumanShare(given["train"], given["audit"], given["none"], n, given["open"])


def _next(project: Project, n: int, left: int, queued: int, advice: dict[str, Any]) -> tuple[AdviceKind, str, str]:
    """(phase, what to do in one sentence, the exact command)."""
    name = project.name
    if not n:
        return "add", "Add texts.", f"cowise add {name} FILE --text COLUMN"
    if not left:
        return "stop", "Every text is decided: take the result.", f"cowise export {name} --out decided.csv"
    if not advice:
        return "train", f"Answer questions: {left:,} texts are open.", f"cowise review {name}"
    kind: AdviceKind = advice["kind"]
    words: dict[str, str] = {
        "train": "Answer questions, from which the model learns",
        "audit": "Answer questions, on some of which the certificate will stand",
        "decide": "Answer what the machine may not",
        "stop": "Ask somebody else to look at what nobody could answer",
        "add": "Add texts",
    }
    about = f"; about {advice['needed']:,} answers are still needed, by forecast" if advice.get("needed") else ""
    waiting = f" ({queued:,} wait now)" if queued else ""
    return kind, f"{words[kind]}{about}{waiting}.", f"cowise review {name}"


def story(ws: Workspace, name: str, item: str) -> list[Told]:
    """All that happened to one item, named by its id or its text, in order. MissingError when there is none."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        return told(tx, project, find(tx, project, item))


def told(tx: Tx, project: Project, ordinal: int) -> list[Told]:
    """The story of the item at an ordinal."""
    row = items.at(tx, project.id, [ordinal])[ordinal]
    names = {m.id: m.name for m in members.roster(tx, project.id)}
    found = [
        Told(o.at, f"answered ({o.state})", names.get(o.member, ""), o.answer, {"blind": o.blind, "seconds": o.seconds})
        for o in opinions.of_item(tx, project.id, ordinal)
    ]
    made = decisions.get(tx, project.id, ordinal)
    if row.label is not None:
        found.insert(0, Told(project.created, f"came with the label {row.label!r}", row.label_by or ""))
    if made is not None:
        details = {"reason": made.reason, "version": made.version, "certificate": made.certificate, "p": made.p}
        found.append(Told(made.at, f"decided: {made.route}", "", made.answer, details))
    return sorted(found, key=lambda one: one.at)


def find(tx: Tx, project: Project, item: str) -> int:
    """Ordinal of an item by content id or by its text."""
    for one in (item, content_id(item)):
        found = items.ordinals(tx, project.id, [one]).get(one)
        if found is not None:
            return found
    raise MissingError(f"item {item[:60]!r} is not in project {project.name!r}; give its id or its whole text")

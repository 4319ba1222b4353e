"""What became of promises: what was foretold of each look beside what it granted, and what was withdrawn and done then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from cowise.loop.workspace import Workspace
from cowise.store import certificates, projects, timeline
from cowise.store.timeline import Event

_ENDED = ("certified", "ended without certificate")
_GONE = ("withdrawn", "alarm", "changed", "labels renamed", "labels reshaped", "released")
Cause = Literal["withdrawn", "corrected", "alarm", "changed", "released"]


@dataclass(frozen=True, slots=True)
class Look:
    """A look: `foretold` automation and answers as it began ({} where nothing was), and the share that it `granted`.

    `granted` and `answers` (one for each item that people decide) are None while it is `open` and where it granted nothing.
    """

    look: int
    at: float
    state: Literal["open", "granted", "ended"]
    foretold: dict[str, Any]
    granted: float | None
    answers: int | None
    certificate: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Certificates withdrawn: why, so many texts went `back` to people, and by which `certificate` it was mended ("": none yet)."""

    at: float
    cause: Cause
    reason: str
    back: int
    certificate: str
    mended: float | None


@dataclass(frozen=True, slots=True)
class Promises:
    """Looks and withdrawals, newest first."""

    looks: tuple[Look, ...]
    gone: tuple[Gone, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def promises(ws: Workspace, name: str) -> Promises:
    """What was foretold and granted, and what was withdrawn, from the ledger."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        events = timeline.events(tx, project.id, ("designed", "taken back", *_ENDED, *_GONE))
        reasons = {row.certificate.id: row.reason for row in certificates.history(tx, project.id)}
        marks = [project.settings.get("walk"), *project.settings.get("again", [])]
    shut = {mark["blob"] for mark in marks if mark}
    return Promises(tuple(reversed(_looks(events, shut))), tuple(reversed(_gone(events, reasons))))


def _looks(events: Sequence[Event], shut: set[str]) -> list[Look]:
    """Of a look that is evaluated again, what it granted last."""
    ended: dict[str, Event] = {}
    for one in events:
        if one.kind in _ENDED:
            ended[one.record["details"]["blob"] if one.kind == "certified" else one.record["blob"]] = one
    found = []
    for one in events:
        if one.kind == "designed":
            is_open = one.record["blob"] in shut
            found.append(_look(one, None if is_open else ended.get(one.record["blob"]), is_open))
    return found


def _look(begun: Event, ended: Event | None, is_open: bool) -> Look:
    record, foretold = begun.record, dict(begun.record.get("foretold") or {})
    if ended is None or ended.kind != "certified":
        return Look(record["look"], begun.at, "open" if is_open else "ended", foretold, None, None, "")
    n, alone = int(ended.record["n_items"]), int(ended.record["n_automated"])
    granted = round(alone / n, 4) if n else None
    return Look(record["look"], begun.at, "granted", foretold, granted, n - alone if n else None, ended.record["id"])


def _gone(events: Sequence[Event], reasons: Mapping[str, str]) -> list[Gone]:
    """Each withdrawal with what was taken back and certified until the next one."""
    found: list[Gone] = []
    standing: set[str] = set()
    for one in events:
        cause = _cause(one)
        if one.kind == "certified":
            standing.add(one.record["id"])
        if cause and standing:
            found.append(Gone(one.at, cause, _reason(one, standing, reasons), 0, "", None))
            standing = standing - {one.record["certificate"]} if one.record.get("certificate") else set()
        elif found and one.kind == "taken back":
            found[-1] = replace(found[-1], back=found[-1].back + int(one.record["n"]))
        elif found and one.kind == "certified" and not found[-1].certificate:
            found[-1] = replace(found[-1], certificate=one.record["id"], mended=one.at)
    return found


def _cause(one: Event) -> Cause | None:
    """Why certificates went with this event; None where none did."""
    if one.kind == "withdrawn":
        return "corrected" if one.record.get("certificate") else "withdrawn"
    if one.kind == "alarm":
        return "alarm"
    if one.kind in _GONE and one.record.get("withdrawn"):
        return "released" if one.kind == "released" else "changed"
    return None


def _reason(one: Event, standing: set[str], reasons: Mapping[str, str]) -> str:
    gone = one.record.get("certificate")
    return next((reasons[each] for each in ([gone] if gone else sorted(standing)) if reasons.get(each)), "")

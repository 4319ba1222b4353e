"""What a look's answers grant, and the certificate that says so: who reads a design, and writes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from cowise.core.types import Certificate, Indices
from cowise.loop import records, shade
from cowise.loop.board import Board
from cowise.loop.layout import Codes, Layout, Outcome, outcome
from cowise.loop.workspace import Workspace
from cowise.store import Tx
from cowise.store.projects import Project

Decline = Callable[[Layout, Codes, int], bool]
"""Whether to leave what a walk grants, so many items, unused for a later look."""


@dataclass(frozen=True, slots=True, eq=False)
class Granted:
    """What the answers `found`, which items are `chosen` to go out alone by it, and its `certificate`, or the `reason` for none."""

    found: Outcome
    chosen: Indices
    certificate: Certificate | None
    reason: str


def granted(ws: Workspace, board: Board, layout: Layout, codes: Codes, decline: Decline | None = None) -> Granted:
    """Read a design with the answers there are; `decline` may leave what it grants unused for a later look."""
    project, mark = board.project, board.project.settings["walk"]
    stream = mark["window"] == "stream"
    free = board.open[layout.ordinals] if not stream else np.zeros(len(layout.ordinals), np.bool_)
    gone = layout.inside & ~layout.drawn & ~free
    found = outcome(layout, codes, gone)
    chosen = layout.ordinals[found.automated & free]
    if not found.granted or not (stream or len(chosen)):
        return Granted(found, chosen, None, reason=found.reason)
    if not stream and decline is not None and decline(layout, codes, len(chosen)):
        reason = (
            f"{len(chosen):,} items could go out alone, but to learn from the audits and look again saves more answers"
        )
        return Granted(found, chosen, None, reason=reason)
    certificate = _certificate(board, layout, found, len(chosen))
    covers = shade.covered(ws, project) if mark.get("shadow") else -1.0
    if certificate.details["coverage"] < covers:
        reason = f"{layout.version} would answer less alone than what stands: {certificate.details['coverage']:.1%} of the texts, not {covers:.1%}"
        return Granted(found, chosen, None, reason=reason)
    if gone.any():
        certificate = replace(certificate, details={**certificate.details, "gone": layout.ordinals[gone].tolist()})
    return Granted(found, chosen, certificate, reason=found.reason)


def certified(project: Project, layout: Layout, certificate: str, items: str) -> dict[str, Any]:
    """What a project notes of a batch that is certified; an earlier batch, evaluated again, opens no later one."""
    start = _start(project)
    return {
        "certified": {"id": certificate, "from": start, "to": layout.end}, "batch_from": max(start, layout.end),
        "deliver": {"id": certificate, "blob": items}, "items": {**project.settings.get("items", {}), certificate: items},
    }  # fmt: skip


def _start(project: Project) -> int:
    return int(project.settings.get("batch_from", 0))


def finite(value: float) -> float | None:
    """A number as JSON has it, None for an infinite one."""
    return float(value) if np.isfinite(value) else None


def _certificate(board: Board, layout: Layout, found: Outcome, num_chosen: int) -> Certificate:
    mark = board.project.settings["walk"]
    breaking = layout.plans[0].breaking if len(layout.plans) == 1 or layout.each else 0
    bound = (breaking - 1) / layout.n_items if breaking and layout.n_items else layout.max_error
    details = {
        "blob": mark["blob"], "look": layout.look, "reason": found.reason, "bound": min(bound, layout.max_error),
        **region(layout, found),
    }  # fmt: skip
    if layout.salt:
        details["salt"] = layout.salt
    if board.project.task.sets:
        details["sets"] = len(board.project.task.labels)
    stream = mark["window"] == "stream"
    return Certificate(
        promise=board.project.promise, method=layout.method, version=layout.version, window=mark["window"],
        n_items=0 if stream else layout.n_items, n_automated=num_chosen, n_audited=found.n_audited,
        n_errors=found.n_errors, threshold=float(found.threshold) if np.isfinite(found.threshold) else 0.0,
        delta=layout.delta, id=f"c-{secrets.token_hex(6)}", details=details,
    )  # fmt: skip


def region(layout: Layout, found: Outcome) -> dict[str, Any]:
    """What a design's answers accept, beside the threshold: ties at it, or each predicted label's own, and how much that covers."""
    first = found.verdicts[0]
    details: dict[str, Any] = {
        "tie": finite(first.tie), "coverage": first.coverage, "walks": len(layout.plans),
        "loosest": not np.isfinite(found.threshold) and found.threshold < 0,
    }  # fmt: skip
    if layout.parts:
        samples = [
            (layout.label[rows[0]], len(rows), one)
            for (rows, _), one in zip(layout.samples(), found.verdicts, strict=True)
        ]
        details["parts"] = [
            [int(label), finite(one.threshold), finite(one.tie)] for label, _, one in samples if one.granted
        ]
        details["coverage"] = sum(n * one.coverage for _, n, one in samples) / max(1, len(layout.ordinals))
    return details


def items_blob(ws: Workspace, layout: Layout, chosen: Indices) -> str:
    """The file of what a batch's certificate names; its digest."""
    rows = np.searchsorted(layout.ordinals, chosen)
    return ws.store.blobs.put(records.arrays(ordinals=chosen, label=layout.label[rows], p=layout.p[rows]))


def named(tx: Tx, project: int, certificate: Certificate, chosen: Indices) -> Certificate:
    """The certificate with the Merkle root over its items' salted hashes in ascending order."""
    named = records.hashes_of(tx, project, chosen.tolist())
    body = {
        **asdict(certificate),
        "promise": certificate.promise,
        "items_root": records.root_of(sorted(named.values())),
    }
    return Certificate(**body)

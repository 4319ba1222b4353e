"""What a project notes of a version in the shadow, and how it takes over: light, for whoever decides, watches or tells.

See `shadowing` for how it is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cowise.loop import records
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, machine, projects, versions
from cowise.store.projects import Project

RATE = 0.05
"""Share of the texts to come that a shadow is judged on. It is the same from its first text to its last: else easy ones may be."""
SHADOW = "shadow"
"""Under this name the texts are kept that a version in the shadow is judged on."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """`version` is judged on `texts` to come, of which `drawn` were drawn by lot so far, the share `rate` of what comes; it is look number `look`."""

    version: str
    texts: int
    drawn: int
    look: int
    at: float
    rate: float

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def of(settings: Mapping[str, Any]) -> Shadow | None:
    """The shadow of a project by its settings."""
    kept = settings.get("shadow")
    if not kept:
        return None
    known = {name: kept[name] for name in ("version", "texts", "drawn", "look", "at")}
    return Shadow(**known, rate=float(kept.get("rate", RATE)))


def packed(ws: Workspace, ordinals: Sequence[int]) -> tuple[str, int]:
    """The texts that were drawn for the shadow to be judged on, in the order in which they came; one that came twice, twice."""
    drawn = np.array(ordinals, np.int64)
    return machine.pack(ws.store.blobs, drawn, drawn[:, None])


def put(tx: Tx, project: int, version: str, kept: tuple[str, int]) -> None:
    """Count what was drawn, in the transaction that records the decisions; nothing where the shadow has ended meanwhile."""
    now = projects.by_id(tx, project)
    running = of(now.settings)
    if running is not None and running.version == version:
        machine.put(tx, project, SHADOW, version, kept)
        records.change(tx, project, shadow={**now.settings["shadow"], "drawn": running.drawn + kept[1]})


def covered(ws: Workspace, project: Project) -> float:
    """What share of the texts to come the machine may answer alone by what stands, -1 where nothing does."""
    with ws.store.read() as tx:
        known = [row.certificate for row in certificates.valid(tx, project.id) if row.certificate.window == "stream"]
    return max((float(one.details["coverage"]) for one in known), default=-1.0)


def promoted(tx: Tx, project: Project, version: str, certificate: str) -> None:
    """Let the shadow take over, in the transaction that keeps its certificate: batches stay certified, the stream's goes over."""
    superseded = versions.promote(tx, project.id, version, certificate)
    records.change(tx, project.id, watch=None)
    records.append(tx, project, "promoted", {"version": version, "certificate": certificate, "superseded": superseded})

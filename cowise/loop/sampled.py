"""Which questions were drawn by lot while the model learned, and what they were drawn from: the sample that estimates stand on.

A turn's lots are drawn from all that may be asked but what was asked before or is chosen in the turn. What people were asked
in any other way counts as chosen. Once a look has begun nothing is noted any more: audits are drawn by their own plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from cowise.loop import records
from cowise.loop.kinds import Turn
from cowise.store import Tx, projects
from cowise.store.projects import Project

ENOUGH = 2000
"""Questions after which no more are noted: a share is then known closely enough."""


def lasts(project: Project) -> bool:
    """Whether lots are still noted: no look has begun."""
    return not (project.settings.get("looks") or project.settings.get("walk"))


def note(tx: Tx, project: Project, n: int, taken: AbstractSet[int], turns: Sequence[Turn]) -> None:
    """Add `turns` to the sample of the project's `n` texts, begun anew where texts came in; `taken` was asked before them."""
    current = projects.by_id(tx, project.id)
    if not lasts(current):
        return
    old = current.settings.get("lots")
    if old is None or old["n"] != n:
        old = {"n": n, "before": sorted(taken), "turns": []}
    known = {*old["before"], *(o for o, _, _ in asked(old))}
    if len(known | taken) > ENOUGH:
        return
    others = sorted(taken - known)
    fresh = [([], others), *turns] if others else turns
    kept = [[list(lots), list(chosen)] for lots, chosen in fresh if lots or chosen]
    records.change(tx, project.id, lots={**old, "turns": [*old["turns"], *kept]})


def asked(lots: dict[str, Any]) -> Iterator[tuple[int, int, bool]]:
    """(item, turn, by lot) of what was asked, each item once."""
    known = set[int]()
    for turn, (drawn, chosen) in enumerate(lots["turns"]):
        for part, by_lot in ((drawn, True), (chosen, False)):
            for ordinal in part:
                if ordinal not in known:
                    known.add(ordinal)
                    yield ordinal, turn, by_lot

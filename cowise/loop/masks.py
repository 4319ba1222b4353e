"""Names that are none: who may read figures and answers of people, and not whose they are, reads "person 3".

The numbers are drawn by the project's own key: the same at each reading, in no order that tells who came first.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from cowise.loop import seats
from cowise.loop.workspace import Workspace, audit_key, lot_key
from cowise.store import members, projects

MASK = {"en": "person {}", "zh": "成员 {}"}


def masks(ws: Workspace, name: str, language: str) -> Mapping[str, str]:
    """A mask, in a language, for every name that stands beside a figure or an answer in the project."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        people = [one.name for one in members.roster(tx, project.id) if one.kind == "person"]
    held = {seat.member or seat.name: seat.name for seat in seats.roles(ws, name)}
    names = dict.fromkeys([*people, *held])
    key = lot_key(audit_key(ws, project), "masks")
    order = sorted((one for one in names if one), key=lambda one: hmac.digest(key, one.encode("utf-8"), "sha256"))
    mask = MASK.get(language, MASK["en"])
    found = {one: mask.format(number) for number, one in enumerate(order, 1)}
    return {**{shown: found[one] for one, shown in held.items()}, **found}

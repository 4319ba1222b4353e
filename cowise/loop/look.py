"""Reads for people: a project's items, the story of one. Light: no model is loaded."""

from __future__ import annotations

from cowise.core.errors import MissingError
from cowise.core.types import content_id
from cowise.loop.kinds import ItemView, Told
from cowise.loop.workspace import Workspace
from cowise.store import Tx, decisions, items, members, opinions, projects
from cowise.store.items import Filter
from cowise.store.projects import Project

__all__ = ["Filter", "items_of", "story"]


def items_of(
    ws: Workspace, name: str, want: Filter | None = None, *, after: int = -1, limit: int = 50
) -> list[ItemView]:
    """A page of items in order; pass the last ordinal as `after` for the next one."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        rows = items.page(tx, project.id, want, after=after, limit=limit)
    return [
        ItemView(r.item.ordinal, r.item.id, r.item.text, r.item.weight, r.route, r.decided or r.item.label, r.p)
        for r in rows
    ]


def story(ws: Workspace, name: str, item: str) -> list[Told]:
    """All that happened to one item, named by its id or its text, in order. MissingError when there is none."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        ordinal = find(tx, project, item)
        row = items.at(tx, project.id, [ordinal])[ordinal]
        names = {m.id: m.name for m in members.roster(tx, project.id)}
        told = [
            Told(
                o.at,
                f"answered ({o.state})",
                names.get(o.member, ""),
                o.answer,
                {"blind": o.blind, "seconds": o.seconds},
            )
            for o in opinions.of_item(tx, project.id, ordinal)
        ]
        made = decisions.get(tx, project.id, ordinal)
    if row.label is not None:
        told.insert(0, Told(project.created, f"came with the label {row.label!r}", row.label_by or ""))
    if made is not None:
        details = {"reason": made.reason, "version": made.version, "certificate": made.certificate, "p": made.p}
        told.append(Told(made.at, f"decided: {made.route}", "", made.answer, details))
    return sorted(told, key=lambda one: one.at)


def find(tx: Tx, project: Project, item: str) -> int:
    """Ordinal of an item by content id or by its text."""
    for one in (item, content_id(item)):
        found = items.ordinals(tx, project.id, [one]).get(one)
        if found is not None:
            return found
    raise MissingError(f"item {item[:60]!r} is not in project {project.name!r}; give its id or its whole text")

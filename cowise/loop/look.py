"""Reads for people: a project's items, the story of one. Light: no model is loaded."""

from __future__ import annotations

from cowise.core.errors import MissingError
from cowise.core.types import content_id
from cowise.loop.kinds import Told
from cowise.loop.workspace import Workspace
from cowise.store import Tx, decisions, items, members, opinions, projects
from cowise.store.projects import Project


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

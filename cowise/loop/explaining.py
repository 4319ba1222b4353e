"""Why the project's model leans as it does on a text. Of items whose answer people may still be asked for nothing is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowise.core.errors import ForbiddenError, InputError, MissingError
from cowise.core.explanation import Ask, Explanation
from cowise.explain.methods import DEFAULT, explainer
from cowise.loop import brain, judged
from cowise.loop.look import find
from cowise.loop.workspace import Workspace
from cowise.store import Tx, decisions, items, opinions, projects, queue, versions
from cowise.store.projects import Project


@dataclass(frozen=True, slots=True)
class Explained:
    """Why `version` gives `text` the probability it does: the head alone, without opinions that are weighed beside it.

    `item` is its id, "" for a text that was typed.
    """

    explanation: Explanation
    model: str
    text: str
    item: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**self.explanation.to_json(), "model": self.model, "text": self.text, "item": self.item}


def explain(
    ws: Workspace, name: str, text: str, *, item: bool | None = None, method: str = DEFAULT, ask: Ask | None = None
) -> Explained:  # fmt: skip
    """Why the released version, or else the newest, leans as it does on a text, or on the `item` of that id or text.

    Where nothing is said of `item`, what is the id of one is taken for it, and everything else for a text.
    MissingError without a model or such an item. ForbiddenError for an item that is not decided, that somebody may still
    be asked about, or that was answered since an open check began: who answers is not to be led by the model.
    """
    chosen = explainer(method)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        content = ""
        if item or (item is None and text in items.ordinals(tx, project.id, [text])):
            content, text = told(tx, project, text)
        version = version_of(tx, project)
    model = brain.thaw(ws, project, version)
    return Explained(chosen.explain(model, text, ask), version, text, content)


def told(tx: Tx, project: Project, item: str) -> tuple[str, str]:
    """Id and text of an item of which the model's view may be told."""
    ordinal = find(tx, project, item)
    row = items.at(tx, project.id, [ordinal])[ordinal]
    if decisions.get(tx, project.id, ordinal) is None:
        raise ForbiddenError(
            "explain: this item is not decided yet, and whoever answers it is not to be led by the model; wait for its decision"
        )
    if queue.seats(tx, project.id, ordinal):
        raise ForbiddenError(
            "explain: somebody may still be asked about this item, and is not to be led by the model; wait for the answer"
        )
    until = judged.settled_until(tx, project)
    said = opinions.of_item(tx, project.id, ordinal)
    if until is not None and any(one.state == "current" and one.at > until for one in said):
        raise ForbiddenError(
            "explain: this item was answered since an open check began, and may be one of its audits; wait for the end of the check"
        )
    return row.id, row.text


def version_of(tx: Tx, project: Project) -> str:
    """The released version, or else the newest that was not withdrawn; one that cowise can run."""
    kept = versions.history(tx, project.id)
    released = [one for one in kept if one.state == "released"]
    usable = released or [one for one in kept if one.state != "withdrawn"]
    if not usable:
        raise MissingError(f"explain: project {project.name!r} has no model yet; give answers, then run cowise learn")
    if not usable[-1].folder:
        raise InputError(f"explain: {usable[-1].id} are answers of another program; cowise does not run that program")
    return usable[-1].id

"""Which items were chosen out of what came, by what the machine said of them: a sample of nothing.

Of texts that `decide` does not keep, a few of the automated ones and as many of the others become items, to watch a certificate
by. Whether a text is one of them depends on the score of the version of before, so no promise for texts to come is tested on it.
"""

from __future__ import annotations

import numpy as np

from cowise.core.types import Bools, Indices
from cowise.loop import records
from cowise.loop.workspace import Workspace
from cowise.store import Tx, items, projects
from cowise.store.projects import Project


def note(ws: Workspace, project: Project, start: int, end: int | None = None) -> None:
    """Items from `start` on to before `end`, as far as they are here without one, were chosen; more than they is no harm."""

    def work(tx: Tx) -> None:
        now = projects.by_id(tx, project.id)
        last = items.visible(tx, project.id) if end is None else end
        spans = [span for span in now.settings.get("aside", []) if span[0] < start]
        first = spans.pop()[0] if spans and spans[-1][1] >= start else start
        if last > first:
            records.change(tx, project.id, aside=[*spans, [first, last]])

    ws.store.write(work)


def chosen(project: Project, ordinals: Indices) -> Bools:
    """Which items (n,) were chosen."""
    found = np.zeros(len(ordinals), np.bool_)
    for start, end in project.settings.get("aside", []):
        found |= (ordinals >= start) & (ordinals < end)
    return found

"""The first questions of a project, at once: drawn at random while the texts are still being read with the encoder.

What is answered first is drawn half at random anyway, and all of it blind: nobody needs a model for that.
"""

from __future__ import annotations

from random import SystemRandom

from cowise.loop import books, records, sampled
from cowise.loop.board import reserved
from cowise.loop.books import Chair
from cowise.loop.workspace import Workspace
from cowise.store import Tx, counters, items, members, opinions, projects, queue
from cowise.store.projects import Project
from cowise.store.queue import Held, Wanted

MOST = 60
"""So many answers come before the first model in any case: the economy asks for them whatever they say."""
_SPARE = 20
"""Drawn beyond need, as some are reserved or erased."""
_LOOKED_AT = 2000
"""Drawn for somebody who does not read everything."""
_CHANCE = SystemRandom()


def lease(ws: Workspace, tx: Tx, at: Chair, n: int) -> list[Held]:
    """Up to `n` questions for this person; as long as the economy has not spoken yet, the lacking ones by lot."""
    found = books.lease(tx, at, n)
    reads = members.reads(tx, at.seat.id)
    if len(found) < n and draw(ws, tx, projects.by_id(tx, at.project.id), n - len(found), reads):
        found += books.lease(tx, at, n - len(found))
    return found


def draw(ws: Workspace, tx: Tx, project: Project, n: int, reads: frozenset[str] | None = None) -> int:
    """Put `n` texts into the queue, drawn uniformly from those that may train and are in a language of `reads`; how many.

    None where the economy has been asked before, where labels or a model's answers came with the texts (it then knows
    better what to ask), and beyond `MOST`.
    """
    counts = counters.counts(tx, project.id)
    known = any(project.settings.get(name) for name in ("asked_for", "advice", "walk", "stated"))
    if known or counts.get("labelled", 0):
        return 0
    taken = {place.ordinal for place in queue.rows(tx, project.id)} | opinions.touched(tx, project.id, 0)
    taken |= {one.ordinal for one in queue.passed(tx, project.id, "skip")}
    total, n = items.visible(tx, project.id), min(n, MOST - len(taken))
    if n < 1 or not total:
        return 0
    some = n + len(taken) + (_SPARE if reads is None else _LOOKED_AT)
    rows = items.salts(tx, project.id, _CHANCE.sample(range(total), min(total, some)))
    fit = {o: content for o, (salt, content) in rows.items() if o not in taken and salt is not None}
    if reads is not None:
        fit = {o: fit[o] for o, told in items.languages(tx, project.id, list(fit)).items() if told in reads | {""}}
    kept = reserved(ws, project, list(fit.values()))
    free = [o for o, apart in zip(fit, kept.tolist(), strict=True) if not apart]
    chosen = _CHANCE.sample(free, min(n, len(free)))
    now = int(project.settings.get("asked", 0))
    wanted = [Wanted(o, float(now + i), "train") for i, o in enumerate(chosen)]
    if wanted:
        records.ask(tx, project, wanted, "picked", {"why": "the first texts, by lot", "for": "train"})
        sampled.note(tx, project, total, taken, [(chosen, []) if reads is None else ([], chosen)])
    return len(wanted)

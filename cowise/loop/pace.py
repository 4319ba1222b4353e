"""How far a person and a project are: honest figures that tell nothing of what the last answer was for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from cowise.loop.kinds import Advice
from cowise.store import Tx, counters, opinions, projects
from cowise.store.projects import Project

LOW = 12
"""Questions that still wait when a server prepares the next ones."""
RECENT = 50
"""Answers that the pace is read from."""
BREAK_S = 300.0
"""A longer pause between two answers is no answering."""
LEAST = 5
DAY_S = 86_400.0
PRESENT_S = 900.0
_COUNTED = ("given", "answers", "items", "erased", "skips", "route:automated")


@dataclass(frozen=True, slots=True)
class Headway:
    """`done` answers of this person, `left` for everybody by forecast; `agreement` with suggestions that were shown.

    `pace_per_h` and `seconds_left` are None before there is a pace, `agreement` before anything was suggested.
    """

    done_today: int
    done: int
    left: int
    automated: int
    deferred: int
    open: int
    pace_per_h: float | None
    seconds_left: float | None
    agreement: float | None
    agreement_n: int

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def stamp(counts: Mapping[str, int]) -> list[int]:
    """What the economy's advice depends on: it changes with every answer, undo, skip and import."""
    return [counts.get(name, 0) for name in _COUNTED]


def note(tx: Tx, project: Project, advice: Advice, seen: Sequence[int]) -> None:
    """Remember what the economy says, and for which state of the project.

    `spent`: few questions wait and none could be prepared; there is no use in asking again before they are answered.
    """
    now = {"stamp": list(seen), "spent": advice.queued <= LOW}
    if project.settings.get("asked_for") == now and project.settings.get("advice"):
        return
    kept = project.settings.get("advice") or advised(tx, project.id, advice)
    projects.set_settings(tx, project.id, {**project.settings, "asked_for": now, "advice": kept})


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether the economy has been asked about the project as it is (`fresh`), and has nothing to prepare (`spent`)."""

    fresh: bool
    spent: bool


def asked(project: Project, counts: Mapping[str, int]) -> Asked:
    """What the economy was last asked."""
    now = project.settings.get("asked_for") or {}
    known = bool(project.settings.get("advice"))
    return Asked(known and now.get("stamp") == stamp(counts), known and bool(now.get("spent")))


def advised(tx: Tx, project: int, advice: Advice) -> dict[str, Any]:
    """Advice as it is kept: with how many answers there were, so that what is left falls with each."""
    return {**advice.to_json(), "given": counters.counts(tx, project).get("given", 0)}


def left(project: Project, counts: Mapping[str, int]) -> int:
    """Answers still to give, by forecast. It falls by one with every answer, whatever that was for.

    Forecasts are shown in tens: their exact change would tell how many of the last answers were audits.
    """
    still = still_open(counts, standing=bool(project.released))
    advice = project.settings.get("advice")
    if not advice:
        return still
    needed = int(advice["needed"])
    needed = -(-needed // 10) * 10 if needed > 20 else needed
    since = counts.get("given", 0) - int(advice.get("given", 0))
    return min(still, max(0, needed - since))


def still_open(counts: Mapping[str, int], *, standing: bool) -> int:
    """Items that nobody has decided. Unless a certificate is `standing`, what the machine decided counts as open at once.

    What is decided and came with a label too, before that or later, is done once.
    """
    routes = ("reviewed", "consensus", *(("automated",) if standing else ()))
    done = counts.get("labelled", 0) + counts.get("erased", 0)
    done += sum(counts.get(f"route:{route}", 0) - counts.get(f"twice:{route}", 0) for route in routes)
    return max(0, counts.get("items", 0) - done)


def standing(project: Project, counts: Mapping[str, int]) -> str:
    """What the economy asks for when nothing is asked: `add` texts, `stop`, or `answer` what others hold now."""
    kind = (project.settings.get("advice") or {}).get("kind", "")
    if not counts.get("items", 0) - counts.get("erased", 0):
        return "add"
    return "stop" if kind == "stop" or not still_open(counts, standing=bool(project.released)) else "answer"


def headway(tx: Tx, project: Project, seat: int, since: float) -> Headway:
    """The figures beside a member's review; `since` is when the person's day began."""
    counts = counters.counts(tx, project.id)
    done, today = opinions.done(tx, project.id, seat, since)
    shown, same = opinions.agreed(tx, project.id, seat)
    seconds = pace_s([row.at for row in opinions.last_of(tx, project.id, seat, RECENT)])
    remaining = left(project, counts)
    people = max(1, len(opinions.active(tx, project.id, tx.now() - PRESENT_S) | {seat}))
    return Headway(
        today, done, remaining, counts.get("route:automated", 0), deferred(tx, project), still_open(counts, standing=bool(project.released)),
        None if seconds is None else round(3600 / seconds, 1),
        None if seconds is None else round(remaining * seconds / people, 1),
        same / shown if shown else None, shown,
    )  # fmt: skip


def deferred(tx: Tx, project: Project) -> int:
    """Answers to what the machine may not decide, as far as that is told: see `parts`."""
    return parts(tx, project)["none"]


def parts(tx: Tx, project: Project) -> dict[str, int]:
    """Answers by what they were for: `train`, `audit`, `none`; and `open`, those given in a look that is not over yet.

    While a look is open its answers are not told apart: whoever reads these counts after each answer would learn
    which of them was an audit, and could take it back.
    """
    now = opinions.uses(tx, project.id)
    walk = project.settings.get("walk")
    then = dict(walk["uses"]) if walk and "uses" in walk else now
    told = {name: int(then.get(name, 0)) for name in ("train", "audit", "none")}
    return {**told, "open": max(0, sum(now.values()) - sum(told.values()))}


def pace_s(times: Sequence[float]) -> float | None:
    """Seconds for an answer, from when the last ones were given (newest first); None while that says nothing.

    >>> pace_s([40.0, 30.0, 20.0, 10.0, 5.0, 0.0])
    10.0
    """
    gaps = [a - b for a, b in pairwise(times) if 0 < a - b <= BREAK_S]
    return max(0.2, float(median(gaps))) if len(gaps) >= LEAST else None

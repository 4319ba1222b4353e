"""Everyone on the roster: how often they are right, how much they tell, with whom they agree, how fast, how tired.

While a look is open, people are judged by their answers from before it alone: no figure may move by an audit. Light: no
model is loaded; its voice is what it said of each item before it learned the answer, kept when a look begins.

Legend: v = answers, m = members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np

from cowise.loop import beside, judged, seats
from cowise.loop.beside import Doubt, Llm
from cowise.loop.judged import Answered, Judged
from cowise.loop.pace import DAY_S
from cowise.loop.seats import Seat
from cowise.loop.workspace import Workspace
from cowise.measure.agreement import cohen, krippendorff
from cowise.store import Tx, certificates, members, opinions, projects
from cowise.store.opinions import Figures
from cowise.store.projects import Project
from cowise.team.conduct import LEAST, Range, change, habit, share, slowing

PAIR = 10
"""Items that two people both answered below which nothing is said of the two."""
SPAM = 0.1
"""How much answers tell at most of whom it is said that they tell nothing."""
_NOTHING = Figures(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Same:
    """One `label` in a share `own` of somebody's answers, and in a share `others` of everybody else's."""

    label: str
    own: float
    others: float


@dataclass(frozen=True, slots=True)
class Row:
    """One person. `right` and `tells` (0 to 1) by blind answers; None where these are too few, as for all that follows.

    `same` is the evidence against whoever's answers tell nothing. `slower` is how many times as long an answer takes in
    the last fifth as in the first, `steadier` how much more often it is right then (below 0: less). `taken_in` is the
    share of wrong suggestions that were accepted.
    """

    id: str
    name: str
    role: str
    active: bool
    answers: int
    today: int
    held: int
    seconds_median: float | None
    per_day: float | None
    right: Range | None = None
    tells: float | None = None
    same: Same | None = None
    slower: Range | None = None
    steadier: Range | None = None
    taken_in: Range | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people on `n` items that both answered blind: the share of `same` answers, and Cohen's `kappa`."""

    first: str
    second: str
    n: int
    same: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """The released version and its concluded audits: how many, how many wrong, and the share right with its range."""

    version: str
    audits: int
    wrong: int
    right: Range


@dataclass(frozen=True, slots=True)
class Advice:
    """How many wrong suggestions were accepted with the model's reasons on show, and without; None where there were none."""

    reasons: Range | None
    bare: Range | None


@dataclass(frozen=True, slots=True)
class Roster:
    """`people`, `pairs` of them, the `machine` where one was audited; Krippendorff's `alpha` over `several` items.

    `until`: a look is open or a stream watched, and people are judged by their answers until then; None when by all. `llms` are
    language models with a seat; `doubt` is how often people err, by what two were asked; `advice` whether reasons help them.
    """

    people: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    machine: Machine | None
    alpha: float | None
    several: int
    until: float | None
    llms: tuple[Llm, ...] = ()
    doubt: Doubt | None = None
    advice: Advice | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)

    def only(self, account: int) -> Roster:
        """What somebody sees who may see no names: their own row, and nobody beside it."""
        return Roster(
            tuple(one for one in self.people if one.id == str(account)), (), self.machine, self.alpha, self.several,
            self.until, self.llms, self.doubt, self.advice,
        )  # fmt: skip

    def masked(self, hidden: Mapping[str, str]) -> Roster:
        """What somebody sees who may see figures and not whose they are."""
        if not hidden:
            return self
        people = [
            replace(one, id=hidden.get(one.name, one.id), name=hidden.get(one.name, one.name)) for one in self.people
        ]
        pairs = [
            replace(one, first=hidden.get(one.first, one.first), second=hidden.get(one.second, one.second))
            for one in self.pairs
        ]
        return replace(self, people=tuple(sorted(people, key=lambda one: one.name)), pairs=tuple(pairs))


def roster_of(ws: Workspace, name: str, *, since: float = 0.0) -> Roster:
    """Everyone with a seat, and whoever answered without one; `since` is when the reader's day began."""
    held = seats.roles(ws, name)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        known = _judged(ws, tx, project)
        made, holding = opinions.figures(tx, project.id, since), members.holding(tx, project.id)
        byname = {m.name: m.id for m in members.roster(tx, project.id) if m.kind == "person"}
        machine = machine_of(tx, project)
    seated = {byname.get(seat.member) for seat in held}
    found = [(seat, byname.get(seat.member, 0)) for seat in held]
    found += [
        (Seat(0, who, "reviewer", active=False, last_seen=None, member=who), member)
        for who, member in byname.items() if member not in seated and member in made
    ]  # fmt: skip
    people = tuple(
        _row(seat, made.get(member, _NOTHING), holding.get(member, 0), known.of(member)) for seat, member in found
    )
    names = {member: seat.name for seat, member in found if member}
    pairs = tuple(
        Pair(names[a], names[b], n, same, kappa) for a, b, n, same, kappa in known.pairs if a in names and b in names
    )
    return Roster(
        people, pairs, machine, known.alpha, known.several, known.until, known.llms, known.doubt, known.advice
    )


_Two = tuple[int, int, int, float, float | None]
"""Two members, items that both answered, the share of same answers, kappa."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is computed anew only when opinions change."""

    key: tuple[object, ...]
    rows: Mapping[int, Mapping[str, Any]]
    pairs: tuple[_Two, ...]
    alpha: float | None
    several: int
    until: float | None
    llms: tuple[Llm, ...]
    doubt: Doubt | None
    advice: Advice | None

    def of(self, member: int) -> Mapping[str, Any]:
        """Figures of one member."""
        return self.rows.get(member, {"seconds_median": None, "per_day": None})


def _judged(ws: Workspace, tx: Tx, project: Project) -> _Known:
    until = judged.settled_until(tx, project)
    key = (
        opinions.mark(tx, project.id), until, project.settings.get("voice"), project.task.labels, project.released,
        beside.spoke(tx, project),
    )  # fmt: skip
    kept: _Known | None = ws.memory.get(f"roster {project.id}")
    if kept is not None and kept.key == key:
        return kept
    said = judged.read(ws, tx, project, until)
    known, names = judged.weighed(said), said.classes.names
    alpha, several = _alpha(said, len(names))
    told = beside.said(tx, project, until)
    found = _Known(
        key, {member: _figures(said, known, i, names) for i, member in enumerate(said.members)},
        _pairs(said, len(names)), alpha, several, until, beside.llms(ws, tx, project, told), beside.doubt(project, told), _advice(tx, project, said),
    )  # fmt: skip
    ws.memory[f"roster {project.id}"] = found
    return found


def _advice(tx: Tx, project: Project, said: Answered) -> Advice | None:
    why = judged.reasoned(tx, project, said)
    found = Advice(judged.taken_in(said, why), judged.taken_in(said, ~why))
    return found if found.reasons is not None else None


def _figures(said: Answered, known: Judged | None, i: int, labels: tuple[str, ...]) -> dict[str, Any]:
    """All that is said of one member by their answers."""
    mine = said.member == i
    times = said.seconds[mine & (said.seconds > 0)]
    found: dict[str, Any] = {
        "seconds_median": round(float(median(times)), 1) if len(times) else None,
        "per_day": round(float(mine.sum()) / len(np.unique(said.at[mine] // DAY_S)), 1) if mine.any() else None,
        "slower": slowing(times) if len(times) else None,
        "taken_in": judged.taken_in(said, mine),
    }
    if known is None or known.right[i].n < LEAST:
        return found
    tells = round(float(known.tells[i]), 4)
    most = habit(known.votes, i) if tells < SPAM else None
    same = None if most is None else Same(labels[most.label], most.own, most.others)
    return {
        **found,
        "right": known.right[i],
        "tells": tells,
        "same": same,
        "steadier": change(known.agreed[known.votes.member == i], chances=True),
    }


def _row(seat: Seat, did: Figures, held: int, figures: Mapping[str, Any]) -> Row:
    return Row(str(seat.account), seat.name, seat.role, seat.active, did.answers, did.fresh, held, **figures)


def _alpha(said: Answered, k: int) -> tuple[float | None, int]:
    """Krippendorff's alpha of blind answers, and the items with several that it is over."""
    blind = said.blind & (said.label >= 0)
    counts = np.zeros((said.num_items, k))
    np.add.at(counts, (said.item[blind], said.label[blind]), 1)
    several = counts[counts.sum(axis=1) > 1]
    return (_number(krippendorff(several)) if len(several) else None), len(several)


def _pairs(said: Answered, k: int) -> tuple[_Two, ...]:
    """Every two members with enough items that both answered blind."""
    table = np.full((len(said.members), said.num_items), -1, np.int64)
    blind = said.blind & (said.label >= 0)
    table[said.member[blind], said.item[blind]] = said.label[blind]
    found = list[_Two]()
    for a, b in combinations(range(len(said.members)), 2):
        both = (table[a] >= 0) & (table[b] >= 0)
        n = int(both.sum())
        if n >= PAIR:
            one, two = table[a][both], table[b][both]
            same = round(float((one == two).mean()), 4)
            found.append((said.members[a], said.members[b], n, same, _number(cohen(one, two, k))))
    return tuple(found)


def _number(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


def machine_of(tx: Tx, project: Project) -> Machine | None:
    """The released version by the newest certificate earned with it: its audits are concluded."""
    earned = [
        row.certificate for row in certificates.history(tx, project.id) if row.certificate.version == project.released
    ]
    if not project.released or not earned or not earned[-1].n_audited:
        return None
    one = earned[-1]
    return Machine(one.version, one.n_audited, one.n_errors, share(one.n_audited - one.n_errors, one.n_audited))

"""Audits of looks that are over: what the machine had said, what people say, and how the counts stand against the plan.

Of a look that is open, or open again, nothing is told: neither which items were drawn for it nor what came of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from cowise.core.task import answer_of
from cowise.core.types import Answer, Indices
from cowise.loop.board import settled
from cowise.loop.layout import RIGHT, Layout
from cowise.loop.reworded import names
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, items, members, opinions, projects, timeline
from cowise.store.items import ItemRow
from cowise.store.opinions import OpinionRow
from cowise.store.projects import Project
from cowise.team.ruling import ruling

Outcome = Literal["right", "wrong", "none"]
_KINDS = (
    "created",
    "changed",
    "labels renamed",
    "labels reshaped",
    "designed",
    "certified",
    "ended without certificate",
)


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is over: `lots` drawn and `tolerated` errors by its plan, `audited` and `wrong` as it was concluded.

    `listed` of its audits are shown, on `differing` of which people gave different answers. `state` is that of its
    certificate, `ended` where there is none, and then `reason` says why. A stream's plan tolerates no fixed count: None.
    """

    look: int
    begun: float
    ended: float
    window: str
    version: str
    lots: int
    tolerated: int | None
    audited: int
    wrong: int
    listed: int
    differing: int
    certificate: str
    state: Literal["valid", "superseded", "withdrawn", "ended"]
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """One person's answer: `by` whom, `at` what time."""

    by: str
    at: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class Audit:
    """One audited item: the `machine`'s label with its probability, people's answers, and the `outcome` by them."""

    look: int
    ordinal: int
    id: str
    text: str
    machine: str
    p: float
    outcome: Outcome
    differ: bool
    answers: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Audits:
    """A page of `total` audits, newest look first, surest first within one; `next` goes into `after`, None at the end.

    `open`: a look is under way, of which nothing is told.
    """

    looks: tuple[Look, ...]
    audits: tuple[Audit, ...]
    next: int | None
    total: int
    open: bool

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        audits = [
            {**asdict(one), "answers": [{**asdict(each), "answer": each.answer.to_json()} for each in one.answers]}
            for one in self.audits
        ]
        return {**asdict(self), "audits": audits}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One audited item of a look, and what the machine had said of it."""

    look: int
    ordinal: int
    machine: str
    p: float
    jury: bool


@dataclass(frozen=True, slots=True)
class Called:
    """Labels of a look as they are called now."""

    labels: tuple[str, ...]
    sets: bool

    def name(self, code: int) -> str:
        """What the machine said."""
        return answer_of(self.labels, code, sets=self.sets).text


@dataclass(frozen=True, slots=True)
class _Over:
    """A look that is over, and its audited items, surest first."""

    shown: Look
    drawn: tuple[_Drawn, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which audits: of one `look` or all, only where answers `differ`, only where the machine was `wrong`."""

    look: int | None = None
    differ: bool = False
    wrong: bool = False


def audits_of(ws: Workspace, name: str, want: Wanted = Wanted(), *, after: int = 0, limit: int = 50) -> Audits:
    """Audits of looks that are over, from the one at `after` on."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        over = _over(ws, tx, project)
        chosen = [audit for one in over if want.look in (None, one.shown.look) for audit in one.drawn]
        if want.differ or want.wrong:
            chosen = [audit for audit in chosen if _fits(tx, project, audit, want)]
        names = {m.id: m.name for m in members.roster(tx, project.id)}
        page = chosen[after : after + limit]
        rows = items.at(tx, project.id, [one.ordinal for one in page])
        found = tuple(_audit(one, rows[one.ordinal], _current(tx, project, one.ordinal), names) for one in page)
    more = after + limit
    looks, walking = tuple(one.shown for one in over), bool(project.settings.get("walk"))
    return Audits(looks, found, more if more < len(chosen) else None, len(chosen), walking)


def _over(ws: Workspace, tx: Tx, project: Project) -> list[_Over]:
    """Looks that are over, newest first; kept until an answer or a look comes."""
    walks = [project.settings.get("walk"), *project.settings.get("again", [])]
    shut = {mark["blob"] for mark in walks if mark}
    events = timeline.events(tx, project.id, _KINDS)
    states = {row.certificate.id: row.state for row in certificates.history(tx, project.id)}
    key = (opinions.mark(tx, project.id), len(events), frozenset(shut), tuple(states.items()))
    kept: tuple[object, list[_Over]] | None = ws.memory.get(f"audits {project.id}")
    if kept is not None and kept[0] == key:
        return kept[1]
    first = opinions.first_said(tx, project.id)
    found = []
    for begun, ended, labels in _looks(events):
        if begun.record["blob"] not in shut:
            layout = Layout.from_bytes(ws.store.blobs.get(begun.record["blob"]))
            called = Called(labels, project.task.sets)
            found.append(_read((begun, ended, called), layout, first, states))
    found.sort(key=lambda one: -one.shown.ended)
    ws.memory[f"audits {project.id}"] = (key, found)
    return found


def _looks(events: Sequence[timeline.Event]) -> list[tuple[timeline.Event, timeline.Event, tuple[str, ...]]]:
    """(begun, ended last, labels as they are called now) of every look that was concluded."""
    labels: tuple[str, ...] = ()
    begun, called, ended = dict[str, timeline.Event](), dict[str, tuple[str, ...]](), dict[str, timeline.Event]()
    for one in events:
        record = one.record
        if one.kind in ("created", "changed"):
            labels = tuple(record["task"]["labels"])
        elif one.kind in ("labels renamed", "labels reshaped"):
            new = names(record)
            called = {blob: tuple(new.get(name, name) for name in those) for blob, those in called.items()}
            labels = (
                tuple(new.get(name, name) for name in labels)
                if one.kind == "labels renamed"
                else tuple(record["labels"])
            )
        elif one.kind == "designed":
            begun[record["blob"]], called[record["blob"]] = one, labels
        else:
            ended[record["details"]["blob"] if one.kind == "certified" else record["blob"]] = one
    return [(begun[blob], one, called[blob]) for blob, one in ended.items() if blob in begun]


def _read(
    look: tuple[timeline.Event, timeline.Event, Called], layout: Layout,
    first: Mapping[int, tuple[float, int]], states: Mapping[str, Literal["valid", "superseded", "withdrawn"]],
) -> _Over:  # fmt: skip
    """A look with its audits: what was drawn, and answered while it was open; of a stream, before it was over."""
    begun, ended, called = look
    since = 0.0 if layout.stream else begun.at
    drawn = tuple(
        _Drawn(layout.look, ordinal, called.name(label), round(float(p), 4), layout.jury)
        for ordinal, label, p in _columns(layout)
        if ordinal in first and since <= first[ordinal][0] <= ended.at
    )
    differing = sum(first[one.ordinal][1] > 1 for one in drawn)
    record, granted = ended.record, ended.kind == "certified"
    shown = Look(
        layout.look, begun.at, ended.at, str(begun.record["window"]), layout.version,
        sum(plan.lots for plan in layout.plans) if layout.plans else int(layout.drawn.sum()),
        sum(plan.kappa for plan in layout.plans) if layout.plans else None,
        int(record["n_audited"] if granted else record["audits"]), int(record["n_errors"] if granted else record["errors"]),
        len(drawn), differing, str(record["id"]) if granted else "",
        states.get(str(record["id"]), "withdrawn") if granted else "ended", "" if granted else str(record["reason"]),
    )  # fmt: skip
    return _Over(shown, drawn)


def _columns(layout: Layout) -> list[tuple[int, int, float]]:
    """(ordinal, machine's label number, its probability) of what was drawn, in the order in which a walk asks."""
    order = _order(layout)
    return list(
        zip(layout.ordinals[order].tolist(), layout.label[order].tolist(), layout.p[order].tolist(), strict=True)
    )


def _order(layout: Layout) -> Indices:
    """Drawn rows, in the order in which a walk asks them."""
    if layout.method == "out":
        return np.concatenate(
            [rows[walk.order[walk.drawn]] for rows, walk in layout.walks({})] or [np.zeros(0, np.int64)]
        )
    drawn = np.flatnonzero(layout.drawn)
    return drawn[np.argsort(-layout.score[drawn], kind="stable")]


def _current(tx: Tx, project: Project, ordinal: int) -> list[OpinionRow]:
    return [
        row for row in opinions.of_item(tx, project.id, ordinal) if row.state == "current" and row.answer is not None
    ]


def _fits(tx: Tx, project: Project, drawn: _Drawn, want: Wanted) -> bool:
    rows = _current(tx, project, drawn.ordinal)
    return (not want.differ or _differ(rows)) and (not want.wrong or _outcome(drawn, rows) != "right")


def _differ(rows: Sequence[OpinionRow]) -> bool:
    """Whether two who could tell said different things."""
    return len({(row.answer.kind, row.answer.value) for row in rows if row.answer and row.answer.kind != "unsure"}) > 1


def _outcome(drawn: _Drawn, rows: Sequence[OpinionRow]) -> Outcome:
    """What people say of the machine's label, as the look counts it: who was first shown a suggestion gave no audit."""
    told = settled(list(rows))
    if told is None or not told.blind:
        return "none"
    if drawn.jury:
        blind = [one.answer for one in rows if one.blind and one.answer and one.answer.decides]
        return "right" if ruling(0, [0 if _is(one, drawn.machine) else -1 for one in blind], 0) == RIGHT else "wrong"
    return "right" if told.answer is not None and _is(told.answer, drawn.machine) else "wrong"


def _is(answer: Answer, label: str) -> bool:
    return answer.kind in ("label", "labels") and answer.text == label


def _audit(drawn: _Drawn, item: ItemRow, rows: Sequence[OpinionRow], names: Mapping[int, str]) -> Audit:
    answers = tuple(Said(names.get(one.member, ""), one.at, one.answer) for one in rows if one.answer)
    return Audit(
        drawn.look,
        drawn.ordinal,
        item.id,
        item.text,
        drawn.machine,
        drawn.p,
        _outcome(drawn, rows),
        _differ(rows),
        answers,
    )

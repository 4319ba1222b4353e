"""How the team came to one item's answer, and what happens next: who said what, how often each is right, what it comes to.

Nothing is told of an item that the reader may still be asked about, nor of one answered since an open look began: who
answers must neither be led nor learn which questions are audits. Light: no model is loaded.

Legend: n = items, m = members, k = labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from cowise.core.types import Answer, Floats, Indices
from cowise.loop import beside, judged
from cowise.loop.classes import Classes
from cowise.loop.judged import Answered
from cowise.loop.look import find
from cowise.loop.roster import machine_of
from cowise.loop.workspace import Workspace
from cowise.store import Tx, decisions, members, opinions, projects, queue
from cowise.store.decisions import DecisionRow
from cowise.store.opinions import OpinionRow
from cowise.store.projects import Project
from cowise.team.combine import ENOUGH, Combiner, fit
from cowise.team.conduct import LEAST, Range
from cowise.team.votes import Votes, votes

Hidden = Literal["", "undecided", "waits", "open"]
Next = Literal["asked", "doubtful", "certificate", "stands"]
DOUBT = 0.5


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person said, the model where `by` is "", or a language model of that name where `machine`.

    `right` is how often they are, on this label where `on_label`.

    `label` is "" for none of these and for who could not tell. `right` None: too few answers to say. `p`: how sure the
    model was; `agrees` with the answer that stands.
    """

    by: str
    machine: bool
    label: str
    agrees: bool
    blind: bool
    right: float | None = None
    on_label: bool = False
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """`voices` in the order in which they spoke, and the `label` that stands by this `route`.

    `together` are the likeliest labels by all of them; () where answers are too few to weigh, and the `count` of those
    there are. `hidden` says why nothing is told. `next`: a second opinion is `asked`; all together speak for another
    answer (`doubtful`); it stands with its `certificate`; it `stands`.
    """

    hidden: Hidden
    route: str = ""
    label: str = ""
    voices: tuple[Voice, ...] = ()
    together: tuple[tuple[str, float], ...] = ()
    count: int = 0
    needed: int = 0
    next: Next = "stands"

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is computed anew only when opinions change: reliabilities of members by key, and how all are combined."""

    key: tuple[object, ...]
    right: Mapping[int, Range]
    place: Mapping[int, int]
    combiner: Combiner
    classes: Classes
    seen: Indices
    """Items of known label by member and label, (m, k)."""
    count: int
    llms: Mapping[str, float]
    """How often each language model is right, where that is known from answers enough."""

    def of(self, one: OpinionRow) -> int:
        """The class that somebody named, -1 for none."""
        return int(self.classes.of(np.array([self.classes.task.code(one.answer)]))[0])


def account(ws: Workspace, name: str, item: str, *, reader: str = "", answers: bool = True) -> Account:
    """How the item's answer came about, for the member `reader`, who may be asked questions where they `answer`."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        ordinal = find(tx, project, item)
        made, until = decisions.get(tx, project.id, ordinal), judged.settled_until(tx, project)
        rows = [one for one in opinions.of_item(tx, project.id, ordinal) if one.state == "current" and one.answer]
        names = {m.id: m.name for m in members.roster(tx, project.id)}
        asked = queue.seats(tx, project.id, ordinal)
        said = reader in {names.get(one.member) for one in rows}
        if made is None:
            return Account("undecided")
        if asked and answers and not said:
            return Account("waits")
        if until is not None and any(one.at > until for one in rows):
            return Account("open")
        return _told(ws, tx, project, made, (rows, names, "second" in asked.values()))


def _told(
    ws: Workspace, tx: Tx, project: Project, made: DecisionRow,
    said: tuple[Sequence[OpinionRow], Mapping[int, str], bool],
) -> Account:  # fmt: skip
    (rows, names, asked), task = said, project.task
    known, stands = _known(ws, tx, project), _label(made.answer)
    told, p = judged.voices(ws, tx, project, np.array([made.ordinal], np.int64))
    if made.route == "automated" and task.code(made.answer) >= 0:
        told, p = np.array([task.code(made.answer)]), np.array([made.p])
    voices = [_voice(one, names, known, stands) for one in rows]
    if told[0] >= 0:
        model = task.answer(int(told[0])).text
        machine = machine_of(tx, project)
        right = None if machine is None else machine.right.value
        sure = round(float(p[0]), 4)
        voices.insert(0, Voice("", machine=True, label=model, agrees=model == stands, blind=True, right=right, p=sure))
    for name, code, sure in beside.of_item(ws, tx, project, made.ordinal):
        label = task.answer(code).text
        voices.append(
            Voice(
                name, machine=True, label=label, agrees=label == stands, blind=True, right=known.llms.get(name), p=sure
            )
        )
    together = _together(known, rows, (known.classes.of(told), p))
    return Account(
        "", made.route, stands, tuple(voices), together, known.count, ENOUGH,
        _next(made, stands, together, asked),
    )  # fmt: skip


def _label(answer: Answer | None) -> str:
    return answer.text if answer is not None and answer.kind in ("label", "labels") else ""


def _next(made: DecisionRow, stands: str, together: tuple[tuple[str, float], ...], asked: bool) -> Next:
    if asked:
        return "asked"
    if made.route == "automated":
        return "certificate"
    return "doubtful" if together and together[0][0] != stands and together[0][1] > DOUBT else "stands"


def _voice(
    one: OpinionRow, names: Mapping[int, str], known: _Known, stands: str
) -> Voice:  # fmt: skip
    """A person's answer, with how often they are right on the label that they named, or else on all."""
    label, place = _label(one.answer), known.place.get(one.member)
    whole = known.right.get(one.member)
    right, on_label = (None, False) if whole is None else (whole.value, False)
    k = known.of(one)
    if place is not None and k >= 0 and known.seen[place, k] >= LEAST:
        right, on_label = round(float(known.combiner.confusion[place, k, k]), 4), True
    return Voice(
        names.get(one.member, ""),
        machine=False,
        label=label,
        agrees=label == stands,
        blind=one.blind,
        right=right,
        on_label=on_label,
    )


def _together(
    known: _Known, rows: Sequence[OpinionRow], model: tuple[Indices, Floats]
) -> tuple[tuple[str, float], ...]:  # fmt: skip
    """The two likeliest labels by model and people; () where nothing is combined or nobody who is known said anything."""
    told = [(known.place[one.member], k) for one in rows if one.member in known.place and (k := known.of(one)) >= 0]
    if known.combiner.reason or not told:
        return ()
    k, labels = len(known.classes), known.classes.names
    who, what = zip(*told, strict=True)
    said = votes([0] * len(told), who, what, (1, len(known.place), k))
    p = known.combiner.combine(judged.spread(*model, k), said)[0]
    order = np.argsort(-p, kind="stable")[:2]
    return tuple((labels[i], round(float(p[i]), 4)) for i in order.tolist())


def _known(ws: Workspace, tx: Tx, project: Project) -> _Known:
    until = judged.settled_until(tx, project)
    key = (opinions.mark(tx, project.id), until, project.settings.get("voice"), project.task.labels)
    kept: _Known | None = ws.memory.get(f"account {project.id}")
    if kept is not None and kept.key == key:
        return kept
    rows = beside.llms(ws, tx, project, beside.said(tx, project, until))
    llms = {one.name: one.right.value for one in rows if one.right is not None and one.right.n >= LEAST}
    found = ws.memory[f"account {project.id}"] = _measured(judged.read(ws, tx, project, until), key, llms)
    return found


def _measured(said: Answered, key: tuple[object, ...], llms: Mapping[str, float]) -> _Known:
    k, weighed = len(said.classes), judged.weighed(said)
    right = (
        {}
        if weighed is None
        else {who: one for who, one in zip(said.members, weighed.right, strict=True) if one.n >= LEAST}
    )
    first, known = _apart(said, k)
    combiner = fit(judged.spread(said.told, said.p, k), first, known)
    seen = np.zeros((len(said.members), k), np.int64)
    sure = known[first.item] >= 0
    np.add.at(seen, (first.member[sure], known[first.item[sure]]), 1)
    place = {who: i for i, who in enumerate(said.members)}
    return _Known(key, right, place, combiner, said.classes, seen, int((known >= 0).sum()), llms)


def _apart(said: Answered, k: int) -> tuple[Votes, Indices]:
    """Each item's first blind answer, and its label by all the others (n,), -1 where there are none or they differ.

    So nobody is judged by a label that their own answer made.
    """
    blind = np.flatnonzero(said.blind & (said.label >= 0))
    _, at = np.unique(said.item[blind], return_index=True)
    first = blind[at]
    others = np.setdiff1d(blind, first)
    counts = np.zeros((said.num_items, k))
    np.add.at(counts, (said.item[others], said.label[others]), 1)
    alike = counts.max(axis=1, initial=0) == counts.sum(axis=1)
    known = np.where(alike & (counts.sum(axis=1) > 0), counts.argmax(axis=1), -1)
    shape = (said.num_items, len(said.members), k)
    return votes(said.item[first], said.member[first], said.label[first], shape), known

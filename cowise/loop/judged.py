"""People's answers as columns, and what everybody's answers and the model's voice say of each: light, no model is loaded.

Legend: v = answers, n = items with an answer, m = members, k = labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cowise.core.types import Bools, Floats, Indices
from cowise.loop import records
from cowise.loop.classes import Classes, classes
from cowise.loop.pace import DAY_S
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, members, opinions, timeline
from cowise.store.projects import Project
from cowise.team.conduct import Range, accuracy, by_others, share, weigh
from cowise.team.votes import Votes, votes

LOOKS = 5
"""Looks whose model still has a voice: the newest."""
_ANEW = ("changed", "labels renamed", "labels reshaped")


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Current answers in the order given, (v,) each; `label` and `suggested` are `classes`, -1 for none.

    `ordinals` (n,) and `members` (m,) are numbered; the model says `told` (n,) with probability `p` (n,), -1 for nothing.
    """

    item: Indices
    member: Indices
    label: Indices
    suggested: Indices
    blind: Bools
    seconds: Floats
    at: Floats
    ordinals: Indices
    members: tuple[int, ...]
    classes: Classes
    told: Indices
    p: Floats

    @property
    def num_items(self) -> int:
        """Items with an answer."""
        return len(self.ordinals)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Blind answers that something else speaks of too: `right` (m,), `tells` (m,), `agreed` (v,) by everybody else.

    `heard`: the model's voice is among them.
    """

    votes: Votes
    right: list[Range]
    tells: Floats
    agreed: Floats
    heard: bool


def settled_until(tx: Tx, project: Project) -> float | None:
    """Until when answers may be judged: what came later may be an audit that is not concluded. None: all may be.

    While a look is open, until it began. While a stream is watched, until the day began (UTC): whoever looked after each
    answer would learn which ones the machine had answered too.
    """
    walk = project.settings.get("walk")
    if walk:
        laid = timeline.events(tx, project.id, ("designed",))
        return max((one.at for one in laid if one.record.get("blob") == walk["blob"]), default=0.0)
    standing = certificates.valid(tx, project.id) if project.released else []
    if any(row.certificate.window == "stream" for row in standing):
        return tx.now() // DAY_S * DAY_S
    return None


def read(ws: Workspace, tx: Tx, project: Project, until: float | None) -> Answered:
    """People's answers, those given later than `until` left out, and what the model says of the same items."""
    people = {m.id for m in members.roster(tx, project.id) if m.kind == "person"}
    task = project.task
    rows = [
        one for one in opinions.current(tx, project.id)
        if one.member in people and one.answer is not None and (until is None or one.at <= until)
    ]  # fmt: skip
    ordinals, item = np.unique(np.array([one.ordinal for one in rows], np.int64), return_inverse=True)
    who, member = np.unique(np.array([one.member for one in rows], np.int64), return_inverse=True)
    label = np.array([task.code(one.answer) for one in rows], np.int64)
    shown = np.array([task.coded(one.suggested) if one.suggested else -1 for one in rows], np.int64)
    told, p = voices(ws, tx, project, ordinals)
    among = classes(task, label, shown, told)
    return Answered(
        item, member, among.of(label), among.of(shown),
        np.array([one.blind for one in rows], np.bool_), np.array([one.seconds for one in rows], np.float64),
        np.array([one.at for one in rows], np.float64), ordinals, tuple(who.tolist()), among,
        among.of(told), p,
    )  # fmt: skip


def weighed(said: Answered) -> Judged | None:
    """Reliabilities from blind answers to items of which others, or the model's voice, speak too; None without any."""
    k, told = len(said.classes), said.told
    blind = said.blind & (said.label >= 0)
    several = np.bincount(said.item[blind], minlength=said.num_items) > 1
    chosen = blind & (several | (told >= 0))[said.item]
    if not chosen.any():
        return None
    shape = (said.num_items, len(said.members), k)
    found = votes(said.item[chosen], said.member[chosen], said.label[chosen], shape)
    heard = bool((told >= 0).any())
    known = weigh(found, spread(told, said.p, k) if heard else None, alike=said.classes.task.sets)
    return Judged(found, accuracy(known, found), known.informative, by_others(known, found), heard)


def spread(told: Indices, p: Floats, k: int) -> Floats:
    """A voice as probabilities (n, k): `p` (n,) for the label `told` (n,), the rest shared; -1 says nothing.

    >>> spread(np.array([1, -1]), np.array([0.8, 0.0]), 2).round(2)
    array([[0.2, 0.8],
           [0.5, 0.5]])
    """
    rows = np.full((len(told), k), 1 / k)
    some = told >= 0
    rows[some] = ((1 - p[some]) / max(1, k - 1))[:, None]
    rows[np.flatnonzero(some), told[some]] = p[some]
    return rows


def voices(ws: Workspace, tx: Tx, project: Project, ordinals: Indices) -> tuple[Indices, Floats]:
    """Which label the model gave each item without its answer, and its probability, (n,) each; -1 where it said nothing.

    A look's model never learned an item of the rest that it was laid over; of what it had learned from, it was asked
    without each item's own answer.
    """
    label, p = np.full(len(ordinals), -1, np.int64), np.zeros(len(ordinals))
    kept = project.settings.get("voice") or {}
    if kept and tuple(kept["labels"]) == project.task.labels:
        _hear(ws, kept["blob"], ordinals, (label, p))
    walk = (project.settings.get("walk") or {}).get("blob")
    laid = timeline.events(tx, project.id, ("designed", *_ANEW))
    anew = max((i for i, one in enumerate(laid) if one.kind in _ANEW), default=-1)
    blobs = [str(one.record["blob"]) for one in laid[anew + 1 :] if one.record["blob"] != walk]
    for blob in blobs[-LOOKS:]:
        _hear(ws, blob, ordinals, (label, p))
    return label, p


def _hear(ws: Workspace, blob: str, ordinals: Indices, into: tuple[Indices, Floats]) -> None:
    told: Mapping[str, Indices | Floats] = records.columns(ws.store.blobs.get(blob))
    _, here, there = np.intersect1d(ordinals, told["ordinals"], assume_unique=True, return_indices=True)
    into[0][here], into[1][here] = told["label"][there], told["p"][there]


def taken_in(said: Answered, chosen: Bools) -> Range | None:
    """How often a wrong suggestion was accepted in `chosen` answers (v,), others answering blind; None where there was none.

    Only items that somebody else answered blind count: whom nobody checked, nothing is known of.
    """
    blind = said.blind & (said.label >= 0)
    shown = np.flatnonzero(chosen & ~said.blind & (said.suggested >= 0) & (said.label >= 0))
    wrong = accepted = 0
    for i in shown.tolist():
        others = said.label[blind & (said.item == said.item[i]) & (said.member != said.member[i])]
        if len(others) and 2 * int((others == said.suggested[i]).sum()) < len(others):
            wrong += 1
            accepted += int(said.label[i] == said.suggested[i])
    return share(accepted, wrong) if wrong else None


def reasoned(tx: Tx, project: Project, said: Answered) -> Bools:
    """Which answers were given with the model's reasons on show, (v,)."""
    shown = {(one.record["item"], one.record["member"]) for one in timeline.events(tx, project.id, ("reasons shown",))}
    found = np.zeros(len(said.item), np.bool_)
    if not shown:
        return found
    hashes = records.hashes_of(tx, project.id, said.ordinals.tolist())
    people = {m.id: records.person(m) for m in members.roster(tx, project.id)}
    for i, (item, member) in enumerate(zip(said.item.tolist(), said.member.tolist(), strict=True)):
        found[i] = (hashes.get(int(said.ordinals[item])), people[said.members[member]]) in shown
    return found

"""What each person is good at, and what follows from it: who is asked which text first, and where one more opinion pays.

Measured from blind answers beside what the model says of each text without them. It plans; no certificate stands on it.

Legend: m = members, k = labels, n = items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cowise.core.types import Bools, Floats, Indices, Task
from cowise.loop.jury import GUESS
from cowise.loop.reading import Reading
from cowise.team.assignment import assign, chance_of_error
from cowise.team.conduct import FEW, LEAST, weigh
from cowise.team.opinion import Ask, next_opinion, updated
from cowise.team.votes import Votes

GROWN = 1.1
"""Skills are measured again once there are so many times as many answers."""
SHORT = 5
"""Where there are many labels, one more opinion is weighed among the model's likeliest ones and those that people gave."""


@dataclass(frozen=True, slots=True, eq=False)
class Skills:
    """Of some `members`: who is `known` by answers enough (m,), and how often each is `right` (m,).

    Where labels are few, `rows` (m, k, k) are answer probabilities by true label. Measured when `answers` were there.
    """

    members: tuple[int, ...]
    known: tuple[bool, ...]
    right: Floats
    rows: Floats | None
    answers: int

    def among(self, labels: Indices) -> Floats:
        """Answer probabilities among some `labels` (s,) alone, (m, s, s)."""
        if self.rows is None:
            return _alike(self.right, len(labels))
        found = self.rows[:, labels][:, :, labels]
        return np.asarray(found / found.sum(axis=2, keepdims=True), np.float64)

    def old(self, answers: int) -> bool:
        """Whether so many answers are enough more to measure anew."""
        return answers >= GROWN * max(1, self.answers)


def fit(task: Task) -> bool:
    """Whether questions of this task wait for whom they suit: where labels are few, and one is asked for."""
    return not task.sets and len(task.labels) <= FEW


def measured(members: Sequence[int], said: Votes, people: Sequence[int], prior: Floats | None, answers: int) -> Skills:
    """Skills of `members` from answers of `people` and the model's `prior` (n, k); who has answered little is ordinary."""
    k = said.n_labels
    right, known = np.full(len(members), GUESS), [False] * len(members)
    rows = _alike(right, k) if k <= FEW else None
    if len(said):
        learned = weigh(said, prior)
        told, place = np.bincount(said.member, minlength=len(people)), {who: i for i, who in enumerate(people)}
        share = learned.accuracy[0]
        for i, who in enumerate(members):
            j = place.get(who)
            if j is None or told[j] < LEAST:
                continue
            known[i], right[i] = True, float(share[j])
            if rows is not None:
                rows[i] = learned.confusion[j]
    return Skills(tuple(members), tuple(known), right, rows, answers)


def _alike(right: Floats, k: int) -> Floats:
    rows = np.repeat(((1 - right) / max(1, k - 1))[:, None], k * k, axis=1).reshape(len(right), k, k)
    rows[:, np.arange(k), np.arange(k)] = right[:, None]
    return np.asarray(rows, np.float64)


def wishes(
    skills: Skills,
    ordinals: Indices,
    p_nk: Floats,
    reading: Reading | None = None,
    room: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Who had best be asked each item (n,), by what is believed of it (n, k): fewest wrong answers, as many items for each.

    Nobody in particular where labels are many, or fewer than two people are known well enough; nobody who cannot read it. Who
    has `room` for only so many answers today gets at most that, and the others more.
    """
    chosen = [i for i, known in enumerate(skills.known) if known]
    if skills.rows is None or len(chosen) < 2 or not len(ordinals):
        return {}
    cost = chance_of_error(p_nk, skills.rows[chosen])
    who = [skills.members[i] for i in chosen]
    able = None if reading is None else np.stack([reading.by([one])[ordinals] for one in who], axis=1)
    most = fair(len(ordinals), [(room or {}).get(one, len(ordinals)) for one in who])
    found = assign(cost, most, able)
    return {int(o): who[w] for o, w in zip(ordinals.tolist(), found.tolist(), strict=True) if w >= 0}


def fair(n: int, room: Sequence[int]) -> Indices:
    """How many of `n` items each gets at most, (m,): as many for each as can be, none beyond their `room` (m,).

    >>> fair(10, [100, 100, 2]).tolist(), fair(10, [1, 2, 3]).tolist()
    ([4, 4, 2], [1, 2, 3])
    """
    most = np.asarray(room, np.int64)
    level = next((one for one in range(n + 1) if int(np.minimum(most, one).sum()) >= n), n)
    return np.minimum(most, level)


def one_more(skills: Skills, p: Floats, told: Sequence[tuple[int, int]], free: Bools, worth: float, stands: int) -> Ask:
    """Whether to ask on about an item, and which place among the members is asked.

    `p` (k,) is what the model says of it without its answers, `told` who gave it which label, `free` (m,) who may be
    asked, `stands` the label that counts until somebody is.
    """
    labels = (
        np.arange(len(p)) if len(p) <= FEW else np.union1d(np.argsort(-p)[:SHORT], [stands, *(at for _, at in told)])
    )
    beliefs = np.maximum(p[labels], 1e-6)
    beliefs, among = beliefs / beliefs.sum(), skills.among(labels)
    place = {who: i for i, who in enumerate(skills.members)}
    for who, label in told:
        if who in place:
            beliefs = updated(beliefs, among[place[who]], int(np.searchsorted(labels, label)))
    return next_opinion(beliefs, among, worth, allowed=free, stands=int(np.searchsorted(labels, stands)))

"""People played by known answers at work together: who is asked, who is asked again, and what they are found to be worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.loop.crew import Crew
from cowise.loop.jury import FIRST, GUESS, alone, doubted, ruled
from cowise.loop.layout import NO_ANSWER
from cowise.team.ruling import JURY

SLACK = 40
"""Answers that somebody who audits may be ahead of the mean."""


class Shift:
    """Several people who take turns. With a `jury` whoever agrees most with the model audits, and differences are asked on.

    Without one, everybody is asked in turn and an answer stands.
    """

    def __init__(
        self, people: Sequence[Crew], n_labels: int, rng: Generator, *, jury: bool = True, sets: bool = False
    ) -> None:
        if not people:
            raise InputError("crew: nobody is in it; give one person at least")
        self._people, self._k, self._rng, self._sets = tuple(people), n_labels, rng, sets
        self.jury = jury and len(people) >= JURY
        self.load: Indices = np.zeros(len(people), np.int64)
        self._same, self._compared = np.zeros(len(people)), np.zeros(len(people))
        self.pairs, self.differ = 0, 0

    @property
    def doubt(self) -> float:
        """People's mean error by the items that two of them answered, 0 where nobody is doubted."""
        if not self.jury:
            return 0.0
        return doubted(self.pairs, self.differ)

    @property
    def agreement(self) -> Floats:
        """How often each person agrees with what the model said before it learned their answer, (m,)."""
        return np.asarray((self._same + GUESS * FIRST) / (self._compared + FIRST), np.float64)

    def compare(self, who: Indices, same: Bools) -> None:
        """Answers of `who` (a,) beside what the model had said of the items, (a,)."""
        np.add.at(self._same, who, same.astype(np.float64))
        np.add.at(self._compared, who, 1.0)

    def somebody(self, *, audit: bool = False, apart: Iterable[int] = ()) -> int | None:
        """Who is asked next: the least busy, for audits the most reliable of those who are not too busy; None: nobody."""
        free = [who for who in range(len(self._people)) if who not in set(apart)]
        if not free:
            return None
        if audit and self.jury:
            mean = float(self.load.mean())
            near = [who for who in free if self.load[who] <= mean + SLACK] or free
            return max(near, key=lambda who: (self.agreement[who], -self.load[who]))
        return min(free, key=lambda who: (self.load[who], who))

    def answer(self, who: int, truth: int) -> int | None:
        """What a person says of an item, None for a skip; it is one answer of theirs either way."""
        self.load[who] += 1
        return self._said(self._people[who], who, truth)

    def _said(self, one: Crew, who: int, truth: int) -> int | None:
        say = one.answer_set if self._sets else one.answer
        return say(truth, self._k, int(self.load[who]), self._rng)

    def surely(self, who: int, truth: int) -> int:
        """What a person says who may not skip."""
        one = self._people[who]
        self.load[who] += 1
        told = self._said(Crew(one.accuracy, one.fatigue, 0.0, one.confusion), who, truth)
        assert told is not None  # nobody skips without skipping  # noqa: S101
        return told

    def judge(self, truth: int, machine: int, *, each: bool = False) -> tuple[int, list[tuple[int, int]], int]:
        """An audit: (code, who said what, answers and skips that it took); with `each`, of every label of a set."""
        said, asked = list[tuple[int, int]](), set[int]()
        before = int(self.load.sum())
        while (who := self.somebody(audit=True, apart=asked)) is not None:
            asked.add(who)
            told = self.answer(who, truth)
            if told is not None:
                said.append((who, told))
            others = len(self._people) - len(asked)
            code = self._ruling(machine, [label for _, label in said], others, each=each)
            if code is not None:
                return code, said, int(self.load.sum()) - before
        return NO_ANSWER, said, int(self.load.sum()) - before

    def _ruling(self, machine: int, said: list[int], others: int, *, each: bool) -> int | None:
        if not said:
            return None
        if not self.jury:
            return alone(machine, said[0], each=each)
        return ruled(machine, said, others, self._k if each else 0)


def most(said: Sequence[int]) -> int:
    """The label that most people gave, the earliest one at a tie.

    >>> most([2, 0, 0]), most([2, 0])
    (0, 2)
    """
    return max(dict.fromkeys(said), key=list(said).count)


def columns(told: Mapping[int, Sequence[tuple[int, int]]]) -> tuple[Indices, Indices, Indices, Indices]:
    """The items that have answers (n,), and the answers as columns: number of the item, who, label.

    >>> [column.tolist() for column in columns({7: [(0, 2), (1, 2)], 9: [(1, 0)]})]
    [[7, 9], [0, 0, 1], [0, 1, 1], [2, 2, 0]]
    """
    rows = [(i, who, label) for i, said in enumerate(told.values()) for who, label in said]
    found = np.array(rows, np.int64).reshape(-1, 3)
    return np.array(list(told), np.int64), found[:, 0], found[:, 1], found[:, 2]

"""Answers as classes, for all that counts who says what: the labels of a task, or the sets of them that occur.

Legend: n = items, k = labels, c = classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from cowise.core.types import Floats, Indices, Task
from cowise.models.heads import softmax
from cowise.models.sets import SetBook


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """`codes` (c,) are the numbers of the answers, ascending; a class is the place of one."""

    task: Task
    codes: Indices

    def __len__(self) -> int:
        """How many classes."""
        return len(self.codes)

    @property
    def names(self) -> tuple[str, ...]:
        """What each class says."""
        return tuple(self.task.answer(code).text for code in self.codes.tolist())

    def of(self, codes: Indices) -> Indices:
        """Classes of answers (n,); -1 for one that is none of them."""
        if not len(self.codes):
            return np.full(len(codes), -1, np.int64)
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.asarray(np.where(self.codes[place] == codes, place, -1), np.int64)

    def beliefs(self, p_nk: Floats, book: SetBook | None) -> Floats:
        """What a model believes of them, rows summing to one, (n, k) -> (n, c)."""
        return p_nk if book is None else softmax(book.over(self.codes).scores(p_nk))


def classes(task: Task, *seen: Indices) -> Classes:
    """The classes of a task; of sets, those that are among the answers `seen`."""
    if not task.sets:
        return Classes(task, np.arange(len(task.labels)))
    found: Indices = reduce(np.union1d, seen, np.zeros(0, np.int64))
    return Classes(task, found[found >= 0])

"""Who of the people reads which items: nobody is asked what they cannot read, and what nobody reads waits apart.

The language of an item depends on nothing but the item, so it can tell nobody what a question is for.

Legend: n = items by ordinal, l = languages of a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cowise.core.language import reading
from cowise.core.types import Bools, Indices
from cowise.store.members import Member


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """`code` (n,) numbers each item's language among `languages` (l,); `readers` (l,) are the active people who read it.

    `limited`: somebody does not read everything. `people` are all of them.
    """

    code: Indices
    languages: tuple[str, ...]
    readers: tuple[frozenset[int], ...]
    people: frozenset[int]
    limited: bool

    def of(self, ordinal: int) -> frozenset[int]:
        """The people who read an item."""
        return self.readers[self.code[ordinal]] if self.limited else self.people

    def language(self, ordinal: int) -> int:
        """The number of an item's language; 0 for all while everybody reads everything."""
        return int(self.code[ordinal]) if self.limited else 0

    def by(self, members: Iterable[int]) -> Bools:
        """Which items (n,) any of these people reads."""
        if not self.limited:
            return np.ones(len(self.code), np.bool_)
        wanted = frozenset(members)
        return np.array([bool(wanted & who) for who in self.readers], np.bool_)[self.code]

    def alike(self, language: int) -> Bools:
        """Which items (n,) are in a language; all while everybody reads everything."""
        return self.code == language if self.limited else np.ones(len(self.code), np.bool_)

    @property
    def unread(self) -> Bools:
        """Which items (n,) nobody on the roster reads, where there is somebody."""
        if not self.limited:
            return np.zeros(len(self.code), np.bool_)
        return np.array([not who for who in self.readers], np.bool_)[self.code]

    @property
    def circles(self) -> tuple[frozenset[int], ...]:
        """People who read the same languages, together; one circle where everybody reads everything."""
        if not self.limited:
            return (self.people,)
        same: dict[tuple[bool, ...], set[int]] = {}
        for who in sorted(self.people):
            same.setdefault(tuple(who in each for each in self.readers), set()).add(who)
        return tuple(frozenset(each) for each in same.values())


def reading_of(code: Indices, languages: tuple[str, ...], roster: Sequence[Member]) -> Reading:
    """Who reads what, by the languages that people name; who names none reads all."""
    people = [one for one in roster if one.kind == "person" and one.active]
    reads = {one.id: reading(said) for one in people if (said := one.settings.get("languages"))}
    readers = tuple(
        frozenset(one.id for one in people if not language or one.id not in reads or language in reads[one.id])
        for language in languages
    )
    return Reading(code, languages, readers, frozenset(one.id for one in people), limited=bool(reads))

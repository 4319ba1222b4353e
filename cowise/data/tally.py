"""How many texts there are when equal ones count once, and where their labels contradict each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cowise.core.types import content_id
from cowise.data.rows import Row

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Conflict:
    """One text that bears different labels."""

    id: str
    text: str
    labels: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Counts over rows as they pass: `rows`, `distinct` texts, labels, and texts whose labels contradict.

    >>> tally = Tally()
    >>> [tally.take(Row(text, label=label)) == content_id("a") for text, label in [("a", "x"), (" A ", "y")]]
    [True, True]
    >>> tally.rows, tally.distinct, tally.conflicts
    (2, 1, 1)
    """

    rows: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    examples: list[Conflict] = field(default_factory=list)
    _first: dict[bytes, str | None] = field(default_factory=dict, repr=False)
    _conflicts: dict[bytes, set[str]] = field(default_factory=dict, repr=False)

    @property
    def distinct(self) -> int:
        """Texts when equal ones count once."""
        return len(self._first)

    @property
    def duplicates(self) -> int:
        """Rows whose text came before."""
        return self.rows - len(self._first)

    @property
    def conflicts(self) -> int:
        """Distinct texts that bear more than one label."""
        return len(self._conflicts)

    def take(self, row: Row) -> str:
        """Count a row and return the content id of its text."""
        found = content_id(row.text)
        # Half the bytes of the hexadecimal form: a million ids stay under 150 MB.
        key = bytes.fromhex(found)
        self.rows += 1
        if row.label is not None:
            self.labels[row.label] += 1
        before = self._first.get(key)
        if before is None:
            self._first[key] = row.label
        elif row.label is not None and row.label != before:
            self._clash(key, found, row, before)
        return found

    def _clash(self, key: bytes, found: str, row: Row, before: str) -> None:
        assert row.label is not None  # the caller has looked  # noqa: S101
        labels = self._conflicts.setdefault(key, {before})
        labels.add(row.label)
        if len(labels) == 2 and len(self.examples) < _SHOWN:
            self.examples.append(Conflict(found, row.text, (before, row.label)))


def counted(rows: Iterable[Row], tally: Tally) -> Iterator[tuple[str, Row]]:
    """Pass rows on with their content ids, counting them."""
    for row in rows:
        yield tally.take(row), row

"""What reading yields: rows, one at a time, and a report of how the source was understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_CELL = 16 * 2**20
MAX_COLUMNS = 2_000


class Row(NamedTuple):
    """One text as it came. `position` is its line in a file, or its number from 1 elsewhere.

    `by` names who gave the opinion, or the label where there is no opinion; "" is nobody in particular.
    """

    text: str
    meta: Mapping[str, Any] = {}  # never written to
    label: str | None = None
    opinion: str | None = None
    confidence: float | None = None
    by: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class How:
    """What the caller knows of a source; an empty field is found out and stated in `Source`.

    `format`: csv, tsv, jsonl, json, parquet, text. `by`: who gave the opinions, or else the labels.
    With `sets` a text may have any number of labels: a list of them is handed on as JSON.
    """

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    by: str = ""
    sets: bool = False


@dataclass(slots=True)
class Source:
    """How a source was understood. Counts grow while its rows are read.

    `rows` were handed on, `blank` had no text and were passed over, `short` lacked fields (taken as empty),
    `mended` held NUL characters or lone surrogates, which became U+FFFD. `notes` are sentences for the user.
    """

    name: str
    format: str
    encoding: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    text: str = ""
    label: str = ""
    rows: int = 0
    blank: int = 0
    short: int = 0
    mended: int = 0
    guessed: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """A JSON object for reports and the ledger."""
        names = ("name", "format", "encoding", "delimiter", "text", "label", "rows", "blank", "short", "mended")
        return {name: getattr(self, name) for name in names} | {
            "columns": list(self.columns),
            "guessed": list(self.guessed),
            "notes": list(self.notes),
        }


Records = Iterator[tuple[int, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Table:
    """A source as records: its columns, and a function that begins reading (position, fresh dict) pairs.

    `loose` values come from JSON or from Python objects: of any type, perhaps with lone surrogates.
    `names` maps a column's numbers to label names.
    """

    source: Source
    columns: tuple[str, ...]
    records: Callable[[], Records]
    loose: bool = False
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Rows:
    """The rows of a source, streamed; `source` tells how it was understood and, once read, the counts."""

    def __init__(self, source: Source, begin: Callable[[], Iterator[Row]]) -> None:
        self.source = source
        self._begin = begin

    def __iter__(self) -> Iterator[Row]:
        """Read from the beginning (from where it stands, for an iterator that cannot begin again)."""
        self.source.rows = self.source.blank = self.source.short = self.source.mended = 0
        return self._begin()

"""CSV and TSV, streamed; each deviation is counted, stated or refused by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, TextIO

from cowise.core.errors import DataError, LimitError
from cowise.data.dialect import Dialect, sniff
from cowise.data.place import Place
from cowise.data.rows import MAX_CELL, MAX_COLUMNS, Records, Source, Table

_SAMPLE = 2**18
_MAX_LINE = 4 * MAX_CELL
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}


def open_delimited(place: Place, source: Source, delimiter: str = "") -> Table:
    """A CSV or TSV file with a header line. Raises DataError or LimitError for a header that cannot be used."""
    csv.field_size_limit(MAX_CELL)
    with _text(place, source.encoding) as text:
        sample = text.read(_SAMPLE)
        whole = not text.read(1)
    dialect = sniff(sample, delimiter, prefer="\t" if source.format == "tsv" else "", whole=whole)
    if not delimiter:
        source.guessed += ("delimiter",)
    source.delimiter = dialect.delimiter
    if not dialect.quoted and dialect.delimiter == "\t":
        source.notes.append("quotation marks are taken as ordinary characters, since they do not pair up")
    try:
        with _text(place, source.encoding) as text:
            first: list[str] = next(_reader(_lines(text, place.name, source), dialect), [])
    except csv.Error as cause:
        raise _refusal(cause, place.name, 1) from None
    columns = _header(first, place.name, source)
    return Table(source, columns, lambda: _records(place, source, dialect, columns))


def _header(first: list[str], name: str, source: Source) -> tuple[str, ...]:
    if len(first) > MAX_COLUMNS:
        raise LimitError(
            f"{name} has {len(first):,} columns, cowise accepts {MAX_COLUMNS:,}; keep those with texts, labels and "
            "what you want to see beside them"
        )
    if not any(cell.strip() for cell in first):
        raise DataError(f"{name}: its first line is empty; the first line of a CSV file names the columns")
    columns: list[str] = []
    for number, cell in enumerate(first, 1):
        plain = cell.strip() or f"column {number}"
        chosen, again = plain, 2
        while chosen in columns:
            chosen, again = f"{plain}.{again}", again + 1
        if chosen != plain:
            source.notes.append(f"column {number} is named {plain!r} as one before it is; it is called {chosen!r} here")
        columns.append(chosen)
    return tuple(columns)


def _records(place: Place, source: Source, dialect: Dialect, columns: tuple[str, ...]) -> Records:
    csv.field_size_limit(MAX_CELL)
    width = len(columns)
    with _text(place, source.encoding) as text:
        reader = _reader(_lines(text, place.name, source), dialect)
        start = 1
        try:
            next(reader, None)
            start = reader.line_num + 1
            for cells in reader:
                if cells and len(cells) != width:
                    _fit(cells, width, source, start)
                if cells:
                    yield start, dict(zip(columns, cells, strict=True))
                start = reader.line_num + 1
        except csv.Error as cause:
            raise _refusal(cause, place.name, start) from None


def _fit(cells: list[str], width: int, source: Source, line: int) -> None:
    """Empty fields for missing ones; empty ones too many are dropped; others are refused."""
    if len(cells) < width:
        source.short += 1
        cells.extend([""] * (width - len(cells)))
    elif any(cells[width:]):
        raise DataError(
            f"{source.name}, line {line:,}: {len(cells)} fields where the header has {width}; put texts that hold a "
            f"{_NAMES.get(source.delimiter, source.delimiter)} in quotation marks, or read a text per line with --format text"
        )
    else:
        del cells[width:]


def _refusal(cause: csv.Error, name: str, line: int) -> DataError | LimitError:
    said = str(cause)
    if "field larger" in said:
        return LimitError(
            f"{name}, record from line {line:,}: a field is longer than {MAX_CELL:,} characters; shorten it, or close "
            "the quotation mark that was left open there"
        )
    if "unexpected end" in said:
        return DataError(f"{name}, record from line {line:,}: a quotation mark is never closed; close or double it")
    if "expected after" in said:
        return DataError(
            f"{name}, record from line {line:,}: characters follow a closing quotation mark; double each quotation "
            'mark inside a quoted field ("" for ")'
        )
    return DataError(f"{name}, record from line {line:,}: {said}; mend that line")


def _reader(lines: Iterator[str], dialect: Dialect) -> Any:  # the stub names no public type
    if dialect.quoted:
        return csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, strict=True)


def _lines(text: TextIO, name: str, source: Source) -> Iterator[str]:
    """Physical lines of bounded length, NUL characters mended."""
    readline = text.readline
    while line := readline(_MAX_LINE):
        if len(line) == _MAX_LINE:
            raise LimitError(f"{name}: a line is longer than {_MAX_LINE:,} characters; break it up or check the file")
        if "\x00" in line:
            line = line.replace("\x00", "\ufffd")
            source.mended += 1
        yield line


def _text(place: Place, encoding: str) -> TextIO:
    return io.TextIOWrapper(place.open(), encoding, newline="")

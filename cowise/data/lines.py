"""Formats of one record per line: JSON Lines and plain text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from cowise.core.errors import DataError, LimitError
from cowise.data.place import Place
from cowise.data.rows import MAX_CELL, MAX_COLUMNS, Records, Source, Table

_MAX_LINE = 4 * MAX_CELL
_LOOK = 100


def open_text(place: Place, source: Source) -> Table:
    """Plain text: each line is a text."""
    return Table(source, ("text",), lambda: ((n, {"text": line}) for n, line in _numbered(place, source)))


def open_jsonl(place: Place, source: Source) -> Table:
    """JSON Lines: each line is an object. Columns are the keys of the first hundred objects."""
    columns: dict[str, None] = {}
    for _, record in islice(_objects(place, source), _LOOK):
        columns.update(dict.fromkeys(record))
    if not columns:
        raise DataError(f"{place.name} has no objects; give one JSON object per line")
    if len(columns) > MAX_COLUMNS:
        raise LimitError(f"{place.name} has {len(columns):,} keys, cowise accepts {MAX_COLUMNS:,}; keep those you need")
    return Table(source, tuple(columns), lambda: _objects(place, source), loose=True)


def no_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def _objects(place: Place, source: Source) -> Records:
    for number, line in _numbered(place, source):
        if not line.strip():
            continue
        try:
            record = json.loads(line, parse_constant=no_constant)
        except RecursionError:
            raise DataError(f"{place.name}, line {number:,}: nested too deeply; make it flatter") from None
        except ValueError as cause:
            raise DataError(f"{place.name}, line {number:,}: not JSON ({cause}); mend or remove that line") from None
        if not isinstance(record, dict):
            what = type(record).__name__
            raise DataError(f"{place.name}, line {number:,}: a {what}, not an object; give one {{...}} per line")
        yield number, record


def _numbered(place: Place, source: Source) -> Iterator[tuple[int, str]]:
    with io.TextIOWrapper(place.open(), source.encoding) as text:
        number = 0
        while line := text.readline(_MAX_LINE):
            number += 1
            if len(line) == _MAX_LINE:
                raise LimitError(f"{place.name}, line {number:,}: longer than {_MAX_LINE:,} characters; break it up")
            if "\x00" in line:
                line = line.replace("\x00", "\ufffd")
                source.mended += 1
            yield number, line.removesuffix("\n")

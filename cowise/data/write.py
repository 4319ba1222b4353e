"""Rows out to CSV, TSV, JSON Lines, JSON for Label Studio, or Parquet: all of the file or nothing."""

from __future__ import annotations

import csv
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from cowise.core.errors import ConflictError, DataError, InputError, StorageError
from cowise.data.label_studio import to_tasks
from cowise.data.mend import mend
from cowise.data.parquet import write_parquet
from cowise.data.place import located

_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "label-studio",
    ".parquet": "parquet",
}
# A spreadsheet runs cells that begin so as formulas.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written; `guarded` cells got a leading apostrophe so that no spreadsheet runs them."""

    file: Path
    format: str
    rows: int
    guarded: int = 0


def write(
    rows: Iterable[Mapping[str, Any]],
    file: str | Path,
    *,
    columns: Sequence[str] = (),
    format: str = "",  # noqa: A002  # the user's word
    overwrite: bool = False,
    guard: bool = True,
) -> Written:
    """Write rows; the columns are those named, or else those of the first row.

    `guard` puts an apostrophe before CSV and TSV texts that a spreadsheet would run as formulas. Values that are
    lists or objects become JSON in CSV, TSV and Parquet. Raises ConflictError for a file that exists, DataError for
    a row with other keys, InputError for an unknown format, StorageError when the disk refuses.
    """
    path = located(file)
    form = form_of(path, format)
    if path.exists() and not overwrite:
        raise ConflictError(f"{path} exists already; choose another name, or allow overwriting with --overwrite")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        written = _write(rows, draft, form, columns, guard=guard)
        _finish(draft, path, overwrite=overwrite)
    except OSError as cause:
        raise StorageError(
            f"{path} cannot be written ({cause.strerror}); check the folder, its owner and the disk"
        ) from cause
    finally:
        draft.unlink(missing_ok=True)
    return Written(path, form, *written)


def form_of(file: str | Path, form: str = "") -> str:
    """The format in which a file is written, by its ending or as named; InputError when that is not known.

    >>> form_of("decided.json"), form_of("decided.data", "csv")
    ('label-studio', 'csv')
    """
    path = Path(file)
    found = form or _FORMATS.get(path.suffix.lower(), "")
    if found not in _FORMATS.values():
        known = ", ".join(sorted(set(_FORMATS.values())))
        raise InputError(
            f"{path}: which format? End the name in .csv, .tsv, .jsonl, .json or .parquet, or name one of {known}"
        )
    return found


def _finish(draft: Path, path: Path, *, overwrite: bool) -> None:
    with draft.open("rb+") as done:
        os.fsync(done.fileno())
    if overwrite:
        draft.replace(path)
        return
    try:
        os.link(draft, path)  # unlike a rename, refuses what came there meanwhile
    except FileExistsError:
        raise ConflictError(f"{path} came into being meanwhile; choose another name") from None
    except OSError:
        draft.replace(path)


def _write(
    rows: Iterable[Mapping[str, Any]], draft: Path, form: str, columns: Sequence[str], *, guard: bool
) -> tuple[int, int]:
    if form == "parquet":
        return _parquet(rows, draft, columns), 0
    with draft.open("x", encoding="utf-8", newline="") as out:
        if form == "jsonl":
            return _jsonl(rows, out, columns), 0
        if form == "label-studio":
            return _tasks(rows, out), 0
        return _delimited(rows, out, columns, "\t" if form == "tsv" else ",", guard=guard)


def _delimited(
    rows: Iterable[Mapping[str, Any]], out: TextIO, columns: Sequence[str], delimiter: str, *, guard: bool
) -> tuple[int, int]:
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    names, count, guarded = tuple(columns), 0, 0
    if names:
        writer.writerow([_cell(name) for name in names])
    for row in rows:
        if not names:
            names = tuple(row)
            writer.writerow([_cell(name) for name in names])
        _fits(row, names, count + 1)
        cells = []
        for name in names:
            value = row.get(name)
            cell = _cell(value)
            if guard and isinstance(value, str) and cell.startswith(_FORMULA):
                cell, guarded = f"'{cell}", guarded + 1
            cells.append(cell)
        writer.writerow(cells)
        count += 1
    return count, guarded


def _jsonl(rows: Iterable[Mapping[str, Any]], out: TextIO, columns: Sequence[str]) -> int:
    count = 0
    for row in rows:
        kept = {name: row.get(name) for name in columns} if columns else dict(row)
        out.write(_json(kept) + "\n")
        count += 1
    return count


def _tasks(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    count = 0
    for task in to_tasks(rows):
        out.write(("[\n" if not count else ",\n") + _json(task))
        count += 1
    out.write("\n]\n" if count else "[]\n")
    return count


def _parquet(rows: Iterable[Mapping[str, Any]], draft: Path, columns: Sequence[str]) -> int:
    kept = list(rows)
    names = tuple(columns) or (tuple(kept[0]) if kept else ())
    for number, row in enumerate(kept, 1):
        _fits(row, names, number)
    write_parquet({mend(name): _column([row.get(name) for row in kept]) for name in names}, draft)
    return len(kept)


def _column(values: list[Any]) -> list[Any]:
    """Numbers or booleans of one kind stay; everything else becomes text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds in ({bool}, {float}, {int, float}) or (
        kinds == {int} and all(v is None or abs(v) < 2**63 for v in values)
    ):
        return values
    return [None if value is None else _cell(value) for value in values]


def _fits(row: Mapping[str, Any], names: Sequence[str], number: int) -> None:
    other = row.keys() - set(names)
    if other:
        raise DataError(
            f"row {number:,} has {', '.join(sorted(map(repr, other)))} beyond the columns; name all columns"
        )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return mend(value)
    return _json(value) if isinstance(value, list | tuple | Mapping) else str(value)


def _json(value: Any) -> str:
    try:
        text = json.dumps(value if not isinstance(value, Mapping) else dict(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as cause:
        raise DataError(
            f"a value cannot be written as JSON ({cause}); give texts, finite numbers, lists or objects"
        ) from None
    # NUL is escaped here already; a lone surrogate is not, and could not be encoded.
    return mend(text)

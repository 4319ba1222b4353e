"""One door for everything that holds texts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cowise.core.errors import DataError, InputError, LimitError
from cowise.data.columns import Columns, choose
from cowise.data.delimited import open_delimited
from cowise.data.encoding import settle
from cowise.data.folder import open_folder
from cowise.data.label_studio import OWN, open_json
from cowise.data.lines import open_jsonl, open_text
from cowise.data.mend import mend, mend_value
from cowise.data.objects import open_dataset, open_frame, open_iterable
from cowise.data.parquet import MAGIC, open_parquet
from cowise.data.place import Place, located, place, standard_input
from cowise.data.rows import MAX_CELL, How, Row, Rows, Source, Table

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "text",
    ".text": "text",
    ".md": "text",
}


def read(
    source: str | Path | Iterable[Any],
    *,
    text: str | None = None,
    label: str | None = None,
    opinion: str | None = None,
    confidence: str | None = None,
    how: How | None = None,
) -> Rows:
    """The rows of a file, a gzip of one, a folder, "-" (standard input), a dataset or an iterable, streamed.

    Opens and checks at once: encoding, delimiter, header and columns are settled, stated in `.source`, and refused
    by a DataError, LimitError, MissingError or StorageError before the first row. `opinion` and `confidence` name
    columns with a model's own answers.

    >>> rows = read([{"body": "Card lost", "kind": "card"}], text="body", label="kind")
    >>> [(row.text, row.label) for row in rows], rows.source.rows
    ([('Card lost', 'card')], 1)
    """
    known = how or How()
    asked = Columns(text, label, opinion, confidence)
    table = _open(source, known)
    report = table.source
    report.columns = table.columns
    columns = choose(_standing(asked, table), table.columns, report)
    return Rows(report, lambda: _rows(table, columns, known))


def opened(source: str | Path, how: How | None = None) -> Table:
    """A source as its records, before anybody says which column holds what; refused as `read` refuses."""
    return _open(source, how or How())


def _standing(asked: Columns, table: Table) -> Columns:
    """Label Studio files name their answers themselves: where none is asked for, all of them are read."""
    if table.source.format != "label-studio" or asked.label or asked.opinion:
        return asked
    own = {name: name for name in ("label", "opinion", "confidence") if name in table.columns}
    return replace(asked, **own)


def _open(source: Any, how: How) -> Table:
    if isinstance(source, str | Path):
        if str(source) == "-":
            return _open_place(standard_input(), how)
        path = located(source)
        if path.is_dir():
            return open_folder(path, Source(str(path), "folder", how.encoding or "each file's own"), how.encoding)
        return _open_place(place(path), how)
    if hasattr(source, "column_names") and (hasattr(source, "features") or isinstance(source, Mapping)):
        return open_dataset(source, Source("dataset", "dataset"))
    if hasattr(source, "itertuples"):
        return open_frame(source, Source("data frame", "frame"))
    if isinstance(source, Mapping):
        raise InputError("source: got a dict; give a list of dicts, one for each text")
    if isinstance(source, bytes) or not isinstance(source, Iterable):
        raise InputError(f"source: got {type(source).__name__}; give a path, a dataset or an iterable of texts")
    return open_iterable(source, Source(type(source).__name__, "objects"))


def _open_place(found: Place, how: How) -> Table:
    if how.format and how.format not in FORMATS.values():
        raise InputError(f"format: asked for {how.format!r}; use {', '.join(sorted(set(FORMATS.values())))}")
    parquet = found.sample(4) == MAGIC
    form = how.format or ("parquet" if parquet else FORMATS.get(found.suffix, ""))
    report = Source(found.name, form)
    if form == "parquet":
        return open_parquet(found, report)
    report.encoding, guessed = settle(found, how.encoding)
    if guessed:
        report.guessed += ("encoding",)
        report.notes.append(
            f"read as {report.encoding}, told from its bytes; name another with --encoding if it looks wrong"
        )
    if not form:
        report.format = form = _tell(found, report.encoding)
        report.guessed += ("format",)
    if form == "jsonl":
        return open_jsonl(found, report)
    if form == "json":
        return open_json(found, report, sets=how.sets)
    if form == "text":
        return open_text(found, report)
    return open_delimited(found, report, how.delimiter)


def _tell(found: Place, encoding: str) -> str:
    """The format of bytes without a telling name, by their first line."""
    first = found.sample(2**16).decode(encoding, "replace").lstrip().split("\n", 1)[0]
    if first.startswith("{"):
        return "jsonl"
    if first.startswith("["):
        return "json"
    if "\t" in first:
        return "tsv"
    names = [name.strip(' "').casefold() for name in first.replace(";", ",").replace("|", ",").split(",")]
    return "csv" if len(names) > 1 and all(0 < len(name) <= 40 for name in names) else "text"


def _rows(table: Table, columns: Columns, how: How) -> Iterator[Row]:
    source, loose, by = table.source, table.loose, how.by
    said = _answers if how.sets else _answer
    for position, record in table.records():
        value = record.pop(source.text, None)
        text = value if type(value) is str else _plain(value, source.name, position)
        if not text or text.isspace():
            source.blank += 1
            continue
        if len(text) > MAX_CELL:
            raise LimitError(
                f"{source.name}, row {position:,}: a text is longer than {MAX_CELL:,} characters; shorten it"
            )
        if loose:
            text, record = _mended(text, record, source)  # noqa: PLW2901
        label = opinion = share = None
        who = by
        if columns.label is not None:
            label = said(record.pop(columns.label, None), columns.label, table, position)
        if columns.opinion is not None:
            opinion = said(record.pop(columns.opinion, None), columns.opinion, table, position)
        if columns.confidence is not None:
            share = _share(record.pop(columns.confidence, None), source.name, position)
        if source.format == "label-studio":
            who = by or record.get("by", "")
            record = {k: v for k, v in record.items() if k not in OWN}  # noqa: PLW2901
        source.rows += 1
        yield Row(text, record, label, opinion, share, who, position)


def _mended(text: str, record: dict[str, Any], source: Source) -> tuple[str, dict[str, Any]]:
    found: list[str] = []
    clean = mend_value(text, found)
    fixed = {mend(key): mend_value(value, found) for key, value in record.items()}
    source.mended += bool(found)
    return clean, fixed


def _plain(value: Any, name: str, position: int) -> str:
    """A number as a text; None as nothing; refuses lists and objects."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            raise DataError(f"{name}, row {position:,}: bytes that are not UTF-8; give texts") from None
    if isinstance(value, str | int | float):
        return str(value)
    raise DataError(f"{name}, row {position:,}: the text is a {type(value).__name__}; name a column that holds texts")


def _answer(value: Any, column: str, table: Table, position: int) -> str | None:
    """A label as a trimmed text; numbers of a ClassLabel by their names; nothing for an empty cell."""
    names = table.names.get(column)
    if names and isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else None
    if isinstance(value, list | tuple):
        if len(value) > 1:
            raise DataError(
                f"{table.source.name}, row {position:,}: {len(value)} labels in {column!r}; give one for a text"
            )
        value = value[0] if value else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, Mapping):
        raise DataError(f"{table.source.name}, row {position:,}: {column!r} holds an object; give a label as a text")
    return mend(_plain(value, table.source.name, position)).strip() or None


def _answers(value: Any, column: str, table: Table, position: int) -> str | None:
    """Any number of labels in one cell: a list as JSON, one by one as `_answer` reads them; None for an empty cell."""
    if not isinstance(value, list | tuple):
        return _answer(value, column, table, position)
    named = [_answer(each, column, table, position) for each in value]
    return json.dumps([each for each in named if each], ensure_ascii=False)


def _share(value: Any, name: str, position: int) -> float | None:
    """A confidence between 0 and 1; "97 %" counts as 0.97."""
    if value is None or value == "":
        return None
    try:
        said = str(value).strip()
        share = float(said.removesuffix("%")) / 100 if said.endswith("%") else float(said)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise DataError(
            f"{name}, row {position:,}: confidence {str(value)[:40]!r}; give a share from 0 to 1, or 0 % to 100 %"
        )
    return share

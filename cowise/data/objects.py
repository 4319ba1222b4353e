"""Python objects as a source: Hugging Face datasets, and iterables of texts, dicts, items or rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from cowise.core.errors import DataError, InputError
from cowise.core.types import Item
from cowise.data.rows import Records, Row, Source, Table

_LOOK = 100


def open_dataset(data: Any, source: Source) -> Table:
    """An object with `column_names` and `features` that yields dicts; ClassLabel numbers become names."""
    if isinstance(data, Mapping) or isinstance(data.column_names, Mapping):
        splits = ", ".join(map(repr, data))
        raise DataError(
            f"this dataset has the splits {splits}; hand over one of them, such as data[{next(iter(data))!r}]"
        )
    features = data.features or {}
    names = {
        name: tuple(kind.names) for name, kind in features.items() if isinstance(getattr(kind, "names", None), list)
    }
    columns = tuple(data.column_names or features)
    if not columns:  # a streamed dataset that has not looked yet
        return open_iterable(data, source)
    return Table(source, columns, lambda: enumerate(map(dict, data), 1), loose=True, names=names)


def open_frame(data: Any, source: Source) -> Table:
    """A data frame with `columns` and `itertuples`; iterating it plainly would give its column names."""
    columns = tuple(map(str, data.columns))
    return Table(source, columns, lambda: _tuples(data, columns), loose=True)


def _tuples(data: Any, columns: tuple[str, ...]) -> Records:
    for number, values in enumerate(data.itertuples(index=False, name=None), 1):
        yield number, dict(zip(columns, values, strict=True))


def open_iterable(values: Iterable[Any], source: Source) -> Table:
    """Texts, dicts, items or rows. An iterator is read once only; a list can be read again."""
    once = isinstance(values, Iterator)
    start = iter(values)
    head = list(islice(start, _LOOK))
    if not head:
        raise DataError("there are no texts; give at least one")
    kept = chain(head, start) if once else None
    columns: dict[str, None] = {}
    for value in head:
        columns.update(dict.fromkeys(_record(value)))
    return Table(source, tuple(columns), lambda: _records(values if kept is None else kept), loose=True)


def _records(values: Iterable[Any]) -> Records:
    for number, value in enumerate(values, 1):
        yield number, _record(value, number)


def _record(value: Any, number: int = 1) -> dict[str, Any]:
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, Item):
        return {**value.meta, "text": value.text}
    if isinstance(value, Row):
        given = {"label": value.label, "opinion": value.opinion, "confidence": value.confidence}
        return {**value.meta, "text": value.text, **{k: v for k, v in given.items() if v is not None}}
    if isinstance(value, Mapping):
        return {str(key): inner for key, inner in value.items()}
    raise InputError(f"text {number}: got {type(value).__name__}; give texts, dicts with a text, or items")

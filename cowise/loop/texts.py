"""Texts of a source one by one, for decisions without keeping them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cowise.data import How, read


def texts(source: str | Path, text: str | None = None, how: How | None = None) -> Iterator[str]:
    """The texts of a file, a folder or standard input ("-"), as `add` would read them; DataError for what cannot be read."""
    for row in read(source, text=text, how=how):
        yield row.text

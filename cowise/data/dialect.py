"""Which character separates the fields, told from a sample by parsing it with each and comparing the rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cowise.core.errors import InputError

_CANDIDATES = ",;\t|"
_LOOK = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    """A delimiter and whether quotation marks quote."""

    delimiter: str = ","
    quoted: bool = True


def sniff(sample: str, asked: str = "", *, prefer: str = "", whole: bool = True) -> Dialect:
    r"""The dialect under which most rows are as wide as the header; quotes and line feeds inside count as text.

    `whole` says that the sample is the whole file; else its last row may be cut. `prefer` wins a tie.

    >>> sniff('text;label\n"a;b, c";x\n')
    Dialect(delimiter=';', quoted=True)
    """
    if asked:
        asked = "\t" if asked in ("tab", "\\t") else asked
        if len(asked) != 1 or asked in '"\r\n':
            raise InputError(f"delimiter: asked for {asked!r}; give one character, or tab")
        order = asked
    else:
        order = prefer + _CANDIDATES.replace(prefer, "") if prefer else _CANDIDATES
    scored = [
        (*_score(sample, delimiter, quoted=quoted, whole=whole), -place, Dialect(delimiter, quoted))
        for place, delimiter in enumerate(order)
        # Only tab-separated files are commonly written without quoting.
        for quoted in ((True, False) if delimiter == "\t" else (True,))
    ]
    return max(scored, key=lambda found: found[:-1])[-1]


def _score(sample: str, delimiter: str, *, quoted: bool, whole: bool) -> tuple[bool, float, int, bool]:
    """(splits the header, share of rows as wide as it, width, quoted)."""
    broken = False
    widths: list[int] = []
    rows = csv.reader(
        _physical(sample), delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    try:
        widths.extend(len(row) for row in islice(rows, _LOOK) if row)
    except csv.Error:
        broken = True
    if not whole and not broken and len(widths) > 1 and len(widths) < _LOOK:
        widths.pop()
    if not widths or (widths[0] == 1 and not quoted):
        return False, 0.0, 0, quoted
    header = widths[0]
    fit = sum(width == header for width in widths) / (len(widths) + (broken and whole))
    # Quoting is judged by whether it parses: a stray quotation mark in tab-separated text breaks it.
    return header > 1, fit - 0.5 * (broken and whole), header, quoted


def _physical(sample: str) -> Iterator[str]:
    for line in sample.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield line + "\n"

"""Lines that fit a terminal: wide characters count as two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, takewhile

from cowise.cli.safe import shown


def width(text: str) -> int:
    """Columns that a text takes.

    >>> width("ab"), width("中文")
    (2, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200b\u200c\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """The text cut to so many columns.

    >>> fit("中文文本", 5)
    '中文…'
    """
    if width(text) <= columns:
        return text
    after = accumulate(map(_columns, text), initial=1)  # one for the dots
    next(after)
    return "".join(c for c, used in takewhile(lambda pair: pair[1] <= columns, zip(text, after, strict=True))) + "…"


def pad(text: str, columns: int) -> str:
    """The text filled with spaces to so many columns."""
    return text + " " * (columns - width(text))


def wrap(text: str, columns: int) -> list[str]:
    """A text in lines of at most so many columns: broken at spaces, and anywhere between wide characters.

    >>> wrap("one two three", 8)
    ['one two', 'three']
    >>> wrap("中文文本", 4)
    ['中文', '文本']
    """
    return [line for paragraph in shown(text).expandtabs(4).split("\n") for line in _wrapped(paragraph, columns)]


def _wrapped(paragraph: str, columns: int) -> Iterator[str]:
    line, used = "", 0
    for piece in _pieces(paragraph):
        for part in _cut(piece, columns):
            size = width(part)
            if used and used + width(part.rstrip()) > columns:
                yield line.rstrip()
                line, used = "", 0
            line, used = line + part, used + size
    yield line.rstrip()


def _cut(piece: str, columns: int) -> Iterator[str]:
    """A piece as it is, or in parts of at most so many columns: a word as long as a line must break somewhere."""
    rest = piece
    while width(rest.rstrip()) > columns:
        head = fit(rest, columns + 1)[:-1] or rest[0]
        yield head
        rest = rest[len(head) :]
    if rest:
        yield rest


def _pieces(paragraph: str) -> Iterator[str]:
    """Parts between which a line may break; spaces stay at the end of a word."""
    start = 0
    for place, character in enumerate(paragraph):
        wide = _columns(character) == 2
        if place > start and (wide or (paragraph[place - 1] == " " and character != " ")):
            yield paragraph[start:place]
            start = place
    if start < len(paragraph):
        yield paragraph[start:]


def flow(parts: Iterable[str], columns: int, gap: int = 3) -> list[str]:
    """Parts side by side, as many in a line as fit, none broken.

    >>> flow(["1 billing", "2 bug", "3 praise"], 18)
    ['1 billing   2 bug', '3 praise']
    """
    lines: list[str] = []
    for part in parts:
        cut = fit(part, columns)
        if lines and width(lines[-1]) + gap + width(cut) <= columns:
            lines[-1] += " " * gap + cut
        else:
            lines.append(cut)
    return lines


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Rows in columns; the columns in `right` end flush.

    >>> table([["name", "n"], ["a", "10"]], right=[1])
    ['name   n', 'a     10']
    """
    if not rows:
        return []
    sizes = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            " " * (size - width(cell)) + cell if column in right else pad(cell, size)
            for column, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines

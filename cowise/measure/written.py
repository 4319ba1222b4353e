"""Evaluations and comparisons as sheets of cells, in English or Chinese, and as a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cowise.measure.meanings import NOTES, WORDS
from cowise.measure.score import Score

SHOWN = 50
"""Rows of a sheet that are written; a document has all."""


class Sheet(NamedTuple):
    """Rows of cells under a title, heads first; the columns in `right` end flush."""

    title: str
    rows: list[list[str]]
    right: tuple[int, ...] = (1, 2)


def word(name: str, zh: bool) -> str:
    """A word of a sheet."""
    return WORDS[name][zh]


def number(value: float | None) -> str:
    """A figure as it is written.

    >>> number(0.91234), number(-0.5), number(None)
    ('0.9123', '-0.5000', '–')
    """
    return "–" if value is None else f"{value:.4f}"


def chance(p: float) -> str:
    """A chance as it is written.

    >>> chance(0.0391), chance(1e-9)
    ('0.0391', '< 0.0001')
    """
    return number(p) if p >= 1e-4 else "< 0.0001"


def between(score: Score) -> str:
    """Its interval as it is written."""
    return "–" if score.low is None else f"{number(score.low)} – {number(score.high)}"


def figures(scores: Iterable[Score], confidence: float, *, zh: bool) -> Sheet:
    """A row for each figure: value, interval, its kind or why there is none."""
    sure = f"{100 * confidence:g} %"
    head = [word("figure", zh), word("value", zh), word("interval", zh).replace("{sure}", sure), word("kind", zh)]
    rows = [[each.spoken("title", zh=zh), number(each.value), between(each), _kind(each, zh=zh)] for each in scores]
    return Sheet(word("figures", zh), [head, *rows])


def _kind(score: Score, *, zh: bool) -> str:
    parts = [WORDS[score.interval][zh]] if score.interval else []
    parts += [score.spoken("note", zh=zh)] if score.note else []
    parts += [f"± {score.off:.1g}"] if score.off else []
    return ("；" if zh else "; ").join(parts)


def inline(score: Score, *, zh: bool) -> str:
    """A figure with its interval in one cell."""
    return NOTES[score.note][zh] if score.value is None else f"{number(score.value)} ({between(score)})"


def cut(sheet: Sheet, *, zh: bool) -> Sheet:
    """The sheet with as many rows as are written, and a last one that says how many are left."""
    left = len(sheet.rows) - 1 - SHOWN
    if left <= 0:
        return sheet
    last = [word("more", zh).replace("{n}", f"{left:,}"), *[""] * (len(sheet.rows[0]) - 1)]
    return sheet._replace(rows=[*sheet.rows[: SHOWN + 1], last])


def kinds(scores: Iterable[Score], *, zh: bool) -> list[str]:
    """A line for each kind of interval that occurs: how it is made."""
    lines = {
        each.interval: f"{WORDS[each.interval][zh]}{'：' if zh else ': '}{each.spoken('about', zh=zh)}"
        for each in scores
        if each.interval
    }
    return list(lines.values())


def text(sheets: Iterable[Sheet], lines: Sequence[str]) -> str:
    """Sheets in columns, one under the other, and lines under them."""
    blocks = ["\n".join([sheet.title, *_columns(sheet)]) for sheet in sheets]
    return "\n\n".join([*blocks, "\n".join(lines)] if lines else blocks)


def _columns(sheet: Sheet) -> list[str]:
    sizes = [max(map(_width, column)) for column in zip(*sheet.rows, strict=True)]
    lines = []
    for row in sheet.rows:
        gaps = [" " * (size - _width(cell)) for size, cell in zip(sizes, row, strict=True)]
        cells = [gap + c if at in sheet.right else c + gap for at, (gap, c) in enumerate(zip(gaps, row, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(cell: str) -> int:
    """Columns of a terminal; wide characters take two."""
    return len(cell) + sum(unicodedata.east_asian_width(c) in "WF" for c in cell)

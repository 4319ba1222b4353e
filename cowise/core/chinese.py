"""Errors and reasons in Chinese. A sentence is found again by the fixed words of the template that made it.

errors_zh.json holds English template -> Chinese template, room by room. In the English one every value is `{}`; in the
Chinese one they are numbered in the order of the English, so that Chinese may put them elsewhere, and `{0:role}` says
the value in the words of that list. The file is read when the first sentence is translated, never before.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("errors_zh.json")
WORDS = "words"
"""The one section of the file that holds no templates: lists of words, by name."""
BETWEEN = " | "
"""What stands between reasons that are said together."""
_DEPTH = 4
_HOLE = re.compile(r"\{(\d+)(?::(\w+))?\}")
Words = dict[str, dict[str, str]]


class Template(NamedTuple):
    """An English template cut at its values, and its Chinese."""

    parts: tuple[str, ...]
    chinese: str

    @property
    def weight(self) -> int:
        """How much of it is fixed."""
        return sum(map(len, self.parts))


def chinese(sentence: str) -> str:
    """The sentence in Chinese, values that are sentences themselves too; as it is where no template fits.

    >>> chinese("project 'x' exists already; choose another name")
    "项目 'x' 已存在；请换一个名字"
    >>> chinese("nobody says this")
    'nobody says this'
    """
    return _spoken(sentence, _DEPTH)


def fit(parts: tuple[str, ...], sentence: str) -> list[str] | None:
    """The values with which a template gives the sentence, each as short as can be; None where it does not.

    One pass without stepping back: however hostile a name in the sentence, it takes no longer than reading it.

    >>> fit(("item ", ": ", ""), "item 7: gone"), fit(("item ", ": ", ""), "row 7: gone")
    (['7', 'gone'], None)
    """
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return [] if sentence == first else None
    at, end = len(first), len(sentence) - len(last)
    if at > end or not sentence.startswith(first) or not sentence.endswith(last):
        return None
    values = []
    for part in parts[1:-1]:
        place = sentence.find(part, at, end)
        if place < 0:
            return None
        values.append(sentence[at:place])
        at = place + len(part)
    return [*values, sentence[at:end]]


def _spoken(sentence: str, depth: int) -> str:
    if BETWEEN in sentence:
        each = [_known(one, depth) for one in sentence.split(BETWEEN)]
        if None not in each:
            return BETWEEN.join(map(str, each))
    said = _known(sentence, depth)
    if said is not None:
        return said
    name, _, rest = sentence.partition(": ")  # a file's or an option's name, and what is wrong with it
    said = _known(rest, depth)
    return sentence if said is None else f"{name}：{said}"


def _known(sentence: str, depth: int) -> str | None:
    """The Chinese of a sentence that a template fits; of several that with most fixed words. A single word is none."""
    templates, words = _table() if depth and " " in sentence else ((), {})
    for one in templates:
        values = fit(one.parts, sentence)
        if values is not None:
            return _filled(one.chinese, values, words, depth - 1)
    return None


def _filled(text: str, values: list[str], words: Words, depth: int) -> str:
    def put(hole: re.Match[str]) -> str:
        value, named = values[int(hole[1])], hole[2]
        return _worded(value, words[named]) if named else _spoken(value, depth)

    return _HOLE.sub(put, text)


def _worded(value: str, known: dict[str, str]) -> str:
    """A word, or several with commas between; as it is where one of them is not known."""
    found = [known.get(each) for each in value.split(", ")]
    return value if None in found else "、".join(map(str, found))


@cache
def _table() -> tuple[tuple[Template, ...], Words]:
    """Templates, those with most fixed words first, and the lists of words."""
    read = json.loads(FILE.read_text("utf-8"))
    words = read.pop(WORDS)
    found = [Template(tuple(en.split("{}")), zh) for room in read.values() for en, zh in room.items()]
    return tuple(sorted(found, key=lambda one: -one.weight)), words

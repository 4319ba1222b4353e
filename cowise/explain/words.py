r"""A text as words that can be deleted: runs of letters and digits, single Chinese and Japanese characters, emoji.

White space and punctuation go with the word before them, at the start of a text with the first word. Offsets are in
characters; an emoji with its joiners, a letter with its accents and a surrogate pair are never torn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from cowise.core.errors import InputError
from cowise.core.types import Bools

MAX_CHARS = 2000
"""Characters that every encoder of ours reads."""
MOST = 120
"""Words that are looked at one by one; of more, neighbours are taken together."""
_ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_EMOJI = re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]")
_WORD = re.compile(r"cm*|e(?:m|je)*|rr?|hl|w(?:w|m|j|'(?=w))*")
_SIGNS = re.compile(r"[pml'hj]+")

Segmenter = Callable[[str], Iterable[str]]
"""Cuts a text into pieces that make up the text when joined, such as `jieba.cut`."""


@dataclass(frozen=True, slots=True)
class Words:
    """The first characters of a text, and where its words stand: `spans` of (start, end)."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        """How many words there are."""
        return len(self.spans)

    def keep(self, kept_n: Bools) -> str:
        """The text with the other words deleted, (n,); all kept is the text itself, none the empty text.

        >>> import numpy as np
        >>> words_of("Good, very good!").keep(np.array([True, False, True]))
        'Good, good!'
        """
        return "".join(piece for piece, kept in zip(self.pieces(), kept_n.tolist(), strict=True) if kept)

    def pieces(self) -> list[str]:
        """Each word with the white space and punctuation that go with it; together they are the text."""
        cuts = [0, *(start for start, _ in self.spans[1:]), len(self.text)]
        return [self.text[a:b] for a, b in pairwise(cuts)]


def words_of(
    text: str, segment: Segmenter | None = None, *, most: int = MOST, chars: int = MAX_CHARS
) -> Words:  # fmt: skip
    """The words of a text's first `chars` characters; of more than `most`, neighbours are joined, as many in each run.

    InputError for what is no text, has no words, or is not what the pieces of `segment` make up.

    >>> words = words_of("我很don't 👍🏽!")
    >>> [words.text[a:b] for a, b in words.spans]
    ['我', '很', "don't", '👍🏽']
    """
    if not isinstance(text, str):
        raise InputError(f"explain: need a text, got {type(text).__name__}")
    cut = text[:chars]
    spans = _found(cut) if segment is None else _cut(cut, segment)
    if not spans:
        raise InputError("explain: the text is empty or white space alone; give one with words")
    return Words(cut, _joined(spans, most))


def _found(text: str) -> list[tuple[int, int]]:
    kinds = "".join(map(_kind, text))
    found = [match.span() for match in _WORD.finditer(kinds)]
    return found or [match.span() for match in _SIGNS.finditer(kinds)]


def _kind(c: str) -> str:
    """One letter for what a character is: part of a word, alone, emoji, a mark on what stands before it, a sign."""
    if c.isspace():
        return " "
    if _ALONE.match(c):
        return "c"
    if "\U0001f1e6" <= c <= "\U0001f1ff":
        return "r"
    if "\ud800" <= c <= "\udfff":
        return "h" if c < "\udc00" else "l"
    if c in "\u200d'’":
        return "j" if c == "\u200d" else "'"
    if "\U0001f3fb" <= c <= "\U0001f3ff" or unicodedata.category(c)[0] == "M":
        return "m"
    if _EMOJI.match(c):
        return "e"
    return "w" if c == "_" or c.isalnum() else "p"


def _cut(text: str, segment: Segmenter) -> list[tuple[int, int]]:
    spans, at = [], 0
    for piece in segment(text):
        if not text.startswith(piece, at):
            raise InputError(
                "explain: the pieces of the segmenter do not make up the text; hand in one that drops nothing"
            )
        if any(c.isalnum() for c in piece):
            spans.append((at, at + len(piece)))
        at += len(piece)
    if at != len(text):
        raise InputError("explain: the pieces of the segmenter do not make up the text; hand in one that drops nothing")
    return spans or _found(text)


def _joined(spans: list[tuple[int, int]], most: int) -> tuple[tuple[int, int], ...]:
    size = -(-len(spans) // most)
    return tuple((spans[i][0], spans[min(i + size, len(spans)) - 1][1]) for i in range(0, len(spans), size))

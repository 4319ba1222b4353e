"""Text that came from outside, made harmless for a terminal and whole for JSON."""

from __future__ import annotations

import dataclasses
import json
import math
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
KEPT = {"\n", "\t", "\u200d", "\u200c", "\ufe0f"}  # joiners make emoji and Indic scripts whole


def shown(text: str, limit: int = 0) -> str:
    r"""Text that cannot move the cursor, colour the screen or turn the writing direction.

    >>> shown("a\x1b[2Jb\u202ec")
    'a�[2Jb�c'
    >>> shown("long enough", 6)
    'long …'
    """
    cut = text if not limit or len(text) <= limit else text[: limit - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(c if c in KEPT or unicodedata.category(c) not in HIDDEN else "\ufffd" for c in cut)


def one_line(text: str, limit: int = 0) -> str:
    r"""The same on one line.

    >>> one_line("a\n\n b", 10)
    'a b'
    """
    return shown(" ".join(text.split()), limit)


def plain(value: Any) -> Any:
    """A value as JSON has it: data classes as objects, arrays as lists, what is not a number as null.

    >>> plain({"at": (1, float("nan"))})
    {'at': [1, None]}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def document(value: Any) -> str:
    """One JSON document; readable where it can be encoded, escaped where it cannot."""
    ready = plain(value)
    text = json.dumps(ready, ensure_ascii=False, indent=2)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(ready, ensure_ascii=True, indent=2)
    return text

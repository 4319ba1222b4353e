"""Characters that databases refuse, replaced by U+FFFD; everything else stays as it came."""

from __future__ import annotations

import re
from typing import Any

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def unfit(text: str) -> bool:
    """Whether a text holds a NUL character or a lone surrogate."""
    return _UNFIT.search(text) is not None


def mend(text: str) -> str:
    r"""The text with NUL characters and lone surrogates replaced.

    >>> mend("a\x00b")
    'a�b'
    """
    return _UNFIT.sub("\ufffd", text)


def mend_value(value: Any) -> Any:
    """The same for every text inside a JSON value, keys included."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, dict):
        return {mend(str(key)): mend_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mend_value(inner) for inner in value]
    return value

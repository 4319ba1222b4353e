"""Values that databases and JSON refuse, made fit; everything else stays as it came."""

from __future__ import annotations

import math
import re
from typing import Any

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def unfit(text: str) -> bool:
    """Whether a text holds a NUL character or a lone surrogate."""
    return _UNFIT.search(text) is not None


def mend(text: str) -> str:
    r"""The text with NUL characters and lone surrogates replaced by U+FFFD.

    >>> mend("a\x00b")
    'a�b'
    """
    return _UNFIT.sub("\ufffd", text)


def mend_value(value: Any, mended: list[str]) -> Any:
    """A JSON value: texts and keys mended (and listed in `mended`), NaN and infinity as None, the rest as text.

    >>> import datetime
    >>> mend_value({"when": datetime.date(2026, 1, 2), "p": float("nan"), "n": (1, True)}, [])
    {'when': '2026-01-02', 'p': None, 'n': [1, True]}
    """
    if isinstance(value, str):
        return _listed(value, mended)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_listed(str(key), mended): mend_value(inner, mended) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mend_value(inner, mended) for inner in value]
    if isinstance(value, bytes):
        return _listed(value.decode("utf-8", "replace"), mended)
    if hasattr(value, "item") and not hasattr(value, "__len__"):  # a number of numpy's
        return mend_value(value.item(), mended)
    return _listed(str(value), mended)


def _listed(text: str, mended: list[str]) -> str:
    if not unfit(text):
        return text
    mended.append(text)
    return mend(text)

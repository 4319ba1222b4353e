"""Values as both databases take them: clean text, JSON text, item keys."""

from __future__ import annotations

import json
import re
from typing import Any

from cowise.core.errors import InputError

_BAD = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
# Made once where the interpreter has it: `encode` sets it up again at each call, two thirds of its time for a small dict.
_C = getattr(json.encoder, "c_make_encoder", None)
_QUICK = _C and _C(None, _JSON.default, json.encoder.encode_basestring, None, ":", ",", True, False, True)  # noqa: FBT003
MAX_BATCH = 200
"""Rows of one transaction of bulk work, so that nobody else waits long."""
ORDINAL_BITS = 32
ORDINAL_MASK = (1 << ORDINAL_BITS) - 1


def proper_name(what: str, name: str) -> str:
    """The name, if it can stand on one line of a terminal, a list and a file; InputError otherwise."""
    if not name.strip() or len(name) > 200 or name != clean(name) or _CONTROL.search(name):
        raise InputError(f"{what} name: asked for {name[:40]!r}; give 1 to 200 characters without control codes")
    return name


def fit(text: str) -> bool:
    """Whether both databases take the text as it is."""
    return "\x00" not in text if text.isascii() else _BAD.search(text) is None


def clean(text: str) -> str:
    r"""Text without NUL and lone surrogates: each such byte sequence becomes U+FFFD.

    PostgreSQL refuses NUL and no driver takes lone surrogates. Surrogates turn out as `content_id` turns them.

    >>> clean("a\x00b") == "a\ufffdb", clean("好")
    (True, '好')
    """
    if fit(text):
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\x00", "\ufffd")


def original(text: str) -> bytes | None:
    """The bytes to keep beside a text that `clean` changes, else None."""
    return None if fit(text) else text.encode("utf-8", "surrogatepass")


def dumps(value: Any) -> str:
    """JSON text with sorted keys; readable unless a lone surrogate forces escapes.

    >>> dumps({"b": 1, "a": "好"})
    '{"a":"好","b":1}'
    """
    try:
        out = "".join(_QUICK(value, 0)) if _QUICK is not None else _JSON.encode(value)
    except (TypeError, ValueError, RecursionError) as cause:
        raise InputError(
            f"cannot store {type(value).__name__} as JSON ({cause}); give text, numbers, lists and objects"
        ) from cause
    return out if fit(out) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def loads(text: str | None) -> Any:
    """What `dumps` wrote; None stays None."""
    return None if text is None else json.loads(text)


def item_key(project: int, ordinal: int) -> int:
    """Key of the item at `ordinal` (0-based) of a project.

    >>> item_key(1, 0) == 2**32
    True
    """
    return project << ORDINAL_BITS | ordinal


def ordinal_of(item: int) -> int:
    """Ordinal of an item key."""
    return item & ORDINAL_MASK

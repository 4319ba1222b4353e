"""One byte string for one record: canonical JSON after RFC 8785."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import rfc8785

from cowise.core.errors import InputError

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

_LARGEST = 2**53 - 1
_MAX_DEPTH = 64
# From here on the order of UTF-16 code units (RFC 8785) and that of code points (Python) may differ.
_FIRST_OUT_OF_ORDER = "\ud800"
_fast = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


def canonical(record: Mapping[str, JSON]) -> bytes:
    """The RFC 8785 form of a record: sorted keys, no spaces, UTF-8.

    Records of strings, whole numbers within ±(2**53 - 1), broken numbers of 1e-4 to 1e15, booleans, None, lists and
    objects take the C encoder of the standard library, which writes the same bytes; other floats and keys beyond
    U+D7FF go through `rfc8785`. A float without a fraction comes back as a whole number: 1.0 is written as 1.
    Raises InputError for what JSON cannot carry: other types, NaN, larger numbers, lone surrogates, over 64 levels.

    >>> canonical({"b": [1, None], "a": "é"}).decode()
    '{"a":"é","b":[1,null]}'
    """
    try:
        if type(record) is dict and _plain(record, 0):
            return _fast.encode(record).encode("utf-8")
        return rfc8785.dumps(_copied(record, 0))
    except UnicodeEncodeError:
        raise InputError("ledger record: a text holds a lone surrogate; replace it with U+FFFD first") from None
    except rfc8785.CanonicalizationError as cause:
        raise InputError(f"ledger record: {cause}; give finite numbers within ±(2**53 - 1)") from None


def _plain(value: Any, depth: int) -> bool:
    """Whether the fast encoder is known to write this value exactly as RFC 8785 asks."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_LARGEST <= value <= _LARGEST)
    if kind is float:
        # Both write the shortest digits that read back; only here is the notation the same as ECMAScript's.
        return bool(1e-4 <= abs(value) < 1e15) and not value.is_integer()
    if depth >= _MAX_DEPTH:
        return False
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str or (not key.isascii() and max(key) >= _FIRST_OUT_OF_ORDER):
                return False
            # Most values are texts: spare them the call.
            if type(inner) is not str and not _plain(inner, depth + 1):
                return False
        return True
    return (kind is list or kind is tuple) and all(_plain(inner, depth + 1) for inner in value)


def _copied(value: Any, depth: int) -> Any:
    """The same value in the types that `rfc8785` takes."""
    if depth > _MAX_DEPTH:
        raise InputError(f"ledger record: nested deeper than {_MAX_DEPTH} levels; make it flatter")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise InputError("ledger record: an object has a key that is not a text; make every key a text")
        return {key: _copied(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(inner, depth + 1) for inner in value]
    raise InputError(f"ledger record: {type(value).__name__} is not JSON; give texts, numbers, lists or objects")

"""The hidden random rank of each item, drawn before anything starts, and an independent one that breaks ties.

lot = the first 53 bits of HMAC-SHA-256(project audit key, "cowise lot v1" || 0 || content id), as a share in [0, 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats

_LOT = b"cowise lot v1\x00"
_TIE = b"cowise tie v1\x00"
_BLOCK = 64
_LEAST_KEY = 16


def lot(audit_key: bytes, content_id: str) -> float:
    """The lot of one item, in [0, 1); who does not hold the key cannot tell it from chance.

    >>> 0 <= lot(bytes(32), "a") < 1, lot(bytes(32), "a") == lot(bytes(32), "a")
    (True, True)
    """
    return float(lots(audit_key, [content_id])[0])


def tie(audit_key: bytes, content_id: str) -> float:
    """The tie rank of one item, independent of its lot."""
    return float(ties(audit_key, [content_id])[0])


def lots(audit_key: bytes, content_ids: Iterable[str]) -> Floats:
    """Lots of many items, (n,), each equal to `lot` of that item."""
    return _ranks(audit_key, _LOT, content_ids)


def ties(audit_key: bytes, content_ids: Iterable[str]) -> Floats:
    """Tie ranks of many items, (n,); breaking ties by the lots themselves would void the guarantee."""
    return _ranks(audit_key, _TIE, content_ids)


def _ranks(key: bytes, label: bytes, ids: Iterable[str]) -> Floats:
    if len(key) < _LEAST_KEY:
        raise InputError(f"audit key: needs at least {_LEAST_KEY} bytes, got {len(key)}; take one from the key folder")
    short = sha256(key).digest() if len(key) > _BLOCK else key
    padded = short.ljust(_BLOCK, b"\x00")
    # HMAC by hand: hashing the padded key once and copying the state is twice as fast as one call for each id.
    inner = sha256(bytes(b ^ 0x36 for b in padded) + label)
    outer = sha256(bytes(b ^ 0x5C for b in padded))
    digests = []
    for content_id in ids:
        first, second = inner.copy(), outer.copy()
        first.update(content_id.encode("utf-8"))
        second.update(first.digest())
        digests.append(second.digest()[:8])
    return (np.frombuffer(b"".join(digests), dtype=">u8") >> np.uint64(11)).astype(np.float64) * 2.0**-53

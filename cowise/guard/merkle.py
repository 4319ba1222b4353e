"""Merkle tree hash of RFC 6962, kept as its peaks: the roots of the perfect subtrees, largest first.

Source: Laurie, Langley & Kasper, RFC 6962 section 2.1, 2013.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY: bytes = sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    """Hash of one entry, SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node, SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def push(peaks: list[bytes], size: int, leaf_hash: bytes) -> None:
    """Add a leaf to a tree of `size` leaves in place: one merge for each trailing one bit of `size`."""
    while size & 1:
        leaf_hash = node(peaks.pop(), leaf_hash)
        size >>= 1
    peaks.append(leaf_hash)


def append(peaks: Sequence[bytes], size: int, leaf_hash: bytes) -> tuple[bytes, ...]:
    """Peaks of a tree of `size` leaves after one more; the arguments stay as they are.

    >>> one = append((), 0, leaf(b"a"))
    >>> len(append(one, 1, leaf(b"b"))), len(append(append(one, 1, leaf(b"b")), 2, leaf(b"c")))
    (1, 2)
    """
    if len(peaks) != size.bit_count():
        raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, got {len(peaks)}")
    grown = list(peaks)
    push(grown, size, leaf_hash)
    return tuple(grown)


def root(peaks: Sequence[bytes]) -> bytes:
    """Tree hash from its peaks; of an empty tree it is SHA-256 of nothing."""
    if not peaks:
        return EMPTY
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node(peak, found)
    return found


def batch_root(items: Iterable[bytes | str]) -> bytes:
    """Tree hash over items in the order given; texts count as UTF-8.

    >>> batch_root(["a", "b"]) == node(leaf(b"a"), leaf(b"b"))
    True
    """
    peaks: list[bytes] = []
    for size, item in enumerate(items):
        push(peaks, size, leaf(item.encode("utf-8") if isinstance(item, str) else item))
    return root(peaks)

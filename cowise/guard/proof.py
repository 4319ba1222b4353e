"""Proofs over a Merkle tree: an entry is in it, and a later tree only added to an earlier one.

Source: RFC 6962 sections 2.1.1 and 2.1.2; checks after RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from cowise.core.errors import InputError
from cowise.guard.merkle import node, push, root


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Sibling hashes from leaf `index` (from 0) up to the root; `leaves` are leaf hashes.

    Raises InputError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise InputError(f"proof: asked for entry {index}, the tree has {len(leaves)}; give 0 to {len(leaves) - 1}")
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        upper = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        # An odd last node moves up as it is: this gives exactly RFC 6962's largest-power-of-two split.
        level = upper + level[len(upper) * 2 :]
        index >>= 1
    return path


def included(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether `path` proves that `leaf_hash` is entry `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and compare_digest(found, tree_root)


def consistency(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """Hashes that prove that the first `earlier` leaves are unchanged in this tree; none for equal sizes.

    Raises InputError unless 1 <= earlier <= number of leaves.
    """
    if not 1 <= earlier <= len(leaves):
        raise InputError(f"proof: asked from size {earlier}, the tree has {len(leaves)}; give 1 to {len(leaves)}")
    path: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while earlier < high:
        split = low + (1 << (high - low - 1).bit_length() - 1)
        if earlier <= split:
            path.append(_range_root(leaves[split:high]))
            high = split
        else:
            path.append(_range_root(leaves[low:split]))
            low, whole = split, False
    return list(reversed(path if whole else [*path, _range_root(leaves[low:high])]))


def consistent(earlier: int, earlier_root: bytes, size: int, tree_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `size` leaves begins with the tree of `earlier` leaves."""
    if not 1 <= earlier <= size:
        return False
    if earlier == size:
        return not path and compare_digest(earlier_root, tree_root)
    steps = list(path) if earlier & (earlier - 1) else [earlier_root, *path]
    if not steps:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(sibling, old), node(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and compare_digest(old, earlier_root) and compare_digest(new, tree_root)


def _range_root(leaves: Sequence[bytes]) -> bytes:
    peaks: list[bytes] = []
    for size, leaf_hash in enumerate(leaves):
        push(peaks, size, leaf_hash)
    return root(peaks)

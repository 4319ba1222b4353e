"""Which content ids may have passed by before: most rows of a new project need no search for one that they repeat."""

from __future__ import annotations

from collections.abc import Sequence

# About 100 bytes each: the whole stays under half a gigabyte.
MOST = 4_000_000


class Seen:
    """64-bit hashes of the ids that passed by. It never misses a repeat; what it takes for one must be searched for.

    >>> seen = Seen()
    >>> seen.maybe(["a", "b"]), seen.maybe(["b", "c"])
    ((), ('b',))
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._hashes: set[int] | None = set()

    def maybe(self, ids: Sequence[str]) -> tuple[str, ...] | None:
        """Those of `ids` (distinct) that may have passed by before, in their order; None for any of them.

        Beyond `most` ids it forgets all, and everything has to be searched for.
        """
        if self._hashes is None:
            return None
        hashes = [hash(one) for one in ids]
        found = tuple(one for one, h in zip(ids, hashes, strict=True) if h in self._hashes)
        self._hashes.update(hashes)
        if len(self._hashes) > self._most:
            self._hashes = None
        return found

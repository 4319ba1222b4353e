"""Fair turns for the writers of several processes on one SQLite file.

SQLite's own lock is polled, so that a busy importer starves everyone else. Here a writer first queues in `turn`, then
waits for `write`, and lets the next one queue: whoever has just written stands behind those who wait. The kernel frees
both when a process dies.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl as _fcntl
except ImportError:  # Windows: no such locks; bulk writers pause instead
    _fcntl = None  # type: ignore[assignment]

from cowise.core.errors import ConflictError
from cowise.core.registry import load

PAUSE_S = 0.005


class Turn:
    """The queue of writers of one workspace; one per process."""

    def __init__(self, folder: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._files = [os.open(folder / name, flags, 0o600) for name in ("turn.lock", "write.lock")] if _fcntl else []

    @contextmanager
    def mine(self, *, bulk: bool = False) -> Iterator[None]:
        """Hold the right to write. Where the system has no such locks, bulk work pauses after each commit."""
        if _fcntl is None:
            yield
            if bulk:
                time.sleep(PAUSE_S)
            return
        turn, write = self._files
        _fcntl.flock(turn, _fcntl.LOCK_EX)
        try:
            _fcntl.flock(write, _fcntl.LOCK_EX)
        finally:
            _fcntl.flock(turn, _fcntl.LOCK_UN)
        try:
            yield
        finally:
            _fcntl.flock(write, _fcntl.LOCK_UN)

    def awaited(self) -> bool:
        """Whether another process waits for its turn while we hold ours."""
        if _fcntl is None:
            return True
        try:
            _fcntl.flock(self._files[0], _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        except OSError:
            return True
        _fcntl.flock(self._files[0], _fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Let go of the files."""
        while self._files:
            os.close(self._files.pop())


class ServerLock:
    """The right to be the one server of a workspace; freed when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _exclusive(self._file)
        except OSError:
            os.close(self._file)
            raise ConflictError(
                f"a server runs on this workspace already ({path.parent}); stop it first, or open its address"
            ) from None

    def close(self) -> None:
        """Give the right back."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _exclusive(file: int) -> None:
    if _fcntl is not None:
        _fcntl.flock(file, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        return
    load("msvcrt:locking")(file, load("msvcrt:LK_NBLCK"), 1)

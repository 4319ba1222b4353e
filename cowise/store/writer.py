"""One writer thread with group commit: many small writes share one flush to disk.

Each operation runs under a savepoint of its own, so that one that fails takes no other with it, and is acknowledged
after the commit only. Bulk operations share a flush too, but as soon as anybody waits, in this process or another,
what is done so far is committed and the others come first: an answer waits for one bulk operation at most.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from cowise.core.errors import StorageError
from cowise.store.faults import explain, passing
from cowise.store.tx import Clock, Tx

T = TypeVar("T")
MAX_GROUP = 64
MAX_BULK = 10
RETRIES = 3
Begin = Callable[[bool], AbstractContextManager[Connection]]


@dataclass(slots=True)
class _Work:
    run: Callable[[Tx], Any]
    bulk: bool
    done: Future[Any] = field(default_factory=Future)
    after: list[Callable[[], None]] = field(default_factory=list)
    started: bool = False

    def start(self) -> bool:
        """Whether it is still wanted; from here on it cannot be cancelled."""
        self.started = self.started or self.done.set_running_or_notify_cancel()
        return self.started


class Writer:
    """The thread. `begin(bulk)` opens a transaction that commits when left without an exception.

    `awaited()` says whether another process waits to write.
    """

    def __init__(self, begin: Begin, clock: Clock | None, awaited: Callable[[], bool]) -> None:
        self._begin = begin
        self._clock = clock
        self._awaited = awaited
        self._queue: deque[_Work] = deque()
        self._num_urgent = 0
        self._closed = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._loop, name="cowise-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Tx], T], *, bulk: bool = False) -> Future[T]:
        """Queue an operation; its future is done after the commit."""
        if threading.current_thread() is self._thread:
            raise AssertionError("a write inside a write would wait for itself; pass the tx on")
        work = _Work(run, bulk)
        with self._change:
            if self._closed:
                raise StorageError("the workspace is closed; open it again")
            self._queue.append(work)
            self._num_urgent += not bulk
            self._change.notify()
        return work.done

    def close(self) -> None:
        """Finish what is queued, then end."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join()

    def _loop(self) -> None:
        while True:
            with self._change:
                while not self._queue and not self._closed:
                    self._change.wait()
                if not self._queue:
                    return
                group = self._gather()
            self._commit(group)

    def _gather(self) -> list[_Work]:
        """The next group, in the order in which it came: any number of small ones with one bulk, or bulk alone."""
        group: list[_Work] = []
        num_bulk = 0
        while self._queue and len(group) < MAX_GROUP and num_bulk < MAX_BULK:
            mixed = num_bulk < len(group)
            if (self._queue[0].bulk and num_bulk and mixed) or (not self._queue[0].bulk and num_bulk > 1):
                break
            work = self._queue.popleft()
            num_bulk += work.bulk
            self._num_urgent -= not work.bulk
            group.append(work)
        return group

    def _yields(self, group: list[_Work], i: int) -> bool:
        """Whether to commit before bulk operation `i` of a group of bulk work, because somebody waits."""
        return i > 0 and group[i].bulk and group[i - 1].bulk and (self._num_urgent > 0 or self._awaited())

    def _put_back(self, group: list[_Work], i: int) -> list[_Work]:
        """What is left of a group whose works from `i` on wait for the next one."""
        with self._change:
            self._queue.extendleft(reversed(group[i:]))
        return group[:i]

    def _commit(self, group: list[_Work]) -> None:
        group = [work for work in group if work.start()]
        results: list[tuple[_Work, Any, BaseException | None]] = []
        try:
            with self._begin(any(work.bulk for work in group)) as connection:
                for i, work in enumerate(group):
                    if self._yields(group, i):
                        group = self._put_back(group, i)
                        break
                    results.append((work, *self._attempt(connection, work)))
        except BaseException as cause:  # noqa: BLE001 — the callers get it; the thread lives on
            for work in group:
                work.done.set_exception(_ours(cause))
            return
        for work, value, error in results:
            _answer(work, value, error)

    def _attempt(self, connection: Connection, work: _Work) -> tuple[Any, BaseException | None]:
        for attempt in range(RETRIES):
            savepoint = _Savepoint(connection)
            work.after.clear()
            try:
                value = work.run(Tx(connection, self._clock, work.after))
                savepoint.keep()
            except BaseException as cause:
                if not savepoint.undo():
                    raise  # a full disk ends the whole transaction: nobody in this group is acknowledged
                if passing(cause) and attempt + 1 < RETRIES:
                    continue
                return None, _ours(cause)
            return value, None
        raise AssertionError("unreachable")


class _Savepoint:
    """A mark to go back to. Said to SQLite's driver directly: by way of the toolkit it costs more than most operations."""

    def __init__(self, connection: Connection) -> None:
        raw = connection.connection.driver_connection
        self._say: Callable[[str], Any] = (
            raw.execute if connection.dialect.name == "sqlite" and raw else connection.exec_driver_sql
        )
        self._say("SAVEPOINT one")

    def keep(self) -> None:
        """What was done since stays, if the transaction does."""
        self._say("RELEASE SAVEPOINT one")

    def undo(self) -> bool:
        """Take back what was done since; False when the whole transaction is gone already."""
        try:
            self._say("ROLLBACK TO SAVEPOINT one")
            self._say("RELEASE SAVEPOINT one")
        except Exception:  # noqa: BLE001 — the first fault is the one to report
            return False
        return True


def _answer(work: _Work, value: Any, error: BaseException | None) -> None:
    """Acknowledge after the commit. What was to follow the commit cannot undo it: a fault there is the caller's to hear."""
    if error is None:
        try:
            for then in work.after:
                then()
        except BaseException as cause:  # noqa: BLE001 — belongs to the caller
            error = _ours(cause)
    if error is None:
        work.done.set_result(value)
    else:
        work.done.set_exception(error)


def _ours(cause: BaseException) -> BaseException:
    """Faults of the database in plain words; everything else as it is."""
    if type(cause).__module__.startswith("sqlalchemy") or isinstance(cause, OSError):
        found = explain(cause)
        found.__cause__ = cause
        return found
    return cause

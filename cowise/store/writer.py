"""One writer thread with group commit: many small writes share one flush to disk.

Each operation runs under a savepoint of its own, so that one that fails takes no other with it, and is acknowledged
after the commit only. At most one bulk operation joins a group, so that answers never wait for two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection

from cowise.core.errors import StorageError
from cowise.store.faults import explain, passing
from cowise.store.tx import Clock, Tx

T = TypeVar("T")
MAX_GROUP = 64
RETRIES = 3
Begin = Callable[[bool], AbstractContextManager[Connection]]


@dataclass(slots=True)
class _Work:
    run: Callable[[Tx], Any]
    bulk: bool
    done: Future[Any] = field(default_factory=Future)
    after: list[Callable[[], None]] = field(default_factory=list)


class Writer:
    """The thread. `begin(bulk)` opens a transaction that commits when left without an exception."""

    def __init__(self, begin: Begin, clock: Clock | None) -> None:
        self._begin = begin
        self._clock = clock
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._held: _Work | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="cowise-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Tx], T], *, bulk: bool = False) -> Future[T]:
        """Queue an operation; its future is done after the commit."""
        if threading.current_thread() is self._thread:
            raise AssertionError("a write inside a write would wait for itself; pass the tx on")
        work = _Work(run, bulk)
        with self._lock:
            if self._closed:
                raise StorageError("the workspace is closed; open it again")
            self._queue.put(work)
        return work.done

    def close(self) -> None:
        """Finish what is queued, then end."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        ending = False
        while not ending:
            first = self._held or self._queue.get()
            self._held = None
            if first is None:
                return
            group, ending = self._gather(first)
            self._commit(group)
        if self._held is not None:
            self._commit([self._held])

    def _gather(self, first: _Work) -> tuple[list[_Work], bool]:
        group, bulk = [first], first.bulk
        while len(group) < MAX_GROUP:
            try:
                work = self._queue.get_nowait()
            except Empty:
                break
            if work is None:
                return group, True
            if work.bulk and bulk:
                self._held = work
                break
            group.append(work)
            bulk = bulk or work.bulk
        return group, False

    def _commit(self, group: list[_Work]) -> None:
        group = [work for work in group if work.done.set_running_or_notify_cancel()]
        results: list[tuple[_Work, Any, BaseException | None]] = []
        try:
            with self._begin(any(work.bulk for work in group)) as connection:
                results = [(work, *self._attempt(connection, work)) for work in group]
        except BaseException as cause:  # noqa: BLE001 — the callers get it; the thread lives on
            for work in group:
                work.done.set_exception(_ours(cause))
            return
        for work, value, error in results:
            if error is None:
                for then in work.after:
                    then()
                work.done.set_result(value)
            else:
                work.done.set_exception(error)

    def _attempt(self, connection: Connection, work: _Work) -> tuple[Any, BaseException | None]:
        for attempt in range(RETRIES):
            savepoint = connection.begin_nested()
            work.after.clear()
            try:
                value = work.run(Tx(connection, self._clock, work.after))
                savepoint.commit()
            except BaseException as cause:
                if savepoint.is_active:
                    savepoint.rollback()
                if not connection.in_transaction() or connection.invalidated:
                    raise
                if passing(cause) and attempt + 1 < RETRIES:
                    continue
                return None, _ours(cause)
            return value, None
        raise AssertionError("unreachable")


def _ours(cause: BaseException) -> BaseException:
    """Faults of the database in plain words; everything else as it is."""
    if type(cause).__module__.startswith("sqlalchemy") or isinstance(cause, OSError):
        found = explain(cause)
        found.__cause__ = cause
        return found
    return cause

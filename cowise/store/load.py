"""Import many rows: batches are made ready while earlier ones are being written."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from threading import Event, Thread
from typing import Self

from cowise.core.errors import CowiseError
from cowise.store import contents, imports, leases
from cowise.store.contents import Run
from cowise.store.imports import Import, NewItem
from cowise.store.store import Store
from cowise.store.tx import Tx
from cowise.store.values import MAX_BATCH

AHEAD = 12
HOLD_S = 60.0
RENEW_S = HOLD_S / 3


def load_items(
    store: Store,
    project: int,
    source: str,
    rows: Iterable[NewItem],
    *,
    ending: Callable[[Import], Callable[[Tx, Import], object]] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Import:
    """Import `rows` and show them all at once at the end.

    `ending(held)` runs when all rows are stored and none is shown, outside of any transaction; what it returns runs
    with (tx, done) in the transaction that shows them.
    `source` names the file by content. Cut short, the same call goes on where it stood (rows that were stored are
    read over); see `roll_back`. `progress(n)` hears how many rows are stored. ConflictError while another import runs.
    """
    held = store.write(lambda tx: imports.begin(tx, project, source, owner=owner_of(os.getpid()), seconds=HOLD_S))
    with _kept(store, held):
        if held.state == "running":
            _feed(store, held, rows, progress)
        while store.write(lambda tx: imports.settle(tx, held), bulk=True):
            pass
        then = None
        if ending is not None:
            with store.read() as tx:
                stored = imports.left(tx, project)
            then = ending(stored or held)

        def last(tx: Tx) -> Import:
            done = imports.finish(tx, held)
            if then is not None:
                then(tx, done)
            return done

        return store.write(last)


@contextmanager
def _kept(store: Store, held: Import) -> Iterator[None]:
    """Renew the hold meanwhile: joining repeats and the ending of a large import can outlast it."""
    over = Event()

    def renew() -> None:
        # When it fails, the next step of the import finds the hold gone and says so.
        with suppress(CowiseError):
            while not over.wait(RENEW_S):
                store.write(lambda tx: leases.renew(tx, "imports", held.token, HOLD_S, "import"))

    thread = Thread(target=renew, name="cowise-import", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _feed(store: Store, held: Import, rows: Iterable[NewItem], progress: Callable[[int], object] | None) -> None:
    with store.read() as tx:
        run = imports.unfiled(tx, held)

    def find(asked: Sequence[str]) -> Mapping[str, int]:
        with store.read() as tx:
            return contents.find(tx, held.project, asked)

    count = held.rows
    incoming = islice(rows, count, None)
    with _Line(store, progress) as line:
        while batch := list(islice(incoming, MAX_BATCH)):
            placed = imports.place(imports.prepare(batch), run, find)
            line.put(count + len(batch), partial(imports.add, held=held, batch=placed, after=count))
            count += len(batch)
            if run.full:
                _file(line, held, run)
        _file(line, held, run)


def _file(line: _Line, held: Import, run: Run) -> None:
    line.empty()  # what is filed must be stored
    for entries in run.sorted():
        line.put(0, partial(imports.file, held=held, entries=entries))
    line.empty()


class _Line:
    """Writes that are under way, in order; more are taken while some are waited for. The first fault is raised."""

    def __init__(self, store: Store, progress: Callable[[int], object] | None) -> None:
        self._store = store
        self._progress = progress
        self._waiting: deque[tuple[int, Future[object]]] = deque()

    def put(self, count: int, run: Callable[[Tx], object]) -> None:
        """Queue one; `progress` hears `count` (if any) once it is committed."""
        self._waiting.append((count, self._store.submit(run, bulk=True)))
        if len(self._waiting) > AHEAD:
            self._wait()

    def empty(self) -> None:
        """Wait for all of them."""
        while self._waiting:
            self._wait()

    def _wait(self) -> None:
        count, done = self._waiting.popleft()
        done.result()
        if self._progress is not None and count:
            self._progress(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.empty()
        for _count, done in self._waiting:
            done.exception()  # what failed because the first one did says nothing new


def owner_of(pid: int | str) -> str:
    """Under which name a process holds an import."""
    return f"process {pid}"


def roll_back(store: Store, project: int, held: Import | None = None) -> None:
    """Take back the import that was cut short, as if it had never begun; ConflictError while it runs.

    `held` is one that was taken over already.
    """
    held = held or store.write(lambda tx: imports.take_over(tx, project, owner=owner_of(os.getpid())))
    while store.write(lambda tx: imports.undo(tx, held), bulk=True):
        pass

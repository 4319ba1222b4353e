"""Import many rows: batches are made ready while earlier ones are being written."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice

from cowise.store import imports
from cowise.store.imports import Import, NewItem, Prepared
from cowise.store.seen import Seen
from cowise.store.store import Store
from cowise.store.tx import Tx
from cowise.store.values import MAX_BATCH

AHEAD = 12


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
    held = store.write(lambda tx: imports.begin(tx, project, source, owner=_me()))
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


def _feed(store: Store, held: Import, rows: Iterable[NewItem], progress: Callable[[int], object] | None) -> None:
    waiting: deque[tuple[int, Future[int]]] = deque()
    count = held.rows
    # Only where the project is empty is all that it holds what passes by here.
    seen = Seen() if held.first + held.added == 0 else None
    incoming = islice(rows, count, None)
    try:
        while batch := list(islice(incoming, MAX_BATCH)):
            ready = imports.prepare(batch)
            if seen is not None:
                ready = replace(ready, look=seen.maybe(ready.ids))
            waiting.append((count + len(batch), store.submit(_adding(held, ready, count), bulk=True)))
            count += len(batch)
            if len(waiting) > AHEAD:
                _wait(waiting, progress)
    finally:
        while waiting:
            _wait(waiting, progress)


def _adding(held: Import, batch: Prepared, after: int) -> Callable[[Tx], int]:
    return lambda tx: imports.add(tx, held, batch, after=after)


def _me() -> str:
    return f"process {os.getpid()}"


def _wait(waiting: deque[tuple[int, Future[int]]], progress: Callable[[int], object] | None) -> None:
    count, done = waiting.popleft()
    done.result()
    if progress is not None:
        progress(count)


def roll_back(store: Store, project: int) -> None:
    """Take back the import that was cut short, as if it had never begun; ConflictError while it runs."""
    held = store.write(lambda tx: imports.take_over(tx, project, owner=_me()))
    while store.write(lambda tx: imports.undo(tx, held), bulk=True):
        pass

"""A workspace's store: one object that reads, writes, keeps files, and closes.

with open_store(home) as store:
    project = store.write(lambda tx: projects.create(tx, "tickets", task, promise, audit_key=key))
    with store.read() as tx:
        print(counters.counts(tx, project.id))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from sqlalchemy import Connection, Engine, text

from cowise.core.errors import ConflictError
from cowise.core.registry import load
from cowise.store import schema
from cowise.store.blobs import Blobs, Cipher
from cowise.store.connect import engines
from cowise.store.faults import plain
from cowise.store.turn import ServerLock, Turn
from cowise.store.tx import Clock, Tx
from cowise.store.writer import Writer

if TYPE_CHECKING:
    from cowise.store.vectors import SegmentVectors

T = TypeVar("T")
_SERVER = text("SELECT pg_try_advisory_lock(hashtext('cowise server'))")
_LEAVE = text("SELECT pg_advisory_unlock(hashtext('cowise server'))")


class Store:
    """An open workspace; make it with `open_store`. Safe to use from many threads."""

    def __init__(self, home: Path, reader: Engine, writer: Engine, clock: Clock | None, cipher: Cipher | None) -> None:
        self.home = home
        self.blobs = Blobs(home / "blobs", cipher)
        self._cipher = cipher
        self._reader = reader
        self._engine = writer
        self._clock = clock
        self._turn = Turn(home) if writer.dialect.name == "sqlite" else None
        self._server: ServerLock | Connection | None = None
        self._writer = Writer(self._begin, clock, self._turn.awaited if self._turn else lambda: False)

    @cached_property
    def vectors(self) -> SegmentVectors:
        """Embeddings; loaded when asked for, because a status needs neither them nor numpy."""
        found: SegmentVectors = load("store.vectors:SegmentVectors")(self.home / "vectors", self._cipher)
        return found

    @contextmanager
    def _begin(self, bulk: bool) -> Iterator[Connection]:
        if self._turn is None:
            with self._engine.begin() as connection:
                yield connection
            return
        # Connect first: waiting for a connection must not hold up other processes.
        with self._engine.connect() as connection, self._turn.mine(bulk=bulk), connection.begin():
            yield connection

    @property
    def postgres(self) -> bool:
        """Whether the tables live in PostgreSQL."""
        return self._engine.dialect.name == "postgresql"

    def submit(self, run: Callable[[Tx], T], *, bulk: bool = False) -> Future[T]:
        """Queue `run(tx)` for the writer and go on; the future is done once it is committed.

        `bulk` marks work on up to 200 rows of which many follow: others come first in between.
        """
        return self._writer.submit(run, bulk=bulk)

    def write(self, run: Callable[[Tx], T], *, bulk: bool = False) -> T:
        """Run `run(tx)` in the writer, wait for the commit, and give its result.

        When it raises, nothing of it is stored and its error is raised here. It may run again after a deadlock
        (PostgreSQL), so it must touch nothing but the database; queue other effects with `tx.after.append`.
        """
        return self.submit(run, bulk=bulk).result()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one state of the database and cannot write."""
        with plain(), self._reader.connect() as connection, connection.begin():
            yield Tx(connection, self._clock)

    def serve(self) -> None:
        """Become the one server of this workspace until `close`; ConflictError when another is."""
        if self._server is not None:
            return
        if not self.postgres:
            self._server = ServerLock(self.home / "server.lock")
            return
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(_SERVER).scalar_one():
            connection.close()
            raise ConflictError("a server runs on this database already; stop it first, or open its address")
        self._server = connection

    def close(self) -> None:
        """Finish what is queued and let go of everything."""
        self._writer.close()
        if self._server is not None:
            if isinstance(self._server, Connection):
                self._server.execute(_LEAVE)
                self._server.invalidate()
            self._server.close()
            self._server = None
        self._reader.dispose()
        self._engine.dispose()
        if self._turn is not None:
            self._turn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(
    home: Path,
    *,
    db: str = "",
    key: str | bytes = "",
    create: bool = True,
    clock: Clock | None = None,
    cipher: Cipher | None = None,
) -> Store:
    """Open a workspace, made when missing and brought to this version when older (after a backup).

    `db` is an SQLAlchemy address ("" for the workspace's own SQLite file). `key` encrypts that file: 32 raw bytes,
    SQLCipher's x'…' form, or a passphrase. `clock` gives seconds since 1970. `cipher` seals blobs and vectors.
    StorageError: newer version, wrong key, damage, no permission. MissingError: no workspace and `create` is off.
    """
    with plain():
        reader, writer = engines(home, db, key, create=create)
    try:
        with plain():
            if schema.stale(reader):
                load("store.migrate:upgrade")(writer, home, key=key)
            return Store(
                home, reader, writer, clock or (None if writer.dialect.name == "postgresql" else time.time), cipher
            )
    except BaseException:
        reader.dispose()
        writer.dispose()
        raise

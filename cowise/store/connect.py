"""Engines: SQLite by sqlcipher3 with the settings that make it safe, or PostgreSQL by psycopg, behind the same calls."""

from __future__ import annotations

import hashlib
import math
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from cowise.core.errors import ConflictError, InputError, MissingError, StorageError
from cowise.core.registry import need
from cowise.store.faults import plain

BUSY_MS = 30_000
READERS = 16
IDLE_S = 1.0
"""A connection that was used less long ago is not asked whether it still stands."""
_RAW = re.compile(r"x'(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{96})'")
_ROUNDS = 256_000  # SQLCipher 4's own figure, so that its tools open the file by the same passphrase
FILE = "cowise.db"


def affected(version: tuple[int, ...]) -> bool:
    """Whether an SQLite release has the WAL-reset bug, by which commits of several connections can get lost.

    >>> affected((3, 40, 1)), affected((3, 51, 3)), affected((3, 50, 7)), affected((3, 44, 6))
    (True, False, False, False)

    Source: sqlite.org/wal.html#walresetbug
    """
    fixed: dict[tuple[int, ...], tuple[int, ...]] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
    return (3, 7, 0) <= version < fixed.get(version[:2], (3, 51, 3))


def engines(home: Path, db: str, key: str | bytes, *, create: bool) -> tuple[Engine, Engine]:
    """(reader, writer) of a workspace; see `open_store`."""
    if db and not db.startswith(("postgresql://", "postgresql+psycopg://")):
        raise InputError(
            f"--db: asked for {db.split(':', 1)[0]!r}; give postgresql+psycopg://user@host/name, or nothing for SQLite"
        )
    folder(home, create=create or bool(db))
    if db:
        return _postgres(db)
    if not create and not (home / FILE).exists():
        raise MissingError(f"{home} holds no workspace; make one with: cowise new NAME --labels a,b")
    return sqlite(home / FILE, key, reader=True), sqlite(home / FILE, key, reader=False)


def folder(home: Path, *, create: bool) -> None:
    """Make the workspace's folder, for its owner alone."""
    if create:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not home.is_dir():
        raise MissingError(f"{home} is no workspace; make one with: cowise new NAME --labels a,b")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise StorageError(f"{home}: no permission; check who owns the folder")


def library() -> Any:
    """The SQLite that we bundle; StorageError when its version loses commits."""
    module = need("sqlcipher3.dbapi2", "dev")
    if affected(module.sqlite_version_info):
        raise StorageError(
            f"SQLite {module.sqlite_version} can lose commits (WAL-reset bug) and is not used; "
            "run: pip install --upgrade 'sqlcipher3>=0.6.4'"
        )
    return module


def key_pragma(path: Path, key: str | bytes) -> str:
    """What SQLCipher takes as key: raw keys as they are, a passphrase derived once (107 ms) and not per connection."""
    if isinstance(key, bytes):
        if len(key) != 32:
            raise InputError(f"database key: need 32 bytes, got {len(key)}")
        return f"x'{key.hex()}'"
    if not key or _RAW.fullmatch(key):
        return key
    salt = _head(path) or os.urandom(16)
    raw = hashlib.pbkdf2_hmac("sha512", key.encode("utf-8"), salt, _ROUNDS, 32)
    return f"x'{raw.hex()}{salt.hex()}'"


def _head(path: Path) -> bytes:
    """The salt with which an encrypted file begins; nothing where there is no file yet."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        return file.read(16)


def opener(path: Path, key: str, *, reader: bool = False) -> Callable[[], Any]:
    """A function that opens one SQLite connection as we want it."""
    module = library()
    address = f"file:{quote(str(path))}"

    def connect() -> Any:
        made = module.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)
        try:
            if key:
                made.execute(f'PRAGMA key = "{key}"')
            made.execute("PRAGMA journal_mode = WAL")
            for line in ("synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}", "temp_store = MEMORY",
                         "trusted_schema = OFF", f"cache_size = {-16_000 if reader else -128_000}",
                         "wal_autocheckpoint = 4000", f"query_only = {'ON' if reader else 'OFF'}"):  # fmt: skip
                made.execute(f"PRAGMA {line}")
        except BaseException:
            made.close()
            raise
        return made

    return connect


def sqlite(path: Path, key: str | bytes, *, reader: bool) -> Engine:
    """An engine whose transactions begin when we say: at once for the writer (BEGIN IMMEDIATE), lazily for readers."""
    # The file and its salt must be there before the first key is derived, or two engines would derive two keys.
    pragma = _settle(path, key)
    engine = create_engine(
        "sqlite://",
        module=library(),
        creator=opener(path, pragma, reader=reader),
        poolclass=QueuePool,
        pool_size=READERS if reader else 1,
        max_overflow=0,
        pool_timeout=30,
    )
    begin = "BEGIN" if reader else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _settle(path: Path, key: str | bytes) -> str:
    fresh = not path.exists() or path.stat().st_size == 0
    pragma = key_pragma(path, key)
    if fresh:
        previous = os.umask(0o077)
        try:
            made = opener(path, pragma)()
        finally:
            os.umask(previous)
        made.execute("PRAGMA user_version = 1")
        made.close()
    return pragma


def rekey(home: Path, old: str | bytes, new: str | bytes) -> None:
    """Encrypt a workspace's database under another key; nobody else may have it open (ConflictError).

    StorageError when `old` does not fit, InputError when one of the two is empty. A crash leaves the old or the new key.
    """
    path = home / FILE
    if not old or not new:
        raise InputError(
            "rekey: needs the present key and a new one; a plain database is encrypted by backup and restore"
        )
    with plain():
        pragma = key_pragma(path, new)
        connection = opener(path, key_pragma(path, old))()
        try:
            # The rewrite is one transaction of a rollback journal, which SQLCipher encrypts too.
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
            if mode != "delete":
                raise ConflictError("rekey: somebody has the workspace open; close it everywhere first")
            connection.execute(f'PRAGMA rekey = "{pragma}"')
        finally:
            connection.close()


def _postgres(db: str) -> tuple[Engine, Engine]:
    need("psycopg", "postgres")
    address = db.replace("postgresql://", "postgresql+psycopg://", 1)
    common = "-c lock_timeout=30000 -c synchronous_commit=on"
    sees = "-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on"
    reader = create_engine(address, pool_size=READERS, max_overflow=0, connect_args=_asked(f"{common} {sees}"))
    writer = create_engine(address, pool_size=2, max_overflow=2, connect_args=_asked(common))
    for engine in (reader, writer):
        _lively(engine)
    return reader, writer


def _asked(options: str) -> dict[str, Any]:
    return {"connect_timeout": 10, "options": options}


def _lively(engine: Engine) -> None:
    """Ask a connection that lay idle whether it still stands: asking at each use costs more than most queries."""

    @event.listens_for(engine, "checkin")
    def _(_: Any, record: Any) -> None:
        record.info["at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _(raw: Any, record: Any, __: Any) -> None:
        if time.monotonic() - record.info.get("at", -math.inf) < IDLE_S:
            return
        try:
            engine.dialect.do_ping(raw)
        except need("psycopg", "postgres").Error as cause:
            raise DisconnectionError from cause

"""Faults of database and disk in plain words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cowise.core.errors import ConflictError, CowiseError, StorageError

# What the libraries say -> what it means and what to do. First match wins.
_SAID = (
    ("is append-only", StorageError, "the ledger cannot be changed: its entries are never edited or deleted"),
    ("database or disk is full", StorageError, "the disk is full; free some space and repeat, nothing was lost"),
    ("no space left", StorageError, "the disk is full; free some space and repeat, nothing was lost"),
    ("could not extend", StorageError, "the database's disk is full; free some space and repeat, nothing was lost"),
    ("database is locked", ConflictError, "another process is writing and did not let go in time; repeat in a moment"),
    ("lock timeout", ConflictError, "another process is writing and did not let go in time; repeat in a moment"),
    ("deadlock detected", ConflictError, "two processes wanted the same rows; repeat in a moment"),
    ("readonly database", StorageError, "no permission to write to the workspace; check who owns the folder"),
    ("read-only", StorageError, "no permission to write to the workspace; check who owns the folder"),
    ("unable to open", StorageError, "the database cannot be opened; check the folder and its permissions"),
    ("permission denied", StorageError, "no permission; check who owns the workspace, or the database role"),
    (
        "not a database",
        StorageError,
        "this file is no cowise database, or it is encrypted under another key; give the right key or restore a backup",
    ),
    ("malformed", StorageError, "the database is damaged; restore a backup"),
    ("disk i/o error", StorageError, "the disk fails or its file was cut off; check the disk and restore a backup"),
    ("password authentication", StorageError, "the database refuses user or password; check the address given as --db"),
    ("does not exist", StorageError, "the database has no such table, role or name; check the address given as --db"),
    (
        "connection",
        StorageError,
        "the database server cannot be reached; check that it runs and the address given as --db",
    ),
)


def explain(cause: BaseException) -> CowiseError:
    """The error of our tree that says what happened and what to do."""
    said = str(getattr(cause, "orig", None) or cause)
    for sign, kind, meaning in _SAID:
        if sign in said.lower():
            return kind(f"{meaning} ({said.splitlines()[0][:120]})")
    if isinstance(cause, PoolTimeout):
        return ConflictError("too many readers at once; repeat in a moment")
    return StorageError(f"the database refuses: {said.splitlines()[0][:200] if said else type(cause).__name__}")


@contextmanager
def plain() -> Iterator[None]:
    """Turn every fault of database or disk inside into StorageError or ConflictError."""
    try:
        yield
    except SQLAlchemyError as cause:
        raise explain(cause) from cause
    except OSError as cause:
        raise disk(cause) from cause
    except CowiseError:
        raise
    except Exception as cause:
        # The SQLite driver's own errors, where no toolkit is between.
        if type(cause).__module__.startswith("sqlcipher3"):
            raise explain(cause) from cause
        raise


def disk(cause: OSError) -> StorageError:
    """A fault of a file in plain words."""
    where = cause.filename or "the workspace"
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"{where}: the disk is full; free some space and repeat, nothing was lost")
    if cause.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(f"{where}: no permission; check who owns the folder")
    return StorageError(f"{where}: {cause.strerror or cause}; check the disk and the path")


def passing(cause: BaseException) -> bool:
    """Whether the same operation may succeed at once when repeated (deadlock, serialisation)."""
    state = getattr(getattr(cause, "orig", None), "sqlstate", None)
    return isinstance(cause, (OperationalError, DBAPIError)) and state in ("40P01", "40001")

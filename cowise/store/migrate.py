"""Bring a database to this version, step by step; loaded only when its version differs.

Rule for steps: the ledger's tables are never rebuilt (a batch rebuild would drop their triggers).
"""

from __future__ import annotations

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from cowise.core.errors import StorageError
from cowise.store import schema
from cowise.store.backup import copy_sqlite
from cowise.store.connect import FILE

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('cowise schema'))")


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without a file."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine, home: Path, *, key: str | bytes = "", to: str = schema.CURRENT) -> None:
    """Make the tables, or bring older ones up to `to` in one transaction, after a backup beside the database.

    On any fault the database stays as it was.
    """
    version = schema.found(engine)
    if version is not None and engine.dialect.name == "sqlite":
        copy_sqlite(home / FILE, home / f"{FILE}.before-{to}-{int(time.time())}", key)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # A table rebuilt with foreign keys on would delete what hangs on it.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.rollback()
        try:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(_LOCK)
                command.upgrade(config(connection), to)
                _check(connection)
        finally:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                connection.rollback()


def _check(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StorageError("migration: rows would point to nothing, so it was taken back; restore a backup")
        triggers = {r[0] for r in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    else:
        triggers = {r[0] for r in connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")}
    lost = {"ledger_no_update", "ledger_no_delete"} - triggers
    if lost:
        raise StorageError(
            f"migration: the ledger would lose its guards ({', '.join(sorted(lost))}), so it was taken back"
        )

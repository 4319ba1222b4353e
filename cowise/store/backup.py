"""Backup of a running workspace and restore into an empty one.

The database is copied as of one moment (SQLite: online backup, still encrypted; PostgreSQL: one snapshot, into SQLite),
then the files that it may point to. A manifest holds the hash of each; restore checks every one before it writes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from sqlalchemy import Engine, insert, select, text

from cowise.core.errors import ConflictError, MissingError, TrustError
from cowise.core.registry import load
from cowise.store import schema
from cowise.store.blobs import sync_folder, write_whole
from cowise.store.connect import FILE, engines, key_pragma, opener, sqlite
from cowise.store.faults import plain
from cowise.store.tables import metadata

MANIFEST = "manifest.json"
_PARTS = ("blobs", "vectors")
_PAGES = 2000
_ROWS = 2000


def copy_sqlite(source: Path, target: Path, key: str | bytes) -> None:
    """Copy an SQLite database that may be in use, page by page, as of one moment, under the same key."""
    pragma = key_pragma(source, key)
    read, write = opener(source, pragma, reader=True)(), opener(target, pragma)()
    try:
        write.execute("PRAGMA query_only = OFF")
        read.backup(write, pages=_PAGES, sleep=0.001)
        write.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        read.close()
        write.close()
    target.chmod(0o600)


def copy_rows(source: Engine, target: Engine) -> None:
    """Copy every row of every table from one database into another with the same, empty tables."""
    with source.connect() as read, target.connect() as write, read.begin(), write.begin():
        for table in metadata.sorted_tables:
            rows = read.execution_options(stream_results=True).execute(select(table)).mappings()
            for part in rows.partitions(_ROWS):
                write.execute(insert(table), [dict(row) for row in part])
        if write.dialect.name == "postgresql":
            for table in metadata.sorted_tables:
                name = next((c.name for c in table.primary_key if c.autoincrement is True), None)
                if name:
                    move = f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'), (SELECT coalesce(max({name}), 0) + 1 FROM {table.name}), false)"  # noqa: S608
                    write.execute(text(move))


def save(home: Path, target: Path, *, db: str = "", key: str | bytes = "") -> Path:
    """Back up a workspace into the new folder `target` while others use it; the manifest's path.

    The keys folder is not among it: whoever holds the backup must not hold the keys. ConflictError when `target` exists.
    """
    with plain():
        if target.exists() and any(target.iterdir()):
            raise ConflictError(f"{target} exists already; name a new folder for the backup")
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        if db:
            _from_postgres(home, db, target, key)
        else:
            copy_sqlite(home / FILE, target / FILE, key)
        files = [FILE]
        for part in _PARTS:
            for path in sorted((home / part).rglob("*")):
                # Files are whole or absent, named by content and never changed: copied after the database, none is missing.
                if path.is_file() and not path.name.endswith(".part"):
                    copy = target / path.relative_to(home)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, copy)
                    files.append(str(path.relative_to(home).as_posix()))
        if (home / "settings.toml").is_file():
            shutil.copyfile(home / "settings.toml", target / "settings.toml")
            files.append("settings.toml")
        manifest = {"version": schema.CURRENT, "files": {name: _hash(target / name) for name in files}}
        write_whole(target / MANIFEST, json.dumps(manifest, indent=1).encode("utf-8"))
        sync_folder(target)
    return target / MANIFEST


def _from_postgres(home: Path, db: str, target: Path, key: str | bytes) -> None:
    reader, writer = engines(home, db, "", create=False)
    copy = sqlite(target / FILE, key, reader=False)
    try:
        metadata.create_all(copy)
        with copy.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": schema.CURRENT})
        copy_rows(reader, copy)
        with copy.connect() as connection:
            for guard in guards():
                connection.exec_driver_sql(guard)
            connection.commit()
    finally:
        for engine in (reader, writer, copy):
            engine.dispose()


def guards() -> list[str]:
    """The SQLite triggers that keep the ledger append-only."""
    return [
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("ledger", "checkpoints")
        for what in ("UPDATE", "DELETE")
    ]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(source: Path) -> list[str]:
    """Names of the files in a backup after checking every hash; TrustError names the first that does not fit.

    MissingError when there is no such folder.
    """
    if not source.is_dir():
        raise MissingError(f"{source} is not here; name the folder of a backup")
    with plain():
        try:
            manifest = json.loads((source / MANIFEST).read_text("utf-8"))
            files: dict[str, str] = manifest["files"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            raise TrustError(f"{source}: no backup of cowise, or one that was cut short; choose another") from None
        for name, digest in files.items():
            path = source / name
            if not path.resolve().is_relative_to(source.resolve()):
                raise TrustError(f"{source}: the manifest names {name!r}, which lies outside; do not trust this backup")
            if not path.is_file() or _hash(path) != digest:
                raise TrustError(f"{path}: missing or changed since the backup; choose another backup")
    return list(files)


def restore(source: Path, home: Path, *, db: str = "", key: str | bytes = "") -> None:
    """Restore a checked backup into a folder without a workspace (and an empty database); verify the ledger next.

    Into PostgreSQL with `db`, also from a backup of SQLite and the other way round.
    """
    files = check(source)
    with plain():
        if (home / FILE).exists() or (home / "blobs").exists():
            raise ConflictError(
                f"{home} holds a workspace already; name an empty folder, so that nothing is overwritten"
            )
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in files:
            if name != FILE or not db:
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, home / name)
        if db:
            _into_postgres(source, home, db, key)


def _into_postgres(source: Path, home: Path, db: str, key: str | bytes) -> None:
    from_file = sqlite(source / FILE, key, reader=True)
    reader, writer = engines(home, db, "", create=True)
    try:
        if schema.stale(from_file):
            raise ConflictError("restore: this backup has older tables; restore it into SQLite first and open it once")
        if schema.stale(writer):
            load("store.migrate:upgrade")(writer, home)
        with writer.connect() as connection:
            if connection.execute(text("SELECT 1 FROM projects LIMIT 1")).first() is not None:
                raise ConflictError("restore: the database holds projects already; name an empty one")
        copy_rows(from_file, writer)
    finally:
        for engine in (from_file, reader, writer):
            engine.dispose()

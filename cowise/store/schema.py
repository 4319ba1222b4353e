"""Which version the tables have: looked up cheaply, so that the migration library is loaded only when they are old."""

from __future__ import annotations

from sqlalchemy import Engine, text

from cowise.core.errors import StorageError

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
CURRENT = VERSIONS[-1]


def found(engine: Engine) -> str | None:
    """The version of the tables; None in an empty database."""
    lookup = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
    if engine.dialect.name == "postgresql":
        lookup = "SELECT to_regclass('alembic_version')::text"
    with engine.connect() as connection, connection.begin():
        if connection.execute(text(lookup)).scalar() is None:
            return None
        version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return version


def stale(engine: Engine) -> bool:
    """Whether the tables must be made or brought up to date; StorageError for a version that is newer than we know."""
    version = found(engine)
    if version is not None and version not in VERSIONS:
        raise StorageError(
            f"this workspace was made by a newer cowise (tables {version}, this one knows up to {CURRENT}); upgrade cowise"
        )
    return version != CURRENT

"""What every query takes: one open transaction and the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Executable, text
from sqlalchemy.engine import CursorResult, Row

Clock = Callable[[], float]
_PG_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())::float8")


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction. `clock` None means: the database's own on PostgreSQL, so that machines agree."""

    connection: Connection
    clock: Clock | None = None
    after: list[Callable[[], None]] = field(default_factory=list)

    @property
    def postgres(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.connection.dialect.name == "postgresql"

    @property
    def mark(self) -> str:
        """How the driver writes a parameter in SQL said to it directly."""
        return "%s" if self.postgres else "?"

    def now(self) -> float:
        """Seconds since 1970."""
        if self.clock is not None:
            return self.clock()
        return float(self.connection.execute(_PG_CLOCK).scalar_one())

    def run(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Execute one statement, or one for each of several parameter sets."""
        return self.connection.execute(statement, params)

    def first(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row or None."""
        return self.connection.execute(statement, params).first()

    def value(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(statement, params).scalar()

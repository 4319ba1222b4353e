"""What every query takes: one open transaction and the clock.

Plain SQL goes straight to the driver: by way of the toolkit a statement costs a dozen times more than SQLite itself
takes for it, and an answer is made of some twenty. The toolkit keeps connections, transactions and made statements.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, TextClause, text
from sqlalchemy.engine import CursorResult, Row
from sqlalchemy.exc import DBAPIError

Clock = Callable[[], float]
Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
_PG_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())::float8")
_NAME = re.compile(r"(?<!:):(\w+)")
"""A parameter in plain SQL; a cast is none."""


class Rows:
    """What a statement gave: rows as named tuples, and how many it changed. Stands in for the toolkit's result."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any:
        """The first row or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row."""
        assert len(self._rows) == 1, f"{len(self._rows)} rows where one was to be"  # noqa: S101
        return self._rows[0]


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction. `clock` None means: the database's own on PostgreSQL, so that machines agree."""

    connection: Connection
    clock: Clock | None = None
    after: list[Callable[[], None]] = field(default_factory=list)
    _read: list[float] = field(default_factory=list)

    @property
    def postgres(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.connection.dialect.name == "postgresql"

    @property
    def mark(self) -> str:
        """How the driver writes a parameter in SQL said to it directly."""
        return "%s" if self.postgres else "?"

    def now(self) -> float:
        """Seconds since 1970; the database's clock is asked once, and then stands still until the end."""
        if self.clock is not None:
            return self.clock()
        if not self._read:
            self._read.append(float(self.value(_PG_CLOCK)))
        return self._read[0]

    def run(self, statement: Executable, params: Params = None) -> CursorResult[Any]:
        """Execute one statement, or one for each of several parameter sets."""
        if isinstance(statement, TextClause):
            return self._straight(statement, params)  # type: ignore[return-value]  # it has what callers use
        return self.connection.execute(statement, params)

    def first(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row or None."""
        return self.run(statement, params).first()

    def value(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self.run(statement, params).first()
        return None if row is None else row[0]

    def _straight(self, statement: TextClause, params: Params) -> Rows:
        """Execute plain SQL by the driver; its faults come as the toolkit would raise them."""
        raw: Any = self.connection.connection.driver_connection
        many = params is not None and not isinstance(params, Mapping)
        sql, values = (statement.text, params) if many else _expanded(statement, params)  # type: ignore[arg-type]
        if self.postgres:
            sql = _named(sql)
        try:
            cursor = raw.cursor()
            cursor.executemany(sql, values) if many else cursor.execute(sql, values)
            found = [] if many or cursor.description is None else cursor.fetchall()
        except Exception as cause:
            self._explain(cause, sql)
            raise
        if not found:
            return Rows([], cursor.rowcount)
        make = _row(tuple(column[0] for column in cursor.description))
        return Rows([make(*row) for row in found], cursor.rowcount)

    def _explain(self, cause: Exception, sql: str) -> None:
        """Raise the toolkit's own fault for one of the driver's; a line that is cut is not used again."""
        dialect = self.connection.dialect
        driver: Any = dialect.dbapi
        if isinstance(cause, driver.Error):
            if dialect.is_disconnect(cause, self.connection.connection.driver_connection, None):
                self.connection.invalidate(cause)
            raise DBAPIError.instance(sql, None, cause, driver.Error, hide_parameters=True) from cause


@lru_cache(maxsize=1024)
def _named(sql: str) -> str:
    """Plain SQL as PostgreSQL's driver takes it.

    >>> _named("SELECT a::text, '100%' FROM t WHERE a = :a")
    "SELECT a::text, '100%%' FROM t WHERE a = %(a)s"
    """
    return _NAME.sub(r"%(\1)s", sql.replace("%", "%%"))


def _expanded(statement: TextClause, params: Mapping[str, Any] | None) -> tuple[str, Mapping[str, Any]]:
    """SQL and values with lists in place: `IN :ids` becomes `IN (:ids__0,:ids__1)`; nothing is in an empty one."""
    sql, values = statement.text, {} if params is None else params
    lists = _lists(statement)
    if not lists:
        return sql, values
    values = dict(values)
    for name in lists:
        each = {f"{name}__{i}": one for i, one in enumerate(values.pop(name))}
        sql = re.sub(rf":{name}\b", "(" + (",".join(f":{key}" for key in each) or "NULL") + ")", sql)
        values |= each
    return sql, values


@lru_cache(maxsize=512)
def _lists(statement: TextClause) -> tuple[str, ...]:
    return tuple(name for name, bind in statement._bindparams.items() if bind.expanding)


@lru_cache(maxsize=512)
def _row(names: tuple[str, ...]) -> Callable[..., Any]:
    made: Any = namedtuple  # noqa: PYI024 (the fields are the query's, so no class can be written down)
    return made("Row", names, rename=True)  # type: ignore[no-any-return]

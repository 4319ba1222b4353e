"""Parquet, read in batches; needs pyarrow, an extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowise.core.errors import DataError, LimitError
from cowise.core.registry import need
from cowise.data.place import Place
from cowise.data.rows import MAX_COLUMNS, Records, Source, Table

_BATCH = 4_096
MAGIC = b"PAR1"


def open_parquet(place: Place, source: Source) -> Table:
    """A Parquet file. Raises DataError when it is broken, MissingError when pyarrow is not installed."""
    file = _open(place)
    columns = tuple(file.schema_arrow.names)
    file.close()
    if len(columns) > MAX_COLUMNS:
        raise LimitError(
            f"{place.name} has {len(columns):,} columns, cowise accepts {MAX_COLUMNS:,}; keep those you need"
        )
    if len(set(columns)) != len(columns):
        raise DataError(f"{place.name} names a column twice; give each its own name")
    return Table(source, columns, lambda: _records(place), loose=True)


def write_parquet(columns: dict[str, list[Any]], file: Path) -> None:
    """Write columns of equal length; values of mixed type must be texts already."""
    arrow, parquet = need("pyarrow", "parquet"), need("pyarrow.parquet", "parquet")
    parquet.write_table(arrow.table(columns), file, compression="zstd")


def _open(place: Place) -> Any:
    arrow, parquet = need("pyarrow", "parquet"), need("pyarrow.parquet", "parquet")
    if place.zipped:
        raise DataError(f"{place.name} is a gzip of a Parquet file; unpack it first, Parquet is compressed in itself")
    try:
        return parquet.ParquetFile(place.path)
    except (arrow.ArrowException, OSError) as cause:
        raise DataError(f"{place.name} is not a whole Parquet file ({_first(cause)}); copy or write it again") from None


def _records(place: Place) -> Records:
    arrow = need("pyarrow", "parquet")
    file = _open(place)
    position = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            for record in batch.to_pylist():
                position += 1
                yield position, record
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as cause:
        raise DataError(
            f"{place.name}, after row {position:,}: damaged ({_first(cause)}); copy or write it again"
        ) from None
    finally:
        file.close()


def _first(cause: BaseException) -> str:
    return str(cause).splitlines()[0][:160] if str(cause) else type(cause).__name__

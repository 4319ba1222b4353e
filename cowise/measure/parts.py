"""Parts of the items by a column of what is known of them: each value, or quarters of a number.

Legend: n = items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices

MOST = 100
"""Values of a column beyond which it names items rather than parts."""
FEW = 10
"""Values of a number up to which each is a part of its own."""
NOTHING = "–"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The items, by their numbers, of which `column` says `value`."""

    column: str
    value: str
    items: Indices


def parts(slices: Mapping[str, Any] | None, n: int) -> Iterator[Part]:
    """The parts of n items, column by column; InputError for a column that does not fit or has too many values.

    >>> [(part.value, part.items.tolist()) for part in parts({"language": ["en", "zh", "en"]}, 3)]
    [('en', [0, 2]), ('zh', [1])]
    """
    for name, values in (slices or {}).items():
        column = values.tolist() if hasattr(values, "tolist") else list(values)
        if len(column) != n:
            raise InputError(f"slice {name!r}: {len(column):,} values for {n:,} items; give one for each item")
        kinds, distinct = set(map(type, column)), set(map(str, column))
        if kinds <= {int, float} and len(distinct) > FEW:
            yield from _quarters(str(name), np.array(column, np.float64))
        elif len(distinct) > MOST:
            raise InputError(
                f"slice {name!r}: {len(distinct):,} different values, more than {MOST}; give numbers, or fewer kinds"
            )
        else:
            yield from _each(str(name), [_shown(one) for one in column])


def _shown(value: Any) -> str:
    if value is None or value == "" or (isinstance(value, float) and isnan(value)):
        return NOTHING
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _each(name: str, column: list[str]) -> Iterator[Part]:
    there = sorted(set(column))
    index = {value: number for number, value in enumerate(there)}
    at = np.fromiter(map(index.__getitem__, column), np.int64, len(column))
    yield from (Part(name, value, np.flatnonzero(at == number)) for number, value in enumerate(there))


def _quarters(name: str, values_n: Floats) -> Iterator[Part]:
    """Four parts of about as many items, by size; fewer where many are the same."""
    known = values_n[~np.isnan(values_n)]
    at = np.searchsorted(np.unique(np.quantile(known, [0.25, 0.5, 0.75], method="lower")), values_n)
    at[np.isnan(values_n)] = -1
    for quarter in np.unique(at):
        items = np.flatnonzero(at == quarter)
        ends = values_n[items].min(), values_n[items].max()
        yield Part(name, NOTHING if quarter < 0 else f"{ends[0]:.6g}–{ends[1]:.6g}", items)

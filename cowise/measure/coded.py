"""Labels and probabilities as they come, checked and counted out: nothing that cannot be measured gets further.

Legend: n = items, counted from 0, k = labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isnan
from typing import Any

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import MAX_LABELS, Floats, Indices

OFF = 1e-3
"""How far probabilities of an item may be from 1 in sum: what three written decimals leave."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """The names of the labels, and columns (n,) of their numbers: the truth first. `p` (n, k) where it was given."""

    labels: tuple[str, ...]
    true: Indices
    said: tuple[Indices, ...]
    p: Floats | None = None


def coded(y_true: Any, said: Mapping[str, Any], labels: Sequence[Any] | None = None, p: Any = None) -> Coded:
    """The truth and what was `said` by each name, as numbers into one list of labels; what is said may be left to `p`.

    >>> found = coded(["b", "a"], {"y_pred": ["b", "b"]})
    >>> found.labels, found.true.tolist(), found.said[0].tolist()
    (('a', 'b'), [1, 0], [1, 1])
    """
    columns = {"y_true": _plain("y_true", y_true)} | {name: _plain(name, each) for name, each in said.items()}
    n = len(columns["y_true"])
    for name, column in columns.items():
        if len(column) != n:
            raise InputError(f"{name}: {len(column):,} labels for {n:,} in y_true; give one for each item")
    if not n:
        raise InputError("y_true: no labels; give at least one item")
    shares = None if p is None else _shares(p, n)
    named = _named(columns, labels, None if shares is None else shares.shape[1])
    numbers = [_numbers(name, column, named) for name, column in columns.items()]
    if shares is not None and not said:
        numbers.append(shares.argmax(axis=1))
    return Coded(tuple(map(str, named)), numbers[0], tuple(numbers[1:]), shares)


def _plain(name: str, values: Any) -> list[Any]:
    """A column as a list of texts or whole numbers."""
    column = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(column, str | bytes | Mapping) or not isinstance(column, Iterable):
        raise InputError(f"{name}: got {type(values).__name__}; give a list or an array with one label for each item")
    column = list(column)
    if set(map(type, column)) in ({str}, {int}, set()):
        return column
    return [_label(name, at, one) for at, one in enumerate(column)]


def _label(name: str, at: int, value: Any) -> str | int:
    one = value.item() if isinstance(value, np.generic) else value
    if isinstance(one, str):
        return str(one)
    if isinstance(one, int) or (isinstance(one, float) and one.is_integer()):
        return int(one)
    if one is None or (isinstance(one, float) and isnan(one)):
        raise InputError(f"{name}: item {at:,} has no label; give one, or leave the item out of every column")
    shown = str(one)[:40]
    raise InputError(f"{name}: item {at:,} is {shown!r}; give each label as a text or a whole number")


def _named(columns: Mapping[str, list[Any]], labels: Sequence[Any] | None, width: int | None) -> list[Any]:
    """The labels in order: as given, or those that occur; probabilities need them named, or whole numbers from 0."""
    there = set(chain.from_iterable(columns.values()))
    if len(set(map(type, there))) > 1:
        raise InputError("labels: some are texts and some numbers; give all of them as one or the other")
    if labels is not None:
        named = _plain("labels", labels)
    elif width is None:
        named = sorted(there)
    elif there <= set(range(width)):
        named = list(range(width))
    else:
        raise InputError(f"probabilities: which label has which of the {width} columns? Name them in order with labels")
    if len(set(named)) != len(named):
        raise InputError("labels: one is named twice; name each once")
    if len(named) > MAX_LABELS:
        raise InputError(f"labels: there are {len(named):,}, more than {MAX_LABELS:,}; are these labels or texts?")
    if width is not None and width != len(named):
        raise InputError(f"probabilities: {width} columns for {len(named)} labels; give a column for each label")
    return named


def _numbers(name: str, column: list[Any], labels: list[Any]) -> Indices:
    index = {label: number for number, label in enumerate(labels)}
    try:
        return np.fromiter(map(index.__getitem__, column), np.int64, len(column))
    except KeyError:
        at = next(at for at, label in enumerate(column) if label not in index)
        shown, known = str(column[at])[:80], ", ".join(str(label)[:40] for label in labels[:8])
        more = " …" if len(labels) > 8 else ""
        raise InputError(f"{name}: item {at:,} has label {shown!r}, and the labels are {known}{more}") from None


def _shares(p: Any, n: int) -> Floats:
    """Probabilities (n, k), each row of which sums to 1."""
    try:
        shares = np.asarray(p, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "probabilities: not a table of numbers; give a row for each item, a column for each label"
        ) from None
    if shares.ndim != 2 or len(shares) != n:
        raise InputError(
            f"probabilities: of shape {shares.shape} for {n:,} items; give a row for each, a column for each label"
        )
    low, high, total = shares.min(axis=1, initial=1.0), shares.max(axis=1, initial=0.0), shares.sum(axis=1)
    wrong = ~((low >= 0) & (high <= 1 + OFF) & (np.abs(total - 1) <= OFF))  # what is no number is wrong too
    if wrong.any():
        at = int(wrong.argmax())
        raise InputError(
            f"probabilities: those of item {at:,} lie between {low[at]:.4g} and {high[at]:.4g} and sum to {total[at]:.4g}; "
            "give shares from 0 to 1 that sum to 1"
        )
    return shares

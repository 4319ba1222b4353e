"""A file with known answers and predictions, judged: no project is needed."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.errors import DataError, InputError
from cowise.core.types import Floats
from cowise.data import How, opened
from cowise.data.columns import listed
from cowise.data.mend import mend
from cowise.data.rows import Table
from cowise.measure.comparison import Comparison, compare
from cowise.measure.evaluation import Evaluation
from cowise.measure.evaluation import evaluate as judge
from cowise.measure.score import Terms

__all__ = ["Evaluated", "Judging", "Terms", "evaluate"]


@dataclass(frozen=True, slots=True)
class Judging:
    """The columns: known answers, predictions, those of another model, what to judge apart, and probabilities.

    `probabilities` names a column of JSON objects, label to probability, or is what the names of several columns begin with,
    the label following. Without a `prediction` the likeliest label counts.
    """

    truth: str
    prediction: str = ""
    against: str = ""
    slices: tuple[str, ...] = ()
    probabilities: str = ""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was found of the prediction, and beside another model where one was named."""

    evaluation: Evaluation
    comparison: Comparison | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**self.evaluation.to_json(), "comparison": self.comparison.to_json() if self.comparison else None}


@dataclass(slots=True)
class _Columns:
    """What is kept of the rows as they are read: labels as texts, and a column of probabilities for each label."""

    labels: dict[str, list[str]]
    slices: dict[str, list[Any]]
    places: list[int] = field(default_factory=list)
    shares: dict[str, array[float]] = field(default_factory=dict)

    def keep(self, given: Mapping[str, float]) -> None:
        """The probabilities of one row more; a label that it leaves out has 0 there."""
        at = len(self.places) - 1
        for label in given:
            if label not in self.shares:
                self.shares[label] = array("d", bytes(8 * at))
        for label, column in self.shares.items():
            column.append(given.get(label, 0.0))


def evaluate(source: str | Path, asked: Judging, *, terms: Terms | None = None, how: How | None = None) -> Evaluated:
    """Judge a file, a folder or standard input ("-"), of any format that texts are read from.

    DataError names the row of what cannot be judged. Labels are compared as texts, without spaces around them.
    """
    if not asked.prediction and not asked.probabilities:
        raise InputError(
            "evaluate: nothing to judge; name a column with --prediction, or probabilities with --probabilities"
        )
    if asked.against and not asked.prediction:
        raise InputError("evaluate: --against needs a prediction to compare with; name its column with --prediction")
    table = opened(source, how)
    read = _read(table, asked)
    truth = read.labels["truth"]
    labels, p = _shares(table, read) if asked.probabilities else (None, None)
    slices = {name: _numbers(column) for name, column in read.slices.items()}
    said = read.labels.get("prediction")
    found = judge(truth, said, probabilities=p, labels=labels, slices=slices, terms=terms)
    other = read.labels.get("against")
    beside = None if other is None else compare(truth, said, other, slices=slices, terms=terms)
    return Evaluated(found, beside)


def _read(table: Table, asked: Judging) -> _Columns:
    roles = {role: name for role in ("truth", "prediction", "against") if (name := getattr(asked, role))}
    for role, name in [*roles.items(), *(("slice", name) for name in asked.slices)]:
        if name not in table.columns:
            raise DataError(f"{table.source.name} has no column {name!r} for --{role}; it has {listed(table.columns)}")
    read = _Columns({role: [] for role in roles}, {name: [] for name in asked.slices})
    shares = _by_label(table, asked.probabilities) if asked.probabilities else {}
    for position, record in table.records():
        read.places.append(position)
        for role, name in roles.items():
            read.labels[role].append(_label(record.get(name), name, table, position))
        for name, column in read.slices.items():
            column.append(record.get(name))
        if asked.probabilities:
            given = _object(record, asked.probabilities, table, position) if not shares else _picked(record, shares)
            read.keep({label: _share(one, label, table, position) for label, one in given})
    if not read.places:
        raise DataError(f"{table.source.name} has no rows; give at least one")
    return read


def _by_label(table: Table, prefix: str) -> dict[str, str]:
    """Column -> label of probabilities in columns of their own; empty where one column holds all of them."""
    if prefix in table.columns:
        return {}
    found = {name: name.removeprefix(prefix).strip() for name in table.columns if name.startswith(prefix)}
    if not found:
        raise DataError(
            f"{table.source.name} has no column {prefix!r} for --probabilities, and none that begins so; it has {listed(table.columns)}"
        )
    return found


def _picked(record: Mapping[str, Any], shares: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    return ((label, record.get(name)) for name, label in shares.items())


def _object(record: Mapping[str, Any], name: str, table: Table, position: int) -> Iterator[tuple[str, Any]]:
    value = record.get(name)
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or not value:
        raise DataError(
            f"{table.source.name}, row {position:,}: {name!r} holds no probabilities; give a JSON object, label to probability"
        )
    return ((mend(str(label)).strip(), one) for label, one in value.items())


def _share(value: Any, label: str, table: Table, position: int) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        shown = str(value)[:40]
        raise DataError(
            f"{table.source.name}, row {position:,}: the probability of {label!r} is {shown!r}; give a share from 0 to 1"
        ) from None


def _shares(table: Table, read: _Columns) -> tuple[list[str], Floats]:
    """The labels in the order in which they come, and probabilities (n, k)."""
    labels, p = list(read.shares), np.column_stack([np.asarray(column) for column in read.shares.values()])
    low, total = p.min(axis=1), p.sum(axis=1)
    for at in np.flatnonzero(~((low >= 0) & (np.abs(total - 1) <= 1e-3)))[:1]:
        raise DataError(
            f"{table.source.name}, row {read.places[at]:,}: probabilities from {low[at]:.4g} that sum to {total[at]:.4g}; "
            "give shares from 0 to 1 that sum to 1"
        )
    known = set(labels)
    for column in (read.labels[role] for role in ("truth", "prediction") if role in read.labels):
        for position, label in zip(read.places, column, strict=True):
            if label not in known:
                raise DataError(
                    f"{table.source.name}, row {position:,}: label {label[:80]!r} has no probability; there are {listed(labels)}"
                )
    return labels, p


def _label(value: Any, name: str, table: Table, position: int) -> str:
    """A label as a trimmed text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is not None and not isinstance(value, str | int | float):
        raise DataError(
            f"{table.source.name}, row {position:,}: {name!r} holds a {type(value).__name__}; give one label"
        )
    label = "" if value is None else mend(str(value)).strip()
    if not label:
        raise DataError(f"{table.source.name}, row {position:,}: {name!r} is empty; give a label, or leave the row out")
    return label


def _numbers(column: list[Any]) -> list[Any]:
    """A column as numbers where all that is there are numbers, as they come from CSV."""
    if any(isinstance(one, bool) for one in column):
        return column
    try:
        return [float("nan") if one is None or one == "" else float(one) for one in column]
    except (TypeError, ValueError):
        return column

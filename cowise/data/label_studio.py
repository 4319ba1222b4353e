"""Label Studio's JSON, both ways: tasks with choices, given by people (annotations) or models (predictions).

One row for each answer, and one for a task that has none. Form: a list of tasks, each with `data`, `annotations`
and `predictions`, as in Label Studio's documentation of its export format.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cowise.core.errors import DataError, LimitError
from cowise.data.lines import no_constant
from cowise.data.place import Place
from cowise.data.rows import Records, Source, Table

_MAX_FILE = 2**28
OWN = frozenset(("label", "opinion", "confidence", "by"))


def open_json(place: Place, source: Source, *, sets: bool = False) -> Table:
    """A JSON file: a list of objects, or of Label Studio tasks. Held in memory; larger ones belong in JSON Lines.

    With `sets` an answer may have any number of choices.
    """
    with io.TextIOWrapper(place.open(), source.encoding) as text:
        whole = text.read(_MAX_FILE + 1)
    if len(whole) > _MAX_FILE:
        raise LimitError(
            f"{place.name} is longer than {_MAX_FILE:,} characters; write it as JSON Lines, one object a line"
        )
    try:
        data = json.loads(whole, parse_constant=no_constant)
    except RecursionError:
        raise DataError(f"{place.name}: nested too deeply; make it flatter") from None
    except ValueError as cause:
        raise DataError(
            f"{place.name}: not JSON ({cause}); mend it, or name it .jsonl if it has an object a line"
        ) from None
    if not isinstance(data, list) or not data or not all(isinstance(entry, dict) for entry in data):
        raise DataError(f"{place.name}: needs a list of objects, [{{...}}, ...], with at least one")
    if all(isinstance(entry.get("data"), dict) for entry in data):
        source.format = "label-studio"
        made = [
            record for number, task in enumerate(data, 1) for record in _task_records(task, (number, place.name), sets)
        ]
        columns = dict.fromkeys(name for _, record in made for name in record if name != "by")
        return Table(source, tuple(columns), lambda: ((n, dict(record)) for n, record in made), loose=True)
    columns = dict.fromkeys(name for entry in data for name in entry)
    return Table(source, tuple(columns), lambda: _copies(data), loose=True)


def _copies(data: list[dict[str, Any]]) -> Records:
    for number, entry in enumerate(data, 1):
        yield number, dict(entry)


def _task_records(task: Mapping[str, Any], at: tuple[int, str], sets: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    number, name = at
    plain = {k: v for k, v in task["data"].items() if k not in OWN}
    found = False
    for given in _list(task, "annotations", number, name):
        if given.get("was_cancelled"):
            continue
        for label in _choices(given, at, sets):
            found = True
            yield number, {**plain, "label": label, "by": _author(given.get("completed_by"))}
    for given in _list(task, "predictions", number, name):
        score = given.get("score")
        for opinion in _choices(given, at, sets):
            found = True
            confidence = score if isinstance(score, int | float) and 0 <= score <= 1 else None
            who = str(given.get("model_version") or "")
            yield number, {**plain, "opinion": opinion, "confidence": confidence, "by": who}
    if not found:
        yield number, plain


def _list(task: Mapping[str, Any], key: str, number: int, name: str) -> list[dict[str, Any]]:
    found = task.get(key) or []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise DataError(f"{name}, task {number:,}: {key} is not a list of objects; export it from Label Studio as JSON")
    return found


def _choices(given: Mapping[str, Any], at: tuple[int, str], sets: bool) -> list[Any]:
    """The one choice of an annotation, or with `sets` the one list of them; none for other kinds of results."""
    chosen: list[str] = []
    number, name, kinds = *at, 0
    for result in _list(given, "result", number, name):
        value = result.get("value")
        if result.get("type") == "choices" and isinstance(value, dict):
            kinds += 1
            chosen += [str(choice) for choice in value.get("choices") or []]
    if sets:
        return [chosen] if kinds else []
    if len(chosen) > 1:
        raise DataError(
            f"{name}, task {number:,}: one answer has {len(chosen)} choices; make a project with --kind multilabel for that"
        )
    return chosen


def _author(who: Any) -> str:
    if isinstance(who, Mapping):
        return str(who.get("email") or who.get("username") or who.get("id") or "")
    return "" if who is None else str(who)


def to_tasks(
    rows: Iterable[Mapping[str, Any]], *, control: str = "label", field: str = "text"
) -> Iterator[dict[str, Any]]:
    """Tasks for Label Studio's import from decision rows, one task for each.

    A row has `text`, and where known `answer` (with `by`) and `opinion` (with `confidence` and `version`); other
    keys go into the task's data. `control` and `field` are the names in its labelling configuration.

    >>> next(to_tasks([{"text": "Card lost", "answer": "card", "by": "li"}]))["annotations"][0]["result"][0]["value"]
    {'choices': ['card']}
    """
    apart = {"text", "answer", "by", "opinion", "confidence", "version"}
    for row in rows:
        task: dict[str, Any] = {"data": {**{k: v for k, v in row.items() if k not in apart}, field: row["text"]}}
        if row.get("answer") is not None:
            who = {"completed_by": {"email": row["by"]}} if row.get("by") else {}
            task["annotations"] = [{**who, "result": [_result(row["answer"], control, field)]}]
        if row.get("opinion") is not None:
            score = {} if row.get("confidence") is None else {"score": row["confidence"]}
            made = {"model_version": row.get("version") or "", **score}
            task["predictions"] = [{**made, "result": [_result(row["opinion"], control, field)]}]
        yield task


def _result(label: Any, control: str, field: str) -> dict[str, Any]:
    return {
        "from_name": control,
        "to_name": field,
        "type": "choices",
        "value": {"choices": label if isinstance(label, list) else [str(label)]},
    }

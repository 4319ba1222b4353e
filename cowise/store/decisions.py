"""What the team decided: one decision for each item, the newest; the ledger holds the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row

from cowise.core.errors import LimitError
from cowise.core.types import Answer, Route
from cowise.store import counters
from cowise.store.opinions import label_of
from cowise.store.tx import Tx
from cowise.store.values import MAX_BATCH, clean, dumps, item_key, loads, ordinal_of


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """The decision on the item at `ordinal`; `p` is its probability, `split` that people gave different answers."""

    ordinal: int
    answer: Answer | None
    route: Route
    p: float
    reason: str
    version: str = ""
    certificate: str = ""
    at: float = 0.0
    split: bool = False


_OLD = text("SELECT item, route FROM decisions WHERE item IN :ids").bindparams(bindparam("ids", expanding=True))
_HAD = text("SELECT id FROM items WHERE id IN :ids AND label IS NOT NULL").bindparams(bindparam("ids", expanding=True))
_PUT = text(
    "INSERT INTO decisions (item, project, answer, label, route, p, reason, version, certificate, at, split) "
    "VALUES (:item, :project, :answer, :label, :route, :p, :reason, :version, :certificate, :at, :split) "
    "ON CONFLICT (item) DO UPDATE SET answer = excluded.answer, label = excluded.label, route = excluded.route, p = excluded.p, "
    "reason = excluded.reason, version = excluded.version, certificate = excluded.certificate, at = excluded.at, split = excluded.split"
)


def put(tx: Tx, project: int, batch: Sequence[DecisionRow]) -> None:
    """Store up to 200 decisions, over earlier ones; append their ledger entry in the same transaction."""
    if len(batch) > MAX_BATCH:
        raise LimitError(
            f"a batch holds at most {MAX_BATCH} decisions, so that answers need not wait; got {len(batch)}"
        )
    if not batch:
        return
    now = tx.now()
    rows = {
        item_key(project, d.ordinal): {
            "item": item_key(project, d.ordinal),
            "project": project,
            "answer": None if d.answer is None else dumps(d.answer.to_json()),
            "label": label_of(d.answer),
            "route": d.route,
            "p": d.p,
            "reason": clean(d.reason),
            "version": d.version,
            "certificate": d.certificate,
            "at": now,
            "split": int(d.split),
        }
        for d in sorted(batch, key=lambda d: d.ordinal)
    }
    before = {row.item: row.route for row in tx.run(_OLD, {"ids": list(rows)})}
    tx.run(_PUT, list(rows.values()))
    after = {item: str(row["route"]) for item, row in rows.items()}
    _count(tx, project, before, after)


def _count(tx: Tx, project: int, before: Mapping[int, str], after: Mapping[int, str]) -> None:
    """Count routes of items anew; `twice:` those of items that came with a label too, which counts by itself."""
    had = {row.id for row in tx.run(_HAD, {"ids": list(before.keys() | after.keys())})}
    for name, some in (("route", before.keys() | after.keys()), ("twice", had)):
        gone, come = (Counter(route for item, route in one.items() if item in some) for one in (before, after))
        counters.add(tx, project, {f"{name}:{r}": come[r] - gone[r] for r in come.keys() | gone.keys()})


def twice(tx: Tx, project: int, keys: Sequence[int], by: int) -> None:
    """Items got (`by` 1) or lost (-1) a label of their own: those that are decided count as both from now on, or no more."""
    for i in range(0, len(keys), MAX_BATCH):
        found = Counter(row.route for row in tx.run(_OLD, {"ids": list(keys[i : i + MAX_BATCH])}))
        counters.add(tx, project, {f"twice:{route}": by * n for route, n in found.items()})


def withdraw(tx: Tx, project: int, ordinals: Sequence[int]) -> int:
    """Take decisions back (at most 200): their items are open again. How many there were."""
    if len(ordinals) > MAX_BATCH:
        raise LimitError(
            f"a batch holds at most {MAX_BATCH} decisions, so that answers need not wait; got {len(ordinals)}"
        )
    keys = [item_key(project, o) for o in ordinals]
    if not keys:
        return 0
    before = {row.item: row.route for row in tx.run(_OLD, {"ids": keys})}
    tx.run(text("DELETE FROM decisions WHERE item IN :ids").bindparams(bindparam("ids", expanding=True)), {"ids": keys})
    _count(tx, project, before, {})
    return len(before)


def _decision(row: Row[Any]) -> DecisionRow:
    answer = None if row.answer is None else Answer.from_json(loads(row.answer))
    return DecisionRow(
        ordinal_of(row.item), answer, row.route, row.p, row.reason, row.version, row.certificate, row.at, bool(row.split)
    )  # fmt: skip


_SPAN = text("SELECT * FROM decisions WHERE item >= :a AND item < :b ORDER BY item LIMIT :n")


def each(tx: Tx, project: int, *, after: int = -1, size: int = 5000) -> Iterator[DecisionRow]:
    """Every decision in ordinal order, from after ordinal `after` on."""
    at, end = item_key(project, after + 1), item_key(project + 1, 0)
    while True:
        rows = tx.run(_SPAN, {"a": at, "b": end, "n": size}).all()
        yield from map(_decision, rows)
        if len(rows) < size:
            return
        at = rows[-1].item + 1


def get(tx: Tx, project: int, ordinal: int) -> DecisionRow | None:
    """The decision on one item."""
    row = tx.first(text("SELECT * FROM decisions WHERE item = :i"), {"i": item_key(project, ordinal)})
    return None if row is None else _decision(row)


_AT = text("SELECT * FROM decisions WHERE item IN :ids").bindparams(bindparam("ids", expanding=True))
_SLICE = 5000


def at(tx: Tx, project: int, ordinals: Sequence[int]) -> dict[int, DecisionRow]:
    """The decisions on these items; those that are not decided are absent."""
    keys, found = [item_key(project, int(o)) for o in ordinals], dict[int, DecisionRow]()
    for i in range(0, len(keys), _SLICE):
        found.update({ordinal_of(row.item): _decision(row) for row in tx.run(_AT, {"ids": keys[i : i + _SLICE]})})
    return found


def by_certificate(tx: Tx, project: int, certificate: str) -> Iterator[DecisionRow]:
    """Decisions that stand on a certificate, in ordinal order."""
    return (d for d in each(tx, project) if d.certificate == certificate)


_UNDER = text(
    "SELECT count(*) FROM decisions WHERE project = :p AND route = 'automated' AND certificate IN :ids"
).bindparams(bindparam("ids", expanding=True))


def automated(tx: Tx, project: int, certificates: Sequence[str]) -> int:
    """How many items the machine decided under these certificates."""
    return int(tx.value(_UNDER, {"p": project, "ids": list(certificates)}) or 0)

"""Lists of items for people: filtered, in order, page by page, at a million items."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.task import EMPTY
from cowise.store import search
from cowise.store.items import COLUMNS, ItemRow, item_of, visible
from cowise.store.tx import Tx
from cowise.store.values import item_key

_FLAGGED = "EXISTS (SELECT 1 FROM passes f WHERE f.item = i.id AND f.kind = 'flag')"
_ASKED = "EXISTS (SELECT 1 FROM queue q WHERE q.item = i.id AND q.kind = 'second')"
COUNTED = 10_000
"""A filtered list is counted up to here."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items a page shows; None means any.

    `label` is the decided label, `person` answered it, `flagged` has a flag, `decided` has a decision, `split` means
    that people gave different answers, `low` and `high` hold the probability of the decision, `words` must occur in
    the text. With `sets` a decided set must hold the label. `veiled` hides decisions on items of which a second opinion is asked: whoever looks may be the one to give it.
    """

    route: str | None = None
    label: str | None = None
    person: int | None = None
    decided: bool | None = None
    flagged: bool | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""
    split: bool = False
    veiled: bool = False
    sets: bool = False

    @property
    def of_decision(self) -> bool:
        """Whether only decided items can fit."""
        return (
            bool(self.decided)
            or self.split
            or any(v is not None for v in (self.route, self.label, self.low, self.high))
        )


@dataclass(frozen=True, slots=True)
class PageRow:
    """An item with its decision, if there is one, and how many flags it has."""

    item: ItemRow
    route: str | None
    decided: str | None
    p: float | None
    flags: int = 0
    split: bool = False
    veiled: bool = False


def _parts(tx: Tx, project: int, want: Filter) -> tuple[str, str, dict[str, Any]]:
    """(source and conditions, what orders it, parameters): the rarest thing asked for leads, the others are looked up."""
    params: dict[str, Any] = {"p": project, "route": want.route, "label": want.label, "member": want.person}
    params |= {"least": want.low, "most": want.high}
    plain = re.sub("([%_!])", r"!\1", want.label or "")
    params["held"] = f"%; {plain}; %" if plain != EMPTY else f"%{EMPTY}%"
    decided = "JOIN" if want.of_decision else "LEFT JOIN"
    where: list[str] = []
    if want.words:
        params["words"] = search.expression(want.words, postgres=tx.postgres)
        base, order = ("search s JOIN items i ON i.id = s.item", "s.item") if tx.postgres else (
            "search s JOIN items i ON i.id = s.rowid", "s.rowid",
        )  # fmt: skip
        where.append("s.words @@ CAST(:words AS tsquery)" if tx.postgres else "s.search MATCH :words")
    elif want.split:
        base, order, decided = "decisions d JOIN items i ON i.id = d.item", "d.item", ""
        where.append("d.project = :p")
    elif want.flagged or want.person is not None:
        rare = "passes x WHERE x.kind = 'flag'" if want.flagged else (
            "opinions x WHERE x.member = :member AND x.state = 'current'"
        )  # fmt: skip
        base = f"(SELECT DISTINCT x.item FROM {rare} AND x.project = :p) x JOIN items i ON i.id = x.item"  # noqa: S608
        order = "x.item"
    elif want.of_decision:
        base, order, decided = "decisions d JOIN items i ON i.id = d.item", "d.item", ""
        where.append("d.project = :p")
    else:
        base, order = "items i", "i.id"
    if decided:
        base += f" {decided} decisions d ON d.item = i.id"
    return f"{base} WHERE {order} >= :low AND {order} < :end{_also(want, where)}", order, params


def _also(want: Filter, where: list[str]) -> str:
    # Few items are split: their index leads, and not one over every route or label.
    plain = "coalesce(d.{}, '') = :{}" if want.split else "d.{} = :{}"
    asked = {
        plain.format("route", "route"): want.route is not None,
        plain.format("label", "label"): want.label is not None and not want.sets,
        "'; ' || d.label || '; ' LIKE :held ESCAPE '!'": want.label is not None and want.sets,
        "d.p >= :least": want.low is not None,
        "d.p <= :most": want.high is not None,
        "d.split = 1": want.split,
        "d.item IS NULL AND i.label IS NULL AND i.erased = 0": want.decided is False,
        "EXISTS (SELECT 1 FROM opinions o WHERE o.item = i.id AND o.member = :member AND o.state = 'current')": (
            want.person is not None
        ),
        _FLAGGED: want.flagged is True,
        f"NOT {_FLAGGED}": want.flagged is False,
        f"NOT {_ASKED}": want.veiled and want.of_decision,
    }
    return "".join(f" AND {one}" for one in [*where, *(sql for sql, yes in asked.items() if yes)])


def page(
    tx: Tx, project: int, want: Filter | None = None, *, after: int = -1, limit: int = 50, before: int | None = None
) -> list[PageRow]:
    """Up to `limit` items after ordinal `after`, in order, that fit the filter. Pass the last ordinal to go on.

    With `before`: the last ones before that ordinal, in the same order. Pass the first ordinal to go back.
    """
    want = want or Filter()
    if want.words and not search.expression(want.words, postgres=tx.postgres):
        return []
    found, order, params = _parts(tx, project, want)
    end = visible(tx, project) if before is None else min(max(0, before), visible(tx, project))
    bounds = {"low": item_key(project, after + 1), "end": item_key(project, end), "n": limit}
    way = "ASC" if before is None else "DESC"
    flags = "(SELECT count(*) FROM passes f WHERE f.item = i.id AND f.kind = 'flag')"
    veil = f"CASE WHEN {_ASKED} THEN 1 ELSE 0 END" if want.veiled else "0"
    rows = tx.run(
        text(
            f"SELECT {COLUMNS}, d.route, d.label AS decided, d.p, d.split, {flags} AS flags, {veil} AS veil "  # noqa: S608
            f"FROM {found} ORDER BY {order} {way} LIMIT :n"
        ),
        params | bounds,
    )
    shown = [_row(row) for row in rows]
    return shown if before is None else shown[::-1]


def _row(row: Row[Any]) -> PageRow:
    if row.veil:
        return PageRow(replace(item_of(row), label=None), None, None, None, int(row.flags), veiled=True)
    return PageRow(item_of(row), row.route, row.decided, row.p, int(row.flags), bool(row.split))


def total(tx: Tx, project: int, want: Filter) -> int | None:
    """How many items fit; None when they are more than `COUNTED` and are not counted."""
    if replace(want, veiled=False, sets=False) == Filter():
        return visible(tx, project)
    if want.words and not search.expression(want.words, postgres=tx.postgres):
        return 0
    found, _, params = _parts(tx, project, want)
    bounds = {"low": item_key(project, 0), "end": item_key(project, visible(tx, project)), "n": COUNTED + 1}
    counted = tx.value(text(f"SELECT count(*) FROM (SELECT 1 FROM {found} LIMIT :n) x"), params | bounds)  # noqa: S608
    return None if int(counted or 0) > COUNTED else int(counted or 0)

"""Forgetting: what one item or one person left is erased; the ledger stays whole, for it holds salted hashes only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import text

from cowise.core.errors import MissingError
from cowise.store import contents, counters, search
from cowise.store.tx import Tx
from cowise.store.values import item_key


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: the content id to drop from vectors ("" for a person), and how many opinions lost their content."""

    content: str
    num_opinions: int


_ITEM = text("SELECT content, label, erased FROM items WHERE id = :i AND project = :p")
_BLANK = text(
    "UPDATE items SET content = :content, text = '', raw = NULL, meta = NULL, label = NULL, label_by = NULL, salt = NULL, erased = 1, "
    "language = '' WHERE id = :i"
)
_ANSWERS = text(
    "UPDATE opinions SET answer = NULL, label = NULL, body = '', state = CASE WHEN state = 'current' THEN 'erased' ELSE state END "
    "WHERE item = :i"
)


def item(tx: Tx, project: int, ordinal: int) -> Erased:
    """Erase text, original bytes, metadata, imported labels, answers and decision of one item; its ordinal stays taken.

    Its salt goes too, so the ledger's hash of it says nothing any more. MissingError when there is none.
    """
    key = item_key(project, ordinal)
    row = tx.first(_ITEM, {"i": key, "p": project})
    if row is None or row.erased:
        raise MissingError(f"item {ordinal} is not in this project, or was erased already")
    current = int(
        tx.value(text("SELECT count(*) FROM opinions WHERE item = :i AND state = 'current'"), {"i": key}) or 0
    )
    route = tx.value(text("SELECT route FROM decisions WHERE item = :i"), {"i": key})
    tx.run(_BLANK, {"i": key, "content": f"erased {secrets.token_hex(16)}"})
    contents.drop(tx, project, row.content)
    num = tx.run(_ANSWERS, {"i": key}).rowcount
    search.forget(tx, key)
    for table in ("queue", "passes", "conflicts", "joins", "decisions"):
        tx.run(text(f"DELETE FROM {table} WHERE item = :i"), {"i": key})  # noqa: S608
    twice = {f"twice:{route}": -1} if route and row.label is not None else {}
    changes = {**twice, "answers": -current, "erased": 1, "labelled": -int(row.label is not None)}
    counters.add(tx, project, {**changes, **({f"route:{route}": -1} if route else {})})
    return Erased(row.content, num)


def person(tx: Tx, project: int, member: int) -> Erased:
    """Erase a person's name and every answer's content; that something was answered, and when, stays.

    Decisions that rest on these answers stay: they are the team's. MissingError when there is no such member.
    """
    row = tx.first(text("SELECT name FROM members WHERE id = :m AND project = :p"), {"m": member, "p": project})
    if row is None:
        raise MissingError(f"member {member} has no seat in this project")
    current = int(
        tx.value(
            text("SELECT count(*) FROM opinions WHERE project = :p AND member = :m AND state = 'current'"),
            {"p": project, "m": member},
        )
        or 0
    )
    num = tx.run(
        text(
            "UPDATE opinions SET answer = NULL, label = NULL, body = '', "
            "state = CASE WHEN state = 'current' THEN 'erased' ELSE state END WHERE project = :p AND member = :m"
        ),
        {"p": project, "m": member},
    ).rowcount
    tx.run(text("DELETE FROM passes WHERE project = :p AND member = :m"), {"p": project, "m": member})
    tx.run(
        text("UPDATE queue SET owner = NULL, token = NULL, expires = NULL WHERE project = :p AND owner = :o"),
        {"p": project, "o": str(member)},
    )
    tx.run(
        text("UPDATE members SET name = :n, active = 0, settings = '{}', salt = NULL WHERE id = :m"),
        {"n": f"erased {secrets.token_hex(8)}", "m": member},
    )
    for table in ("items", "conflicts"):
        tx.run(
            text(f"UPDATE {table} SET label_by = '' WHERE project = :p AND label_by = :n"),  # noqa: S608
            {"p": project, "n": row.name},
        )
    counters.add(tx, project, {"answers": -current})
    return Erased("", num)

"""Searching texts by words: an index beside the items, filled behind an import and never in its way.

A Chinese, Japanese or Korean run is filed as pairs of neighbours, so that 餐馆 is found inside a sentence; other
scripts as words. All words of a query must occur; its last one may be a beginning.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sqlalchemy import text

from cowise.core.types import identity_text
from cowise.store import counters
from cowise.store.items import visible
from cowise.store.tx import Tx
from cowise.store.values import MAX_BATCH, item_key

DONE = "searchable"
"""Counter of a project: ordinals below it are in the index."""
MOST_CHARACTERS = 100_000
MOST_WORDS = 32
_EAST = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN = re.compile(rf"[{_EAST}]+|[^\W_{_EAST}]+")
_EASTERN = re.compile(rf"[{_EAST}]")


def words(body: str) -> list[str]:
    """What a text is filed under, each once.

    >>> words("Lost my card, 卡丢了 card")
    ['lost', 'my', 'card', '卡丢', '丢了', '了']
    """
    found: dict[str, None] = {}
    for run in _RUN.findall(identity_text(body[:MOST_CHARACTERS])):
        if not _EASTERN.match(run):
            found[run] = None
            continue
        found.update(dict.fromkeys(a + b for a, b in pairwise(run)))
        found[run[-1]] = None  # a pair begins with every other character, none with the last one
    return list(found)


def _asked(query: str) -> list[tuple[str, bool]]:
    """(word, whether a longer one that begins with it will do) for each word of a query."""
    asked: list[tuple[str, bool]] = []
    runs = _RUN.findall(identity_text(query[:1000]))[:MOST_WORDS]
    for place, run in enumerate(runs):
        if not _EASTERN.match(run):
            asked.append((run, place == len(runs) - 1))
        elif len(run) == 1:
            asked.append((run, True))
        else:
            asked += [(a + b, False) for a, b in pairwise(run)]
    return asked


def expression(query: str, *, postgres: bool) -> str:
    """The query as the database's index takes it; "" when nothing in it can be searched for.

    >>> expression('lost "card', postgres=False)
    '"lost" "card"*'
    >>> expression("餐馆", postgres=True)
    "'餐馆'"
    """
    if postgres:
        return " & ".join(f"'{word}':*" if begins else f"'{word}'" for word, begins in _asked(query))
    return " ".join(f'"{word}"*' if begins else f'"{word}"' for word, begins in _asked(query))


_NEXT = text("SELECT id, text FROM items WHERE id >= :a AND id < :b ORDER BY id LIMIT :n")
_FILE = {
    True: text(
        "INSERT INTO search (item, words) VALUES (:id, array_to_tsvector(:words)) ON CONFLICT (item) DO NOTHING"
    ),
    False: text("INSERT INTO search (rowid, words) VALUES (:id, :words)"),
}


def missing(tx: Tx, project: int) -> int:
    """Items of a project that the index does not hold yet."""
    return max(0, visible(tx, project) - counters.counts(tx, project).get(DONE, 0))


def file(tx: Tx, project: int, rows: int = MAX_BATCH) -> int:
    """File up to `rows` items more; how many are still missing. Repeat until 0."""
    end, done = visible(tx, project), counters.counts(tx, project).get(DONE, 0)
    bounds = {"a": item_key(project, done), "b": item_key(project, end), "n": rows}
    found = tx.run(_NEXT, bounds).all()
    filed = [(row.id, words(row.text)) for row in found]
    values = [{"id": key, "words": each if tx.postgres else " ".join(each)} for key, each in filed if each]
    if values:
        tx.run(_FILE[tx.postgres], values)
    counters.add(tx, project, {DONE: len(found)})
    return end - done - len(found)


def forget(tx: Tx, key: int) -> None:
    """Drop an item's words; nothing happens when it is not filed."""
    column = "item" if tx.postgres else "rowid"
    tx.run(text(f"DELETE FROM search WHERE {column} = :key"), {"key": key})  # noqa: S608


def clear(tx: Tx, project: int, rows: int = 5000) -> bool:
    """Drop a deleted project's words, up to `rows` a call; True while there are more."""
    column = "item" if tx.postgres else "rowid"
    bounds = {"a": item_key(project, 0), "b": item_key(project + 1, 0), "n": rows}
    inner = f"SELECT {column} FROM search WHERE {column} >= :a AND {column} < :b LIMIT :n"  # noqa: S608
    return tx.run(text(f"DELETE FROM search WHERE {column} IN ({inner})"), bounds).rowcount > 0  # noqa: S608

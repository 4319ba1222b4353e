"""No question that people wait for reads more than an index: the plans, asserted."""

import pytest
from sqlalchemy import text

from cowise.store import counters, items, listing, opinions, queue
from cowise.store.leases import _take
from cowise.store.listing import Filter
from cowise.store.queue import Wanted


@pytest.fixture
def sqlite(tmp_path, clock):
    from cowise.core.types import Promise, classify
    from cowise.store import open_store, projects

    with open_store(tmp_path / "plans", clock=clock) as store:
        store.write(lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c")))
        yield store


def plan(store, statement: str, **params) -> list[str]:
    with store.read() as tx:
        return [row.detail for row in tx.run(text(f"EXPLAIN QUERY PLAN {statement}"), params)]


HOLD = {"owner": "1", "token": "t", "expires": 1.0, "now": 0.0, "project": 1, "member": 1}


@pytest.mark.parametrize("expired", [False, True])
def test_the_next_question_comes_from_an_index(sqlite, expired):
    found = plan(sqlite, str(_take("queue", queue.NEXT, "rank, id", expired, False)), **HOLD)
    assert not [line for line in found if line.startswith("SCAN")], found
    index = "queue_held (project=?" if expired else "queue_next (project=?"
    assert any(index in line for line in found), found
    # Free questions come out of the index in the order wanted: nothing is sorted before the first is found.
    assert any("USE TEMP B-TREE FOR ORDER BY" in line for line in found) is expired, found


READS = [
    (items._SPAN, {"a": 0, "b": 9, "n": 9}),
    (items._BY_CONTENT, {"p": 1, "ids": ["a"], "end": 9}),
    (opinions._LAST, {"p": 1, "m": 1, "n": 1}),
    (opinions._BY_KEY, {"p": 1, "key": "k"}),
    (opinions._CURRENT, {"item": 1, "member": 1}),
    (opinions._PAGE, {"p": 1, "after": 0, "n": 5}),
    (counters._ALL, {"project": 1}),
    (queue._MINE, {"p": 1, "owner": "1", "now": 0.0}),
    (queue._SEATS, {"i": 1}),
]


@pytest.mark.parametrize(("statement", "params"), READS)
def test_reads_that_people_wait_for_scan_no_table(sqlite, statement, params):
    with sqlite.read() as tx:
        explained = text(f"EXPLAIN QUERY PLAN {statement.text}").bindparams(*statement._bindparams.values())
        found = [row.detail for row in tx.run(explained, params)]
    assert not [line for line in found if line.startswith("SCAN")], found


def test_answering_and_counting_touch_keys_only(sqlite):
    for statement, params in (
        ("UPDATE queue SET expires = 1 WHERE token = :token AND expires > 0 AND owner IS NOT NULL", {"token": "t"}),
        ("DELETE FROM queue WHERE id = 1", {}),
        ("SELECT route FROM decisions WHERE item IN (1, 2)", {}),
        ("SELECT * FROM decisions WHERE project = 1 AND route = 'automated' AND item > 0 ORDER BY item LIMIT 5", {}),
    ):
        found = plan(sqlite, statement, **params)
        assert not [line for line in found if line.startswith("SCAN") or "TEMP B-TREE" in line], found


@pytest.mark.parametrize("more", [{}, {"label": "a"}, {"route": "reviewed"}, {"flagged": True}])
@pytest.mark.parametrize("way", ["ASC", "DESC"])
def test_items_on_which_people_disagree_come_from_an_index_of_those_alone(sqlite, more, way):
    with sqlite.read() as tx:
        found, order, params = listing._parts(tx, 1, Filter(split=True, **more))
    bounds = {"low": 0, "end": 9, "n": 50}
    lines = plan(sqlite, f"SELECT i.id, i.text FROM {found} ORDER BY {order} {way} LIMIT :n", **params, **bounds)
    first = lines[0].replace("COVERING ", "")
    assert first.startswith("SEARCH d USING INDEX decisions_split (project=? AND item>? AND item<?)"), lines
    assert not [line for line in lines if line.startswith("SCAN") or "TEMP B-TREE" in line], lines


def test_the_queue_is_what_a_question_costs_not_the_items(sqlite):
    sqlite.write(lambda tx: queue.fill(tx, 1, [Wanted(i, float(-i), "train") for i in range(50)]))
    assert sqlite.write(lambda tx: queue.lease(tx, 1, 1)).ordinal == 49


@pytest.mark.postgres
def test_the_next_question_on_postgresql_looks_up_the_member_and_reads_nothing_they_ever_said(new_database, tmp_path):
    from cowise.core.types import Promise, classify
    from cowise.store import open_store, projects

    with open_store(tmp_path / "plans", db=new_database()) as store:
        store.write(lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c")))
        store.write(lambda tx: queue.fill(tx, 1, [Wanted(i, float(i), "train") for i in range(300)]))
        statement = text(f"EXPLAIN {_take('queue', queue.NEXT, 'rank, id', False, True).text}")
        found = store.write(lambda tx: [row[0] for row in tx.run(statement, HOLD)])
    assert any("queue_next" in line for line in found), found
    assert not [line for line in found if "Anti Join" in line or "Seq Scan" in line or "Sort" in line], found

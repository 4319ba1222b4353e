"""Replay holds labels that came with the data against the file that each import left in the ledger."""

import pytest
from worlds import EVERY_DATABASE, PROMISE, by_id, texts, world

from cowise import loop
from cowise.core.types import multilabel
from cowise.loop.changing import Change, change
from cowise.store import items

EVERY = {"": ("billing", "bug"), "ann": ("bug", "praise")}


def bring(ws, gold, by, chosen, name="p"):
    rows = [{"text": text, "label": label} for text, label in gold.items() if label in chosen]
    loop.add(ws, name, rows, loop.Columns("text", "label"), how=loop.How(by=by))


@pytest.fixture
def labelled(tmp_path):
    """Texts without labels, some of them brought again by nobody, and others by ann; new ones with both."""
    gold = texts(120)
    with world(tmp_path, dict(list(gold.items())[:60])) as ws:
        for by, chosen in EVERY.items():
            bring(ws, gold, by, chosen)
        yield ws, gold


def fault(ws):
    return [one.what for one in loop.replay(ws, "p")]


def by_hand(ws, sql):
    assert ws.store.write(lambda tx: tx.connection.exec_driver_sql(sql).rowcount), sql


def test_what_came_fits(labelled):
    ws, _ = labelled
    assert fault(ws) == []


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE items SET label = 'praise' WHERE label = 'bug' AND label_by = ''", "is 'praise', and the ledger says 'label:bug'"),
        ("UPDATE items SET label_by = 'ann' WHERE label_by = ''", "not by whom the ledger says"),
        ("UPDATE items SET label = NULL WHERE label = 'bug'", "is missing"),
        ("UPDATE items SET label = 'bug', label_by = '' WHERE label IS NULL", "the ledger says 'nothing'"),
    ],
)  # fmt: skip
def test_a_label_changed_by_hand_is_found_out(labelled, sql, what):
    ws, _gold = labelled
    loop.add(ws, "p", [*texts(5, 77)])
    assert fault(ws) == []
    by_hand(ws, sql)
    assert what in fault(ws)[0]


@pytest.mark.parametrize(
    "what",
    [
        Change(renamed={"bug": "praise", "praise": "bug"}), Change(merged={"bug": "praise"}),
        Change(split={"bug": ("crash", "slow")}), Change(renamed={"bug": "fault"}, split={"praise": ("joy", "thanks")}),
    ],
)  # fmt: skip
def test_labels_that_changed_fit_and_later_ones_too(labelled, what):
    ws, gold = labelled
    change(ws, "p", what, confirmed=True)
    assert fault(ws) == []
    again = dict.fromkeys(list(gold)[:40], "billing")
    bring(ws, again, "bob", ("billing",))
    assert fault(ws) == []


def test_what_was_erased_and_who_was_forgotten_fits(labelled):
    ws, gold = labelled
    loop.forget_person(ws, "p", "ann")
    known = by_id(gold)
    with ws.store.read() as tx:
        some = [one for one in known if one in items.get(tx, 1, list(known))][:5]
    for one in some:
        loop.forget_item(ws, "p", one)
    assert fault(ws) == []


@EVERY_DATABASE
def test_sets_that_came_fit(house):
    loop.create(house, "s", multilabel("a", "b", "c"), PROMISE, encoder="hashing")
    came = [{"text": f"text {i}", "label": ["b; a", "", "c"][i % 3]} for i in range(30)]
    loop.add(house, "s", came, loop.Columns("text", "label"))
    assert loop.replay(house, "s") == []
    house.store.write(lambda tx: tx.connection.exec_driver_sql("UPDATE items SET label = 'a' WHERE label = 'c'"))
    assert "is 'a', and the ledger says 'labels:c'" in loop.replay(house, "s")[0].what

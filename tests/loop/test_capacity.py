"""Answers a day: who has given them is asked again tomorrow, nobody waits for them, and a project still comes to its end."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing

import numpy as np
import pytest
from worlds import LABELS, PROMISE, answer, settings, texts

from cowise import loop
from cowise.core.errors import ConflictError, InputError
from cowise.core.types import classify
from cowise.loop.board import read
from cowise.loop.desk import Desk
from cowise.loop.skills import Skills, wishes
from cowise.store import ledger, members

DAY = 86_400.0
NOON = 1_795_000_000.0 // DAY * DAY + DAY / 2


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        self.now += 0.5
        return self.now


@pytest.fixture
def world(tmp_path):
    clock, gold = Clock(), texts(300, 31)
    with closing(loop.open_workspace(settings(tmp_path), create=True, clock=clock)) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        loop.add(ws, "p", list(gold))
        yield ws, gold, clock


def test_a_day_ends_after_so_many_answers_and_the_next_one_begins_anew(world):
    ws, gold, clock = world
    assert loop.set_capacity(ws, "p", "ann", 7) == 7
    assert answer(ws, gold) == 7
    assert loop.capacities(ws, "p")["ann"].to_json() == {"per_day": 7, "left": 0}
    assert answer(ws, gold) == 0
    assert answer(ws, gold, member="ben", limit=20) == 20, "others go on"
    clock.now += DAY
    assert loop.capacities(ws, "p")["ann"].left == 7
    assert answer(ws, gold) == 7
    loop.set_capacity(ws, "p", "ann", 0)
    assert answer(ws, gold, limit=20) == 20


def test_the_page_is_told_that_it_was_enough_and_holds_count(world):
    ws, gold, _ = world
    loop.set_capacity(ws, "p", "ann", 3)
    desk = Desk(ws, lambda name: None)
    found = desk.questions("p", "ann", 5)
    assert len(found.questions) == 3
    assert found.advice["kind"] == "answer"
    assert len(desk.questions("p", "ann", 5).questions) == 3, "what is held already is not given twice"
    assert answer(ws, gold) == 3
    found = desk.questions("p", "ann", 5)
    assert (found.questions, found.advice["kind"], found.working) == ((), "enough", False)
    assert desk.questions("p", "ben", 2).advice["kind"] == "answer"


def test_who_is_done_for_today_is_waited_for_by_nobody(world):
    ws, gold, _ = world
    for who in ("ann", "ben", "cy", "di"):
        answer(ws, gold, member=who, limit=5)
    loop.set_capacity(ws, "p", "di", 5)
    with ws.store.read() as tx:
        seats = {one.name: one.id for one in members.roster(tx, 1)}
    assert seats["di"] not in read(ws, "p").around
    assert {seats["ann"], seats["ben"], seats["cy"]} <= read(ws, "p").around
    assert seats["di"] in read(ws, "p").people, "they may be asked again"
    while sum(answer(ws, gold, member=who, limit=5) for who in ("ann", "ben", "cy")):
        pass
    now = loop.status(ws, "p")
    assert now.open == 0
    assert now.automated > 0


def test_everybody_is_done_for_today_and_it_goes_on_tomorrow(world):
    ws, gold, clock = world
    loop.set_capacity(ws, "p", "ann", 60)
    days = 0
    while loop.status(ws, "p").open and days < 12:
        assert answer(ws, gold) <= 60
        clock.now += DAY
        days += 1
    assert loop.status(ws, "p").open == 0
    assert 1 < days < 8
    assert loop.verify(ws).ok


def test_what_is_refused_and_what_is_on_record(world):
    ws, _, _ = world
    with pytest.raises(InputError, match="answers a day: asked for -1; give 1 to 100,000, or 0 for no limit"):
        loop.set_capacity(ws, "p", "ann", -1)
    loop.set_capacity(ws, "p", "ann", 5)
    loop.set_capacity(ws, "p", "ann", 5)
    with ws.store.read() as tx:
        told = [json.loads(one.record) for one in ledger.each(tx, project=1)]
    assert [one["per_day"] for one in told if one["event"] == "takes on"] == [5]
    loop.add(ws, "p", [{"text": "x", "o": "bug"}], loop.Columns("text", opinion="o"), how=loop.How(by="gpt"))
    with pytest.raises(ConflictError, match="is a model in this project"):
        loop.set_capacity(ws, "p", "gpt", 5)


def test_who_takes_few_answers_today_is_wished_for_no_more():
    """Routing gives each as many as can be, and nobody beyond what they have said they take on."""
    rows = np.full((3, 2, 2), 0.1) + np.eye(2) * 0.8
    known = Skills((7, 8, 9), (True, True, True), np.full(3, 0.9), rows, 100)
    beliefs = np.full((30, 2), 0.5)
    found = wishes(known, np.arange(30), beliefs, None, {8: 2})
    assert Counter(found.values()) == {7: 14, 8: 2, 9: 14}
    assert Counter(wishes(known, np.arange(30), beliefs, None, {7: 0, 8: 0, 9: 4}).values()) == {9: 4}

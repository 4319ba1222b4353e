"""How often people are right, from answers alone: over the store, with the model's voice beside theirs."""

import pytest
from test_jury import laid, turns
from worlds import PROMISE, texts, world

from cowise.loop import brain, figures, trust
from cowise.loop.board import read
from cowise.store import members

CREW = {"ann": 0.97, "bob": 0.9, "eve": 0.75}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A project whose first look has begun: (people by name, what is kept)."""
    gold = texts(1200, 8, noise=0.0)
    with world(tmp_path_factory.mktemp("trust"), gold, PROMISE) as ws:
        for turn in range(200):
            turns(ws, gold, CREW, at_once=2, limit=6, seed=turn)
            if laid(ws):
                break
        people = {one.name: one for one in figures.people(ws, "p", since=0.0)}
        board = read(ws, "p")
        found = brain.candidate(ws, board)
        again = trust.measure(board, found, found.learner.look())
        yield people, board.project.settings["reliability"], again, board


def test_who_is_right_more_often_is_found_to_be(measured):
    people, *_ = measured
    assert people["ann"].right > people["eve"].right
    assert people["ann"].right > 0.9
    for name in CREW:
        assert people[name].right_low < people[name].right < people[name].right_high


def test_it_is_kept_when_a_look_begins_and_moves_with_answers(measured):
    _, kept, again, board = measured
    assert set(kept) == {str(member) for member in board.people}
    assert all(again[who]["n"] >= kept[who]["n"] for who in kept)


def test_whoever_answers_the_same_whatever_is_asked_tells_nothing(tmp_path):
    gold = texts(900, 9, noise=0.0)
    with world(tmp_path, gold, PROMISE) as ws:
        turns(ws, gold, {"ann": 1.0, "bob": 1.0}, limit=40)
        turns(ws, dict.fromkeys(gold, "bug"), {"zoe": 1.0}, limit=trust.LEAST)
        turns(ws, gold, {"ann": 1.0, "bob": 1.0}, limit=40)
        board = read(ws, "p")
        found = brain.candidate(ws, board)
        known = trust.measure(board, found, found.learner.look())
        names = {one.name: one for one in roster(ws)}
    zoe, ann = (known[str(names[one].id)] for one in ("zoe", "ann"))
    assert zoe["right"] < 0.8 < ann["right"], "she began where everybody begins, and her answers speak against her"
    assert zoe["tells"] < 0.3 < ann["tells"]


def roster(ws):
    with ws.store.read() as tx:
        return members.roster(tx, 1)


def test_few_answers_say_nothing(tmp_path):
    gold = texts(300, 10)
    with world(tmp_path, gold, PROMISE) as ws:
        turns(ws, gold, {"ann": 1.0}, at_once=1, limit=trust.LEAST - 1)
        board = read(ws, "p")
        found = brain.candidate(ws, board)
        assert trust.measure(board, found, found.learner.look()) == {}
        (one,) = figures.people(ws, "p", since=0.0)[-1:]
        assert (one.right, one.tells) == (None, None)

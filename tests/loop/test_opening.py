"""The first questions of a project come at once, blind and by lot, without any model."""

import json

import pytest
from worlds import LABELS, PROMISE, settings, texts, world

from cowise import loop
from cowise.core.types import Answer, classify
from cowise.loop import filling, opening, pace, plan
from cowise.loop.board import read
from cowise.loop.desk import Desk, Given
from cowise.loop.ingest import Columns
from cowise.store import ledger, projects, queue
from cowise.team.economy import FIRST_ANSWERS

P = "p"


@pytest.fixture
def house(tmp_path):
    gold = texts(300)
    with world(tmp_path / "home", gold):
        pass
    ws = loop.open_workspace(settings(tmp_path / "home"))
    yield ws
    ws.close()


def test_so_many_are_drawn_as_the_economy_asks_for_first():
    """Said twice, as the server does not load the economy."""
    assert opening.MOST == FIRST_ANSWERS


def kinds(ws):
    with ws.store.read() as tx:
        return [place.kind for place in queue.rows(tx, projects.get(tx, P).id)]


def test_the_first_questions_wait_for_no_encoder(house):
    nudges = []
    found = Desk(house, nudges.append).questions(P, "ann", 4)
    assert len(found.questions) == 4
    assert {(q.suggestion, q.p, q.order) for q in found.questions} == {(None, None, None)}
    assert (found.working, nudges) == (True, [P])
    assert kinds(house) == ["train"] * 4
    assert not any(name.startswith(("encoder", "candidate")) for name in house.memory)


def test_two_people_get_different_ones_and_each_only_what_they_need(house):
    desk = Desk(house, lambda _: None)
    ann, bob = (desk.questions(P, who, 5).questions for who in ("ann", "bob"))
    assert len({q.item for q in (*ann, *bob)}) == 10
    assert len(kinds(house)) == 10


def test_what_is_reserved_never_trains(house):
    desk = Desk(house, lambda _: None)
    for who in ("ann", "bob", "cas"):
        desk.questions(P, who, 20)
    board = read(house, P)
    asked = sorted(board.queued)
    assert len(asked) == opening.MOST
    assert not board.reserved[asked].any()
    assert desk.questions(P, "dan", 5).questions == ()


def test_they_are_drawn_by_lot_and_on_record(house):
    desk = Desk(house, lambda _: None)
    for who in ("ann", "bob", "cas"):
        desk.questions(P, who, 20)
    asked = sorted(read(house, P).queued)
    assert asked[0] < 60 < 240 < asked[-1]
    with house.store.read() as tx:
        said = [e for e in ledger.each(tx, project=projects.get(tx, P).id) if e.kind == "picked"]
    assert [json.loads(e.record)["n"] for e in said] == [20, 20, 20]


def test_what_is_answered_while_the_economy_thinks_is_not_asked_again(tmp_path):
    with world(tmp_path / "home", texts(8)) as ws:
        before = read(ws, P)
        desk = Desk(ws, lambda _: None)
        (one,) = desk.questions(P, "ann", 1).questions
        desk.answer(P, "ann", Given(one.token, Answer.of("bug")))
        assert filling.deferred(ws, before).kind == "decide"
        asked = {before.ids[o] for o in read(ws, P).queued}
        assert asked == set(before.ids) - {one.item}


def test_the_economy_goes_on_from_there(house):
    desk = Desk(house, lambda _: None)
    for one in desk.questions(P, "ann", 6).questions:
        desk.answer(P, "ann", Given(one.token, Answer.of("bug"), 1.0, one.item))
    advice = plan.advance(house, P, low=pace.LOW)
    assert advice.kind == "train"
    assert read(house, P).trains.sum() == 6
    before = len(kinds(house))
    assert len(desk.questions(P, "ann", 6).questions) == 6
    assert len(kinds(house)) == before


def test_a_small_project_is_asked_whole(tmp_path):
    with world(tmp_path, texts(3)) as ws:
        assert 1 <= len(Desk(ws, lambda _: None).questions(P, "ann", 8).questions) <= 3


def test_labels_that_came_with_the_texts_are_learned_first(tmp_path):
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, P, classify(*LABELS), PROMISE, encoder="hashing")
        rows = [{"text": text, "label": label if i < 20 else None} for i, (text, label) in enumerate(texts(90).items())]
        loop.add(ws, P, rows, Columns(text="text", label="label"))
        found = Desk(ws, lambda _: None).questions(P, "ann", 3)
        assert (found.questions, found.working) == ((), True)

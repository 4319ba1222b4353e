"""Sweeps: what the candidate is sure of, confirmed or corrected many at a time; never an audit, never in an open look."""

import pytest
from test_desk import P, Room, walk
from worlds import LABELS, texts

from cowise import loop
from cowise.core.errors import ConflictError, InputError, TaskError
from cowise.core.types import Answer
from cowise.loop import sweep
from cowise.loop.board import read
from cowise.loop.walks import kept
from cowise.store import opinions


@pytest.fixture
def room(tmp_path):
    """A project whose candidate has learned from some sixty answers."""
    found = Room(tmp_path / "home", texts(420))
    found.play(limit=58)
    found.desk.questions(P, "ann", 1)
    found.work()
    yield found
    found.ws.close()


def page(room, who="ann", **how):
    return sweep.page(room.ws, P, who, **how)


def confirm(room, found, key="k", who="ann"):
    return sweep.answer(room.ws, P, who, [(one.item, Answer.of(one.label)) for one in found.items], key)


def test_a_page_has_the_surest_first_and_of_one_label(room):
    found = page(room, limit=10)
    assert (len(found.items), found.locked, found.reason) == (10, False, "")
    assert [one.p for one in found.items] == sorted((one.p for one in found.items), reverse=True)
    for label in LABELS:
        assert {one.label for one in page(room, label=label, limit=5).items} == {label}
    with pytest.raises(InputError, match="does not have"):
        page(room, label="nonsense")


def test_before_anything_was_learned_there_is_nothing(tmp_path):
    room = Room(tmp_path / "fresh", texts(40))
    assert page(room) == sweep.Page((), locked=False, reason="nothing")
    room.ws.close()


def test_each_answer_is_one_opinion_that_says_what_was_suggested_and_is_no_audit(room):
    found = page(room, limit=6)
    wrong = next(label for label in LABELS if label != found.items[0].label)
    said = [(one.item, Answer.of(wrong if i == 0 else one.label)) for i, one in enumerate(found.items)]
    assert sweep.answer(room.ws, P, "ann", said, "k") == sweep.Swept(6, ())
    with room.ws.store.read() as tx:
        rows = [o for o in opinions.current(tx, 1) if o.suggested]
    assert len(rows) == 6
    assert {(r.blind, r.used_for) for r in rows} == {(False, "none")}
    now = room.desk.progress(P, "ann", 0.0)
    assert (now.agreement, now.agreement_n) == (pytest.approx(5 / 6), 6)
    assert not {one.item for one in found.items} & {one.item for one in page(room, limit=50).items}
    assert loop.verify(room.ws).ok


def test_sent_twice_it_counts_once(room):
    found = page(room, limit=4)
    assert confirm(room, found) == confirm(room, found) == sweep.Swept(4, ())
    room.restart()
    assert confirm(room, found).stored == 4
    with pytest.raises(InputError, match="another answer"):
        sweep.answer(room.ws, P, "ann", [(found.items[0].item, Answer("none"))], "k")
    assert confirm(room, found, key="another").skipped == tuple(one.item for one in found.items)


def test_what_was_not_shown_or_is_held_or_decided_is_left_out(room):
    found, held = page(room, limit=100), room.desk.questions(P, "bob", 20).questions
    board = read(room.ws, P)
    hidden = next(i for i in board.ids if i not in {one.item for one in found.items})
    assert sweep.answer(room.ws, P, "ann", [(hidden, Answer.of("bug")), ("no such", Answer.of("bug"))], "a").stored == 0
    taken = [one for one in found.items if one.item in {q.item for q in held}]
    assert (
        sweep.answer(
            room.ws, P, "ann", [(one.item, Answer.of(one.label)) for one in taken] or [(hidden, Answer("none"))], "b"
        ).stored
        == 0
    )
    assert confirm(room, found, "c", who="cho").stored == 0
    with pytest.raises(TaskError):
        sweep.answer(room.ws, P, "ann", [(found.items[0].item, Answer.of("nonsense"))], "d")
    with pytest.raises(InputError, match="send 1 to"):
        sweep.answer(room.ws, P, "ann", [], "e")


def test_in_an_open_look_the_sweep_is_locked(room):
    found = page(room, limit=5)
    room.play(until=lambda: bool(walk(room)))
    assert page(room) == sweep.Page((), locked=True, reason="look")
    with pytest.raises(ConflictError, match="a look is open"):
        confirm(room, found)


def test_what_was_shown_and_not_answered_gets_no_lot(room):
    shown = {one.item for one in page(room, limit=30).items}
    room.play(until=lambda: bool(walk(room)))
    layout, board = kept(room.ws, walk(room)["blob"]), read(room.ws, P)
    assert len(shown) == 30
    assert not shown & {board.ids[o] for o in layout.ordinals}


def test_a_sweep_is_undone_like_any_answer(room):
    found = page(room, limit=2)
    confirm(room, found)
    assert room.desk.undo(P, "ann").item == found.items[1].item
    assert room.desk.undo(P, "ann").item == found.items[0].item

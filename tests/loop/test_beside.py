"""Language models on the roster, and how often people err: by what people settled on, and by no audit."""

import numpy as np
import pytest
from worlds import LABELS, PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.types import Answer, Promise
from cowise.loop import beside, llm_seats
from cowise.loop.account import account
from cowise.loop.board import read
from cowise.loop.llm_seats import Seated
from cowise.store import machine, members
from cowise.team.ruling import error_bound, missed_by

GOLD = texts(400, 3, 0.0)


def speak(ws, ordinals, right, name="qwen", seed=0):
    """Opinions of a seat on these items, right with this chance; which are."""
    board, known = read(ws, "p"), by_id(GOLD)
    rng = np.random.default_rng(seed)
    truth = np.array([LABELS.index(known[board.ids[o]]) for o in ordinals])
    label = np.where(rng.random(len(truth)) < right, truth, (truth + 1) % len(LABELS))
    p = np.where(np.eye(len(LABELS))[label] > 0, 0.9, 0.05)
    packed = machine.pack(ws.store.blobs, np.array(ordinals), p)
    with ws.store.read() as tx:
        seat = members.get(tx, 1, name)
    ws.store.write(lambda tx: machine.put(tx, 1, name, llm_seats.version_of(board.project, seat), packed))
    return label == truth


@pytest.fixture
def ws(tmp_path):
    with world(tmp_path, GOLD, Promise(0.02, 0.95)) as found:
        loop.add_member(found, "p", "qwen", Seated("http://127.0.0.1:9/v1", "m", private=True))
        yield found


def test_a_language_model_is_judged_by_what_people_settled_on(ws):
    answer(ws, GOLD, limit=80)
    [before] = loop.roster_of(ws, "p").llms
    assert (before.right, before.opinions, before.weight) == (None, 0, None)
    is_right = speak(ws, list(range(400)), 0.8)
    [row] = loop.roster_of(ws, "p").llms
    assert (row.name, row.opinions, row.right.n) == ("qwen", 400, 80)
    assert row.right.value == pytest.approx(is_right[list(read(ws, "p").said)].mean(), abs=1e-4)
    assert row.right.low < row.right.value < row.right.high
    assert loop.roster_of(ws, "p").only(12345).llms == (row,), "what a language model is worth is nobody's secret"


def test_no_figure_moves_by_an_audit(tmp_path):
    """While a look is open, and after it: texts that were audited are left out."""
    easy = dict(GOLD.items())
    with world(tmp_path, easy, PROMISE) as ws:
        loop.add_member(ws, "p", "qwen", Seated("http://127.0.0.1:9/v1", "m", private=True))
        answer(ws, easy, until="audit")
        speak(ws, list(range(400)), 0.6)
        before = loop.roster_of(ws, "p").llms
        answer(ws, easy, limit=10)
        assert loop.roster_of(ws, "p").llms == before
        answer(ws, easy)
        audits = {o for o, rows in read(ws, "p").said.items() if any(row.used_for == "audit" for row in rows)}
        with ws.store.read() as tx:
            told = beside.said(tx, read(ws, "p").project, None)
        assert audits
        assert not audits & told.keys()


def test_its_voice_is_in_the_story_of_an_item(ws):
    answer(ws, GOLD, limit=80)
    speak(ws, list(range(400)), 1.0)
    board = read(ws, "p")
    ordinal = next(o for o, rows in board.said.items() if rows)
    found = account(ws, "p", board.ids[ordinal])
    [voice] = [one for one in found.voices if one.machine and one.by]
    assert (voice.by, voice.label, voice.agrees, voice.p) == ("qwen", by_id(GOLD)[board.ids[ordinal]], True, 0.9)
    assert voice.right == 1.0


def test_how_often_people_err_is_bounded_by_what_two_were_asked(tmp_path):
    hard = texts(900, 3, 0.35)
    known = by_id(hard)
    with world(tmp_path, hard, Promise(0.02, 0.9)) as ws:
        assert loop.roster_of(ws, "p").doubt is None
        for _ in range(20):
            for name in ("ann", "ben", "cem"):
                with loop.session(ws, "p", name) as review:
                    for question in review.ask(3):
                        review.take(question, Answer.of(known[question.item]), 1.0)
        found = loop.roster_of(ws, "p").doubt
        assert found.differ == 0
        assert 0 < found.asked <= 9
        assert found.error == pytest.approx(error_bound(found.asked, 0, 0.05), abs=1e-4)
        assert found.missed == pytest.approx(missed_by(found.error, 3), abs=1e-3)

"""Reasons beside a question: only where it is not blind, and no text alike that somebody may still be asked about."""

import json

import numpy as np
import pytest
from worlds import LABELS, answer, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, ForbiddenError
from cowise.core.types import Answer
from cowise.loop.board import read
from cowise.loop.desk import Desk, Given
from cowise.loop.reasons import reasons
from cowise.store import ledger, projects, queue
from cowise.store.queue import Hint, Wanted

HINT = Hint("bug", 0.6, ("bug", "praise", "billing"))


def asked(ws, gold, hint):
    """A model has learned, and ann holds one question: with what is suggested, or blind."""
    answer(ws, gold, limit=40)
    loop.learn(ws, "p")
    wanted = Wanted(int(np.flatnonzero(read(ws, "p").open)[0]), -1.0, "decide", blind=hint is None, hint=hint)
    with ws.store.read() as tx:
        project = projects.get(tx, "p").id
    ws.store.write(lambda tx: (queue.clear(tx, project), queue.fill(tx, project, [wanted])))
    [question] = loop.session(ws, "p", "ann").ask(1)
    return question


@pytest.fixture(scope="module")
def gold():
    return texts(420)


@pytest.fixture(scope="module")
def held(tmp_path_factory, gold):
    with world(tmp_path_factory.mktemp("reasons"), gold) as ws:
        yield ws, asked(ws, gold, HINT)


def test_words_of_the_text_and_texts_that_people_answered(held, gold):
    ws, question = held
    found = reasons(ws, "p", "ann", question.token)
    told = found.explanation
    assert told.target == question.suggestion
    assert {question.text[one.start : one.end] for one in told.words} == {one.text for one in told.words}
    assert abs(sum(one.score for one in told.words) - (told.value - told.base)) < 1e-6
    assert 0 < len(found.alike) <= 3
    assert [one.likeness for one in found.alike] == sorted((one.likeness for one in found.alike), reverse=True)
    for one in found.alike:
        assert one.text != question.text
        assert one.answer == gold[one.text]
    assert reasons(ws, "p", "ann", question.token) == found
    assert json.loads(json.dumps(found.to_json()))["alike"][0]["answer"] in LABELS


def test_a_text_that_somebody_may_be_asked_about_is_not_shown(held):
    ws, question = held
    [first, *_] = reasons(ws, "p", "ann", question.token).alike
    loop.session(ws, "p", "bob").close()
    loop.ask_again(ws, "p", [first.text], by="ann")
    assert first not in reasons(ws, "p", "ann", question.token).alike


def test_only_who_holds_it_is_told(held):
    ws, question = held
    with loop.session(ws, "p", "bob"), pytest.raises(ConflictError, match="not held by you any more"):
        reasons(ws, "p", "bob", question.token)


def test_that_reasons_were_on_show_goes_on_record(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        question = asked(ws, gold, HINT)
        Desk(ws, lambda name: None).answer("p", "ann", Given(question.token, Answer.of("bug"), 1.0, why=True))
        with ws.store.read() as tx:
            told = [json.loads(one.record) for one in ledger.each(tx, project=projects.get(tx, "p").id)]
    said = [one for one in told if one["event"] == "answered"]
    [shown] = [one for one in told if one["event"] == "reasons shown"]
    assert (shown["item"], shown["member"]) == (said[-1]["item"], said[-1]["member"])
    assert said[-1]["blind"] is False


def test_beside_a_blind_question_nothing_is_told(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        question = asked(ws, gold, None)
        with pytest.raises(ForbiddenError, match="blind"):
            reasons(ws, "p", "ann", question.token)

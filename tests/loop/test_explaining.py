"""Explaining a project's model: which version, which items, and of which nothing is told."""

import pytest
from test_second import seat
from worlds import LABELS, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import ForbiddenError, InputError, MissingError
from cowise.core.explanation import Ask
from cowise.core.types import Answer, Promise, classify, content_id, multilabel
from cowise.loop.board import read
from cowise.store import decisions, projects


def decided(ws):
    """Ids of the decided items."""
    ids = read(ws, "p").ids
    with ws.store.read() as tx:
        return [ids[d.ordinal] for d in decisions.each(tx, projects.get(tx, "p").id)]


def test_a_text_is_explained_by_the_released_version_or_the_newest(ws, gold):
    with pytest.raises(MissingError, match="no model yet; give answers, then run cowise learn"):
        loop.explain(ws, "p", "love")
    answer(ws, gold, limit=40)
    first = loop.learn(ws, "p").id
    answer(ws, gold, limit=20)
    second = loop.learn(ws, "p").id
    assert first != second
    assert loop.explain(ws, "p", "love").model == second
    loop.release(ws, "p", first, "to see")
    found = loop.explain(ws, "p", "the crash error again", ask=Ask(target="bug"))
    assert (found.model, found.item, found.explanation.target) == (first, "", "bug")
    assert max(found.explanation.words, key=lambda word: word.score).text in ("crash", "error")
    assert found.to_json()["model"] == first
    loop.withdraw_version(ws, "p", first, "enough")
    assert loop.explain(ws, "p", "love").model == second


def test_an_item_by_id_or_text_once_it_is_decided(played, gold):
    known = {content_id(text): text for text in gold}
    item = decided(played)[0]
    text = known[item]
    for given, how in ((item, None), (item, True), (text, True)):
        found = loop.explain(played, "p", given, item=how, method="ends")
        assert (found.item, found.text) == (item, text)
    assert loop.explain(played, "p", text, method="ends").item == "", "a plain text is no item"
    assert loop.explain(played, "p", item, item=False, method="ends").text == item
    with pytest.raises(MissingError, match="is not in project"):
        loop.explain(played, "p", "no such item", item=True)
    with pytest.raises(InputError, match="no method 'magic'"):
        loop.explain(played, "p", text, method="magic")


def test_of_an_item_that_is_not_decided_nothing_is_told(ws, gold):
    answer(ws, gold, limit=40)
    loop.learn(ws, "p")
    with loop.session(ws, "p", "ann") as review:
        [question] = review.ask(1)
        for how in (None, True):
            with pytest.raises(ForbiddenError, match="not decided yet"):
                loop.explain(ws, "p", question.item, item=how)
        assert loop.explain(ws, "p", question.text).item == ""
    waits = next(item for item in read(ws, "p").ids if item not in {*decided(ws), question.item})
    with pytest.raises(ForbiddenError, match="not decided yet"):
        loop.explain(ws, "p", waits)


def test_nor_of_one_that_somebody_may_still_be_asked_about(ws, gold):
    answer(ws, gold, limit=40)
    loop.learn(ws, "p")
    item = decided(ws)[0]
    assert loop.explain(ws, "p", item).item == item
    seat(ws, "bob")
    assert loop.ask_again(ws, "p", [item], by="ann") == 1
    with pytest.raises(ForbiddenError, match="may still be asked about"):
        loop.explain(ws, "p", item)


def test_nor_of_one_that_was_answered_in_an_open_check(tmp_path):
    gold = texts(700, 5, noise=0.1)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        before = decided(ws)[0]
        with loop.session(ws, "p", "ann") as review:
            [asked] = review.ask(1)
            review.take(asked, Answer.of(by_id(gold)[asked.item]), 1.0)
        with pytest.raises(ForbiddenError, match="since an open check began"):
            loop.explain(ws, "p", asked.item)
        assert loop.explain(ws, "p", before).item == before


def test_answers_of_another_program_are_not_explained(tmp_path):
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "own", classify(*LABELS), Promise(0.1, 0.8), encoder="hashing")
        rows = [{"t": f"text {i}", "o": LABELS[i % 3]} for i in range(60)]
        loop.add(ws, "own", rows, loop.Columns(text="t", opinion="o"), how=loop.How(by="robot"))
        with loop.session(ws, "own", "ann") as review:
            review.ask(1)
        with pytest.raises(InputError, match="answers of another program"):
            loop.explain(ws, "own", "a text")


def test_an_erased_item_is_gone(ws, gold):
    answer(ws, gold, limit=30)
    loop.learn(ws, "p")
    item = decided(ws)[0]
    loop.forget_item(ws, "p", item)
    with pytest.raises(MissingError, match="is not in project"):
        loop.explain(ws, "p", item, item=True)
    assert loop.explain(ws, "p", item).item == "", "an id that names nothing is a text like any other"


def test_sets_of_labels_are_explained_label_by_label(tmp_path):
    known = {f"{word} number {i}": tuple(word.split()) for i in range(10) for word in ("red", "blue", "red blue")}
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "s", multilabel("red", "blue"), Promise(0.1, 0.8), encoder="hashing")
        loop.add(ws, "s", list(known))
        with loop.session(ws, "s", "ann") as review:
            for _ in range(25):
                [question] = review.ask(1)
                review.take(question, question.reply(known[question.text]), 1.0)
        loop.learn(ws, "s")
        found = loop.explain(ws, "s", "blue number 3", ask=Ask(target="blue")).explanation
        assert found.target == "blue"
        assert found.strongest[0].text == "blue"
        assert found.strongest[0].score > 0

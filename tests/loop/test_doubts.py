"""Labels to look at again in a project: what is found, what is never listed, and who is asked."""

import json

import pytest
from test_second import events, first, other, say, seat, waiting
from worlds import LABELS, PROMISE, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, InputError, LimitError
from cowise.core.types import Answer, Task, classify
from cowise.loop import walks
from cowise.loop.board import read
from cowise.store import certificates


def careless(ws, gold, n, wrong, who="ann"):
    """`n` answers, of which those at the places `wrong` are false; the ids of these."""
    known, false = by_id(gold), []
    with loop.session(ws, "p", who) as review:
        for i in range(n):
            [question] = review.ask(1)
            label = known[question.item]
            if i in wrong:
                label = other(label)
                false.append(question.item)
            review.take(question, Answer.of(label), 1.0)
    return false


@pytest.fixture
def clean(tmp_path):
    """Texts that all speak of their label."""
    words = zip(LABELS, ("invoice refund", "crash error", "love thanks"), strict=True)
    gold = {f"{word} {i}": label for label, word in words for i in range(80)}
    with world(tmp_path / "clean", gold) as ws:
        yield ws, gold


def test_false_answers_come_first_and_nothing_is_changed(clean):
    ws, gold = clean
    false = careless(ws, gold, 36, {12, 18, 24, 30})
    before, entries = read(ws, "p").label.tolist(), len(events(ws, "answered"))
    found = loop.label_errors(ws, "p", limit=4)
    assert len({row.item for row in found.rows} & set(false)) >= 3
    top = found.rows[0]
    assert top.flagged
    assert top.askable
    assert (top.answers, top.suggested) == (1, gold[top.text])
    assert top.given != top.suggested
    assert found.judged + found.apart == sum(one >= 0 for one in before)
    assert set(found.thresholds) == set(LABELS)
    assert read(ws, "p").label.tolist() == before
    assert len(events(ws, "answered")) == entries
    json.dumps(found.to_json())


def test_the_doubtful_go_to_somebody_else_and_people_decide(clean):
    ws, gold = clean
    false = careless(ws, gold, 36, {12, 18, 24, 30})
    with pytest.raises(ConflictError, match="nobody else with an open seat"):
        loop.look_again(ws, "p", 4, by="ann")
    seat(ws, "bob", "cat")
    top = [row.item for row in loop.label_errors(ws, "p").rows[:4]]
    assert loop.look_again(ws, "p", 4, by="lea") == 4
    ids = read(ws, "p").ids
    assert {ids[place.ordinal] for place in waiting(ws)} == set(top)
    assert all(place.blind for place in waiting(ws))
    assert len(events(ws, "asked again")) == 4
    listed = loop.label_errors(ws, "p", limit=300)
    assert not set(top) & {row.item for row in listed.rows}, "whoever is asked is not to be led"
    item, right = false[0], by_id(gold)[false[0]]
    for who in ("bob", "cat"):
        if item not in {ids[place.ordinal] for place in waiting(ws)}:
            loop.ask_again(ws, "p", [item], by="lea")
        say(ws, item, who, Answer.of(right))
    now = {row.item: row for row in loop.label_errors(ws, "p", limit=300).rows}
    assert (now[item].given, now[item].answers, now[item].flagged) == (right, 3, False)
    assert loop.verify(ws).ok
    assert [one.outcome for one in loop.replay(ws, "p")] == []


def test_an_open_check_is_never_listed(tmp_path):
    gold = texts(700, 5, noise=0.1)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        before = loop.label_errors(ws, "p", limit=700)
        answer(ws, gold, limit=15)
        board = read(ws, "p")
        layout = walks.kept(ws, board.project.settings["walk"]["blob"])
        audited = {board.ids[o] for o in walks.codes_of(board, layout)}
        assert audited, "the check is under way"
        after = loop.label_errors(ws, "p", limit=700)
        assert after.rows == before.rows, "neither listed, nor is anything else told otherwise"
        assert not audited & {row.item for row in after.rows}
        assert after.apart == before.apart + 15, "audits and their company alike"
        seat(ws, "bob")
        loop.look_again(ws, "p", 5, by="ann")
        assert not audited & {board.ids[place.ordinal] for place in waiting(ws)}


def test_what_a_certificate_stands_on_is_not_sent_back_because_a_machine_differs(ws, gold):
    answer(ws, gold)
    with ws.store.read() as tx:
        assert certificates.valid(tx, 1)
    board = read(ws, "p")
    audits = {
        board.ids[o] for o, rows in board.said.items() if any(r.used_for == "audit" or r.certificate for r in rows)
    }
    assert audits
    rows = loop.label_errors(ws, "p", limit=500).rows
    assert rows
    assert not audits & {row.item for row in rows}
    assert {row.item for row in rows} <= {board.ids[o] for o in board.said}, (
        "what the machine decided has no label to doubt"
    )


def test_labels_that_came_with_the_data_are_listed_and_not_asked(tmp_path):
    gold = texts(120, 2, noise=0.0)
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        false = list(gold)[7]
        rows = [{"t": text, "l": other(label) if text == false else label} for text, label in gold.items()]
        loop.add(ws, "p", rows[:60], loop.Columns(text="t", label="l"))
        loop.add(ws, "p", rows[60:], loop.Columns(text="t", label="l"), how=loop.How(by="eve"))
        top = loop.label_errors(ws, "p", limit=1).rows[0]
        assert (top.text, top.suggested, top.answers, top.askable) == (false, gold[false], 0, False)
        seat(ws, "bob")
        assert loop.look_again(ws, "p", 5, by="bob") == 0


def test_an_erased_item_is_gone(clean):
    ws, gold = clean
    false = careless(ws, gold, 60, {40, 50})
    loop.forget_item(ws, "p", false[0])
    assert false[0] not in {row.item for row in loop.label_errors(ws, "p", limit=300).rows}


def test_what_cannot_be_asked_for(clean):
    ws, gold = clean
    with pytest.raises(ConflictError, match="0 labelled texts that may be judged"):
        loop.label_errors(ws, "p")
    first(ws, gold)
    with pytest.raises(ConflictError, match="fewer than two labels"):
        loop.label_errors(ws, "p")
    with pytest.raises(InputError, match="give 1 or more"):
        loop.label_errors(ws, "p", limit=0)
    for n in (0, 201):
        with pytest.raises(LimitError, match="give 1 to 200"):
            loop.look_again(ws, "p", n, by="ann")
    loop.create(ws, "sets", Task(("a", "b"), "multilabel"), PROMISE, encoder="hashing")
    with pytest.raises(InputError, match=r"each label of a set .* cowise\.label_errors\(labels, probabilities\)"):
        loop.label_errors(ws, "sets")

"""Replay holds answers and decisions against the ledger: what is changed by hand in the database is found out."""

import re

import pytest
from worlds import LABELS, answer, by_id, world

from cowise import loop
from cowise.core.types import Answer, classify
from cowise.loop.board import read
from cowise.loop.changing import Change, change
from cowise.store import items

NONE = '\'{"kind":"none","value":null}\''


def first(ws):
    found = loop.replay(ws, "p")[0]
    return found.certificate, found.outcome, found.what


def by_hand(ws, sql):
    return ws.store.write(lambda tx: tx.connection.exec_driver_sql(sql).rowcount)


@pytest.fixture
def done(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        yield ws


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ('UPDATE opinions SET answer = \'{"kind":"none","value":null}\' WHERE id = 5', "an answer says 'none:'"),
        ("DELETE FROM opinions WHERE id = 5", "an answer that the ledger holds is missing"),
        ("UPDATE opinions SET state = 'undone' WHERE id = 7", "an answer that the ledger holds is missing"),
        (
            (
                'UPDATE decisions SET answer = \'{"kind":"none","value":null}\' WHERE item = '
                "(SELECT item FROM decisions WHERE route = 'automated' LIMIT 1)"
            ),
            "a machine's decision is not what its certificate names",
        ),
        (
            (
                'UPDATE decisions SET answer = \'{"kind":"none","value":null}\' WHERE item = '
                "(SELECT item FROM decisions WHERE route = 'reviewed' LIMIT 1)"
            ),
            "a decision is not what people answered",
        ),
        (
            f"UPDATE decisions SET answer = {NONE}, certificate = 'c-bogus' WHERE route = 'automated'",
            "a machine's decision names a certificate that does not stand",
        ),
        (
            "UPDATE items SET text = 'another text' WHERE id IN (SELECT id FROM items LIMIT 1)",
            "a text is not the one that its item was made of",
        ),
        ("UPDATE projects SET promise = replace(promise, '0.1', '0.4')", "the promise is another one"),
        ("UPDATE projects SET task = replace(task, 'bug', 'rug')", "the task is another one"),
        (
            "UPDATE projects SET released = 'v-000000000000'",
            "v-000000000000 is released, and the ledger does not say so",
        ),
        ("UPDATE versions SET folder = 'f' || folder WHERE folder <> ''", "the files of a version are others"),
        (
            "UPDATE projects SET settings = replace(settings, '\"looks\":1', '\"looks\":0')",
            "0 looks have begun, and by the ledger 1",
        ),
        (
            f"UPDATE decisions SET answer = {NONE}, route = 'reviewed' WHERE route = 'automated'",
            "a decision is not what people answered",
        ),
        ("UPDATE certificates SET state = 'withdrawn'", "certificate "),
        ("UPDATE certificates SET state = 'superseded'", "certificate "),
        ("DELETE FROM certificates", "certificate "),
        (
            "DELETE FROM decisions WHERE route = 'automated'",
            "a machine's decision that its certificate names is missing",
        ),
        ("UPDATE certificates SET body = replace(body, '0.1', '0.01')", "certificate "),
        (
            (
                "INSERT INTO opinions SELECT 100000 + id, project, item, 901, answer, label, seconds, cost, blind, version, at, state, "
                "superseded_by, 'k' || id, body, used_for, certificate, suggested FROM opinions WHERE id = 5"
            ),
            "an answer says ",
        ),
        ("UPDATE members SET salt = NULL", "something was erased, and the ledger does not say so"),
        (
            "UPDATE items SET erased = 1, salt = NULL, text = '', content = 'erased x' WHERE id = (SELECT max(id) FROM items)",
            "something was erased",
        ),
    ],
)
def test_a_change_by_hand_is_found_out(done, sql, what):
    assert loop.verify(done).ok
    assert by_hand(done, sql) > 0
    done.memory.clear()
    certificate, outcome, words = first(done)
    assert (certificate, outcome) == ("", "differs")
    assert words.startswith(what)
    assert loop.verify(done).ok, "the ledger itself was not touched"


def test_a_certificate_that_is_put_back_by_hand_is_found_out(done):
    loop.withdraw(done, "p", "a reason")
    assert loop.replay(done, "p") == []
    assert by_hand(done, "UPDATE certificates SET state = 'valid'") == 1
    assert re.fullmatch("certificate .* is valid, and the ledger does not say so", first(done)[2])


@pytest.mark.parametrize(
    "what",
    [
        lambda ws: loop.merge(ws, "p", {"bug": "praise"}, confirmed=True),
        lambda ws: loop.split(ws, "p", "bug", ["crash", "wish"], confirmed=True),
        lambda ws: change(ws, "p", Change(renamed={"bug": "defect"}), confirmed=True),
        lambda ws: loop.change(ws, "p", task=classify(*LABELS, "other")),
    ],
    ids=["merged", "split", "renamed", "added"],
)
def test_labels_that_changed_are_no_change_by_hand(done, what):
    what(done)
    assert loop.replay(done, "p") == []
    loop.advance(done, "p")
    assert {one.outcome for one in loop.replay(done, "p")} <= {"same"}
    assert by_hand(done, 'UPDATE opinions SET answer = \'{"kind":"none","value":null}\' WHERE state = \'current\'') > 0
    assert first(done)[:2] == ("", "differs")


def test_an_item_whose_second_opinion_alone_is_left_is_told_as_erased(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        with ws.store.read() as tx:
            audited = next(row for rows in read(ws, "p").said.values() for row in rows if row.used_for == "audit")
            item = items.at(tx, 1, [audited.ordinal])[audited.ordinal].id
        with loop.session(ws, "p", "bob") as bob:
            loop.ask_again(ws, "p", [item], by="ann")
            bob.take(bob.ask(1)[0], Answer.of(next(one for one in LABELS if one != by_id(gold)[item])))
        loop.forget_person(ws, "p", "ann")
        assert {one.outcome for one in loop.replay(ws, "p")} <= {"erased"}


def test_undone_corrected_and_forgotten_answers_fit(done, gold):
    known = by_id(gold)
    loop.add(done, "p", ["one more text", "and another"])
    with loop.session(done, "p", "bob") as bob:
        question = bob.ask(1)[0]
        bob.take(question, Answer.of("bug"))
        bob.correct(question.item, Answer.of("praise"))
        assert bob.undo() == question.item
        assert bob.undo() == question.item
        bob.skip(bob.ask(1)[0])
        assert bob.undo() == question.item, "a skip taken back is no answer taken back"
        bob.take(bob.ask(1)[0], Answer("unsure"))
    assert first(done)[1] == "same"
    loop.forget_item(done, "p", next(iter(gold)))
    loop.forget_person(done, "p", "bob")
    assert "" not in {one.certificate for one in loop.replay(done, "p")}
    loop.forget_person(done, "p", "ann")
    assert [one.outcome for one in loop.replay(done, "p")] == ["erased"]
    assert set(known.values()) == set(LABELS)

"""Labels merged and split in mid-project: answers move or are given again, nothing is lost, evidence is voided openly."""

from __future__ import annotations

import json

import pytest
from worlds import EVERY_DATABASE, answer, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, TaskError
from cowise.core.types import Answer
from cowise.loop.board import read
from cowise.store import counters, decisions, ledger, opinions


def answers(ws):
    with ws.store.read() as tx:
        return [one.answer.value for one in opinions.current(tx, 1)]


def counted(ws):
    with ws.store.read() as tx:
        return counters.counts(tx, 1)


def test_what_it_would_do_is_said_first(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        before, n = loop.status(ws, "p"), answers(ws).count("bug")
        lost = rf"1 certificate is withdrawn \| {before.automated} texts go back to people; repeat it with confirm"
        with pytest.raises(ConflictError, match=rf"consequences: {n} answers get another label \| {lost}"):
            loop.merge(ws, "p", {"bug": "praise"})
        with pytest.raises(ConflictError, match=rf"consequences: {n} answers are set aside and their .* \| {lost}"):
            loop.split(ws, "p", "bug", ["crash", "slow"])
        assert loop.status(ws, "p") == before


def test_merged_answers_count_as_the_other_label_and_nothing_is_asked_again(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold, limit=90)
        was = answers(ws)
        found = loop.merge(ws, "p", {"bug": "praise"}, confirmed=True)
        assert found.task.labels == ("billing", "praise")
        assert answers(ws) == ["praise" if one == "bug" else one for one in was]
        merged = {text: "praise" if label == "bug" else label for text, label in gold.items()}
        answer(ws, merged)
        now = loop.status(ws, "p")
        assert now.open == 0
        assert now.automated > 0
        assert loop.verify(ws).ok


def test_people_who_disagreed_about_the_two_agree_afterwards(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        with loop.session(ws, "p", "ann") as review:
            question = review.ask(1)[0]
            review.take(question, Answer.of("bug"))
        loop.session(ws, "p", "bob").close()
        loop.ask_again(ws, "p", [question.item], by="ann")
        with loop.session(ws, "p", "bob") as review:
            again = next(q for q in review.ask(100) if q.item == question.item)
            review.take(again, Answer.of("praise"))
        ordinal = read(ws, "p").ids.index(question.item)
        assert decision(ws, ordinal).split
        loop.merge(ws, "p", {"bug": "praise"}, confirmed=True)
        made = decision(ws, ordinal)
        assert (made.split, made.route, made.answer.value) == (False, "consensus", "praise")


def decision(ws, ordinal):
    with ws.store.read() as tx:
        return decisions.get(tx, 1, ordinal)


def test_a_split_label_is_asked_again_and_its_answers_stay_on_record(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        was = answers(ws)
        bugs = was.count("bug")
        found = loop.split(ws, "p", "bug", ["crash", "slow"], confirmed=True)
        assert found.task.labels == ("billing", "crash", "slow", "praise")
        assert answers(ws) == [one for one in was if one != "bug"]
        assert counted(ws)["answers"] == len(was) - bugs
        board = read(ws, "p")
        assert board.n - int(board.open.sum()) == len(was) - bugs
        finer = {
            t: ("crash" if "crash" in t or "error" in t else "slow") if label == "bug" else label
            for t, label in gold.items()
        }
        answer(ws, finer)
        assert loop.status(ws, "p").open == 0
        assert "bug" not in answers(ws)
        with ws.store.read() as tx:
            entries = [json.loads(one.record) for one in ledger.each(tx, project=1)]
        entry = next(one for one in entries if one["event"] == "labels reshaped")
        assert (entry["split"], entry["again"]) == (["bug"], bugs)
        assert loop.verify(ws).ok


def test_imported_labels_are_merged_and_split_too(tmp_path, gold):
    rows = [{"text": text, "label": label} for text, label in list(gold.items())[:60]]
    with world(tmp_path, dict(list(gold.items())[60:])) as ws:
        loop.add(ws, "p", rows, loop.Columns("text", "label"))
        named = int(read(ws, "p").imported.sum())
        assert named == 60
        loop.split(ws, "p", "bug", ["crash", "slow"], confirmed=True)
        bugs = sum(row["label"] == "bug" for row in rows)
        assert int(read(ws, "p").imported.sum()) == named - bugs
        assert counted(ws)["labelled"] == named - bugs
        loop.merge(ws, "p", {"billing": "praise"}, confirmed=True)
        board = read(ws, "p")
        assert {board.project.task.labels[label] for label in board.label[board.imported]} == {"praise"}


@EVERY_DATABASE
def test_both_databases_do_alike(house):
    gold = texts(60)
    loop.add(house, "p", list(gold))
    answer(house, gold, limit=30)
    was = answers(house)
    loop.split(house, "p", "bug", ["crash", "slow"], confirmed=True)
    loop.merge(house, "p", {"billing": "praise"}, confirmed=True)
    assert sorted(answers(house)) == ["praise"] * (len(was) - was.count("bug"))
    assert loop.get(house, "p").task.labels == ("crash", "slow", "praise")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (lambda ws: loop.merge(ws, "p", {"none": "bug"}, confirmed=True), "'none' is not in the task"),
        (lambda ws: loop.merge(ws, "p", {"bug": "none"}, confirmed=True), "'none' is not in the task"),
        (lambda ws: loop.merge(ws, "p", {"bug": "praise", "praise": "bug"}, confirmed=True), "merged itself"),
        (
            lambda ws: loop.merge(ws, "p", {"bug": "praise", "billing": "praise"}, confirmed=True),
            "labels, got 1|takes 2",
        ),
        (lambda ws: loop.split(ws, "p", "bug", ["one"], confirmed=True), "give two or more"),
        (lambda ws: loop.split(ws, "p", "bug", ["praise", "one"], confirmed=True), "count as the same"),
        (lambda ws: loop.split(ws, "p", "none", ["one", "two"], confirmed=True), "'none' is not in the task"),
    ],
)
def test_labels_that_cannot_be(tmp_path, asked, says):
    with world(tmp_path, texts(30)) as ws, pytest.raises(TaskError, match=says):
        asked(ws)


def test_what_somebody_who_was_forgotten_decided_is_asked_again_where_its_label_is_split(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold, limit=40)
        loop.forget_person(ws, "p", "ann")
        before = [one for one in loop.items(ws, "p", limit=1000) if one.label == "bug"]
        assert before, "what a forgotten person decided stays the team's"
        loop.split(ws, "p", "bug", ["crash", "wish"], confirmed=True)
        after = {one.id: one for one in loop.items(ws, "p", limit=1000)}
        assert {after[one.id].route for one in before} == {None}
        assert "bug" not in {one.label for one in after.values()}

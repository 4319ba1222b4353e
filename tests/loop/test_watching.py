"""Texts to come under watch: what is drawn, what people are asked, when the certificate is withdrawn, and what is said then."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from worlds import LABELS, answer, by_id, texts, world

from cowise import loop
from cowise.core.errors import GuaranteeError, InputError
from cowise.core.types import Answer, Promise, content_id
from cowise.loop import aside, plan, watching
from cowise.loop.board import read
from cowise.loop.desk import Desk, Given
from cowise.loop.layout import RIGHT
from cowise.loop.walks import kept
from cowise.store import certificates, ledger, machine, projects, queue
from cowise.team.alarm import begin, see

PROMISE = Promise(0.1, 0.8)


def other(label):
    return LABELS[(LABELS.index(label) + 1) % len(LABELS)]


@pytest.fixture
def ws(streaming):
    """A project with a certificate for texts to come."""
    return streaming


def entries(ws, kind):
    with ws.store.read() as tx:
        found = [json.loads(one.record) for one in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] == kind]


def watched(ws):
    return {o for o, _ in read(ws, "p").watched}


def standing(ws):
    with ws.store.read() as tx:
        return [row.certificate for row in certificates.history(tx, 1) if row.certificate.window == "stream"]


def sure(ws):
    """A new text that the machine answers alone."""
    new = texts(20, seed=33, noise=0.0)
    alone = {one.item for one in loop.decide(ws, "p", list(new), audit=0.0) if one.route == "automated"}
    return next(text for text in new if content_id(text) in alone)


def decided(ws, gold, audit=0.2):
    return [one for one in loop.decide(ws, "p", list(gold), audit=audit) if one.route == "automated"]


def test_some_automated_texts_are_drawn_by_lot_and_asked_blind(ws):
    before = read(ws, "p").n
    new = texts(600, seed=21, noise=0.0)
    alone = decided(ws, new)
    board = read(ws, "p")
    drawn = [board.ids[o] for o, _ in board.watched]
    assert 0.1 * len(alone) < len(drawn) < 0.3 * len(alone)
    assert set(drawn) <= {one.item for one in alone}
    assert before + len(drawn) <= board.n <= before + 2 * len(drawn), "as many that people decide anyway, at most"
    said = {one.item: one.answer.value for one in alone}
    assert all(LABELS[label] == said[board.ids[o]] for o, label in board.watched)
    queued = {place.ordinal: place for place in board.queue}
    watched = {o for o, _ in board.watched}
    assert watched <= set(queued)
    assert all(queued[o].blind and queued[o].kind == "decide" for o in watched), "they look like any other question"
    entry = entries(ws, "decided")[-1]
    assert (entry["audit_rate"], entry["audits"]) == (0.2, len(drawn))
    assert watched <= board.apart


def test_each_of_equal_texts_has_a_lot_of_its_own(ws):
    one = sure(ws)
    list(loop.decide(ws, "p", [one] * 200, audit=0.3))
    board = read(ws, "p")
    assert 30 < len(board.watched) < 90, "200 lots at 0.3"
    assert len(set(board.watched)) == 1
    assert [place.ordinal for place in board.queue].count(board.watched[0][0]) == 1, "and it is asked once"


def test_a_wrong_text_that_keeps_coming_sounds_the_alarm(ws):
    one = sure(ws)
    for _ in range(4):
        list(loop.decide(ws, "p", [one] * 40, audit=0.3))
    said = LABELS[read(ws, "p").watched[0][1]]
    while loop.status(ws, "p").queued and answer(ws, {one: other(said)}, limit=1):
        pass
    plan.advance(ws, "p")
    alarm = loop.status(ws, "p").alarm
    assert alarm["wrong"] == alarm["audits"]
    assert 100 < alarm["wrong_low"] < alarm["wrong_high"] == alarm["automated"]


def test_what_people_said_of_a_text_stands(ws):
    one = sure(ws)
    list(loop.decide(ws, "p", [one], audit=1.0))
    before = loop.status(ws, "p")
    said = LABELS[read(ws, "p").watched[0][1]]
    answer(ws, {one: other(said)})
    (now,) = loop.decide(ws, "p", [one], audit=1.0)
    assert (now.answer.value, now.route) == (other(said), "reviewed")
    assert len(read(ws, "p").watched) == 1, "what people decide is no audit"
    assert loop.status(ws, "p").stream_certificate == before.stream_certificate


def test_who_disagrees_waits_for_others_and_no_false_alarm_comes_of_it(ws):
    """Right audits settle at once and wrong ones later: in the order of settling five wrong ones in a row would sound."""
    new = texts(600, seed=29, noise=0.0)
    decided(ws, new, audit=0.5)
    board = read(ws, "p")
    codes = [RIGHT] * len(board.watched)
    codes[:: len(codes) // 8] = [None] * len(codes[:: len(codes) // 8])
    certificate = next(iter(standing(ws)))
    early = watching._alarm(certificate, codes)
    late = watching._alarm(certificate, [RIGHT + 1 if code is None else code for code in codes])
    assert not early.sounded
    assert not late.sounded
    assert late.wrong >= 8
    assert early.evidence <= late.evidence
    assert see(begin(late.accepted), sorted(code is None for code in codes)).sounded


def test_with_keep_every_text_is_an_item_and_goes_back_to_people_after_an_alarm(ws):
    before, was = read(ws, "p"), loop.status(ws, "p").automated
    new = {text: other(label) for text, label in texts(400, seed=31, noise=0.0).items()}
    made = list(loop.decide(ws, "p", list(new), audit=0.3, keep=True))
    alone = {one.item for one in made if one.route == "automated"}
    board = read(ws, "p")
    assert board.n == before.n + 400
    assert {board.ids[o] for o in board.kept} == alone
    assert plan.n_items(board) == plan.n_items(before) + 400 - len(alone), "the batch promises nothing about them"
    assert loop.status(ws, "p").automated == was + len(alone)
    assert not set(board.kept) & set(np.flatnonzero(board.open).tolist())
    assert loop.verify(ws).ok
    asked = [board.ids[o] for o, _ in board.watched]
    while (certificate := loop.status(ws, "p").stream_certificate) and answer(ws, new, limit=20):
        list(loop.decide(ws, "p", list(texts(5, seed=32))))  # a stream that goes on notices by itself
    assert not certificate
    now = loop.status(ws, "p")
    assert now.alarm["kept"] == len(alone)
    assert now.automated == was
    still = read(ws, "p")
    assert {still.ids[o] for o in np.flatnonzero(still.open)} >= alone - set(asked)
    assert loop.verify(ws).ok


def test_while_people_agree_it_stands_and_the_status_tells(ws):
    new = texts(300, seed=22, noise=0.0)
    decided(ws, new)
    answer(ws, new)
    plan.advance(ws, "p")
    now = loop.status(ws, "p")
    assert now.stream_certificate
    assert now.watch["certificate"] == now.stream_certificate
    assert len(read(ws, "p").watched) - 10 < now.watch["audits"] <= len(read(ws, "p").watched)
    assert now.watch["wrong"] <= 2
    assert now.watch["accepted"] >= 0.1
    assert now.alarm == {}


def test_the_figures_move_in_tens_so_that_nobody_learns_what_the_last_answer_was_for(ws):
    new = texts(400, seed=27, noise=0.0)
    decided(ws, new)
    seen = []
    for _ in range(100):
        if not answer(ws, new, limit=1):
            break
        plan.advance(ws, "p")
        seen.append(loop.status(ws, "p").watch.get("audits"))
    steps = {after - before for before, after in itertools.pairwise(seen) if before is not None}
    assert steps <= {0, 10}
    assert 10 in steps


def test_when_the_world_changes_it_is_withdrawn_by_itself(ws):
    certificate = loop.status(ws, "p").stream_certificate
    new = {text: other(label) for text, label in texts(400, seed=23, noise=0.0).items()}
    alone = decided(ws, new)
    assert loop.status(ws, "p").stream_certificate == certificate
    answer(ws, new)
    plan.advance(ws, "p")
    now = loop.status(ws, "p")
    assert now.stream_certificate == ""
    assert (now.alarm["certificate"], now.alarm["automated"]) == (certificate, len(alone))
    wrong = sum(one.answer.value != by_id(new)[one.item] for one in alone)
    assert now.alarm["wrong_low"] <= wrong <= now.alarm["wrong_high"]
    with ws.store.read() as tx:
        row = next(row for row in certificates.history(tx, 1) if row.certificate.id == certificate)
    assert row.state == "withdrawn"
    assert row.reason.startswith("the stream has changed: ")
    (entry,) = entries(ws, "alarm")
    assert entry["evidence"] >= entry["run_length"] == 5000
    assert {one.route for one in loop.decide(ws, "p", list(new)[:5])} == {"reviewed"}
    assert loop.verify(ws).ok


def test_an_audit_whose_question_was_lost_is_asked_again(ws):
    new = texts(300, seed=24, noise=0.0)
    decided(ws, new)
    ws.store.write(lambda tx: queue.clear(tx, 1))
    assert not watched(ws) & read(ws, "p").queued
    plan.advance(ws, "p", low=10_000)
    assert watched(ws) <= read(ws, "p").queued


def test_a_server_notices_while_many_questions_wait(ws):
    new = {text: other(label) for text, label in texts(400, seed=28, noise=0.0).items()}
    decided(ws, new)
    nudges = []
    desk = Desk(ws, nudges.append)
    held = desk.questions("p", "ann", 3).questions[0]
    nudges.clear()
    desk.answer("p", "ann", Given(held.token, Answer.of(LABELS[0])), 3)
    assert nudges == ["p"]


def test_what_was_kept_of_a_stream_is_read_once(ws, monkeypatch):
    """A stream leaves many small files: a board reads those that came since, and all of them in another process."""
    for i in range(3):
        list(loop.decide(ws, "p", list(texts(30, seed=60 + i, noise=0.0)), audit=0.5, keep=True))
        read(ws, "p")
    whole, opened = read(ws, "p"), []
    reading = machine.rows
    monkeypatch.setattr(machine, "rows", lambda blobs, found: opened.extend(found) or reading(blobs, found))
    assert (read(ws, "p").watched, read(ws, "p").kept, opened) == (whole.watched, whole.kept, [])
    list(loop.decide(ws, "p", list(texts(30, seed=63, noise=0.0)), audit=1.0, keep=True))
    more = read(ws, "p")
    assert len(opened) == 2, "one of audits and one of what was kept"
    for key in [key for key in ws.memory if str(key).startswith("labels ")]:
        del ws.memory[key]
    again = read(ws, "p")
    assert (again.watched, again.kept) == (more.watched, more.kept)
    assert len(more.watched) > len(whole.watched)


def test_without_audits_nothing_is_kept_and_it_is_on_record(ws):
    before = read(ws, "p").n
    decided(ws, texts(50, seed=25, noise=0.0), audit=0.0)
    assert read(ws, "p").n == before
    assert entries(ws, "decided")[-1]["audit_rate"] == 0


def test_a_certificate_that_ends_while_a_group_is_decided_automates_none_of_it(ws, monkeypatch):
    new, drawing = texts(30, seed=34, noise=0.0), watching.look

    def ended(*group, **how):
        loop.withdraw(ws, "p", "drift")
        return drawing(*group, **how)

    monkeypatch.setattr(watching, "look", ended)
    made = list(loop.decide(ws, "p", list(new)))
    assert {one.route for one in made} == {"reviewed"}
    assert "the certificate was withdrawn meanwhile" in {one.reason for one in made}
    assert not any(one.answer for one in made)


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_a_share_that_cannot_be(ws, rate):
    with pytest.raises(InputError, match="audits: asked for"):
        list(loop.decide(ws, "p", ["one"], audit=rate))


def test_the_lots_say_nothing_of_the_text(ws):
    """Drawn and not drawn texts are alike in the mean: here by their length."""
    new = texts(1000, seed=26, noise=0.0)
    alone = {one.item for one in decided(ws, new, audit=0.5)}
    board = read(ws, "p")
    drawn = {board.ids[o] for o, _ in board.watched}
    length = {content_id(text): len(text) for text in new}
    inside = np.array([length[one] for one in alone & drawn])
    outside = np.array([length[one] for one in alone - drawn])
    spread = np.std([*inside, *outside])
    assert spread > 0
    assert abs(inside.mean() - outside.mean()) < 4.5 * spread * (1 / len(inside) + 1 / len(outside)) ** 0.5


def test_no_later_promise_is_tested_on_what_was_kept_to_watch_by(ws):
    """They were chosen by what the version of before said: one that errs in the others alone would pass on them."""
    before = read(ws, "p").n
    gold = texts(900, seed=71, noise=0.0)
    list(loop.decide(ws, "p", list(gold)[:600], audit=0.3))
    kept_here = np.arange(before, read(ws, "p").n)
    assert len(kept_here) > 100
    loop.add(ws, "p", list(gold)[600:])
    list(loop.decide(ws, "p", list(texts(200, seed=72, noise=0.0)), audit=0.3, keep=True))
    whole = np.arange(kept_here[-1] + 1, read(ws, "p").n)
    with ws.store.read() as tx:
        project = projects.get(tx, "p")
    assert aside.chosen(project, kept_here).all()
    assert not aside.chosen(project, whole).any(), "what was added, and what was kept whole, is a sample"
    loop.withdraw(ws, "p", "a reason")
    with pytest.raises(GuaranteeError, match="what decide kept to watch by is no sample of what comes"):
        loop.certify(ws, "p", window="stream")


def test_a_kill_while_texts_are_kept_leaves_none_unnoted(ws, monkeypatch):
    before = read(ws, "p").n
    note = aside.note
    monkeypatch.setattr(
        aside, "note", lambda ws, project, start, end=None: note(ws, project, start, end) if end else None
    )
    list(loop.decide(ws, "p", list(texts(100, seed=73, noise=0.0)), audit=1.0))
    with ws.store.read() as tx:
        assert aside.chosen(projects.get(tx, "p"), np.arange(before, read(ws, "p").n)).all()


def test_a_look_at_texts_to_come_that_is_given_up_has_used_them(tmp_path):
    gold = texts(2600, seed=13, noise=0.02)
    with world(tmp_path, gold, Promise(0.1, 0.8)) as ws:
        answer(ws, gold)
        with pytest.raises(GuaranteeError):
            loop.certify(ws, "p", window="stream")
        design = read(ws, "p").project.settings["walk"]["blob"]
        loop.change(ws, "p", promise=Promise(0.12, 0.8))
        answer(ws, gold)
        with pytest.raises(GuaranteeError, match="texts reserved by lot, got 0"):
            loop.certify(ws, "p", window="stream")
        assert len(kept(ws, design).ordinals) > 50


def test_an_answer_to_a_kept_text_that_is_taken_back_gives_the_machines_decision_back(ws):
    list(loop.decide(ws, "p", list(texts(200, seed=81, noise=0.0)), audit=0.0, keep=True))
    kept_here = sorted(read(ws, "p").kept)
    assert kept_here
    before = loop.status(ws, "p").automated
    ws.store.write(lambda tx: queue.fill(tx, 1, [queue.Wanted(kept_here[0], 0.0, "decide")]))
    with loop.session(ws, "p", "bob") as bob:
        question = bob.ask(1)[0]
        assert question.item == read(ws, "p").ids[kept_here[0]]
        bob.take(question, Answer("none"))
        assert loop.status(ws, "p").automated == before - 1
        bob.undo()
        bob.skip(bob.ask(1)[0])
    loop.advance(ws, "p")
    assert loop.status(ws, "p").automated == before
    assert {one.outcome for one in loop.replay(ws, "p")} == {"same"}


def test_a_watch_that_is_silenced_by_hand_is_found_out(ws):
    decided(ws, texts(300, seed=35, noise=0.02))
    assert len(watched(ws)) > 10
    assert {one.outcome for one in loop.replay(ws, "p")} == {"same"}
    ws.store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM machine WHERE member = 'watch'"))
    ws.memory.clear()
    assert "what was drawn under" in loop.replay(ws, "p")[0].what

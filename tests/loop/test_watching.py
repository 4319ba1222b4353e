"""Texts to come under watch: what is drawn, what people are asked, when the certificate is withdrawn, and what is said then."""

from __future__ import annotations

import itertools
import json
import shutil

import numpy as np
import pytest
from worlds import LABELS, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import GuaranteeError, InputError
from cowise.core.types import Promise
from cowise.loop import plan
from cowise.loop.board import read
from cowise.store import certificates, ledger, queue

PROMISE = Promise(0.1, 0.8)


def other(label):
    return LABELS[(LABELS.index(label) + 1) % len(LABELS)]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project with a certificate for texts to come."""
    gold = texts(1500, seed=11, noise=0.02)
    place = tmp_path_factory.mktemp("stream")
    with world(place, gold, PROMISE) as ws:
        answer(ws, gold)
        with pytest.raises(GuaranteeError):
            loop.certify(ws, "p", window="stream")
        answer(ws, gold)
        loop.certify(ws, "p", window="stream")
    return place


@pytest.fixture
def ws(home, tmp_path):
    """A copy of it for one test."""
    shutil.copytree(home, tmp_path / "home")
    with loop.open_workspace(settings(tmp_path / "home")) as found:
        yield found


def entries(ws, kind):
    with ws.store.read() as tx:
        found = [json.loads(one.record) for one in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] == kind]


def decided(ws, gold, audit=0.2):
    return [one for one in loop.decide(ws, "p", list(gold), audit=audit) if one.route == "automated"]


def test_some_automated_texts_are_drawn_by_lot_and_asked_blind(ws):
    before = read(ws, "p").n
    new = texts(600, seed=21, noise=0.0)
    alone = decided(ws, new)
    board = read(ws, "p")
    drawn = [board.ids[o] for o in board.watched]
    assert 0.1 * len(alone) < len(drawn) < 0.3 * len(alone)
    assert set(drawn) <= {one.item for one in alone}
    assert before + len(drawn) <= board.n <= before + 2 * len(drawn), "as many that people decide anyway, at most"
    said = {one.item: one.answer.value for one in alone}
    assert all(LABELS[label] == said[board.ids[o]] for o, label in board.watched.items())
    queued = {place.ordinal: place for place in board.queue}
    assert set(board.watched) <= set(queued)
    assert all(queued[o].blind and queued[o].kind == "decide" for o in board.watched), (
        "they look like any other question"
    )
    entry = entries(ws, "decided")[-1]
    assert (entry["audit_rate"], entry["audits"]) == (0.2, len(drawn))
    assert not set(board.watched) & set(plan.rest_of(board).tolist()) - board.apart


def test_equal_texts_are_drawn_anew_in_every_group(ws):
    one = next(iter(texts(1, seed=33, noise=0.0)))
    for _ in range(40):
        list(loop.decide(ws, "p", [one], audit=0.3))
    board = read(ws, "p")
    drawn = [entry["audits"] for entry in entries(ws, "decided")[-40:]]
    assert sum(drawn) <= 40
    if any(drawn):
        assert len(board.watched) == 1


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
    assert not set(read(ws, "p").watched) & read(ws, "p").queued
    plan.advance(ws, "p", low=10_000)
    board = read(ws, "p")
    assert set(board.watched) <= board.queued


def test_without_audits_nothing_is_kept_and_it_is_on_record(ws):
    before = read(ws, "p").n
    decided(ws, texts(50, seed=25, noise=0.0), audit=0.0)
    assert read(ws, "p").n == before
    assert entries(ws, "decided")[-1]["audit_rate"] == 0


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_a_share_that_cannot_be(ws, rate):
    with pytest.raises(InputError, match="audits: asked for"):
        list(loop.decide(ws, "p", ["one"], audit=rate))


def test_the_lots_say_nothing_of_the_text(ws):
    """Drawn and not drawn texts have the same scores in the mean."""
    new = texts(1000, seed=26, noise=0.0)
    alone = decided(ws, new, audit=0.5)
    board = read(ws, "p")
    drawn = {board.ids[o] for o in board.watched}
    p = np.array([one.p for one in alone])
    inside = np.array([one.item in drawn for one in alone])
    gap = abs(p[inside].mean() - p[~inside].mean())
    assert gap < 4 * p.std() / (min(inside.sum(), (~inside).sum()) ** 0.5)

"""Language models give opinions: real requests to a server on loopback that behaves as it is told, and to a real model."""

import json
import threading
from dataclasses import replace

import numpy as np
import pytest
from worlds import LABELS, WORDS, answer, texts, world

from cowise import loop
from cowise.core.errors import MissingError
from cowise.core.settings import read as read_settings
from cowise.core.types import content_id
from cowise.loop import jobs, voicing
from cowise.loop.board import read
from cowise.loop.jobs import CancelledError
from cowise.loop.llm_seats import Seated
from cowise.store import ledger, members
from tests.models.servers import answer as reply
from tests.models.servers import serving


@pytest.fixture(scope="module")
def gold():
    return texts(120)


def right(to, body):
    """A server that knows the words of each label."""
    text = body["messages"][-1]["content"]
    to.say(reply(max(LABELS, key=lambda label: sum(word in text for word in WORDS[label]))))


def seat(ws, url, name="big", **more):
    return loop.add_member(ws, "p", name, Seated(url, "m", private=True, **{"price": "1,1", **more}))


def events(ws):
    with ws.store.read() as tx:
        found = [json.loads(entry.record) for entry in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] == "opinions"]


def known(ws, name="big"):
    with ws.store.read() as tx:
        one = members.get(tx, 1, name)
    return voicing.known(ws, read(ws, "p"), one)


def test_every_open_item_gets_one_and_no_item_two_and_answered_ones_tell_what_it_is_worth(ws, gold):
    answer(ws, gold, limit=12)
    with serving(right) as (url, server):
        seat(ws, url)
        (first,) = loop.opinions(ws, "p", limit=70)
        assert (first.given, first.failed, first.why) == (70, 0, "")
        assert len(server.asked) == 140
        loop.opinions(ws, "p")
        board = read(ws, "p")
        assert len(server.asked) == 2 * (board.open.sum() + 12)
        (again,) = loop.opinions(ws, "p")
        assert (again.given, again.left) == (0, 0)
    ordinals, p = known(ws)
    assert ordinals.tolist() == np.flatnonzero(board.open | board.trains).tolist()
    truth = {content_id(text): LABELS.index(label) for text, label in gold.items()}
    assert (p.argmax(axis=1) == [truth[board.ids[o]] for o in ordinals]).mean() > 0.8, "each item got its own opinion"
    assert p.sum(axis=1) == pytest.approx(np.ones(len(p)))
    assert [one["n"] for one in events(ws)][:3] == [32, 32, 6]


def test_examples_are_answered_texts_and_never_audits(tmp_path):
    gold = texts(420)
    with world(tmp_path / "audited", gold) as ws, serving(right) as (url, server):
        answer(ws, gold)
        board = read(ws, "p")
        audits = {text for text in gold if board.reserved[board.ids.index(content_id(text))]}
        trained = {text for text in gold if board.trains[board.ids.index(content_id(text))]}
        assert audits
        assert trained
        loop.add(ws, "p", ["a new invoice 1", "a new crash 2"])
        seat(ws, url, shots=3)
        loop.opinions(ws, "p", limit=2)
    shown = [one["content"] for *_, body in server.asked for one in body["messages"][1:-1] if one["role"] == "user"]
    assert len(shown) == 12
    assert all(any(text in one for text in trained) for one in shown)
    assert not any(text in one for text in audits for one in shown)


def test_money_is_counted_and_its_end_is_the_end(ws):
    with serving(right) as (url, server):
        seat(ws, url, budget=6.0, shots=0)
        (found,) = loop.opinions(ws, "p")
        assert "budget" in found.why
        assert found.left > 0
        spent = loop.list_members(ws, "p")[0].spent
        assert 0 < spent <= 6.0
        assert spent == pytest.approx(0.11 * len(server.asked)) == pytest.approx(found.cost)
        while loop.opinions(ws, "p")[0].given:  # four at a time set money aside: what one gave back buys another
            pass
        spent = loop.list_members(ws, "p")[0].spent
        assert 5.0 < spent <= 6.0
        assert spent == pytest.approx(0.11 * len(server.asked))
    assert sum(float(one["cost"]) for one in events(ws)) == pytest.approx(spent)


def test_a_member_that_fails_keeps_nobody_from_speaking(ws):
    with serving(lambda to, body: to.say(reply("evil"))) as (bad, _), serving(right) as (good, _):
        seat(ws, bad, "bad")
        seat(ws, good, "good")
        one, other = loop.opinions(ws, "p", limit=40)
    assert (one.member, one.given) == ("bad", 0)
    assert "8 texts in a row" in one.why
    assert "none of the labels" in one.fault
    assert (other.member, other.given, other.why) == ("good", 40, "")
    assert known(ws, "bad")[0].size == 0


@pytest.mark.parametrize("status", [401, 302])
def test_a_refused_member_says_why(ws, status):
    with serving(lambda to, body: to.say({}, status)) as (url, server):
        seat(ws, url)
        (found,) = loop.opinions(ws, "p")
    assert found.given == 0
    assert str(status) in found.why
    assert len(server.asked) < 40


def test_some_texts_without_an_answer(ws):
    def act(to, body):
        to.say(b"<html>") if "invoice" in body["messages"][-1]["content"] else right(to, body)

    with serving(act) as (url, _):
        seat(ws, url)
        (found,) = loop.opinions(ws, "p", limit=60)
    assert found.failed > 0
    assert found.given + found.failed == 60
    assert len(known(ws)[0]) == found.given


def test_cut_short_it_goes_on_and_pays_nothing_twice(ws):
    def stop(what, done, total):
        if done > 64:
            raise CancelledError("stopped")

    with serving(right) as (url, server):
        seat(ws, url)
        with pytest.raises(CancelledError):
            loop.opinions(ws, "p", limit=100, progress=stop)
        assert len(known(ws)[0]) == 64
        loop.opinions(ws, "p", limit=36)
        assert len(server.asked) == 200
        asked = [body["messages"][-1]["content"] for *_, body in server.asked]
    assert len(set(asked)) == 100
    assert loop.list_members(ws, "p")[0].spent == pytest.approx(22.0)


def test_a_crash_between_reply_and_record_costs_no_second_request(ws, monkeypatch):
    with serving(right) as (url, server):
        seat(ws, url)
        with monkeypatch.context() as broken:
            broken.setattr(voicing, "_keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                loop.opinions(ws, "p", limit=32)
        assert (len(server.asked), len(known(ws)[0])) == (64, 0)
        (found,) = loop.opinions(ws, "p", limit=32)
        assert len(server.asked) == 64
    assert found.given == 32
    assert loop.list_members(ws, "p")[0].spent == pytest.approx(0.11 * 64), (
        "what the crash left uncounted is counted now"
    )


def test_an_erased_text_leaves_no_reply_behind(ws, gold):
    with serving(right) as (url, _):
        seat(ws, url)
        loop.opinions(ws, "p", limit=5)
        board = read(ws, "p")
        ordinal = int(known(ws)[0][0])
        content = board.ids[ordinal]
        assert list(ws.home.glob(f"replies/1/*/??/{content}.json"))
        loop.forget_item(ws, "p", content)
        assert not list(ws.home.glob(f"replies/1/*/??/{content}.json"))


def test_a_deleted_project_leaves_no_reply_behind(ws):
    with serving(right) as (url, _):
        seat(ws, url)
        loop.opinions(ws, "p", limit=5)
    assert list(ws.home.glob("replies/1/*/??/*.json"))
    loop.delete(ws, "p")
    assert not list(ws.home.glob("replies/1"))


def test_two_who_ask_for_one_seat_share_its_budget(ws):
    """Each learns with its next batch what the other paid."""
    with serving(right) as (url, _):
        seat(ws, url, shots=0)

        def pays(what, done, total):
            if done == 32 and not others:
                others.append(loop.opinions(ws, "p", limit=32))

        others = []
        loop.opinions(ws, "p", limit=64, progress=pays)
    assert loop.list_members(ws, "p")[0].spent == pytest.approx(0.22 * 96, abs=0.22 * 32)
    assert sum(float(one["cost"]) for one in events(ws)) == pytest.approx(loop.list_members(ws, "p")[0].spent)


def test_progress_tells_each_text_and_the_money(ws):
    heard = []
    with serving(right) as (url, _):
        seat(ws, url)
        loop.opinions(ws, "p", limit=40, progress=lambda *told: heard.append(told))
    assert [done for _, done, _ in heard] == sorted(done for _, done, _ in heard)
    assert {total for *_, total in heard} == {40}
    assert heard[0][0] == "language models give opinions"
    assert heard[-1] == ("language models give opinions · 8.8000", 40, 40)


def test_a_stop_between_two_texts_waits_for_no_more_than_is_under_way(ws):
    def stop(what, done, total):
        raise CancelledError("stopped")

    with serving(right) as (url, server):
        seat(ws, url)
        with pytest.raises(CancelledError):
            loop.opinions(ws, "p", progress=stop)
        assert len(server.asked) < 40


def test_an_opinion_decides_nothing(ws, gold):
    before = loop.status(ws, "p")
    with serving(right) as (url, _):
        seat(ws, url)
        loop.opinions(ws, "p")
    after = loop.status(ws, "p")
    assert (after.human, after.automated) == (before.human, before.automated)
    assert read(ws, "p").open.all()
    assert answer(ws, gold, limit=5) == 5


def test_only_those_who_are_named(ws):
    with serving(right) as (url, _):
        seat(ws, url, "a")
        seat(ws, url, "b")
        assert [one.member for one in loop.opinions(ws, "p", only=["b"], limit=1)] == ["b"]
        loop.remove_member(ws, "p", "b")
        assert [one.member for one in loop.opinions(ws, "p", limit=1)] == ["a"]
        with pytest.raises(MissingError, match="it has a"):
            loop.opinions(ws, "p", only=["b"])


def test_a_job_does_it_and_tells_how_far_it_is(ws):
    with serving(right) as (url, _):
        seat(ws, url)
        job = jobs.add(ws, "opinions", {"limit": 40}, project="p")
        heard = []
        worker = threading.Thread(target=jobs.step, args=(ws, "me", heard.append))
        worker.start()
        worker.join()
    done = jobs.get(ws, job.id)
    assert done.state == "done"
    assert done.result["members"][0]["given"] == 40
    assert done.result["members"][0]["member"] == "big"


@pytest.mark.llm
def test_a_real_model_gives_its_opinion(ws, gold):
    ws.settings = replace(ws.settings, models=read_settings().models, threads=1)
    answer(ws, gold, limit=12)
    loop.add_member(ws, "p", "smol", Seated("local:smollm2-135m", shots=2))
    (found,) = loop.opinions(ws, "p", limit=3)
    assert (found.given, found.failed, found.why) == (3, 0, "")
    assert len(np.unique(known(ws, "smol")[1].round(5))) > 3

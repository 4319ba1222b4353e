"""People who read some languages: nobody is asked what they cannot read, and what nobody reads waits, told plainly."""

from __future__ import annotations

import csv
import json
import random
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from worlds import by_id, settings

from cowise import loop
from cowise.core.errors import InputError
from cowise.core.samples import sample
from cowise.core.types import Answer, Promise, classify
from cowise.loop import plan, second, sweep
from cowise.loop.board import read
from cowise.loop.desk import Desk, Given
from cowise.loop.standing import status
from cowise.loop.walks import _company, _mixed, kept
from cowise.store import items, ledger, members, queue

PROMISE = Promise(0.08, 0.8)
LABELS = ("card", "money", "trip", "stay")


def mixed(n=360, chinese=0.4, seed=3):
    """Texts with their answers by words of each label, a part of them in Chinese."""
    rng = random.Random(seed)
    words = {
        "card": (["card", "pin", "chip", "contactless", "blocked"], ["银行卡", "密码", "刷卡", "冻结", "卡片"]),
        "money": (["transfer", "refund", "exchange", "salary", "fee"], ["转账", "退款", "汇率", "工资", "手续费"]),
        "trip": (["train", "flight", "ticket", "airport", "delay"], ["火车", "航班", "车票", "机场", "晚点"]),
        "stay": (["hotel", "room", "breakfast", "pillow", "lobby"], ["酒店", "房间", "早餐", "枕头", "大堂"]),
    }
    found: dict[str, str] = {}
    while len(found) < n:
        label, foreign = rng.choice(LABELS), rng.random() < chinese
        about = rng.sample(words[label][foreign], 3)
        filler = ["请问一下", "今天", "我的", "还是"] if foreign else ["please", "today", "my", "still"]
        tail = str(rng.randrange(10_000))
        found[("" if foreign else " ").join([*about, rng.choice(filler), tail])] = label
    return found


def samples():
    """A thousand of the texts that cowise carries, in English and in Chinese, by the subject that they are about."""
    found: dict[str, str] = {}
    for name in ("bank", "travel"):
        with sample(name).open(encoding="utf-8", newline="") as file:
            rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
        keep = sorted({label for _, label in rows})[:3]
        found.update([(text, label) for text, label in rows if label in keep][:240])
    return found


def world(home, gold, promise=PROMISE):
    ws = loop.open_workspace(settings(home), create=True)
    loop.create(ws, "p", classify(*dict.fromkeys(gold.values())), promise, encoder="hashing")
    loop.add(ws, "p", list(gold))
    return closing(ws)


def is_chinese(text):
    return any("一" <= sign <= "鿿" for sign in text)


def play(ws, gold, crew, *, limit=400, at_once=5, until=lambda: False):
    """People take turns until nobody is asked anything more; what each was asked."""
    known, asked = by_id(gold), {who: [] for who in crew}
    for _ in range(limit):
        before = sum(map(len, asked.values()))
        for who in crew:
            with loop.session(ws, "p", who) as review:
                for _ in range(at_once):
                    if until() or not (questions := review.ask(1)):
                        break
                    asked[who].append(questions[0].text)
                    review.take(questions[0], Answer.of(known[questions[0].item]), 1.0)
        if sum(map(len, asked.values())) == before:
            return asked
    raise AssertionError("it goes on for ever")


def entries(ws):
    with ws.store.read() as tx:
        return [{"kind": one.kind, **json.loads(one.record)} for one in ledger.each(tx)]


def wrong_alone(ws, gold):
    known = by_id(gold)
    alone = [one for one in loop.items(ws, "p", limit=len(gold)) if one.route == "automated"]
    return sum(known[one.id] != one.label for one in alone), len(alone)


@pytest.mark.parametrize("gold", [mixed(), samples()], ids=["made up", "samples"])
def test_a_crew_of_five_of_whom_one_reads_chinese_alone_comes_to_a_certificate(tmp_path, gold):
    with world(tmp_path / "home", gold) as ws:
        loop.set_languages(ws, "p", "zoe", ["zh"])
        for who in ("ann", "ben"):
            loop.set_languages(ws, "p", who, ["en"])
        asked = play(ws, gold, ("ann", "ben", "cem", "dia", "zoe"))
        assert all(map(is_chinese, asked["zoe"]))
        assert asked["zoe"]
        assert not any(map(is_chinese, asked["ann"] + asked["ben"]))
        assert any(map(is_chinese, asked["cem"] + asked["dia"]))
        now = status(ws, "p")
        assert (now.open, now.unread) == (0, {})
        assert any(entry["kind"] == "certified" for entry in entries(ws))
        wrong, alone = wrong_alone(ws, gold)
        assert now.automated == alone > 0
        assert wrong <= PROMISE.max_error * len(gold)
        assert loop.verify(ws).ok


def test_audits_of_who_reads_one_language_have_company_in_it(tmp_path):
    """Somebody who reads Chinese alone comes when a look is open: of what they are asked at most half are audits."""
    gold = mixed(600, chinese=0.4, seed=8)
    with world(tmp_path / "home", gold, Promise(0.15, 0.8)) as ws:
        for who, reads in (("zoe", "zh"), ("ann", "en")):
            loop.set_languages(ws, "p", who, [reads])
        play(ws, gold, ("ann", "zoe"), at_once=1, until=lambda: read(ws, "p").project.settings.get("walk"))
        board = read(ws, "p")
        zoe = _numbers(ws)["zoe"]
        # As if only Ann had answered: her many answers are no company for audits in Chinese.
        said = {o: rows for o, rows in board.said.items() if zoe not in {row.member for row in rows}}
        board = replace(board, said=said, queue=())
        layout = kept(ws, board.project.settings["walk"]["blob"])
        asked = _mixed(board, layout, {}, board.reading.by([zoe]), set())
        assert board.reading.by([zoe])[[o for o, _, _ in asked]].all()
        kinds = [kind for _, kind, _ in asked]
        assert kinds.count("decide") >= kinds.count("audit")
        ten = np.flatnonzero(board.reading.by([zoe]))[:10].tolist()
        chinese, everything = board.reading.alike(board.reading.language(ten[0])), np.ones(board.n, np.bool_)
        assert _company(board, layout, chinese, ten, ten) >= 10
        audits = sum(row.used_for == "audit" for rows in said.values() for row in rows)
        assert audits + 10 <= len(said) - audits, "her answers would be company enough, were they in Chinese"
        assert _company(board, layout, everything, ten, ten) <= 10


def _numbers(ws):
    with ws.store.read() as tx:
        return {one.name: one.id for one in members.roster(tx, read(ws, "p").project.id)}


def test_texts_that_nobody_reads_wait_and_the_rest_goes_on_to_a_certificate(tmp_path):
    gold = mixed()
    foreign = {text for text in gold if is_chinese(text)}
    with world(tmp_path / "home", gold) as ws:
        for who in ("ann", "ben"):
            loop.set_languages(ws, "p", who, ["en"])
        asked = play(ws, gold, ("ann", "ben"))
        assert not any(map(is_chinese, asked["ann"] + asked["ben"]))
        now = status(ws, "p")
        assert now.unread == {"zh": len(foreign)}
        assert (now.open, now.phase) == (len(foreign), "stop")
        assert now.automated > 0
        wrong, _ = wrong_alone(ws, gold)
        # What is not delivered does not make the promise cheaper: it is over what was.
        assert wrong <= PROMISE.max_error * (len(gold) - len(foreign))
        entry = next(one for one in entries(ws) if one["kind"] == "certified")
        assert entry["n_items"] == len(gold) - len(foreign)
        # Somebody comes who reads them: they are asked, and all is decided.
        loop.set_languages(ws, "p", "zoe", ["zh"])
        assert status(ws, "p").unread == {}
        assert all(map(is_chinese, play(ws, gold, ("ann", "zoe"))["zoe"]))
        assert (status(ws, "p").open, status(ws, "p").unread) == (0, {})


def test_the_only_reader_leaves_in_a_look_and_what_was_drawn_counts_against_the_machine(tmp_path):
    gold = mixed()
    with world(tmp_path / "home", gold) as ws:
        loop.set_languages(ws, "p", "ann", ["en"])
        loop.set_languages(ws, "p", "zoe", ["zh"])
        known = by_id(gold)
        for _ in range(300):
            for who in ("ann", "zoe"):
                with loop.session(ws, "p", who) as review:
                    for question in review.ask(1):
                        review.take(question, Answer.of(known[question.item]), 1.0)
            if read(ws, "p").project.settings.get("walk"):
                break
        _leave(ws, "zoe")
        asked = play(ws, gold, ("ann",))
        assert not any(map(is_chinese, asked["ann"]))
        now = status(ws, "p")
        assert now.phase == "stop"
        assert set(now.unread) <= {"zh"}
        assert now.open == sum(now.unread.values())
        assert wrong_alone(ws, gold)[0] <= PROMISE.max_error * (len(gold) - now.open)


def _leave(ws, who):
    number = _numbers(ws)[who]
    ws.store.write(lambda tx: members.set_active(tx, number, active=False))


def test_who_is_away_keeps_nobody_waiting(tmp_path):
    """Somebody on the roster who never comes: others are asked what they read, as long as there is any."""
    gold = mixed(200)
    with world(tmp_path / "home", gold) as ws:
        loop.set_languages(ws, "p", "zoe", ["zh"])
        loop.set_languages(ws, "p", "ann", ["en"])
        asked = play(ws, gold, ("ann",))
        assert len(asked["ann"]) > 30
        board = read(ws, "p")
        left = [board.ids[o] for o in np.flatnonzero(board.open)]
        with ws.store.read() as tx:
            waiting = {board.ids[place.ordinal] for place in queue.rows(tx, board.project.id)}
            english = [one for one in items.get(tx, board.project.id, left).values() if not is_chinese(one.text)]
        assert not english or board.project.settings.get("walk")
        assert not waiting & {one.id for one in english} or board.project.settings.get("walk")
        assert any(map(is_chinese, play(ws, gold, ("ann", "zoe"))["zoe"]))
        assert status(ws, "p").open == 0


def test_a_page_gives_its_first_questions_in_the_language_of_who_asks(tmp_path):
    gold = mixed(400, chinese=0.05)
    with world(tmp_path / "home", gold) as ws:
        loop.set_languages(ws, "p", "zoe", ["zh"])
        desk = Desk(ws, nudge=lambda name: None)
        found = desk.questions("p", "zoe", 5).questions
        assert len(found) == 5
        assert all(is_chinese(one.text) for one in found)
        assert not any(is_chinese(one.text) for one in sweep.page(ws, "p", "zoe").items)


def test_what_somebody_holds_and_no_longer_reads_goes_back(tmp_path):
    gold = mixed(100)
    with world(tmp_path / "home", gold) as ws:
        desk = Desk(ws, nudge=lambda name: None)
        assert desk.questions("p", "ann", 8).questions
        loop.set_languages(ws, "p", "ann", ["ko"])
        assert not desk.questions("p", "ann", 8).questions
        loop.set_languages(ws, "p", "ann", [])
        assert len(desk.questions("p", "ann", 8).questions) == 8


def test_a_second_opinion_is_refused_where_nobody_else_reads_it(tmp_path):
    gold = mixed(60)
    with world(tmp_path / "home", gold) as ws:
        loop.set_languages(ws, "p", "zoe", ["zh"])
        loop.set_languages(ws, "p", "ann", ["en"])
        desk = Desk(ws, nudge=lambda name: None)
        one = desk.questions("p", "zoe", 1).questions[0]
        desk.answer("p", "zoe", Given(one.token, Answer.of(LABELS[0])))
        with pytest.raises(Exception, match="nobody else with an open seat"):
            second.ask_again(ws, "p", [one.item], by="zoe")
        loop.set_languages(ws, "p", "ann", ["en", "zh"])
        assert second.ask_again(ws, "p", [one.item], by="zoe") == 1


def test_languages_are_told_and_set(tmp_path):
    gold = mixed(100)
    with world(tmp_path / "home", gold) as ws:
        foreign = sum(map(is_chinese, gold))
        assert loop.languages(ws, "p").texts == {"latin": 100 - foreign, "zh": foreign}
        loop.set_languages(ws, "p", "ann", ["EN", "zh-CN"])
        told = loop.languages(ws, "p")
        assert told.people == {"ann": ["en", "zh"]}
        assert told.unread == {}
        loop.set_languages(ws, "p", "ann", ["en"])
        assert loop.languages(ws, "p").unread == {"zh": foreign}
        plan.advance(ws, "p")
        assert status(ws, "p").unread == {"zh": foreign}
        with pytest.raises(InputError, match="codes such as"):
            loop.set_languages(ws, "p", "ann", ["chinese"])
        entry = [one for one in entries(ws) if one["kind"] == "reads"][-1]
        assert entry["languages"] == ["en"]
        assert loop.verify(ws).ok

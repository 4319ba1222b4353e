"""The roster: who is right how often, who tells nothing, who tires, and nothing that tells an audit from another answer."""

import time

import numpy as np
import pytest
from test_jury import turns
from worlds import LABELS, PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.types import Answer
from cowise.loop import judged, records
from cowise.loop.roster import roster_of
from cowise.store import members, opinions, projects, queue
from cowise.store.opinions import Said

CREW = {"ann": 0.97, "bob": 0.9, "eve": 0.75}


@pytest.fixture(scope="module")
def crewed(tmp_path_factory):
    """A project of three people, played to its end: (workspace, gold)."""
    gold = texts(900, 8, noise=0.0)
    with world(tmp_path_factory.mktemp("roster"), gold, PROMISE) as ws:
        turns(ws, gold, CREW, at_once=2)
        yield ws, gold


def named(ws):
    return {one.name: one for one in roster_of(ws, "p").people}


def say(ws, rows, *, start=0):
    """Opinions as they would be stored: (item, member name, label, more) in order."""
    from cowise.store import members

    def work(tx):
        for i, (ordinal, who, label, more) in enumerate(rows, start):
            member = members.ensure(tx, 1, who).id
            said = Said(ordinal, member, Answer.of(label), **{"blind": True, "key": f"k{i}", **more})
            opinions.put_new(tx, 1, said, at=1_000_000.0 + 60 * i)

    ws.store.write(work)


def test_who_is_right_more_often_is_found_to_be(crewed):
    ws, _ = crewed
    found = named(ws)
    for name, truth in CREW.items():
        one = found[name]
        assert one.right.low < one.right.value < one.right.high
        assert one.right.low - 0.06 <= truth <= one.right.high + 0.06
        assert one.tells > 0.15
        assert one.same is None
    assert found["ann"].right.value > found["eve"].right.value


def test_the_machine_is_told_with_its_concluded_audits(crewed):
    ws, _ = crewed
    with ws.store.read() as tx:
        released = projects.get(tx, "p").released
    machine = roster_of(ws, "p").machine
    assert machine.version == released
    assert machine.audits > machine.wrong >= 0
    assert machine.right.low < machine.right.value <= machine.right.high


def test_the_voice_of_the_model_is_that_from_before_it_learned_the_answer(crewed):
    """Labels that people gave at random must not be echoed: a model asked about what it learned would be of their mind."""
    ws, gold = crewed
    known = by_id(gold)
    with ws.store.read() as tx:
        project = projects.get(tx, "p")
        said = judged.read(ws, tx, project, None)
        told, p = judged.voices(ws, tx, project, said.ordinals)
        ids = {v.ordinal: v.id for v in loop.items(ws, "p", limit=10_000)}
    heard = told >= 0
    assert heard.mean() > 0.9
    assert (p[heard] > 1 / 3 - 1e-9).all()
    truth = np.array([LABELS.index(known[ids[int(o)]]) for o in said.ordinals])
    first = {int(i): int(label) for i, label in zip(said.item[::-1], said.label[::-1], strict=True)}
    wrong = np.array([heard[i] and first.get(i, -1) not in (-1, truth[i]) for i in range(len(truth))])
    echoed = np.array([told[i] == first.get(i) for i in range(len(truth))])
    assert wrong.sum() > 20
    assert echoed[wrong].mean() < 0.5


def test_whoever_always_says_the_same_is_shown_with_the_evidence(tmp_path):
    gold = texts(300, 4, noise=0.0)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        items = [(v.ordinal, known[v.id]) for v in loop.items(ws, "p", limit=60)]
        say(ws, [(o, who, label, {}) for o, label in items for who in ("ann", "bob")])
        say(ws, [(o, "zoe", "bug", {}) for o, _ in items[:40]], start=1000)
        found = named(ws)
    zoe, share = found["zoe"], np.mean([label == "bug" for _, label in items])
    assert zoe.tells < 0.1
    assert (zoe.same.label, zoe.same.own) == ("bug", 1.0)
    assert zoe.same.others == pytest.approx(share, abs=0.01)
    assert found["ann"].same is None
    assert found["ann"].right.value > 0.9 > 0.6 > zoe.right.value


def test_agreement_of_all_and_of_pairs(tmp_path):
    gold = texts(100, 4, noise=0.0)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        items = [(v.ordinal, known[v.id]) for v in loop.items(ws, "p", limit=20)]
        say(ws, [(o, who, label, {}) for o, label in items for who in ("ann", "bob")])
        say(ws, [(o, "joe", "bug", {}) for o, _ in items[:9]], start=500)
        found = roster_of(ws, "p")
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.n, pair.same, pair.kappa) == ("ann", "bob", 20, 1.0, 1.0)
    assert found.several == 20
    assert 0 < found.alpha < 1


def test_who_tires_is_slower_and_less_often_right_and_the_range_says_how_sure_that_is(tmp_path):
    gold, rng = texts(300, 4, noise=0.0), np.random.default_rng(0)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        items = [(v.ordinal, known[v.id]) for v in loop.items(ws, "p", limit=200)]
        say(ws, [(o, who, label, {"seconds": 3.0}) for o, label in items for who in ("ann", "bob")])
        tired = [
            (o, "joe", label if rng.random() < 1 - i / 400 else "bug", {"seconds": 2.0 + i / 50})
            for i, (o, label) in enumerate(items)
        ]
        say(ws, tired, start=1000)
        found = named(ws)
    joe, ann = found["joe"], found["ann"]
    assert joe.slower.low > 1.5
    assert joe.steadier.high < 0
    assert ann.slower.low <= 1 <= ann.slower.high
    assert ann.steadier.low <= 0 <= ann.steadier.high


def test_wrong_advice_counts_where_somebody_else_answered_blind(tmp_path):
    with world(tmp_path, texts(60)) as ws:
        shown = {"blind": False, "suggested": "praise"}
        say(ws, [(i, "ann", "bug", {}) for i in range(10)])
        say(ws, [(i, "joe", "praise" if i < 6 else "bug", shown) for i in range(10)], start=100)
        say(ws, [(i, "joe", "praise", shown) for i in range(20, 40)], start=200)
        say(ws, [(i, "ann", "praise", {}) for i in range(30, 40)], start=300)
        found = named(ws)
    assert found["joe"].taken_in.n == 10
    assert found["joe"].taken_in.value == 0.6
    assert 0.2 < found["joe"].taken_in.low < 0.6 < found["joe"].taken_in.high < 0.9
    assert found["ann"].taken_in is None


def test_wrong_advice_is_counted_apart_where_reasons_were_on_show(tmp_path):
    with world(tmp_path, texts(60)) as ws:
        shown = {"blind": False, "suggested": "praise"}
        say(ws, [(i, "ann", "bug", {}) for i in range(10)])
        say(ws, [(i, "joe", "praise" if i < 6 else "bug", shown) for i in range(10)], start=100)
        assert roster_of(ws, "p").advice is None, "reasons were never on show"
        with ws.store.read() as tx:
            project = projects.get(tx, "p")
            named, joe = records.hashes_of(tx, project.id, [4, 5, 6]), members.get(tx, project.id, "joe")
        entries = [{"item": one, "member": records.person(joe)} for one in named.values()]
        ws.store.write(lambda tx: [records.append(tx, project, "reasons shown", one) for one in entries])
        say(ws, [(50, "ann", "bug", {})], start=900)
        found = roster_of(ws, "p").advice
    assert (found.reasons.n, found.reasons.value) == (3, 0.6667)
    assert (found.bare.n, found.bare.value) == (7, 0.5714)


def test_a_single_person_whom_nothing_speaks_of_is_not_judged(ws, gold):
    answer(ws, gold, limit=40)
    (ann,) = [one for one in roster_of(ws, "p").people if one.name == "ann"]
    assert (ann.answers, ann.right, ann.tells, ann.steadier) == (40, None, None, None)
    assert ann.seconds_median == 1.0


def test_no_figure_tells_what_an_answer_in_an_open_look_was_for(tmp_path):
    """Guess after each answer, from all that the roster shows of it, whether it was an audit."""
    gold = texts(700, 5, noise=0.1)
    known, moved = by_id(gold), []
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        look = blob_of(ws)
        assert look
        with loop.session(ws, "p", "ann") as review:
            before = shown(ws)
            while asked := review.ask(1):
                with ws.store.read() as tx:
                    kind = next(h.kind for h in queue.held_by(tx, 1, 1) if h.lease.token == asked[0].token)
                review.take(asked[0], Answer.of(known[asked[0].item]), 1.0 + len(moved) % 7)
                if blob_of(ws) != look:
                    break
                moved.append((kind == "audit", shown(ws) == before))
        assert shown(ws) != before, "once the look is over, its answers count"
    assert {audit for audit, _ in moved} == {True, False}
    assert all(still for _, still in moved)


def blob_of(ws):
    """The look that is open, "" for none."""
    with ws.store.read() as tx:
        return (projects.get(tx, "p").settings.get("walk") or {}).get("blob", "")


def shown(ws):
    """All that the roster shows but plain counts, which move with every answer alike."""
    found = roster_of(ws, "p").to_json()
    for one in found["people"]:
        for count in ("answers", "today", "held"):
            del one[count]
    return found


def test_others_are_seen_by_nobody_who_may_not(crewed):
    ws, _ = crewed
    whole = roster_of(ws, "p")
    assert len(whole.people) >= 3
    mine = whole.only(12345)
    assert (mine.people, mine.pairs) == ((), ())
    assert mine.machine == whole.machine


def test_ten_thousand_answers_of_twenty_people_are_read_within_a_second(tmp_path):
    gold, rng = texts(2500, 4, noise=0.0), np.random.default_rng(0)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        truth = {v.ordinal: known[v.id] for v in loop.items(ws, "p", limit=10_000)}
        rows = [
            (o, f"p{w}", truth[o] if rng.random() < 0.9 else "bug", {"seconds": 2.0})
            for o in range(2500)
            for w in rng.choice(20, 4, replace=False)
        ]
        for i in range(0, len(rows), 2000):
            say(ws, rows[i : i + 2000], start=i)
        began = time.process_time()
        found = roster_of(ws, "p")
        first = time.process_time() - began
        began = time.process_time()
        assert roster_of(ws, "p") == found
        again = time.process_time() - began
    assert sum(one.answers for one in found.people) == 10_000
    assert first < 2.0  # under a second on a quiet machine
    assert again < first / 3

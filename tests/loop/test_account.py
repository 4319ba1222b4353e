"""How the team came to an answer: in figures that fit, and never where somebody could be led by it."""

import pytest
from test_jury import turns
from worlds import LABELS, PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.types import Answer
from cowise.loop import books
from cowise.loop.account import account
from cowise.store import decisions, items

CREW = {"ann": 0.97, "bob": 0.9, "eve": 0.75}


@pytest.fixture(scope="module")
def crewed(tmp_path_factory):
    """A project of three people, played to its end: (workspace, gold)."""
    gold = texts(900, 8, noise=0.0)
    with world(tmp_path_factory.mktemp("account"), gold, PROMISE) as ws:
        turns(ws, gold, CREW, at_once=2)
        yield ws, gold


def made(ws, **want):
    with ws.store.read() as tx:
        found = [one for one in decisions.each(tx, 1) if all(getattr(one, k) == v for k, v in want.items())]
    views = {view.ordinal: view.id for view in loop.items(ws, "p", limit=10_000)}
    return [views[one.ordinal] for one in found]


def test_what_people_and_the_machine_said_is_there_with_how_often_they_are_right(crewed):
    ws, _ = crewed
    items = made(ws, route="consensus")
    assert items
    found = [account(ws, "p", one) for one in items]
    voices = [voice for one in found for voice in one.voices if not voice.machine]
    assert {voice.by for voice in voices} == set(CREW)
    assert any(voice.right is not None for voice in voices)
    for one in found:
        assert one.hidden == ""
        assert sum(voice.agrees for voice in one.voices if not voice.machine) * 2 >= len(
            [voice for voice in one.voices if not voice.machine and voice.label]
        )
        assert one.next in ("stands", "doubtful")


def test_what_goes_out_alone_names_the_machine_and_its_audits(crewed):
    ws, _ = crewed
    found = account(ws, "p", made(ws, route="automated")[0])
    (voice,) = found.voices
    assert (voice.machine, voice.agrees, found.next) == (True, True, "certificate")
    assert voice.right > 0.8
    assert voice.p is not None


def test_all_together_weigh_only_where_answers_are_enough(ws, gold):
    answer(ws, gold, limit=5)
    one = account(ws, "p", made(ws, route="reviewed")[0], reader="ann")
    assert one.together == ()
    assert one.count < one.needed
    assert [voice.right for voice in one.voices if not voice.machine] == [None]


def test_all_together_two_good_people_outweigh_one_who_guesses(ws):
    """A hundred items that three people answered: eve says the same to everything."""
    from test_roster import say

    truth = [LABELS[i % 3] for i in range(100)]
    say(ws, [(i, who, label, {}) for i, label in enumerate(truth) for who, label in (("ann", label), ("bob", label))])
    say(ws, [(100 + i, "eve", "bug", {}) for i in range(60)], start=1000)
    say(ws, [(100 + i, "ann", LABELS[i % 3], {}) for i in range(60)], start=2000)
    say(ws, [(200, "eve", "bug", {}), (200, "ann", "praise", {})], start=3000)
    ws.store.write(lambda tx: books.decide(tx, 1, 200))
    with ws.store.read() as tx:
        item = items.at(tx, 1, [200])[200].id
    found = account(ws, "p", item)
    assert found.count >= found.needed
    (best, p), (_, other) = found.together
    assert (found.label, best, found.next) == ("bug", "praise", "doubtful")
    assert p > 0.5 > other
    assert 0 < p + other <= 1 + 1e-6


def test_nothing_is_told_of_what_the_reader_may_be_asked(crewed):
    ws, _ = crewed
    said = {one: [v.by for v in account(ws, "p", one).voices if not v.machine] for one in made(ws, route="reviewed")}
    item, (who,) = next(one for one in said.items() if len(one[1]) == 1)  # by lot, some have two
    loop.ask_again(ws, "p", [item], by=who)
    other = next(name for name in CREW if name != who)
    assert account(ws, "p", item, reader=other).hidden == "waits"
    assert account(ws, "p", item, reader=other).voices == ()
    assert account(ws, "p", item, reader=who).next == "asked"
    assert account(ws, "p", item, reader="", answers=False).next == "asked"


def test_nothing_is_told_of_answers_to_an_open_look(tmp_path):
    gold = texts(700, 5, noise=0.1)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        before = made(ws, route="reviewed")
        with loop.session(ws, "p", "ann") as review:
            (asked,) = review.ask(1)
            assert account(ws, "p", asked.item).hidden == "undecided"
            review.take(asked, Answer.of(known[asked.item]), 1.0)
        assert account(ws, "p", asked.item, reader="ann").hidden == "open"
        assert account(ws, "p", before[0], reader="ann").hidden == ""

"""Who is asked what, and where one more opinion pays: measured from answers, wired into the queue, and away from audits."""

from __future__ import annotations

import random

import numpy as np
import pytest
from worlds import LABELS, by_id, texts, world

from cowise import loop
from cowise.core.errors import InputError
from cowise.core.types import Answer, Promise
from cowise.loop import askon, plan, records
from cowise.loop.board import read
from cowise.store import members, queue


def wrong(label, rng):
    return rng.choice([one for one in LABELS if one != label])


def work(ws, gold, people, rounds, *, each=3, seed=0):
    """People take turns, `each` questions at a time; `people` says by name how likely the answer to a label is right."""
    known, rng = by_id(gold), random.Random(seed)
    given = []
    for _ in range(rounds):
        for name, right in people.items():
            with loop.session(ws, "p", name) as review:
                for question in review.ask(each):
                    truth = known[question.item]
                    said = truth if rng.random() < right(truth) else wrong(truth, rng)
                    review.take(question, Answer.of(said), 1.0)
                    given.append((name, truth, said))
    return given


def always(right):
    return lambda _: right


@pytest.fixture
def ws(tmp_path):
    with world(tmp_path / "home", texts(900, seed=3, noise=0.0), Promise(0.02, 0.9)) as found:
        yield found


GOLD = texts(900, seed=3, noise=0.0)


def roster(ws):
    with ws.store.read() as tx:
        return [m for m in members.roster(tx, 1) if m.kind == "person"]


def test_nobody_is_asked_on_unless_the_project_says_so(ws):
    work(ws, GOLD, {"ann": always(1.0), "ben": always(0.5), "cem": always(1.0)}, 15)
    board = read(ws, "p")
    assert all(len(rows) == 1 for o, rows in board.said.items() if o not in board.project.settings.get("pairs", ()))
    assert askon.ask_on(ws, board) == 0


def test_where_a_person_and_a_sure_model_differ_another_is_asked(ws):
    loop.ask_where_it_pays(ws, "p", 5.0)
    crew = {"ann": always(1.0), "ben": always(0.6), "cem": always(1.0)}
    work(ws, GOLD, crew, 30)
    board, gold = read(ws, "p"), by_id(GOLD)
    twice = {o for o, rows in board.said.items() if len(rows) > 1} - set(board.project.settings.get("pairs", ()))
    assert len(twice) > 5
    ben = next(m.id for m in roster(ws) if m.name == "ben")
    first = [board.said[o][0] for o in twice]
    doubted = [row for row in first if row.answer.value != gold[board.ids[row.ordinal]]]
    assert len(doubted) > 0.6 * len(first), "asked on where it was wrong, mostly"
    assert sum(row.member == ben for row in doubted) == len(doubted)
    mended = [row for row in doubted if LABELS[board.label[row.ordinal]] == gold[board.ids[row.ordinal]]]
    assert len(mended) > 0.5 * len(doubted), "and most of it was mended"


def test_what_was_weighed_once_is_not_weighed_again(ws):
    loop.ask_where_it_pays(ws, "p", 5.0)
    work(ws, GOLD, {"ann": always(1.0), "ben": always(0.6), "cem": always(1.0)}, 18)
    plan.advance(ws, "p")
    board = read(ws, "p")
    assert board.project.settings["weighed"] == board.newest
    assert askon.ask_on(ws, board) == 0


@pytest.mark.parametrize("crew", [{"ann": always(0.7)}, {"ann": always(0.7), "ben": always(0.7)}])
def test_where_nobody_could_overrule_anybody_nobody_is_asked_on(ws, crew):
    loop.ask_where_it_pays(ws, "p", 50.0)
    work(ws, GOLD, crew, 25)
    assert all(len(rows) == 1 for rows in read(ws, "p").said.values())


@pytest.mark.parametrize("worth", [-1.0, float("nan"), 1e9])
def test_a_price_that_cannot_be(ws, worth):
    with pytest.raises(InputError, match="worth: asked for"):
        loop.ask_where_it_pays(ws, "p", worth)


def test_people_are_asked_what_they_are_good_at(tmp_path, monkeypatch):
    """Two people, each good at half of the labels: wishes send each the texts of their half, as many to both."""
    # By other lots the share is .684 +- .034: these are fixed, so that chance alone never fails it.
    monkeypatch.setattr("cowise.guard.keys.new_key", lambda: bytes([7]) * 32)
    with world(tmp_path / "fixed", GOLD, Promise(0.02, 0.9)) as ws:
        half = set(LABELS[: len(LABELS) // 2])
        ann, ben = (lambda label: 0.97 if label in half else 0.5), (lambda label: 0.5 if label in half else 0.97)
        given = work(ws, GOLD, {"ann": ann, "ben": ben}, 60, each=4)
        names = {m.name: m.id for m in roster(ws)}
        board = read(ws, "p")
        assert board.project.settings["routed"]
        late = given[len(given) // 2 :]
        fits = [(truth in half) == (name == "ann") for name, truth, _ in late]
        assert np.mean(fits) > 0.62, (
            "by chance half of them; five sixths is the most at equal load, for they share three labels"
        )
        load = [sum(name == one for name, _, _ in late) for one in names]
        assert max(load) - min(load) <= 0.1 * len(late)


def test_audits_and_what_a_certificate_stands_on_are_never_asked_on(ws):
    loop.ask_where_it_pays(ws, "p", 1000.0)
    crew = {"ann": always(0.97), "ben": always(0.97), "cem": always(0.97)}
    while not loop.status(ws, "p").certificate and work(ws, GOLD, crew, 1, each=10):
        pass
    board = read(ws, "p")
    stands = {o for o, rows in board.said.items() if any(r.used_for == "audit" or r.certificate for r in rows)}
    assert len(stands) > 20
    askon.ask_on(ws, board)
    assert not stands & {place.ordinal for place in read(ws, "p").queue if place.kind == "second"}
    assert not stands & askon._fresh(board, 0).keys()


def test_wishes_bind_nobody(ws):
    """Whose wishes are done is asked what others were wished for: nobody waits for who is away."""
    ws.store.write(
        lambda tx: queue.fill(tx, 1, [queue.Wanted(0, 0.0, "train", wish=77), queue.Wanted(1, 1.0, "train")])
    )
    ws.store.write(lambda tx: records.change(tx, 1, routed=True))
    with loop.session(ws, "p", "ann") as review:
        asked = [question.item for question in review.ask(2)]
    ids = read(ws, "p").ids
    assert asked == [ids[1], ids[0]], "what is hers or anybody's first, then what was wished for somebody else"

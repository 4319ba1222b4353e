"""A project lives on after erasures, whatever they hit, and in a process that remembers nothing of before."""

from __future__ import annotations

import random
from contextlib import closing

import pytest
from worlds import LABELS, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.types import Promise, classify, content_id
from cowise.loop import brain, erase
from cowise.loop.board import read

PROMISES = {
    "all": Promise(0.1, 0.8),
    "with missed errors": Promise(0.1, 0.8, missed=0.1),
    "selective": Promise(0.1, 0.8, "selective"),
    "per label": Promise(0.2, 0.8, "selective", per_label=True),
}


def reopened(home):
    return closing(loop.open_workspace(settings(home)))


def begun(home, gold, promise):
    with closing(loop.open_workspace(settings(home), create=True)) as ws:
        loop.create(ws, "p", classify(*LABELS), promise, encoder="hashing")
        loop.add(ws, "p", list(gold))


def forget_some(ws, rng, many):
    """Erase items whatever they are: open, answered, audited, in a queue, or decided by the machine."""
    board = read(ws, "p")
    gone = rng.sample([i for i in range(board.n) if not board.erased[i]], many)
    for ordinal in gone:
        loop.forget_item(ws, "p", board.ids[ordinal])


@pytest.mark.parametrize("promise", PROMISES.values(), ids=PROMISES)
def test_a_project_is_played_to_its_end_with_erasures_all_along(tmp_path, promise):
    gold, rng = texts(500, 11, 0.03), random.Random(5)
    later = {text: label for text, label in texts(700, 12, 0.03).items() if text not in gold}
    begun(tmp_path, gold, promise)
    for _ in range(60):
        with reopened(tmp_path) as ws:
            forget_some(ws, rng, 2)
            if not answer(ws, gold, limit=12):
                break
    else:
        pytest.fail("500 texts, 720 answers: it never ends")
    with reopened(tmp_path) as ws:
        assert loop.status(ws, "p").open == 0
        loop.add(ws, "p", list(later)[:300])
        gold |= later
        forget_some(ws, rng, 20)
        assert answer(ws, gold) > 0
    with reopened(tmp_path) as ws:
        assert loop.status(ws, "p").open == 0
        assert {one.outcome for one in loop.replay(ws, "p")} <= {"same", "erased"}
        assert loop.verify(ws).ok
        known, alone = by_id(gold), [one for one in loop.items(ws, "p", limit=10_000) if one.route == "automated"]
        assert sum(known[one.id] != one.label for one in alone) <= 0.15 * len(alone)


def test_texts_to_come_are_decided_shadowed_and_watched_after_erasures(tmp_path, streaming):
    home, rng = streaming.settings.home, random.Random(6)
    gold = texts(900, seed=51, noise=0.0)
    new = list(gold)
    for at in range(0, 900, 150):
        with reopened(home) as ws:
            forget_some(ws, rng, 8)
            list(loop.decide(ws, "p", new[at : at + 150], audit=0.3))
        with reopened(home) as ws:
            forget_some(ws, rng, 8)
            answer(ws, gold, limit=60)
            if at == 150:
                loop.shadow(ws, "p")
    with reopened(home) as ws:
        answer(ws, gold)
        assert {one.outcome for one in loop.replay(ws, "p")} <= {"same", "erased"}
        assert loop.verify(ws).ok


def test_a_kill_between_the_database_and_the_files_is_made_good(tmp_path, monkeypatch):
    gold = texts(60)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, limit=10)
        board = read(ws, "p")
        text, one = next(iter(gold)), content_id(next(iter(gold)))
        digest = brain.encoder_of(ws, board.project).digest
        assert ws.store.vectors.rows(digest, [one])[0].all()
        monkeypatch.setattr(erase, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            loop.forget_item(ws, "p", text)
        monkeypatch.undo()
        assert ws.store.vectors.rows(digest, [one])[0].all(), "the vector is still there"
        loop.learn(ws, "p")
        assert not ws.store.vectors.rows(digest, [one])[0].any()
        assert read(ws, "p").project.settings["forgetting"] == []

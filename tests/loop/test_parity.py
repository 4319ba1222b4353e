"""A rehearsal foretells what the loop over the store costs: the same pools, played by both."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from worlds import LABELS, answer, texts, world

from cowise import loop
from cowise.core.types import Promise
from cowise.loop.board import read as board_of
from cowise.loop.crew import Crew
from cowise.loop.rehearse import Case, Play, play
from cowise.models import open_encoder

PROMISE = Promise(0.05, 0.9)
POOLS, N = 4, 500


@pytest.fixture
def known_keys(monkeypatch):
    """Lots that do not change from run to run."""
    count = itertools.count(1)
    monkeypatch.setattr("cowise.guard.keys.new_key", lambda: bytes([next(count) % 251]) * 32)


def rehearsed(gold, seed):
    encoder = open_encoder("hashing", Path())
    y = np.array([LABELS.index(label) for label in gold.values()])
    return play(Case(encoder.encode(list(gold)), list(gold), y, len(LABELS), PROMISE, Crew(), seed))


def test_loop_and_rehearsal_cost_people_the_same(tmp_path, known_keys):
    """Means over the same pools, easy ones: there the lots hardly matter, and a rule that differs shows at once.

    Hard ones, where a walk may stop early by bad luck, take many pools: `benchmarks/loop_share.py` compares those.
    """
    costs = []
    for seed in range(POOLS):
        gold = texts(N, seed, noise=0.0)
        with world(tmp_path / str(seed), gold, PROMISE) as ws:
            answer(ws, gold)
            now = loop.status(ws, "p")
        assert now.human.answers + now.automated == N
        costs.append((now.human.share, np.mean([rehearsed(gold, 10 * seed + i).human_share for i in range(5)])))
    looped, foretold = np.mean(costs, axis=0)
    assert 0.1 < looped < 0.9
    assert looped == pytest.approx(foretold, abs=0.04), costs


def test_both_keep_a_twentieth_from_training(tmp_path, known_keys):
    """What is reserved for texts to come never trains, in the store and in the rehearsal."""
    gold = texts(N, 1)
    with world(tmp_path, gold, PROMISE) as ws:
        answer(ws, gold, limit=200)
        board = board_of(ws, "p")
    assert 0.02 < board.reserved.mean() < 0.09
    assert not (board.trains & board.reserved).any()
    case = Case(open_encoder("hashing", Path()).encode(list(gold)), (), np.zeros(N, np.int64), 3, PROMISE, Crew(), 0)
    state = Play(case)
    state.run()
    assert not state.reserved[state.learner.answered].any()
    assert 0.02 < state.reserved.mean() < 0.09

"""Crews that nobody would wish for, through the whole loop: it ends, no answer is lost, and no promise is broken by it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_jury import wrong_alone
from worlds import LABELS, by_id, settings, texts

from cowise import loop
from cowise.core.errors import CowiseError
from cowise.core.types import Answer, Promise, classify
from cowise.loop import plan
from cowise.loop.board import read

PROMISE = Promise(0.05, 0.9)
N = 420
GOLD = texts(N, seed=41, noise=0.03)
HARD = {text for i, text in enumerate(GOLD) if i % 7 == 0}
BEYOND_CHANCE = 2 * PROMISE.max_error
"""One run in ten may break a promise with 90 % confidence, by a little; this is far beyond. `tests/claims` count how often."""


def right(truth, text, rng):
    return truth


def always_the_same(truth, text, rng):
    return LABELS[0]


def never(truth, text, rng):
    return rng.choice([one for one in LABELS if one != truth])


def only_easy(truth, text, rng):
    """Skips what is hard."""
    return None if text in HARD else truth


def only_sure_ones_wrong(truth, text, rng):
    """Right, but for what is hard, which gets the first label."""
    return LABELS[0] if text in HARD else truth


CREWS = {
    "one person": {"ann": right},
    "one who always says the same among three": {"ann": right, "ben": always_the_same, "cem": right},
    "two who never agree": {"ann": right, "ben": never},
    "one who is always wrong among four": {"ann": right, "ben": never, "cem": right, "dia": right},
    "all skip what is hard but one": {"ann": only_easy, "ben": only_easy, "cem": right},
    "all skip what is hard": {"ann": only_easy, "ben": only_easy, "cem": only_easy},
}


class Clock:
    """Stands at a time that the test moves."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        self.now += 1.0
        return self.now


def play(ws, crew, *, at_once=5, between=lambda turn: None, limit=200):
    """People take turns until nobody is asked anything more; how many answers and skips."""
    known, rng, done = by_id(GOLD), random.Random(5), 0
    for turn in range(limit):
        before = done
        for who, answers in crew.items():
            with loop.session(ws, "p", who) as review:
                for _ in range(at_once):
                    if not (asked := review.ask(1)):
                        break
                    said = answers(known[asked[0].item], asked[0].text, rng)
                    if said is None:
                        review.skip(asked[0])
                    else:
                        review.take(asked[0], Answer.of(said), 1.0)
                    done += 1
        between(turn)
        if done == before:
            return done
    return done


def made(home, clock):
    ws = loop.open_workspace(settings(home), create=True, clock=clock)
    loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
    loop.add(ws, "p", list(GOLD))
    return ws


@pytest.mark.parametrize("crew", CREWS.values(), ids=CREWS)
def test_it_ends_and_the_machine_keeps_its_promise(tmp_path, crew):
    """Wrong items that the machine answered alone, by the truth: at most the promised share, whoever answered."""
    with made(tmp_path / "home", Clock()) as ws:
        answers = play(ws, crew)
        assert answers >= 20
        wrong, alone = wrong_alone(ws, GOLD)
        assert wrong <= BEYOND_CHANCE * N
        now = loop.status(ws, "p")
        # What somebody held when the certificate named it may still be answered: then that stands.
        assert alone - len(crew) <= now.automated <= alone
        assert loop.verify(ws).ok
        if all(one is only_easy for one in crew.values()):
            board = read(ws, "p")
            left = {board.ids[o] for o in np.flatnonzero(board.open)}
            assert now.phase == "stop"
            assert now.open == len(left) > 0, "what nobody can answer stays open, and it says so"


def test_people_who_agree_about_wrong_answers_are_beyond_any_promise(tmp_path):
    """Stated: a promise holds against people's answers. Where all give the machine's own wrong answer nobody can know."""
    with made(tmp_path / "home", Clock()) as ws:
        play(ws, {"ann": only_sure_ones_wrong, "ben": only_sure_ones_wrong, "cem": only_sure_ones_wrong})
        assert loop.status(ws, "p").open == 0
        said = {v.id: v.label for v in loop.items(ws, "p", limit=N)}
        told = {one: LABELS[0] if text in HARD else GOLD[text] for text, one in zip(GOLD, by_id(GOLD), strict=True)}
        assert np.mean([said[one] != told[one] for one in told]) <= BEYOND_CHANCE


@pytest.mark.parametrize(
    "jump", [-86_400.0, 3 * 86_400.0, -3600.0], ids=["a day back", "three days on", "an hour back"]
)
def test_a_clock_that_jumps(tmp_path, jump):
    """Holds end early or late, nobody counts as around for a while: no answer is lost, and it ends."""
    clock = Clock()
    with made(tmp_path / "home", clock) as ws:

        def leap(turn):
            if turn in (3, 9):
                clock.now += jump

        play(ws, {"ann": right, "ben": right, "cem": right}, between=leap)
        now = loop.status(ws, "p")
        assert now.open == 0
        wrong, _ = wrong_alone(ws, GOLD)
        assert wrong <= BEYOND_CHANCE * N
        assert loop.verify(ws).ok


def test_everybody_leaves_and_comes_back_days_later(tmp_path):
    """Questions that were held go to others, and what they had said counts."""
    clock = Clock()
    with made(tmp_path / "home", clock) as ws:
        for who in ("ann", "ben"):
            with loop.session(ws, "p", who) as review:
                assert len(review.ask(3)) == 3  # held, and never answered
        said = play(ws, {"ann": right, "ben": right, "cem": right}, limit=4)
        clock.now += 5 * 86_400
        plan.advance(ws, "p")
        assert len(read(ws, "p").around) == 0
        play(ws, {"dia": right})
        assert loop.status(ws, "p").open == 0
        assert loop.status(ws, "p").human.answers > said


def test_nobody_answers_and_nothing_is_automated(tmp_path):
    """Zero answers and zero audits: no model, no certificate, and a plain word about it."""
    with made(tmp_path / "home", Clock()) as ws:
        plan.advance(ws, "p")
        now = loop.status(ws, "p")
        assert (now.automated, now.certificate, now.open) == (0, "", N)
        with pytest.raises(CowiseError, match="answer"):
            loop.certify(ws, "p")

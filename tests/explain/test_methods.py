"""The methods on games whose answer is known: exact where they are run to the end, close where they are not."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # games.py

from games import curved, table

from cowise.core.errors import InputError
from cowise.core.explanation import Ask
from cowise.explain.ends import efficient
from cowise.explain.game import Game, coalitions
from cowise.explain.methods import METHODS
from cowise.explain.shapley import settled

SHAPLEY = ("paired", "kernel-shap", "permutation")
SUMMING = (*SHAPLEY, "exact")
WHOLE = Ask(whole=True)


def phi(name, game, ask=None, seed=0):
    return METHODS[name](game, ask or Ask(), np.random.default_rng(seed)).phi


def enumerated(game):
    return phi("exact", game)


tables = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=1 << n, max_size=1 << n)
)


def test_the_definition_on_a_glove_game():
    """One left glove, two right ones: the left one gets 2/3 (Shapley's own example)."""
    left_1_right_2_3 = [0, 0, 0, 1, 0, 1, 0, 1]
    assert enumerated(table(left_1_right_2_3)) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@settings(max_examples=60, deadline=None)
@given(tables)
@pytest.mark.parametrize("name", SHAPLEY)
def test_run_to_the_end_they_are_the_definition(name, values):
    found = METHODS[name](table(values), WHOLE, np.random.default_rng(0))
    assert found.end == "exact"
    assert found.phi == pytest.approx(enumerated(table(values)), abs=1e-6)


@pytest.mark.parametrize("name", SHAPLEY)
@pytest.mark.parametrize("n", [9, 12])
def test_and_up_to_twelve_words(name, n):
    assert phi(name, curved(n), WHOLE) == pytest.approx(enumerated(curved(n)), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(0, 1000))
@pytest.mark.parametrize("name", SHAPLEY)
def test_scores_add_up(name, n, seed):
    game = curved(n, seed)
    low, high = game.ends()
    assert phi(name, game, Ask(cap=400), seed).sum() == pytest.approx(high - low, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(0, 5))
@pytest.mark.parametrize("name", SUMMING)
def test_a_word_that_changes_nothing_gets_nothing(name, values, at):
    n = int(np.log2(len(values)))
    at = min(at, n)
    wider = Game(lambda kept: np.asarray(values)[np.delete(kept, at, axis=1) @ (1 << np.arange(n))], n + 1)
    assert phi(name, wider, WHOLE)[at] == pytest.approx(0, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables)
@pytest.mark.parametrize("name", SUMMING)
def test_words_that_do_the_same_get_the_same(name, values):
    """The first two words are made alike: each coalition is worth the mean of itself and of the one with the two exchanged."""
    n = int(np.log2(len(values))) + 1
    v = np.tile(values, 2)
    swapped = coalitions(n)[:, [1, 0, *range(2, n)]] @ (1 << np.arange(n))
    found = phi(name, table((v + v[swapped]) / 2), WHOLE)
    assert found[0] == pytest.approx(found[1], abs=1e-9)


@pytest.mark.parametrize("name", ["leave-one-out", "ends"])
def test_without_lots_a_dummy_gets_nothing_at_any_length(name):
    game = Game(lambda kept: np.tanh(kept[:, 1:].sum(axis=1)), 40)
    assert phi(name, game)[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", list(METHODS))
def test_an_additive_game_is_found_as_it_is(name):
    worth = np.array([0.3, -0.2, 0.05, 0.0, 0.1, 0.2, -0.05, 0.15])
    found = phi(name, Game(lambda kept: 0.1 + kept @ worth, len(worth)))
    # LIME shrinks by its ridge, and keeps the order.
    assert found == pytest.approx(worth, abs=0.05 if name == "lime" else 1e-9)


@pytest.mark.parametrize("name", list(METHODS))
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_one_seed_one_answer_inputs_untouched(name, n):
    first, again = (METHODS[name](curved(n), Ask(), np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first.phi, again.phi)
    assert first.end == again.end
    assert first.phi.shape == (n,)
    assert np.isfinite(first.phi).all()


@pytest.mark.parametrize("n", [2, 3, 4, 11])
def test_few_readings_come_close(n):
    """Mean correlation over games with the exact values: the default's beats both of those it is made of."""
    mean = {}
    for name in ("leave-one-out", "ends", "paired", "kernel-shap", "permutation"):
        mean[name] = np.mean([np.corrcoef(phi(name, curved(n, s)), enumerated(curved(n, s)))[0, 1] for s in range(12)])
    assert mean["paired"] > 0.97
    assert mean["paired"] >= max(mean["ends"], mean["leave-one-out"]) - 1e-9
    assert mean["permutation"] > 0.97


def test_the_cap_is_kept_and_said():
    for name in ("paired", "kernel-shap", "permutation", "lime"):
        game = curved(25)
        game.cap = 90
        found = METHODS[name](game, Ask(cap=90), np.random.default_rng(0))
        assert game.count <= 90
        assert found.end == "capped", name


@pytest.mark.parametrize(("name", "least"), [("leave-one-out", 27), ("ends", 52), ("paired", 54), ("permutation", 50)])
def test_a_cap_below_the_least_is_refused(name, least):
    game = curved(25)
    game.cap = least - 1
    with pytest.raises(InputError, match=f"at least {least} texts"):
        phi(name, game)
    game.cap = least
    assert phi(name, game).shape == (25,)


def test_enumeration_has_an_end():
    with pytest.raises(InputError, match="13 words is too many"):
        phi("exact", curved(13))
    with pytest.raises(InputError, match="too many"):
        phi("paired", curved(13), WHOLE)


def test_each_coalition_is_asked_for_once():
    asked = []
    game = Game(lambda kept: asked.extend(map(bytes, kept)) or kept.sum(axis=1) / 4.0, 4)
    for name in METHODS:
        phi(name, game)
    assert len(asked) == len(set(asked)) == game.count <= 16


def test_orders_stop_once_the_top_is_settled():
    clear = Game(lambda kept: kept @ np.linspace(1, 0, 30) ** 4 + 1e-3 * np.sin(kept.sum(axis=1)), 30)
    found = METHODS["permutation"](clear, Ask(), np.random.default_rng(0))
    assert found.end == "settled"
    assert clear.count < 600
    assert found.half is not None
    assert (found.half >= 0).all()


def test_settled_at_the_confidence_said():
    """Two words .03 apart under noise: the wrong one is called first in fewer than 10 % of runs, with all looks together."""
    wrong, ask = 0, Ask(top=1, confidence=0.9)
    for seed in range(300):
        found = np.random.default_rng(seed).normal([0.13, 0.10], 0.1, size=(512, 2))
        looks = [found[: 8 << i] for i in range(7)]
        stop = next((x for i, x in enumerate(looks, 1) if settled(x, ask, i)), looks[-1])
        wrong += int(np.argmax(np.abs(stop.mean(axis=0))) == 1)
    assert wrong / 300 < 0.1


def test_a_guess_that_adds_up():
    assert efficient(np.zeros(2), 1.0).tolist() == [0.5, 0.5]
    assert efficient(np.array([0.2, 0.0]), 0.1).tolist() == pytest.approx([0.1, 0.0])

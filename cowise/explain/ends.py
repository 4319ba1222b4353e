"""The words at either end of a row: each alone against none, and all against all but it.

Legend: n = words, m = pairs of coalitions, v = value of a coalition.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from cowise.core.explanation import Ask
from cowise.core.types import Bools, Floats
from cowise.explain.game import MOST_EXACT, Game, coalitions, singles
from cowise.explain.linear import constrained, ridge
from cowise.explain.scores import Scores
from cowise.explain.shapley import kernel, sample, whole

PAIRS = 64


def leave_one_out(game: Game, ask: Ask, rng: Generator) -> Scores:
    """v(all) - v(all but the word): n + 2 readings.

    >>> game = Game(lambda kept: kept @ np.array([0.2, 0.5]), 2)
    >>> leave_one_out(game, Ask(), np.random.default_rng(0)).phi.round(3)
    array([0.2, 0.5])

    Source: Li, Monroe & Jurafsky 2016 (erasure).
    """
    del ask, rng
    game.need(game.n + 2, "leave-one-out")
    _, full = game.ends()
    return Scores(full - game(~singles(game.n)), "planned")


def first_and_last(game: Game, ask: Ask, rng: Generator) -> Scores:
    """Mean of what a word adds to nothing and what it takes from all: (v(i) - v() + v(all) - v(all but i)) / 2; 2 n + 2 readings.

    These are a word's exact shares in first and last place of all orders; the Shapley value takes in the places between.
    """
    del ask, rng
    game.need(2 * game.n + 2, "ends")
    return Scores(_ends(game), "exact" if game.n <= 2 else "planned")


def paired(game: Game, ask: Ask, rng: Generator) -> Scores:
    """Shapley values from `first_and_last`, mended by 64 random coalitions and their complements: 2 n + 130 readings.

    d(S) = v(S) - v(not S) is additive in Shapley values where v is. What the first guess leaves of d is fitted by ridge
    under the Shapley kernel, its strength by leave-one-out error. The scores add up to v(all) - v().

    Source: Lundberg & Lee 2017 (kernel); Covert & Lee 2021 (pairs); Musco & Witter 2025 (lots); Allen 1974 (leave-one-out error).
    """
    n = game.n
    low, high = game.ends()
    if n == 1:
        return Scores(np.array([high - low]), "exact")
    if ask.whole or (n <= MOST_EXACT and 1 << n <= min(game.cap, 2 * n + 2 + 2 * PAIRS)):
        whole(game)
        half = coalitions(n)[1 : 1 << (n - 1)]
        return Scores(_fitted(game, half, kernel(half), constrained), "exact")
    game.need(2 * n + 4, "paired")
    _ends(game)
    m = min(PAIRS, game.room // 2)
    return Scores(_fitted(game, *sample(n, m, rng), ridge), "planned" if m == PAIRS else "capped")


def _ends(game: Game) -> Floats:
    low, high = game.ends()
    alone, without = singles(game.n), ~singles(game.n)
    v = game(np.concatenate([alone, without]))
    return np.asarray((v[: game.n] - low + high - v[game.n :]) / 2)


def _fitted(game: Game, kept: Bools, weight: Floats, fit: Callable[[Floats, Floats, Floats], Floats]) -> Floats:
    """Shapley values from coalitions (m, n), each of them with its complement."""
    low, high = game.ends()
    guess = efficient(_ends(game), high - low)
    v = game(np.concatenate([kept, ~kept]))
    signs = np.where(kept, 1.0, -1.0)
    rest: Floats = v[: len(kept)] - v[len(kept) :] - signs @ guess
    return np.asarray(guess + fit(signs, rest, weight))


def efficient(guess: Floats, total: float) -> Floats:
    """A guess (n,) moved so that it adds up to `total`: each word in proportion to its strength, so what is 0 stays 0.

    >>> efficient(np.array([0.4, 0.4, 0.0]), 0.4)
    array([0.2, 0.2, 0. ])
    """
    gap, strength = total - guess.sum(), np.abs(guess)
    share = strength / strength.sum() if strength.sum() > 0 else np.full(len(guess), 1 / len(guess))
    return np.asarray(guess + gap * share)

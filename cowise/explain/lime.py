"""LIME: a linear model of the neighbourhood of a text.

Legend: n = words, m = coalitions.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from cowise.core.explanation import Ask
from cowise.core.types import Bools, Floats
from cowise.explain.game import Game
from cowise.explain.scores import Scores

DRAWN = 500
WIDTH = 0.25
ALPHA = 1.0


def lime(game: Game, ask: Ask, rng: Generator) -> Scores:
    """Coefficients of a weighted ridge on 500 coalitions: 1 to n words deleted, every number as likely.

    A coalition that keeps the share q of the words weighs exp(-((1 - sqrt q) / .25)^2 / 2), the ridge is 1, as in the
    package `lime`; its scores do not add up to anything.

    Source: Ribeiro, Singh & Guestrin, KDD 2016.
    """
    del ask
    n = game.n
    game.need(4, "lime")
    game.ends()
    kept, end = _drawn(game, rng)
    v = game(kept)
    weight = np.exp(-(((1 - np.sqrt(kept.mean(axis=1))) / WIDTH) ** 2) / 2)
    x: Floats = kept - np.average(kept, axis=0, weights=weight)
    y = v - np.average(v, weights=weight)
    phi = np.linalg.solve((x * weight[:, None]).T @ x + ALPHA * np.eye(n), x.T @ (weight * y))
    return Scores(phi, "capped" if end else "planned")


def _drawn(game: Game, rng: Generator) -> tuple[Bools, bool]:
    """The whole text and 499 coalitions, or as many as the cap allows; whether it cut them short."""
    n, rows, room, seen = game.n, [np.ones(game.n, bool)], game.room, set(game.known)
    for gone in rng.integers(1, n + 1, DRAWN - 1).tolist():
        kept = np.ones(n, bool)
        kept[rng.permutation(n)[:gone]] = False
        fresh = kept.tobytes() not in seen
        if fresh and not room:
            return np.array(rows), True
        room -= fresh
        seen.add(kept.tobytes())
        rows.append(kept)
    return np.array(rows), False

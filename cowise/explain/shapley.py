"""Shapley values: by enumeration, by regression on the Shapley kernel, by random orders.

Legend: n = words, m = coalitions, r = pairs of orders, v = value of a coalition.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np
from numpy.random import Generator
from scipy.special import stdtrit

from cowise.core.errors import InputError
from cowise.core.explanation import Ask
from cowise.core.types import Bools, Floats
from cowise.explain.game import MOST_EXACT, Game, coalitions, singles
from cowise.explain.linear import constrained
from cowise.explain.scores import Scores

EXTRA = 64
FIRST_LOOK = 8
TIE = 0.01
"""Words whose scores differ by less are in either order."""


def enumeration(game: Game, ask: Ask, rng: Generator) -> Scores:
    """Shapley values by their definition, from all 2^n coalitions: of at most 12 words, for reference.

    >>> both = Game(lambda kept: kept.all(axis=1) * 1.0, 2)
    >>> enumeration(both, Ask(), np.random.default_rng(0)).phi
    array([0.5, 0.5])

    Source: Shapley 1953.
    """
    del ask, rng
    return Scores(_by_definition(whole(game)), "exact")


def whole(game: Game) -> Floats:
    """The values of all coalitions, (2^n,). InputError for more than 12 words, or where the cap forbids it."""
    if game.n > MOST_EXACT:
        raise InputError(
            f"explain: every coalition of {game.n} words is too many; take at most {MOST_EXACT} words, or another method"
        )
    game.need(1 << game.n, "enumeration")
    return game(coalitions(game.n))


def _by_definition(v: Floats) -> Floats:
    n = int(np.log2(len(v)))
    kept = coalitions(n)
    size = kept.sum(axis=1)
    phi = np.empty(n)
    for i in range(n):
        without = np.flatnonzero(~kept[:, i])
        weight = np.array([1 / (n * comb(n - 1, s)) for s in size[without].tolist()])
        phi[i] = weight @ (v[without + (1 << i)] - v[without])
    return phi


def kernel(kept_mn: Bools) -> Floats:
    """The Shapley kernel (n - 1) / (C(n, s) s (n - s)) of coalitions of s words, neither none nor all, (m,)."""
    n = kept_mn.shape[1]
    of = [0.0, *((n - 1) / (comb(n, s) * s * (n - s)) for s in range(1, n))]
    return np.array([of[s] for s in kept_mn.sum(axis=1).tolist()])


def kernel_shap(game: Game, ask: Ask, rng: Generator) -> Scores:
    """Weighted least squares on coalitions and their complements: 2 n + 66 readings, or all of them.

    Those of one word and of all but one are taken whole, the others are drawn. Scores add up to v(all) - v().

    Source: Lundberg & Lee, NeurIPS 2017; Covert & Lee, AISTATS 2021.
    """
    n = game.n
    low, high = game.ends()
    if n == 1:
        return Scores(np.array([high - low]), "exact")
    if ask.whole or (n <= MOST_EXACT and 1 << n <= min(game.cap, 2 * n + 2 + EXTRA)):
        whole(game)
        kept = coalitions(n)[1:-1]
        return Scores(constrained(kept.astype(np.float64), game(kept) - low, kernel(kept), high - low), "exact")
    game.need(2 * n + 4, "kernel-shap")
    edge = singles(n)
    game(np.concatenate([edge, ~edge]))
    m = min(EXTRA, game.room) // 2
    half, weight = sample(n, m, rng)
    kept = np.concatenate([half, ~half])
    phi = constrained(kept.astype(np.float64), game(kept) - low, np.concatenate([weight, weight]), high - low)
    return Scores(phi, "planned" if 2 * m == EXTRA else "capped")


def sample(n: int, m: int, rng: Generator) -> tuple[Bools, Floats]:
    """Every single word, and `m` random coalitions of 2 to n - 2 words, with their weights, (n + m, n) and (n + m,).

    Each stands for its complement too. All sizes are drawn alike, which is drawing by leverage, and a coalition weighs
    what the Shapley kernel gives to its size.

    >>> kept, weight = sample(5, 4, np.random.default_rng(0))
    >>> kept.sum(axis=1).tolist(), round(float(weight.sum()), 3)
    ([1, 1, 1, 1, 1, 2, 2, 3, 3], 1.667)

    Source: Musco & Witter, ICLR 2025 (Leverage SHAP).
    """
    sizes = np.arange(2, n - 1)
    drawn = np.zeros((m, n), bool)
    chosen = sizes[((np.arange(m) + rng.random()) / max(m, 1) * len(sizes)).astype(np.int64)]
    for row, size in zip(drawn, chosen.tolist(), strict=True):
        row[rng.permutation(n)[:size]] = True
    weight = (n - 1) / (chosen * (n - chosen)) * len(sizes) / max(m, 1) / 2
    return np.concatenate([singles(n), drawn]), np.concatenate([kernel(singles(n)), weight])


def permutation(game: Game, ask: Ask, rng: Generator) -> Scores:
    """Mean of what each word adds in random orders and their reverses, until the order of the top words is settled.

    It looks after 8, 16, 32, … pairs of orders and stops where every top word stands, by Student's t with the risk shared
    over words and looks, at most .01 below none that comes after it. Scores add up to v(all) - v().

    Source: Štrumbelj & Kononenko 2014; Mitchell et al., JMLR 2022 (antithetic orders).
    """
    n = game.n
    if ask.whole or n == 1:
        return Scores(_by_definition(whole(game)), "exact")
    game.need(2 * n, "permutation")
    low, high = game.ends()
    found = np.empty((0, n))
    for look, more in enumerate(_looks(game), 1):
        found = np.concatenate([found, _added(game, (low, high), [rng.permutation(n) for _ in range(more)])])
        if len(found) >= FIRST_LOOK and settled(found, ask, look):
            return Scores(found.mean(axis=0), "settled", _half(found, ask.confidence))
        if n <= MOST_EXACT and 1 << n <= min(
            game.cap, 4 * (n - 1) * len(found)
        ):  # all cost no more than the next orders
            return Scores(_by_definition(whole(game)), "exact")
    return Scores(found.mean(axis=0), "capped", _half(found, ask.confidence))


def _looks(game: Game) -> Iterator[int]:
    """How many pairs of orders to draw before each look; each costs up to 2 n - 2 readings."""
    done = 0
    while (room := game.room // (2 * game.n - 2)) > 0:
        more = min(room, done or FIRST_LOOK)
        done += more
        yield more


def _added(game: Game, ends: tuple[float, float], orders: list[np.ndarray]) -> Floats:
    """What each word adds, mean of each order and its reverse, (r, n)."""
    n, both = game.n, [side for order in orders for side in (order, order[::-1])]
    inner = np.zeros((len(both), n - 1, n), bool)
    for row, order in zip(inner, both, strict=True):
        for step in range(n - 1):
            row[step:, order[step]] = True
    v = np.empty((len(both), n + 1))
    v[:, 0], v[:, -1] = ends
    v[:, 1:-1] = game(inner.reshape(-1, n)).reshape(len(both), n - 1)
    out = np.empty((len(both), n))
    np.put_along_axis(out, np.array(both), np.diff(v, axis=1), axis=1)
    return np.asarray(out.reshape(-1, 2, n).mean(axis=1))


def settled(found: Floats, ask: Ask, look: int) -> bool:
    """Whether the order of the strongest words is settled by samples (r, n) of their scores, at the `look`-th look.

    >>> settled(np.tile([0.5, 0.1, 0.0], (8, 1)), Ask(top=2), 1)
    True
    """
    r, n = found.shape
    mean = found.mean(axis=0)
    order = np.argsort(-np.abs(mean), kind="stable")
    strength = (found * np.where(mean < 0, -1, 1))[:, order]
    compared = [
        (j, k)
        for j in range(min(ask.top, n - 1))
        for k in (range(j + 1, n) if j == min(ask.top, n - 1) - 1 else (j + 1,))
    ]
    gap = np.stack([strength[:, j] - strength[:, k] for j, k in compared], axis=1)
    risk = (1 - ask.confidence) / (look * (look + 1)) / len(compared)
    half = float(stdtrit(r - 1, 1 - risk)) * gap.std(axis=0, ddof=1) / r**0.5
    return bool((gap.mean(axis=0) - half >= -TIE).all())


def _half(found: Floats, confidence: float) -> Floats | None:
    r = len(found)
    if r < 2:
        return None
    return np.asarray(float(stdtrit(r - 1, 0.5 + confidence / 2)) * found.std(axis=0, ddof=1) / r**0.5)

"""Value functions of which the Shapley values are known or can be enumerated."""

from __future__ import annotations

import numpy as np

from cowise.explain.game import Game


def table(v):
    """A game of n words from its 2^n values."""
    v = np.asarray(v, float)
    n = int(np.log2(len(v)))
    return Game(lambda kept: v[kept @ (1 << np.arange(n))], n)


def curved(n, seed=0, between=0.3):
    """A saturating game with interactions, as classifiers are."""
    rng = np.random.default_rng(seed)
    alone, pairs = rng.normal(size=n), np.triu(rng.normal(size=(n, n)) * between, 1)
    return Game(lambda kept: 1 / (1 + np.exp(-(kept @ alone + np.einsum("mi,ij,mj->m", kept, pairs, kept)))), n)

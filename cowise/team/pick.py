"""Which items to ask about next: coverage at the start, then the least sure ones, spread out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices, Pool

_CANDIDATES = 2000
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class CoveragePicker:
    """Items far from each other, so that every kind of text is met early: farthest-first over a random sample.

    Source: Gonzalez, Theoretical Computer Science 1985 (k-centre); Sener & Savarese, ICLR 2018.
    """

    def by_lot(self, free: int, n: int) -> tuple[int, int]:
        """Of `n` picked from `free`, where those are that were drawn by lot from all: from place to place."""
        return 0, n if free <= n else (n + 1) // 2

    def pick(self, pool: Pool, n: int, rng: Generator) -> Indices:
        """At most `n` open items: half uniformly at random, half farthest from what is picked already."""
        open_items = _open(pool, n)
        if len(open_items) <= n:
            return np.asarray(rng.permutation(open_items), dtype=np.int64)
        chosen = list(rng.choice(open_items, (n + 1) // 2, replace=False))
        left = np.setdiff1d(open_items, chosen)
        left = rng.permutation(left)[: max(_CANDIDATES, n)]
        nearest = (pool.vectors[left] @ pool.vectors[chosen].T).max(axis=1)
        while len(chosen) < n:
            far = int(np.argmin(nearest))
            chosen.append(left[far])
            nearest = np.maximum(nearest, pool.vectors[left] @ pool.vectors[left[far]])
            nearest[far] = np.inf
        return np.asarray(chosen, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class MarginPicker:
    """The least sure items by margin, thinned so that near copies of one another wait, and a few by chance.

    `width` times as many candidates are taken, and those most alike to an earlier pick are left for later. The
    share `chance` is drawn uniformly: it shows errors where the model is sure, which margins alone never would.
    With `balance` margins of items that the model puts into classes with few answers count for less, by that power of the
    class's answers ÷ those of the largest: rare labels are asked about earlier. It meets them, and costs answers: a human
    share of .552 became .561 at .25 and .619 at .5 (15 topics of news titles, 5 %), so that it is 0 unless asked for.
    Source: Scheffer, Decomain & Wrobel, IDA 2001; for the balance Ertekin et al., CIKM 2007.
    """

    width: float = 2.0
    chance: float = 0.1
    balance: float = 0.0

    def by_lot(self, free: int, n: int) -> tuple[int, int]:
        """Of `n` picked from `free`, where those are that were drawn by lot from what was not chosen: from place to place.

        >>> MarginPicker().by_lot(1000, 40), MarginPicker().by_lot(30, 40)
        ((36, 40), (30, 30))
        """
        chosen = min(n - min(free, round(n * self.chance)), free)
        return chosen, min(n, free)

    def pick(self, pool: Pool, n: int, rng: Generator) -> Indices:
        """At most `n` open items, least sure first. InputError without probabilities."""
        if pool.p is None:
            raise InputError("picker: margins need probabilities; use coverage before the first model")
        open_items = _open(pool, n)
        gap = margin(pool.p)[open_items]
        if self.balance:
            if pool.answers is None:
                raise InputError("picker: a balance of classes needs how many answers there are of each")
            share = (pool.answers + 1.0) / (pool.answers.max() + 1.0)
            gap *= (share**self.balance)[pool.p.argmax(axis=1)[open_items]]
        lucky = min(len(open_items), round(n * self.chance))
        wanted = min(len(gap), int((n - lucky) * self.width))
        picked = _spread(pool, open_items[_least(gap, wanted, rng)], n - lucky)
        left = np.setdiff1d(open_items, picked)
        drawn = rng.choice(left, min(lucky, len(left)), replace=False)
        return np.asarray(np.concatenate([picked, drawn]), dtype=np.int64)


def _least(gap: Floats, n: int, rng: Generator) -> Indices:
    """Places of the `n` smallest, ascending, equal ones in an order by chance."""
    if not n:
        return np.zeros(0, np.int64)
    cut = np.partition(gap, n - 1)[n - 1]
    near = np.flatnonzero(gap <= cut)
    return np.asarray(near[np.lexsort((rng.random(len(near)), gap[near]))][:n], np.int64)


def margin(p_nk: Floats) -> Floats:
    """Gap between the two likeliest classes; small means unsure; (n, k) -> (n,).

    >>> margin(np.array([[0.5, 0.4, 0.1], [0.9, 0.1, 0.0]])).round(2)
    array([0.1, 0.8])

    Source: Scheffer, Decomain & Wrobel, IDA 2001.
    """
    gap = np.empty(len(p_nk))
    for start in range(0, len(p_nk), _ROWS):  # a part at a time stays in the processor's cache
        top = np.partition(p_nk[start : start + _ROWS], -2, axis=1)
        gap[start : start + _ROWS] = top[:, -1] - top[:, -2]
    return gap


def _open(pool: Pool, n: int) -> Indices:
    if n < 1:
        raise InputError(f"picker: asked for {n} items; ask for at least 1")
    return np.flatnonzero(pool.open)


def _spread(pool: Pool, candidates: Indices, n: int) -> Indices:
    """The `n` candidates, in order, that are least like an earlier one."""
    if len(candidates) <= n:
        return candidates
    alike = pool.vectors[candidates] @ pool.vectors[candidates].T
    earlier = np.tril(alike, k=-1).max(axis=1, initial=-1.0)
    place = np.arange(len(candidates)) / len(candidates)
    kept = np.argsort(earlier + place, kind="stable")[:n]
    return candidates[np.sort(kept)]

"""Sets of labels: as numbers, as a question about each label, and as the answer that fits all of them together.

A set is the sum of 2 to the place of each of its labels. Legend: n = texts, m = answers, k = labels, s = known sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cowise.core.types import Bools, Floats, Indices, Vectors32
from cowise.models.heads import link, softmax

_LEAST = 1e-4
_ROWS = 2048


def bits(codes: Indices, k: int) -> Bools:
    """Which labels each set holds, (n,) -> (n, k).

    >>> bits(np.array([5, 0]), 3)
    array([[ True, False,  True],
           [False, False, False]])
    """
    return np.asarray((np.asarray(codes, np.int64)[:, None] >> np.arange(k)) & 1 == 1)


def codes(present: npt.NDArray[np.generic]) -> Indices:
    """The set of the labels that are present, (n, k) -> (n,)."""
    return np.asarray(present.astype(np.int64) @ (np.int64(1) << np.arange(present.shape[1], dtype=np.int64)))


def paired(scores: npt.NDArray[np.floating]) -> Floats:
    """Scores (n, k) as n k questions of two answers each, absent and present, (n k, 2)."""
    flat = np.asarray(scores, np.float64).reshape(-1)
    return np.stack([1 - flat, flat], axis=1)


def presence(scores: npt.NDArray[np.floating], floor: float, heat: float) -> Floats:
    """How likely each label is there, from regression scores on 0 and 1, (n, k) -> (n, k).

    >>> presence(np.array([[0.5, 1.0]]), 0.2, 1.0).round(3)
    array([[0.5  , 0.833]])
    """
    return np.asarray(softmax(link(paired(scores), floor) / heat)[:, 1].reshape(scores.shape))


def beside(p_seen: Floats, seen: Bools, share: float) -> Floats:
    """Chances of the labels seen, (n, seen), with `share` for each of the others, (n, k)."""
    p = np.full((len(p_seen), len(seen)), share)
    p[:, seen] = p_seen
    return p


def together(p_nk: Floats, held: npt.NDArray[np.generic]) -> Floats:
    """Log-probability of each of some sets, `held` (s, k), if labels came and went by themselves, (n, k) -> (n, s)."""
    p, there = np.clip(p_nk, _LEAST, 1 - _LEAST), held.astype(np.float64)
    return np.asarray(np.log(p) @ there.T + np.log1p(-p) @ (1 - there).T)


@dataclass(frozen=True, slots=True, eq=False)
class SetBook:
    """The sets that people gave: `held` (s, k), how much likelier each is than its labels by themselves, `weight` (s,).

    P(S | x) ~ exp((sum of log p(label) of those in S, log(1 - p) of the others, and weight) / heat): labels come together
    as they did in answers. Only these sets are ever said.
    """

    held: Vectors32
    weight: Vectors32
    heat: float

    @property
    def sets(self) -> Indices:
        """The known sets as numbers, (s,)."""
        return codes(self.held)

    def over(self, sets: Indices) -> SetBook:
        """The same of some sets alone, (c,) ascending; one that is not known weighs as little as any."""
        at = {code: i for i, code in enumerate(self.sets.tolist())}
        least = float(self.weight.min(initial=0.0))
        weight = [float(self.weight[at[code]]) if code in at else least for code in sets.tolist()]
        held = bits(sets, self.held.shape[1]).astype(np.float32)
        return SetBook(held, np.array(weight, np.float32), self.heat)

    def scores(self, p_nk: Floats) -> Floats:
        """How well each known set fits, (n, k) -> (n, s), as logarithms."""
        return np.asarray((together(p_nk, self.held) + self.weight) / self.heat)

    def said(self, p_nk: Floats) -> tuple[Indices, Floats]:
        """The likeliest set and its probability, (n, k) -> (n,) each."""
        label, p = np.zeros(len(p_nk), np.int64), np.zeros(len(p_nk))
        for start in range(0, len(p_nk), _ROWS):
            part = slice(start, start + _ROWS)
            found = softmax(self.scores(p_nk[part]))
            label[part], p[part] = found.argmax(axis=1), found.max(axis=1)
        return self.sets[label], p

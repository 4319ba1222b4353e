"""The engine that all perturbation methods share: what a coalition of words is worth, read once.

Legend: n = words, m = coalitions, v = value of a coalition, that is the target's probability for the words kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cowise.core.errors import InputError
from cowise.core.roles import Model
from cowise.core.types import Bools, Floats
from cowise.explain.words import Words
from cowise.models.batches import plan

BATCH_CHARS = 1 << 16
BATCH_TEXTS = 512
Value = Callable[[Bools], Floats]


@dataclass(slots=True, eq=False)
class Game:
    """Values of coalitions (m, n) -> (m,), each asked for once and at most `cap` of them.

    >>> game = Game(lambda kept: kept.sum(axis=1) / 2.0, 2)
    >>> game(np.array([[True, False], [True, False]])).tolist(), game.count
    ([0.5, 0.5], 1)
    """

    value: Value
    n: int
    cap: int = 1 << 30
    known: dict[bytes, float] = field(default_factory=dict)

    def __call__(self, kept_mn: Bools) -> Floats:
        """The values of coalitions; those that are known cost nothing."""
        keys = [row.tobytes() for row in kept_mn]
        fresh = {key: i for i, key in enumerate(keys) if key not in self.known}
        if fresh:
            values = self.value(kept_mn[list(fresh.values())])
            self.known.update(zip(fresh, values.tolist(), strict=True))
        return np.array([self.known[key] for key in keys])

    @property
    def count(self) -> int:
        """Coalitions asked for so far."""
        return len(self.known)

    @property
    def room(self) -> int:
        """How many more may be asked for."""
        return max(0, self.cap - self.count)

    def ends(self) -> tuple[float, float]:
        """The values of no words, and of all."""
        low, high = self(np.array([[False] * self.n, [True] * self.n])).tolist()
        return low, high

    def need(self, least: int, method: str) -> None:
        """InputError where the cap does not let a method do the least that it must."""
        need(self.cap, least, self.n, method)


def need(cap: int, least: int, n: int, method: str) -> None:
    """InputError where a cap does not let a method do the least that it must for `n` words."""
    if cap < least:
        raise InputError(
            f"explain: {method} of {n} words reads at least {least} texts, but the cap is {cap}; raise the cap"
        )


MOST_EXACT = 12


def coalitions(n: int) -> Bools:
    """Every coalition, (2^n, n), word i being bit i of the row's number."""
    return np.asarray((np.arange(1 << n)[:, None] >> np.arange(n)) & 1 == 1)


def singles(n: int) -> Bools:
    """Each word alone, (n, n); its complement leaves each out."""
    return np.eye(n, dtype=bool)


@dataclass(slots=True, eq=False)
class Reader:
    """What a model says of the words kept: equal texts are read once, in batches of like length. `count` is of texts read."""

    model: Model
    words: Words
    target: int = 0
    known: dict[str, Floats] = field(default_factory=dict)

    def __call__(self, kept_mn: Bools) -> Floats:
        """The target's probability for each coalition, (m, n) -> (m,)."""
        texts = [self.words.keep(row) for row in kept_mn]
        fresh = sorted(set(texts) - self.known.keys(), key=lambda text: (len(text), text))
        for batch in plan([len(text) for text in fresh], budget=BATCH_CHARS, most=BATCH_TEXTS):
            some = [fresh[i] for i in batch.tolist()]
            self.known.update(zip(some, self.model.predict(some), strict=True))
        return np.array([self.known[text][self.target] for text in texts])

    def aim(self, target: str | None) -> str:
        """Take a label as the target, or the likeliest one of the whole text. InputError for one that the model does not know."""
        labels = self.model.labels
        if target is None:
            self(np.ones((1, len(self.words)), bool))
            self.target = int(self.known[self.words.text].argmax())
        elif target in labels:
            self.target = labels.index(target)
        else:
            raise InputError(f"explain: the model knows no label {target!r}; it knows {', '.join(labels[:12])}")
        return labels[self.target]

    @property
    def count(self) -> int:
        """Texts that the model read."""
        return len(self.known)

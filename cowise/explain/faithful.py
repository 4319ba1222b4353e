"""Is the explanation true of the model? What deleting, and keeping, the words that it names does to the probability.

Legend: n = words, t = steps + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cowise.core.errors import InputError
from cowise.core.explanation import Explanation
from cowise.core.roles import Model
from cowise.core.types import Bools, Floats
from cowise.explain.game import Reader
from cowise.explain.words import Words

STEPS = 20
SHARES = (0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Faithfulness:
    """Curves (t,) of the target's probability while words are deleted, and inserted, highest score first.

    `deletion` and `insertion` are the areas under them, between 0 and 1: the lower, and the higher, the better.
    `comprehensiveness` is how far the probability falls without the share of words with the highest scores, higher is
    better; `sufficiency` how far it falls with them alone, lower is better.
    """

    deleted: Floats
    inserted: Floats
    deletion: float
    insertion: float
    shares: tuple[float, ...]
    comprehensiveness: tuple[float, ...]
    sufficiency: tuple[float, ...]


def faithfulness(
    model: Model, text: str, explanation: Explanation, *, steps: int = STEPS, shares: Sequence[float] = SHARES
) -> Faithfulness:
    """Curves and figures of an explanation, whatever method it came from. InputError where it is not of this text.

    Source: Petsiuk, Das & Saenko, BMVC 2018 (curves); DeYoung et al., ACL 2020 (sufficiency, comprehensiveness).
    """
    if steps < 1 or not all(0 < share <= 1 for share in shares):
        raise InputError(
            f"faithfulness: asked for {steps} steps and shares {list(shares)}; give steps from 1 and shares above 0"
        )
    cut = text[: explanation.read]
    if not explanation.words or any(cut[word.start : word.end] != word.text for word in explanation.words):
        raise InputError("faithfulness: the explanation is of another text; hand in the text that it explains")
    words = Words(cut, tuple((word.start, word.end) for word in explanation.words))
    reader = Reader(model, words)
    reader.aim(explanation.target)
    order = np.argsort([-word.score for word in explanation.words], kind="stable")
    gone = _first(order, np.linspace(0, 1, steps + 1))
    most = _first(order, np.asarray(shares, float))
    v = reader(np.concatenate([~gone, gone, ~most, most]))
    deleted, inserted = v[: steps + 1], v[steps + 1 : 2 * steps + 2]
    without, alone = np.split(deleted[0] - v[2 * steps + 2 :], 2)
    return Faithfulness(
        deleted, inserted, _area(deleted), _area(inserted), tuple(shares), tuple(without.tolist()), tuple(alone.tolist())
    )  # fmt: skip


def _first(order: np.ndarray, shares: Floats) -> Bools:
    """The first words of an order, so many of each share, at least one of any share above 0, (shares, n)."""
    n = len(order)
    counts = np.where(shares > 0, np.maximum(1, np.rint(shares * n)), 0)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    return np.asarray(place[None, :] < counts[:, None])


def _area(curve: Floats) -> float:
    return float((curve[1:] + curve[:-1]).mean() / 2)

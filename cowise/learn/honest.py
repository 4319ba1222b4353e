"""Left-out scores to honest probabilities: the link and the temperature with the least log loss.

Legend: n = answers, k = classes.
"""

from __future__ import annotations

from dataclasses import dataclass

from cowise.core.types import Floats, Indices
from cowise.measure.calibration import log_loss, softmax, temperature
from cowise.models.heads import link

FLOOR_TIMES_CLASSES = 0.4


@dataclass(frozen=True, slots=True)
class Honest:
    """A link and a temperature, the probabilities they give, (n, k), and their log loss."""

    loss: float
    heat: float
    floor: float
    p: Floats


def honest(scores_nk: Floats, y_n: Indices) -> Honest:
    """The better of the exponential and the power link; scores must come from fits without the item.

    On five real tasks the power link lowered log loss by 1 to 12 % on four and lost on one.
    """
    floors = (0.0, FLOOR_TIMES_CLASSES / scores_nk.shape[1])
    return min((_fit(scores_nk, y_n, floor) for floor in floors), key=lambda found: found.loss)


def _fit(scores_nk: Floats, y_n: Indices, floor: float) -> Honest:
    linked = link(scores_nk, floor)
    heat = temperature(linked, y_n)
    p = softmax(linked / heat)
    return Honest(log_loss(p, y_n), heat, floor, p)

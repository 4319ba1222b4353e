"""What is learned of sets as a whole: how labels come together, and how sure the likeliest set is.

Legend: m = answers, k = labels, s = known sets.
"""

from __future__ import annotations

import numpy as np

from cowise.core.types import Floats, Indices
from cowise.measure.calibration import temperature
from cowise.models.sets import SetBook, bits, together

_HOT = 4.0


def book(y_m: Indices, p_mk: Floats) -> SetBook:
    """The sets in answers `y_m`, weighed so that they are honest on `p_mk`, which must come from fits without the item.

    A set is as likely as its share among answers; the mass of sets never met (Good, Biometrika 1953: of those met once)
    is spread as if labels came by themselves. Of an item its own answer is left out of the count.
    """
    known, place, counts = np.unique(y_m, return_inverse=True, return_counts=True)
    held, m = bits(known, p_mk.shape[1]), len(y_m)
    base = np.clip((bits(y_m, p_mk.shape[1]).sum(axis=0) + 0.5) / (m + 1), 1e-4, 1 - 1e-4)
    alone = np.exp(together(base[None, :], held)[0])
    rest = (float((counts == 1).sum()) + 0.5) / (m + 1)
    weight = np.log(rest + (1 - rest) * counts / m / alone)
    without = np.log(rest + (1 - rest) * (counts - 1) / max(m - 1, 1) / alone)
    scores = together(p_mk, held) + weight
    scores[np.arange(m), place] += without[place] - weight[place]
    heat = min(temperature(scores, place.astype(np.int64)), _HOT)
    return SetBook(held.astype(np.float32), weight.astype(np.float32), heat)

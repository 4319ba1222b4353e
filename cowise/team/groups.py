"""One promise for each predicted label: the same procedure in every group, delta shared out.

It covers what the machine *said*, not what is true: promises about true labels are not covered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Bools

R = TypeVar("R")
Label = TypeVar("Label", bound=Hashable)


def group_delta(delta: float, groups: int, *, overall: bool = False) -> float:
    """Each group's share: delta / G, or delta / (G + 1) when a separate overall promise is made too.

    >>> group_delta(0.1, 4), round(group_delta(0.1, 4, overall=True), 3)
    (0.025, 0.02)
    """
    if groups < 1:
        raise InputError("groups: there is no predicted label to promise about")
    return delta / (groups + overall)


def by_label(
    predicted: Sequence[Label], certify: Callable[[Bools, float], R], delta: float, *, overall: bool = False
) -> dict[Label, R]:
    """Run `certify(mask, share of delta)` for each predicted label; `mask` (r,) marks its items.

    `certify` must count the delivered items of its own group (c_g = floor(max_error * N_g) + 1). The labels that
    share delta are those predicted, so they must come from a model frozen before the audits were answered.
    """
    values = np.asarray(predicted, dtype=object)
    labels = list(dict.fromkeys(predicted))
    share = group_delta(delta, len(labels), overall=overall)
    return {label: certify(np.asarray(values == label, bool), share) for label in labels}

from __future__ import annotations

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.team.batch import Sample, b1
from cowise.team.groups import by_label, group_delta


def test_each_predicted_label_gets_its_own_certificate() -> None:
    rng = np.random.default_rng(0)
    n = 4000
    predicted = np.where(rng.random(n) < 0.5, "bug", "praise")
    scores, tie, audited = rng.random(n), rng.permutation(n).astype(float), rng.random(n) < 0.2
    wrong = (predicted == "bug") & (rng.random(n) < 0.3)

    def certify(mask, delta):
        return b1(Sample(scores[mask], tie[mask], audited[mask], wrong[mask], int(mask.sum())), 0.05, delta)

    result = by_label(predicted.tolist(), certify, 0.1)
    assert result["praise"].delta == 0.05
    assert result["praise"].coverage > 0.7
    assert result["bug"].coverage < 0.3


def test_an_overall_promise_takes_a_share_too() -> None:
    assert by_label(["a", "b"], lambda mask, delta: (int(mask.sum()), delta), 0.3, overall=True) == {
        "a": (1, pytest.approx(0.1)),
        "b": (1, pytest.approx(0.1)),
    }
    with pytest.raises(InputError, match="no predicted label"):
        group_delta(0.1, 0)

"""The recipe that the human share is compared with is the one whose readings are published."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import fixed_recipe


@pytest.mark.parametrize(("seed", "at_5", "at_2"), [(0, 0.375, 0.55325), (1, 0.418, 0.5945), (2, 0.45225, 0.63825)])
def test_it_reads_what_the_reference_reads(seed: int, at_5: float, at_2: float) -> None:
    """Figures of the reference implementation, which is written apart from cowise, on the same made-up set.

    There one generator draws the pool, then the first labels, then one sample of audits for both promises.
    """
    made = np.random.default_rng(11)
    centres, y = made.normal(size=(3, 8)), made.integers(0, 3, 4000)
    x = centres[y] + 1.2 * made.normal(size=(4000, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(4000)
    at = fixed_recipe.train(x[rows], y[rows], rng)
    before = rng.bit_generator.state
    assert fixed_recipe.deliver(at, 0.05, 0.1, rng)[0] == pytest.approx(at_5)
    rng.bit_generator.state = before
    assert fixed_recipe.deliver(at, 0.02, 0.1, rng)[0] == pytest.approx(at_2)

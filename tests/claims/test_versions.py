"""Claims 1 and 3 for T: versions that follow one another share delta. In full: `benchmarks/claims/versions.py`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.claims.versions import (
    ANSWERS,
    DELTA,
    FIRST,
    MAX_ERROR,
    PATHS,
    TEXTS,
    VERSIONS,
    at_the_edge,
    ever,
    full,
    one_test_each,
    version,
)
from cowise.loop.shares import look_share
from cowise.team.anytime import look_delta

TRIALS = 120
SLACK = 3 * (DELTA * (1 - DELTA) / TRIALS) ** 0.5


@pytest.mark.parametrize("name", PATHS)
def test_versions_that_share_delta_are_ever_wrong_no_more_often_than_stated(name: str) -> None:
    ours, certified = ever(PATHS[name], look_delta, TRIALS)
    naive, _ = ever(PATHS[name], full, TRIALS)
    assert ours <= DELTA + SLACK
    assert certified > 0.1
    assert naive > DELTA + SLACK, "each version at the full delta"


def test_evidence_reaches_its_exact_level_and_not_more() -> None:
    exact, seen = at_the_edge(look_delta, 1000)
    assert exact <= DELTA
    assert 0.6 * exact <= seen <= exact + 3 * (exact * (1 - exact) / 1000) ** 0.5
    assert at_the_edge(full, 300)[1] > 2 * DELTA


def test_an_exact_test_of_each_version_reaches_its_level_and_not_more() -> None:
    """At the shares that the loop spends: .8 of delta at first, the rest on all that follow."""
    exact, seen = one_test_each(look_share, 20_000)
    assert 0.8 * DELTA <= exact <= DELTA
    assert abs(seen - exact) <= 4 * (exact * (1 - exact) / 20_000) ** 0.5
    assert one_test_each(full, 2000)[0] > 3 * DELTA


def test_versions_are_as_they_are_called_and_their_worst_region_lies_at_the_edge() -> None:
    for name, steps in (("each better than the last", -1), ("each worse than the last", 1)):
        errors, edges = np.zeros(VERSIONS), list[float]()
        for seed in range(6):
            rng = np.random.default_rng(seed)
            for j, spoiled in enumerate(PATHS[name]):
                one = version(rng.integers(TEXTS, size=FIRST + j * ANSWERS), spoiled, rng)
                assert one.risks[-1] >= MAX_ERROR
                edges.append(one.risks[-1])
                errors[j] += one.wrong.mean()
        change = steps * np.diff(errors) / 6
        assert change.min() > -0.002, (name, change)
        assert change.sum() > 0.02, (name, change)
        assert np.median(edges) < 1.01 * MAX_ERROR

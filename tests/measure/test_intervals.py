"""Exact intervals against scipy.stats; the others at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cowise.measure.intervals import clopper_pearson, log_odds, skewed_mean


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.5, 0.999))
def test_clopper_pearson_is_that_of_scipy(found: int, more: int, confidence: float) -> None:
    n = found + more - 1 or 1
    found = min(found, n)
    exact = binomtest(found, n).proportion_ci(confidence, method="exact")
    assert clopper_pearson(found, n, confidence) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_of_no_cases_a_share_may_be_anything() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_without_skewness_it_is_the_normal_interval() -> None:
    values = np.tile([0.0, 1.0], 200)
    low, high = skewed_mean(values) or (0, 0)
    half = 1.959964 * values.std(ddof=1) / 20
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)


@given(st.lists(st.floats(0, 5), min_size=3, max_size=50))
def test_mirrored_values_have_a_mirrored_interval(values: list[float]) -> None:
    there, mirrored = skewed_mean(np.array(values)), skewed_mean(-np.array(values))
    assert (there is None) == (mirrored is None)
    if there and mirrored:
        assert there == pytest.approx((-mirrored[1], -mirrored[0]), abs=1e-9)
        assert there[0] <= np.mean(values) <= there[1]


def test_no_spread_no_interval() -> None:
    assert skewed_mean(np.full(9, 0.1)) is None
    assert skewed_mean(np.array([0.3])) is None
    assert log_odds(1.0, 0.1) is None
    assert log_odds(0.5, 0.0) is None

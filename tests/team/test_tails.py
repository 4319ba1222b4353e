from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from cowise.core.errors import InputError
from cowise.team.tails import (
    answers_needed,
    binomial_cdf,
    errors_allowed,
    errors_that_break,
    exact_share,
    hypergeom_cdf,
    least,
    log_binomial_cdf,
    log_hypergeom_cdf,
)

AUDITED = {  # audited accepted items needed at 0, 1, 2, 5, 10 errors
    (0.01, 0.05): [299, 473, 628, 1049, 1693],
    (0.02, 0.05): [149, 236, 313, 523, 845],
    (0.02, 0.10): [114, 194, 265, 462, 768],
    (0.05, 0.05): [59, 93, 124, 208, 336],
    (0.05, 0.10): [45, 77, 105, 184, 306],
}


@pytest.mark.parametrize(("rates", "row"), AUDITED.items())
def test_audited_items_table(rates: tuple[float, float], row: list[int]) -> None:
    assert [answers_needed(*rates, k) for k in (0, 1, 2, 5, 10)] == row


def test_floors_are_of_the_decimal_that_was_written() -> None:
    assert errors_that_break(0.29, 100) == 30
    assert errors_that_break(0.07, 100) == 8
    assert errors_that_break(1e-05, 100_000) == 2
    assert exact_share(np.float64(0.1)) == Fraction(1, 10)
    assert errors_that_break(0.5, 0) == 1


@given(st.integers(1, 999), st.integers(0, 10**7))
def test_floors_agree_with_integers(per_mille: int, n: int) -> None:
    c = errors_that_break(per_mille / 1000, n)
    assert (c - 1) * 1000 <= per_mille * n < c * 1000


@given(st.integers(-2, 400), st.integers(0, 400), st.floats(1e-6, 0.999))
def test_binomial_agrees_with_the_oracle(k: int, n: int, p: float) -> None:
    assert binomial_cdf(k, n, p) == pytest.approx(binom.cdf(k, n, p), rel=1e-9, abs=1e-300)
    if np.isfinite(expected := binom.logcdf(k, n, p)):  # the oracle underflows where ours does not
        assert log_binomial_cdf(k, n, p) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(st.data())
def test_hypergeometric_agrees_with_the_oracle(data: st.DataObject) -> None:
    N = data.draw(st.integers(1, 800))
    K, n = data.draw(st.integers(0, N)), data.draw(st.integers(0, N))
    k = data.draw(st.integers(-1, N))
    assert hypergeom_cdf(k, N, K, n) == pytest.approx(hypergeom.cdf(k, N, K, n), rel=1e-8, abs=1e-15)


def test_tails_broadcast_and_keep_their_digits() -> None:
    k = np.arange(5)
    assert hypergeom_cdf(k, 6000, 121, 300) == pytest.approx(hypergeom.cdf(k, 6000, 121, 300), rel=1e-9)
    assert binomial_cdf(k[:, None], np.array([10, 20]), 0.3).shape == (5, 2)
    assert np.isneginf(log_binomial_cdf(-1, 10, 0.5))
    assert -np.inf < log_hypergeom_cdf(0, 100_000, 20_000, 20_000) < -4000


def test_what_is_not_a_share_or_count_is_refused() -> None:
    for call in (
        lambda: errors_that_break(0.0, 10),
        lambda: errors_that_break(0.1, -1),
        lambda: answers_needed(0.1, 1.0),
        lambda: answers_needed(0.1, 0.1, -1),
        lambda: hypergeom_cdf(0, 5, 6, 1),
    ):
        with pytest.raises(InputError):
            call()


@given(st.sampled_from([0.01, 0.02, 0.05, 0.2]), st.sampled_from([0.05, 0.1]), st.integers(1, 500))
def test_errors_allowed_is_the_last_that_passes(max_error: float, delta: float, n: int) -> None:
    k = errors_allowed(max_error, delta, n)
    assert k == -1 or binomial_cdf(k, n, max_error) <= delta
    assert binomial_cdf(k + 1, n, max_error) > delta


def test_no_answers_allow_nothing() -> None:
    assert errors_allowed(0.05, 0.1, 0) == -1


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_least_finds_the_step(start: int, step: int) -> None:
    assert least(lambda i: i >= step, start) == max(start, step)
    assert least(lambda i: i >= step, 0, stop=500) == min(step, 500)

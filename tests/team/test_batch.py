from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from cowise.core.errors import GuaranteeError, InputError
from cowise.team.batch import Sample, b1, b2, b2_tail


def sample(n: int, audits: int, risk: float, seed: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    scores = rng.random(n).round(2)
    audited = np.zeros(n, bool)
    audited[rng.choice(n, audits, replace=False)] = True
    return Sample(scores, rng.permutation(n).astype(float), audited, rng.random(n) < risk * 2 * (1 - scores), n)


def plain_walk(s: Sample, breaking: int, delta: float) -> int:
    """The definition, item by item, with another library's tail."""
    m = k = 0
    for N, item in enumerate(s.order, start=1):
        m += bool(s.audited[item])
        k += bool(s.audited[item] and s.wrong[item])
        if breaking + k <= N - m + k and hypergeom.cdf(k, N, breaking + k, m) > delta:
            return N - 1
    return len(s.order)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.03, 0.2]), st.integers(60, 250))
def test_b1_is_the_walk_item_by_item(seed: int, risk: float, audits: int) -> None:
    s = sample(500, audits, risk, seed)
    stop = plain_walk(s, 26, 0.1)
    result = b1(s, 0.05, 0.1)
    if result.granted:
        assert result.stop == stop
        accepted = np.zeros(500, bool)
        accepted[s.order[:stop]] = True
        assert np.array_equal(result.accepts(s.scores, s.tie), accepted)
        assert result.n_automated == (accepted & ~s.audited).sum() >= 26
        assert result.p <= 0.1
    else:
        assert stop - s.audited[s.order[:stop]].sum() < 26


def test_b1_names_what_is_missing() -> None:
    with pytest.raises(GuaranteeError, match=r"at least 112 audited items, got 30; audit 82 more"):
        b1(sample(6000, 30, 0.0), 0.02, 0.1)


def test_b1_grants_nothing_to_a_bad_model_and_says_so() -> None:
    s = sample(2000, 300, 0.9)
    s = Sample(s.scores, s.tie, s.audited, np.ones(2000, bool), 2000)
    result = b1(s, 0.02, 0.1)
    assert not result.granted
    assert result.reason.startswith("no certificate")
    assert not result.accepts(s.scores, s.tie).any()


def test_b1_needs_no_evidence_where_nothing_can_break() -> None:
    s = Sample(np.arange(10.0), np.arange(10.0), np.zeros(10, bool), np.zeros(10, bool), 1000)
    assert b1(s, 0.05, 0.1).n_automated == 10
    empty = np.zeros(0)
    assert not b1(Sample(empty, empty, empty.astype(bool), empty.astype(bool), 5), 0.05, 0.1).granted


def test_b1_of_everything_audited_automates_nothing() -> None:
    s = Sample(np.arange(10.0), np.arange(10.0), np.ones(10, bool), np.zeros(10, bool), 10)
    assert b1(s, 0.05, 0.1).n_automated == 0


def test_b2_tests_one_threshold() -> None:
    s = sample(2000, 400, 0.02)
    good = b2(s, 0.5, 0.05, 0.1)
    assert good.granted
    assert good.of == "selective"
    assert good.p == b2_tail(int((s.scores >= 0.5).sum()), good.n_audited, good.n_errors, 0.05)
    bad = b2(sample(2000, 400, 0.9), 0.0, 0.05, 0.1)
    assert not bad.granted
    assert bad.reason.endswith("too many")


def test_b2_refuses_more_than_half_and_too_few() -> None:
    with pytest.raises(GuaranteeError, match="only up to half"):
        b2(sample(25, 22, 0.1), 0.0, 0.37, 0.2)
    with pytest.raises(GuaranteeError, match=r"needs at least \d+ audited items among them"):
        b2(sample(2000, 60, 0.0), 0.9, 0.02, 0.1)


def test_a_region_too_small_to_break_is_certain() -> None:
    assert b2_tail(0, 0, 0, 0.05) == 0.0


def test_arrays_that_do_not_fit_are_refused() -> None:
    ones = np.ones(4)
    with pytest.raises(InputError, match="audited"):
        Sample(ones, ones, np.ones(3, bool), np.ones(4, bool), 4)
    with pytest.raises(InputError, match="NaN"):
        Sample(ones * np.nan, ones, np.ones(4, bool), np.ones(4, bool), 4)
    with pytest.raises(InputError, match="rest alone has 4"):
        Sample(ones, ones, np.ones(4, bool), np.ones(4, bool), 3)


def test_items_that_are_gone_lower_what_is_promised_about_and_not_the_test() -> None:
    s = sample(2000, 400, 0.02)
    inside = s.scores >= 0.5
    gone = inside & ~s.audited & (np.arange(2000) % 3 == 0)
    whole, part = b2(s, 0.5, 0.05, 0.1), b2(replace(s, gone=gone), 0.5, 0.05, 0.1)
    assert part.n_automated == whole.n_automated - int(gone.sum())
    assert part.p > whole.p
    assert part.p == b2_tail(int(inside.sum()), part.n_audited, part.n_errors, 0.05, gone=int(gone.sum()))
    audited = replace(s, gone=s.audited | ~inside)
    assert b2(audited, 0.5, 0.05, 0.1) == whole, "audits, and what lies outside of the region, do not count"


def test_whoever_takes_right_items_out_breaks_no_promise() -> None:
    """The worst there is: knowing the errors and the answers, somebody answers just so many right ones that the promise breaks."""
    rng, n, m, alpha, delta, errors, trials = np.random.default_rng(4), 800, 150, 0.05, 0.1, 26, 1500
    naive = broken = granted = 0
    for _ in range(trials):
        wrong, audited, gone = (np.zeros(n, bool) for _ in range(3))
        wrong[rng.choice(n, errors, replace=False)] = True
        audited[rng.choice(n, m, replace=False)] = True
        right, left = np.flatnonzero(~wrong & ~audited), int((wrong & ~audited).sum())
        gone[right[: max(0, n - m - int(left / alpha) + 1)]] = True
        breaks = bool(wrong[~audited & ~gone].mean() > alpha)
        s = Sample(np.ones(n), np.arange(float(n)), audited, wrong & audited, n)
        naive += b2(s, 0.0, alpha, delta).granted and breaks
        told = b2(replace(s, gone=gone), 0.0, alpha, delta).granted
        broken, granted = broken + (told and breaks), granted + told
    slack = 3 * (delta * (1 - delta) / trials) ** 0.5
    assert naive / trials > delta + slack
    assert 0 < broken / trials <= delta + slack
    assert granted > 0

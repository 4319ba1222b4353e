from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.team.anytime import (
    allowed,
    certified_path,
    log_evidence,
    look_delta,
    look_sizes,
    next_attempt,
    see,
    watch,
)

CUTS = np.array([0.8, 0.5, 0.2])


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.02, 0.3]))
def test_folding_equals_the_path(seed: int, risk: float) -> None:
    rng = np.random.default_rng(seed)
    scores, wrong = rng.random(150), rng.random(150) < risk
    state, seen = watch(CUTS, 0.05, 0.1), []
    for score, bad in zip(scores, wrong, strict=True):
        state = see(state, float(score), bool(bad))
        verdict = allowed(state)
        seen.append(0 if not verdict.granted else CUTS.tolist().index(verdict.threshold) + 1)
    assert seen == certified_path(scores, wrong, CUTS, 0.05, 0.1).tolist()


def test_evidence_is_a_fair_bet_at_the_promised_error() -> None:
    # one step from any state keeps its expectation under risk exactly max_error: that is all Ville needs
    m, k = np.array([0, 10, 200]), np.array([0, 3, 1])
    now, right, wrong = (np.exp(log_evidence(*at, 0.05)) for at in ((m, k), (m + 1, k), (m + 1, k + 1)))
    assert 0.95 * right + 0.05 * wrong == pytest.approx(now, rel=1e-12)
    assert log_evidence(0, 0, 0.05) == pytest.approx(0, abs=1e-12)


def test_delivered_evidence_counts_every_answer() -> None:
    state = watch(CUTS, 0.05, 0.1, of="delivered")
    for i in range(80):
        state = see(state, i / 80, wrong=False)
    verdict = allowed(state)
    assert verdict.threshold == 0.2
    assert verdict.n_audited == 80
    assert verdict.coverage == pytest.approx(0.8)


def test_skips_count_as_errors_and_stop_the_walk() -> None:
    state = watch(CUTS, 0.05, 0.1)
    for _ in range(100):
        state = see(state, 0.9, wrong=None)
    assert not allowed(state).granted
    assert allowed(state).reason.startswith("no certificate yet")


def test_what_was_reached_stays_reached() -> None:
    state = watch(np.array([0.5]), 0.05, 0.1)
    for _ in range(100):
        state = see(state, 0.9, wrong=False)
    assert allowed(state).granted
    for _ in range(50):
        state = see(state, 0.9, wrong=True)
    assert allowed(state).granted  # withdrawal is the alarm's business, not the certificate's


def test_regions_must_fall_strictly() -> None:
    for cuts in ([], [0.5, 0.5], [0.2, 0.4], [np.nan]):
        with pytest.raises(InputError, match="regions"):
            watch(np.array(cuts), 0.05, 0.1)


def test_looks_spend_delta_once() -> None:
    assert sum(look_delta(0.1, j) for j in range(10_000)) == pytest.approx(0.1, rel=1e-3)
    assert look_sizes(10, 5) == ()
    for call in (lambda: look_delta(0.1, -1), lambda: look_sizes(0, 5), lambda: look_sizes(5, 9, 1.0)):
        with pytest.raises(InputError):
            call()


def test_words_for_the_next_attempt() -> None:
    assert next_attempt(0.02, 0.05, 1) == "a new attempt of 236 answers passes if at most 1 is wrong"
    assert next_attempt(0.02, 0.05, 2) == "a new attempt of 313 answers passes if at most 2 are wrong"

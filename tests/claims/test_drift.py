"""Claim 4: a stream under watch. In full: `benchmarks/claims/drift.py`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.claims.drift import ASKED, last_hundred, run_lengths, stream
from cowise.core.types import Promise
from cowise.team.alarm import RUN_LENGTH, accepted_rate, begin, see


def test_a_false_alarm_takes_as_long_as_declared() -> None:
    """Cut off at four times the length, the mean can only come out shorter."""
    found = run_lengths(0.02, 0.02, 300, 1, most=20_000)
    assert found.mean() >= RUN_LENGTH


@pytest.mark.parametrize("risk", ASKED)
def test_a_true_alarm_comes_as_soon_as_asked(risk: float) -> None:
    found = run_lengths(risk, 0.02, 500, 2)
    assert abs(found.mean() / ASKED[risk] - 1) <= 0.15


def test_a_promise_of_everything_that_is_kept_raises_no_false_alarm() -> None:
    kept = accepted_rate(Promise(0.02, 0.9), 0.7)
    assert run_lengths(0.025, kept, 200, 3, most=12_000).mean() > RUN_LENGTH
    assert run_lengths(0.025, 0.02, 200, 3, most=12_000).mean() < RUN_LENGTH, "at the promise's own rate it does"


def test_the_last_hundred_sound_without_cause() -> None:
    assert last_hundred(0.02, 0.02, 50, 4) > 0.95


def test_error_after_recovery() -> None:
    watched = [stream(seed, watched=True) for seed in range(60)]
    fixed = [stream(seed, watched=False) for seed in range(20)]
    broken = np.mean([run["after"] > 0.03 for run in watched])
    assert broken <= 0.1 + 3 * (0.1 * 0.9 / 60) ** 0.5
    assert np.mean([run["after"] for run in watched]) <= 0.03
    assert np.mean([run["after"] > 0.03 for run in fixed]) > 0.9
    assert all(run["delay"] < 20_000 for run in watched)


def test_the_benchmark_counts_as_the_package_does() -> None:
    rng = np.random.default_rng(7)
    wrong = rng.random((1, 400))[0] < 0.1
    sounded = see(begin(0.02), wrong.tolist()).sounded
    again = np.random.default_rng(7)
    draws = np.array([again.random(1)[0] < 0.1 for _ in range(400)])
    assert sounded == see(begin(0.02), draws.tolist()).sounded == run_lengths(0.1, 0.02, 1, 7)[0]

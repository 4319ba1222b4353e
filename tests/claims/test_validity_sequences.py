"""Claim 1: B2 at a preset threshold, and T, P1, S2 over versions that share delta. In full: `benchmarks/claims/sequences.py`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.claims.profiles import block_last, confident_errors, flat, profile_a, profile_b
from benchmarks.claims.sequences import (
    EXACT,
    SEQUENCES,
    SHARES,
    Share,
    b2_exact,
    b2_trials,
    carried_over,
    judged,
    loosest_that_passes,
    reserved_after_looks,
    t_sequence,
)
from cowise.loop.shares import look_share

DELTA = 0.1
PROFILES = {
    "a": profile_a(np.random.default_rng(1)), "b": profile_b(np.random.default_rng(2)), "last": block_last(400),
    "first": confident_errors(400), "flat": flat(0.05),
}  # fmt: skip


def slack(trials: int, level: float = DELTA) -> float:
    return level + 3 * float(np.sqrt(level * (1 - level) / trials))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("coverage", [0.3, 0.6, 0.0])
def test_b2_keeps_its_promise_at_a_preset_threshold(profile: str, coverage: float) -> None:
    for cell in ((100, 0.05, 0.1), (300, 0.02, 0.1), (300, 0.05, 0.05)):
        seen = b2_trials(PROFILES[profile], coverage, cell, 100)
        assert seen.violation <= seen.slack(cell[2]), (cell, seen)


def test_b2_is_worth_having_where_the_region_is_good() -> None:
    assert b2_trials(PROFILES["a"], 0.6, (300, 0.05, 0.1), 50).automated > 0.4


@pytest.mark.parametrize(("region", "kappa", "rates"), EXACT)
def test_b2_reaches_its_exact_level_and_not_more(region: int, kappa: int, rates: tuple[float, float]) -> None:
    """At the worst number of errors: the exact chance lies just below delta, and the trials find it."""
    found = b2_exact(region, kappa, rates, 600)
    assert 0.95 * rates[1] <= found["worst_exact"] <= rates[1]
    assert 0.5 * rates[1] <= found["violation"] <= slack(600, found["worst_exact"])


def test_the_loosest_region_that_passes_fails() -> None:
    assert loosest_that_passes(PROFILES["flat"], (1000, 0.05, 0.1), 300).violation > slack(300)


def ever(title: str, share: Share, trials: int) -> tuple[float, float]:
    rng = np.random.default_rng(5)
    runs = [t_sequence(SEQUENCES[title], DELTA, share, rng) for _ in range(trials)]
    return float(np.mean([b for b, _ in runs])), float(np.mean([c for _, c in runs]))


@pytest.mark.parametrize("title", SEQUENCES)
def test_t_over_versions_that_share_delta(title: str) -> None:
    broken, _ = ever(title, SHARES["shared"], 150)
    assert broken <= slack(150)


def test_t_over_versions_certifies_good_ones() -> None:
    assert ever("three good versions", SHARES["shared"], 40)[1] > 0.5


def test_each_version_at_the_full_delta_fails() -> None:
    broken, _ = ever("five versions, surer half good", SHARES["full delta for each"], 200)
    assert broken > slack(200)
    assert broken > 2 * DELTA


def test_evidence_carried_over_from_an_earlier_version_fails() -> None:
    rng = np.random.default_rng(5)
    runs = [carried_over(SEQUENCES["three versions, good, worse, just worse"], DELTA, rng)[0] for _ in range(60)]
    assert np.mean(runs) > 0.5


@pytest.mark.parametrize("method", ["p1", "s2"])
def test_versions_judged_in_the_shadow_share_delta(method: str) -> None:
    trials = 600
    found = {}
    for name, share in (("shared", look_share), ("full", SHARES["full delta for each"])):
        rng = np.random.default_rng(6)
        found[name] = float(np.mean([judged(method, DELTA, share, rng)[0] for _ in range(trials)]))
    assert found["shared"] <= slack(trials)
    assert found["full"] > slack(trials)


def test_reserved_texts_that_audited_an_earlier_look_still_keep_their_share() -> None:
    """The version that they judge was let through by a look that some of them audited: covered by the shares of all looks."""
    rng, trials, delta = np.random.default_rng(8), 1500, 0.2
    runs = np.array([reserved_after_looks(delta, rng) for _ in range(trials)])
    later = delta - look_share(delta, 0)  # what every look after the first may spend, all together
    assert runs[:, 0].mean() <= slack(trials, later)
    assert runs[:, 1].mean() > slack(trials, delta), "the same texts for each version at full delta do not"

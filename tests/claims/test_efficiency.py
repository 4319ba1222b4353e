"""Claim 2: a kept promise that automates more than the alternatives, on published scores."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.claims.holm import holm, rejected
from benchmarks.claims.pac_labels import pac_labels, saved
from benchmarks.claims.profiles import block_last, real
from benchmarks.claims.trials import STREAMS, b1_rule, batch_trials, out_rule, stream_trials, subset_trials


def test_holm_is_holm() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])
    assert rejected(p, 0.05).tolist() == [True, False, False, True]
    assert rejected(np.array([0.001, 0.001]), 0.05).all()


def test_pac_labels_keeps_its_own_promise() -> None:
    scores, wrong = block_last(200, 2000)
    rng = np.random.default_rng(0)
    runs = [pac_labels(1 - scores / 2000, wrong, 300, 0.05, 0.05, rng) for _ in range(40)]
    assert np.mean([(wrong & keep).mean() > 0.05 for keep in runs]) <= 0.15
    assert np.mean([keep.mean() for keep in runs]) > 0.5


@pytest.mark.shared_data
def test_pac_labels_saves_what_its_authors_state() -> None:
    assert saved("misinfo_gpt4o", trials=60)[0] == pytest.approx(0.182, abs=0.025)
    assert saved("stance_gpt4o", trials=60)[0] == pytest.approx(0.273, abs=0.025)


@pytest.mark.shared_data
def test_s2_automates_at_least_a_third_more_than_holm() -> None:
    population = real("20news_oof")
    ours = stream_trials(population, STREAMS["s2"], 300, (0.05, 0.1), 200)
    theirs = stream_trials(population, holm, 300, (0.05, 0.1), 200)
    assert ours.automated >= 1.3 * theirs.automated
    assert ours.violation <= ours.slack(0.1)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "kappa", "least"), [("misinfo_gpt4o", 26, 0.256), ("stance_gpt4o", 12, 0.31)])
def test_out_saves_more_labels_than_pac_labels(name: str, kappa: int, least: float) -> None:
    # at most 500 answers by lot; the tolerated errors are preset, as a forecast would set them
    seen = batch_trials(real(name), out_rule(0.05, 0.05, kappa, cap=500), 0.05, 600)
    assert seen.automated >= least
    assert seen.violation <= seen.slack(0.05)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["20news_oof", "imdb_oof"])
def test_out_asks_people_less_than_b1(name: str) -> None:
    population = real(name)
    out = subset_trials(population, out_rule(0.02, 0.1, 5), 0.02, 150)
    b1 = subset_trials(population, b1_rule(0.02, 0.1, 300), 0.02, 150)
    assert 1 - out.automated <= 0.92 * (1 - b1.automated)
    assert out.violation <= out.slack(0.1)

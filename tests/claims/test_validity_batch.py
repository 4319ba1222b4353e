"""Claim 1, finite batches: OUT and B1 break their promise no more often than stated, and still automate."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.claims import naive
from benchmarks.claims.profiles import (
    block_last,
    confident_errors,
    flat,
    profile_a,
    profile_b,
    real,
)
from benchmarks.claims.trials import b1_rule, batch_trials, design, out_for, out_rule, subset_trials
from cowise.team.out import break_chance, kappa_allowed
from cowise.team.tails import errors_that_break

CELLS = [(n, a, d) for n in (100, 300, 1000) for a in (0.02, 0.05) for d in (0.05, 0.1)]
A, B = profile_a(np.random.default_rng(1)), profile_b(np.random.default_rng(2))
RULES = {"out": out_for, "b1": b1_rule}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("profile", ["a", "b"])
def test_binormal_promises_are_kept_and_worth_having(profile: str, rule: str) -> None:
    population = A if profile == "a" else B
    for n, max_error, delta in CELLS:
        seen = batch_trials(population, RULES[rule](max_error, delta, n), max_error, 40, seed=n)
        assert seen.violation <= seen.slack(delta), (n, max_error, delta, seen)
        if break_chance(6000, errors_that_break(max_error, 6000), 0, n) <= delta:
            assert seen.automated > 0, (n, max_error, delta, seen)


@pytest.mark.parametrize("rule", RULES)
def test_errors_where_the_model_is_surest_or_least_sure(rule: str) -> None:
    for errors in (121, 130, 400):
        for population in (block_last(errors), confident_errors(errors)):
            seen = batch_trials(population, RULES[rule](0.02, 0.1, 300), 0.02, 80)
            assert seen.violation <= seen.slack(0.1), (errors, seen)


def test_out_reaches_its_exact_level_and_not_more() -> None:
    plan = design(6000, 6000, 0.02, 0.1, 3)
    assert 0.09 < plan.p <= 0.1
    seen = batch_trials(flat(0.1), out_rule(0.02, 0.1, 3), 0.02, 1000)
    assert 0.5 * plan.p <= seen.violation <= seen.slack(plan.p)
    assert seen.automated > 0.05


def test_out_keeps_its_level_under_a_cap_and_total_ties() -> None:
    scores, wrong = flat(0.1)
    seen = batch_trials((np.zeros_like(scores), wrong), out_rule(0.02, 0.1, 5, cap=200), 0.02, 600)
    assert seen.violation <= seen.slack(0.1)
    assert seen.automated > 0.05


def test_b1_reaches_its_exact_level_and_not_more() -> None:
    # all errors at the very end: the walk gets there, and breaks when at most kappa of c + kappa are sampled
    kappa = kappa_allowed(6000, 121, 1000, 0.1)
    exact = break_chance(6000, 121, kappa, 1000)
    seen = batch_trials(block_last(121 + kappa), b1_rule(0.02, 0.1, 1000), 0.02, 400)
    assert 0.5 * exact <= seen.violation <= seen.slack(exact)
    assert seen.automated > 0.7


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["20news_oof", "imdb_oof", "misinfo_gpt4o", "stance_gpt4o"])
def test_real_scores(name: str) -> None:
    population = real(name)
    for rule in (out_for, b1_rule):
        for n in (300, 1000):
            seen = subset_trials(population, rule(0.05, 0.1, n), 0.05, 60)
            assert seen.violation <= seen.slack(0.1), (rule, n, seen)
            assert seen.automated > 0


def test_choosing_kappa_after_the_answers_fails() -> None:
    seen = batch_trials(flat(0.1), naive.kappa_afterwards(0.02, 0.1), 0.02, 60)
    assert seen.violation > seen.slack(0.1)
    assert seen.violation > 0.25


def test_breaking_ties_by_the_lots_fails() -> None:
    scores, wrong = flat(0.1)
    rng = np.random.default_rng(0)
    runs = [naive.ties_by_lot(np.zeros_like(scores), wrong, rng, (0.02, 0.1), 3) for _ in range(50)]
    assert np.mean([(wrong & auto).mean() > 0.02 for auto in runs]) > 0.9


def test_calibrating_on_deferred_labels_fails() -> None:
    seen = batch_trials(confident_errors(400), naive.deferred_labels(0.02, 0.1, 300), 0.02, 20)
    assert seen.violation == 1

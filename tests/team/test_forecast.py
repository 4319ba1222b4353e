"""Forecasts: the curve falls, the walk's outlook is what walks do, the gain stays within bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.team import out
from cowise.team.forecast import Curve, error_curve, learning_gain, outlook
from cowise.team.tails import errors_that_break

EVEN = np.linspace(0, 3, 61)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=120),
    st.sampled_from([0.2, 1.0, 50.0]),
)
def test_the_curve_falls_and_stays_a_probability(seen, scale):
    past = np.array([scale * margin for margin, _ in seen], dtype=np.float64)
    curve = error_curve(past, np.array([wrong for _, wrong in seen], dtype=bool))
    risk = curve.risk(scale * EVEN)
    assert (np.diff(risk) <= 1e-12).all()
    assert 0 < risk.min() <= risk.max() < 1
    assert curve.slope > 0
    assert curve.floor < 0.6


def test_the_curve_finds_the_truth_where_items_were_asked_by_margin():
    """Asking mostly at small margins bends the average error, not the curve."""
    rng = np.random.default_rng(0)
    past = rng.beta(1, 5, 6000)
    wrong = rng.random(6000) < 1 / (1 + np.exp(7 * past + 0.4))
    curve = error_curve(past, wrong)
    at = np.linspace(0, 1, 11)
    truth = 1 / (1 + np.exp(7 * at + 0.4))
    assert np.abs(curve.risk(at) - truth).max() < 0.03
    uniform = rng.random(4000)
    fresh = (rng.random(4000) < 1 / (1 + np.exp(7 * uniform + 0.4))).mean()
    assert curve.risk(uniform).mean() == pytest.approx(fresh, abs=0.02)
    assert wrong.mean() > 1.5 * fresh


def test_newer_predictions_weigh_more():
    past = np.full(600, 0.5)
    better = error_curve(past, np.arange(600) < 300).risk(np.array([0.5]))
    worse = error_curve(past, np.arange(600) >= 300).risk(np.array([0.5]))
    assert better < 0.45 < 0.55 < worse


def test_errors_where_the_model_is_sure_raise_the_floor():
    rng = np.random.default_rng(0)
    past = rng.random(2000) * 2
    bent = 1 / (1 + np.exp(8 * past))
    clean = error_curve(past, rng.random(2000) < bent)
    noisy = error_curve(past, rng.random(2000) < np.maximum(bent, 0.03))
    assert clean.floor < 0.01
    assert 0.02 < noisy.risk(np.array([2.0])) < 0.045


def test_without_a_prediction_the_prior_speaks():
    curve = error_curve(np.zeros(0), np.zeros(0, dtype=bool))
    assert (curve.start, curve.slope) == (0.0, 6.0)
    assert curve.floor == pytest.approx(0.005)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 30), st.floats(-3, 3), st.integers(0, 200))
def test_gain_is_bounded(seed, growth, shift, n):
    rng = np.random.default_rng(seed)
    before = rng.random(n)
    gain = learning_gain(Curve(0.0, 8.0, 0.001), before, before + shift, growth)
    assert 0 <= gain <= 1.2
    if n == 0 or growth <= 1:
        assert gain == 0.4


def test_gain_is_the_exponent_that_was_there():
    curve = Curve(0.0, 8.0, 0.0)
    before, after = np.full(50, 0.3), np.full(50, 0.4)
    exponent = np.log(curve.risk(before).sum() / curve.risk(after).sum()) / np.log(8)
    trust = np.log(8) / (np.log(8) + 0.2)
    assert learning_gain(curve, before, after, 8.0) == pytest.approx(trust * exponent + (1 - trust) * 0.4)
    assert learning_gain(curve, after, before, 8.0) == 0.0


def played(risks, n_items, max_error, kappa, times, seed):
    """Mean number of items that real walks automate, errors drawn by their risks, lots drawn anew."""
    rng = np.random.default_rng(seed)
    rest = len(risks)
    plan = out.design(n_items, rest, max_error, 0.1, kappa)
    sure, tie = -np.arange(rest, dtype=np.float64), np.zeros(rest)
    found = [
        out.automated(out.play(out.begin(plan, sure, tie, rng.permutation(rest) + 0.0), rng.random(rest) < risks)).sum()
        for _ in range(times)
    ]
    return plan, float(np.mean(found)), float(np.std(found) / times**0.5)


@pytest.mark.parametrize(("top", "kappa"), [(0.01, 0), (0.02, 2), (0.05, 5), (0.3, 5), (0.5, 20)])
def test_the_outlook_is_what_walks_do(top, kappa):
    """Within 2 % of the items, against walks with real designs: fixed samples, Bernoulli errors."""
    risks = top * np.linspace(0, 1, 2000) ** 3 + 0.002
    plan, mean, noise = played(risks, 2400, 0.05, kappa, 400, seed=kappa)
    breaking = errors_that_break(0.05, 2400)
    foretold = float(outlook(risks, breaking, kappa, plan.lots, 2000).sum())
    assert abs(foretold - mean) <= 0.02 * 2000 + 3 * noise


def test_the_outlook_of_the_poisson_walk_by_monte_carlo():
    rng = np.random.default_rng(1)
    risks = np.linspace(0, 0.2, 500)
    rate = 100 / 500
    before = np.concatenate(
        [np.zeros((20_000, 1)), np.cumsum(rng.poisson(rate * risks, (20_000, 500)), axis=1)[:, :-1]], axis=1
    )
    counted = (1 - rate) * (before <= 3).mean(axis=0)
    assert np.abs(outlook(risks, 26, 3, 100, 500) - counted).max() < 0.02


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 12), st.data())
def test_the_outlook_falls_outward_and_rises_with_tolerance(risks, kappa, data):
    lots = data.draw(st.integers(0, len(risks)))
    found = outlook(np.array(risks), 5, kappa, lots, len(risks))
    more = outlook(np.array(risks), 5, kappa + 1, lots, len(risks))
    assert (np.diff(found) <= 1e-12).all()
    assert (more >= found - 1e-12).all()
    assert ((found >= 0) & (found <= 1 - lots / len(risks) + 1e-12)).all()


def test_the_outlook_of_nothing():
    assert outlook(np.zeros(0), 1, 0, 0, 0).shape == (0,)


def test_a_walk_for_several_labels_ends_where_the_first_of_them_does():
    risks = np.full(1000, 0.05)
    one = outlook(risks, 60, 2, 100, 1000)
    assert np.allclose(outlook(risks, 60, 2, 100, 1000, (1.0,)), one)
    two = outlook(risks, 60, 2, 100, 1000, (0.5, 0.5))
    both = outlook(risks, 60, 2, 100, 1000, (1.0, 1.0))
    assert (both <= one + 1e-12).all(), "every label as often as all: it ends earlier"
    assert (two >= one - 1e-12).all(), "errors lie in two labels: each tolerates its own"
    rng, ends = np.random.default_rng(0), []
    for _ in range(4000):
        hit = (rng.random(1000) < 0.1) & (rng.random(1000) < 0.05)
        label = rng.integers(2, size=1000)
        stops = [np.flatnonzero(hit & (label == g))[2:3] for g in range(2)]
        ends.append(min([int(found[0]) for found in stops if len(found)], default=1000))
    going = (np.array(ends)[:, None] > np.arange(1000)).mean(axis=0)
    assert np.abs(0.9 * going - two).max() < 0.03

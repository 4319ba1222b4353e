"""Temperature and calibration error against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from cowise.core.errors import InputError
from cowise.measure.calibration import calibration_error, log_loss, softmax, temperature


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 7), st.floats(0.05, 30))
def test_temperature_is_the_minimum(seed, k, scale):
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=150)
    z = scale * (np.eye(k)[y] + rng.normal(size=(150, k)))
    brute = minimize_scalar(
        lambda t: log_loss(softmax(z / np.exp(t)), y), bounds=(-9, 9), method="bounded", options={"xatol": 1e-9}
    )
    assert log_loss(softmax(z / temperature(z, y)), y) <= brute.fun + 1e-6


def test_temperature_recovers_the_one_used():
    rng = np.random.default_rng(1)
    z = 2 * rng.normal(size=(20_000, 4))
    y = np.array([rng.choice(4, p=p) for p in softmax(z)])
    assert temperature(3 * z, y) == pytest.approx(3, rel=0.05)


def test_temperature_where_nothing_can_be_learned():
    assert temperature(np.zeros((5, 3)), np.zeros(5, int)) == 1
    assert temperature(np.empty((0, 3)), np.empty(0, int)) == 1
    assert np.isfinite(temperature(np.eye(3), np.arange(3)))
    assert np.isfinite(temperature(np.eye(3), np.array([1, 2, 0])))
    with pytest.raises(InputError, match="one for each"):
        temperature(np.eye(3), np.array([0]))


def test_calibration_error():
    rng = np.random.default_rng(0)
    p = softmax(2 * rng.normal(size=(30_000, 3)))
    y = (rng.random(30_000)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    assert calibration_error(p, y) < 0.015
    assert calibration_error(np.tile([1.0, 0.0], (10, 1)), np.ones(10, int)) == 1
    assert np.isnan(calibration_error(np.empty((0, 2)), np.empty(0, int)))
    with pytest.raises(InputError, match="at least 1"):
        calibration_error(p, y, bins=0)


def test_log_loss_without_items():
    assert np.isnan(log_loss(np.empty((0, 2)), np.empty(0, int)))

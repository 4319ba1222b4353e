"""What every encoder owes."""

import pickle

import numpy as np
import pytest

from cowise.core.roles import Encoder
from tests.checks.implementations import ENCODERS

HOSTILE = [
    "",
    " ",
    "\n",
    "\0",
    "a\0b",
    "\ud800",
    "😀👩‍👩‍👧",
    "我的银行卡在哪里？",
    "x" * 1_000_000,
    "好" * 100_000,
    "\u202eabc",
]


@pytest.fixture(params=ENCODERS, scope="module")
def encoder(request):
    return request.param()


def test_role_and_digest(encoder):
    assert isinstance(encoder, Encoder)
    assert "cut" in encoder.digest
    assert encoder.dim > 1


def test_unit_rows_for_any_text(encoder):
    rows = encoder.encode(HOSTILE)
    assert rows.dtype == np.float32
    assert rows.shape == (len(HOSTILE), encoder.dim)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_none_and_one(encoder):
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert encoder.encode(["one"]).shape == (1, encoder.dim)


def test_input_untouched_and_repeatable(encoder):
    texts = ["b", "a", "c" * 50, "a"]
    copy = list(texts)
    first = encoder.encode(texts)
    assert texts == copy
    assert np.array_equal(encoder.encode(tuple(texts)), first)
    assert np.array_equal(first[1], first[3])


def test_ten_thousand(encoder):
    rows = encoder.encode([f"text {i % 500}" for i in range(10_000)])
    assert rows.shape == (10_000, encoder.dim)
    assert np.array_equal(rows[:500], rows[500:1000])


def test_travels_by_pickle(encoder):
    texts = ["one", "两个"]
    assert np.array_equal(pickle.loads(pickle.dumps(encoder, protocol=5)).encode(texts), encoder.encode(texts))

"""The encoder without weights."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.models.hashing import HashingEncoder


def test_like_texts_are_near():
    a, b, c = HashingEncoder().encode(["where is my card", "where is my new card", "卡在哪里"])
    assert a @ b > 0.7 > a @ c


def test_a_text_stands_alone():
    encoder = HashingEncoder()
    texts = ["one", "two", "三"]
    assert np.array_equal(encoder.encode(texts)[1:2], encoder.encode(["two"]))


def test_too_few_dimensions():
    with pytest.raises(InputError, match="at least 2"):
        HashingEncoder(1)

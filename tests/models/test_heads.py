"""Linear heads: probabilities over all classes, seen or not."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.models.heads import LinearHead, check_rows, spread, unseen_share


def head(**changes):
    given = {
        "weights": np.eye(3, 2, dtype=np.float32),
        "bias": np.zeros(2, dtype=np.float32),
        "seen": np.array([True, False, True]),
        "share": 0.1,
    }
    return LinearHead(**{**given, **changes})


def test_unseen_class_gets_its_share_and_no_more():
    p = head().predict(np.eye(3, dtype=np.float32))
    assert p.shape == (3, 3)
    assert np.allclose(p.sum(axis=1), 1)
    assert np.allclose(p[:, 1], 0.1)
    assert p[0].argmax() == 0
    assert p[1].argmax() == 2


def test_temperature_softens():
    rows = np.eye(3, dtype=np.float32)
    assert head(temperature=5.0).predict(rows)[0].max() < head().predict(rows)[0].max()


def test_no_class_seen_is_uniform():
    nothing = head(
        weights=np.zeros((3, 0), np.float32), bias=np.zeros(0, np.float32), seen=np.zeros(4, bool), share=1.0
    )
    assert np.allclose(nothing.predict(np.ones((2, 3), np.float32)), 0.25)


def test_wrong_width_says_what_to_do():
    with pytest.raises(InputError, match="takes rows of 3, got shape"):
        head().predict(np.ones((2, 4), np.float32))
    with pytest.raises(InputError):
        check_rows(np.ones(3, np.float32), 3)


def test_share_vanishes_when_all_are_seen():
    assert unseen_share(10, np.array([True, True])) == 0
    assert unseen_share(0, np.array([False, False])) == pytest.approx(1)
    assert np.allclose(spread(np.array([[0.3, 0.7]]), np.array([True, True]), 0.0), [[0.3, 0.7]])

"""What every model owes: honest tables for any text, and the same ones after a file."""

import numpy as np
import pytest

from cowise.core.roles import Model
from cowise.models.folder import load, save
from tests.checks.implementations import ASKED, MODELS, as_floats
from tests.checks.test_encoders import HOSTILE


@pytest.fixture(params=[*MODELS, *ASKED], ids=lambda make: make.__name__)
def model(request):
    return request.param()


@pytest.fixture(params=MODELS, ids=lambda make: make.__name__)
def folded(request):
    return request.param()


def test_probabilities_for_any_text(model):
    assert isinstance(model, Model)
    texts = list(HOSTILE)
    p = as_floats(model.predict(texts))
    assert p.shape == (len(HOSTILE), len(model.labels))
    assert texts == HOSTILE
    assert np.array_equal(model.predict(texts), p)


def test_none_one_and_ten_thousand(model):
    for n in (0, 1, 10_000):
        assert model.predict(["text"] * n).shape == (n, len(model.labels))


def test_round_trip_through_a_folder(folded, tmp_path):
    save(folded, tmp_path / "m")
    back = load(tmp_path / "m")
    assert np.array_equal(back.predict(HOSTILE), folded.predict(HOSTILE))
    assert back.labels == folded.labels

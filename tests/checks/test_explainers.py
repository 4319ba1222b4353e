"""What every explanation method owes: places in the text, finite scores, the same ones again, for any text and model."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.explanation import Ask
from cowise.explain import METHODS, explainer, faithfulness
from tests.checks.implementations import MODELS
from tests.checks.test_encoders import HOSTILE

ASK = Ask(cap=4096)


@pytest.fixture(scope="module", params=MODELS, ids=lambda make: make.__name__)
def model(request):
    return request.param()


@pytest.mark.parametrize("name", [name for name in METHODS if name != "exact"])
def test_any_text(model, name):
    explained = 0
    for text in HOSTILE:
        if not text[:2000].strip():
            with pytest.raises(InputError, match="give one with words"):
                explainer(name).explain(model, text, ASK)
            continue
        found = explainer(name).explain(model, text, ASK)
        explained += 1
        assert all(text[word.start : word.end] == word.text for word in found.words)
        assert np.isfinite([word.score for word in found.words]).all()
        assert 0 <= found.base <= 1
        assert 0 <= found.value <= 1
        assert found.cost.texts <= ASK.cap
        assert found == explainer(name).explain(model, text, ASK)
        assert 0 <= faithfulness(model, text, found).deletion <= 1
    assert explained > 3

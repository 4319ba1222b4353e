"""What every explanation method owes: places in the text, finite scores, the same ones again, for any text and model."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.explanation import Ask
from cowise.explain import GRADIENTS, METHODS, explainer, faithfulness
from cowise.learn import KernelLearner
from cowise.models import TextModel
from cowise.models.token_encoder import TokenEncoder
from tests.checks.implementations import MODELS
from tests.checks.test_encoders import HOSTILE
from tests.models.tiny import make

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


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    encoder = TokenEncoder(make(tmp_path_factory.mktemp("tiny"), "bert", "bert."), name="tiny", threads=1)
    texts = ["card", "where bank", "卡", "bank 卡"]
    return TextModel(encoder, KernelLearner().fit(encoder.encode(texts), np.array([0, 1, 0, 1]), 2), ("a", "b"), "tiny")


@pytest.mark.parametrize("name", GRADIENTS)
def test_any_text_inside_a_network(network, name):
    explained = 0
    for text in HOSTILE:
        if not text[:10_000].strip():
            with pytest.raises(InputError, match="give one with words"):
                explainer(name).explain(network, text, ASK)
            continue
        found = explainer(name).explain(network, text, ASK)
        explained += 1
        assert all(text[word.start : word.end] == word.text for word in (*found.words, *found.tokens))
        assert np.isfinite([word.score for word in (*found.words, *found.tokens)]).all()
        assert found.value == pytest.approx(float(network.predict([text]).max()), abs=1e-5)
        assert found == explainer(name).explain(network, text, ASK)
    assert explained > 3

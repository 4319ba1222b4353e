"""Every implementation of a role, made ready for the checks. A new one is added here and nowhere else."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from cowise.core.settings import read
from cowise.core.types import Floats, classify
from cowise.learn.choose import ChoiceLearner
from cowise.learn.kernel import KernelLearner
from cowise.learn.logistic import LogisticLearner
from cowise.learn.ridge import RidgeLearner
from cowise.models.folder import TextModel
from cowise.models.hashing import HashingEncoder
from cowise.models.llm import LanguageModel, Recipe
from cowise.models.opening import open_encoder
from cowise.team.pick import CoveragePicker, MarginPicker


def as_floats(values: Any) -> Floats:
    """Probabilities as an array, checked: finite, not negative, rows summing to one."""
    p_nk = np.asarray(values, dtype=np.float64)
    assert p_nk.ndim == 2
    assert np.isfinite(p_nk).all()
    assert (p_nk >= 0).all()
    assert not len(p_nk) or np.abs(p_nk.sum(axis=1) - 1).max() <= 1e-6
    return p_nk


def default_encoder() -> Any:
    """The encoder that `make install` fetches."""
    return open_encoder("use-multilingual", read().models)


ENCODERS: list[Any] = [
    pytest.param(HashingEncoder, id="hashing"),
    pytest.param(default_encoder, id="use-multilingual", marks=pytest.mark.weights),
]

LEARNERS: list[Callable[[], Any]] = [KernelLearner, RidgeLearner, LogisticLearner, ChoiceLearner]


def text_model() -> TextModel:
    """A small trained model on the encoder without weights."""
    texts = ["yes please", "oh yes", "no thanks", "no", "maybe", "perhaps so"]
    encoder = HashingEncoder()
    head = RidgeLearner().fit(encoder.encode(texts), np.array([0, 0, 1, 1, 2, 2]), 4)
    return TextModel(encoder, head, ("yes", "no", "maybe", "other"), "hashing")


class _Hashing:
    """A chat server that answers by the length of the text."""

    def chat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        labels = body["response_format"]["json_schema"]["schema"]["properties"]["label"]["enum"]
        label = labels[len(body["messages"][-1]["content"]) % len(labels)]
        return {"choices": [{"message": {"content": json.dumps({"label": label})}}]}


def language_model() -> LanguageModel:
    """A language model behind a server that is made here."""
    return LanguageModel(_Hashing(), classify("yes", "no", "maybe"), Recipe("fake", "here"))


MODELS: list[Callable[[], Any]] = [text_model]
"""Those that are a folder."""
ASKED: list[Callable[[], Any]] = [language_model]
"""Those that are asked elsewhere."""

PICKERS: list[Callable[[], Any]] = [CoveragePicker, MarginPicker]

"""What a sentence-transformers folder says about pooling is read, and what cannot be done is refused."""

import json

import pytest

from cowise.core.errors import InputError, TrustError
from cowise.models.pooling import pooling_of


def write(home, pooling=None, modules=None):
    (home / "1_Pooling").mkdir(exist_ok=True)
    if pooling is not None:
        (home / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    if modules is not None:
        (home / "modules.json").write_text(json.dumps([{"type": f"sentence_transformers.models.{m}"} for m in modules]))
    return home


def test_mean_where_nothing_is_said(tmp_path):
    assert pooling_of(tmp_path) == "mean"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False, "include_prompt": True}, "mean"),
        ({"pooling_mode_cls_token": True, "word_embedding_dimension": 8}, "cls"),
        ({"pooling_mode": "cls"}, "cls"),
    ],
)
def test_old_and_new_words(tmp_path, said, expected):
    assert pooling_of(write(tmp_path, said, ["Transformer", "Pooling", "Normalize"])) == expected


@pytest.mark.parametrize(
    "said",
    [
        {"pooling_mode_max_tokens": True},
        {"pooling_mode": "lasttoken"},
        {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True},
        {},
    ],
)
def test_another_pooling_is_refused(tmp_path, said):
    with pytest.raises(InputError, match="mean or first token"):
        pooling_of(write(tmp_path, said))


def test_a_layer_after_pooling_is_refused(tmp_path):
    with pytest.raises(InputError, match="Dense"):
        pooling_of(write(tmp_path, {"pooling_mode": "mean"}, ["Transformer", "Pooling", "Dense"]))


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_what_cannot_be_read_is_said(tmp_path, text):
    write(tmp_path, {})
    (tmp_path / "1_Pooling" / "config.json").write_text(text)
    with pytest.raises(TrustError, match="restore"):
        pooling_of(tmp_path)
    (tmp_path / "modules.json").write_text('["x"]')
    with pytest.raises(TrustError, match="restore"):
        pooling_of(tmp_path)

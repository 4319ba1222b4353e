"""BERT, RoBERTa and MPNet folders as ONNX graphs, against the networks written out in numpy; folders are made here."""

import json
import math
import pickle

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import erf, softmax

from cowise.core.errors import InputError, MissingError, TrustError
from cowise.models.bert import build, shape_of
from cowise.models.onnx_bytes import varint
from cowise.models.opening import open_encoder
from cowise.models.token_encoder import TokenEncoder
from tests.models.tiny import HEADS, KINDS, LAYERS, PAD, TEXTS, D, make

LONG = {"where card " * 100: [2, *([7, 4] * 100), 3]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("tiny-bert"), "bert", "bert.")


def bucket(offset):
    """The rule in words: sixteen for each side; eight single distances, then eight growing ones up to 128."""
    n, side = abs(offset), 16 if offset > 0 else 0
    return side + (n if n < 8 else min(15, 8 + math.floor(8 * math.log(n / 8) / math.log(16) + 1e-9)))


def gelu(z):
    return z * (1 + erf(z / np.sqrt(2))) / 2


def gelu_new(z):
    return z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2


def reference(folder, ids, pooling="mean", act=gelu):
    """One text, in float64, as the papers have it."""
    from safetensors.numpy import load_file

    kind = json.loads((folder / "config.json").read_text())["model_type"]
    w = {
        name.removeprefix(KINDS[kind]): a.astype(np.float64)
        for name, a in load_file(folder / "model.safetensors").items()
    }
    attention = (
        ("attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm")
        if kind == "mpnet"
        else ("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
    )

    def norm(x, name):
        z = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-12)
        return z * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    first = 0 if kind == "bert" else PAD + 1
    table = "embeddings.{}_embeddings.weight".format
    x = w[table("word")][ids] + w[table("position")][first : first + len(ids)]
    bias = np.zeros((HEADS, 1, 1))
    if kind == "mpnet":
        far = w["encoder.relative_attention_bias.weight"]
        bias = np.array(
            [[[far[bucket(k - q), h] for k in range(len(ids))] for q in range(len(ids))] for h in range(HEADS)]
        )
    else:
        x = x + w[table("token_type")][0]
    x = norm(x, "embeddings.LayerNorm")
    for i in range(LAYERS):
        here = f"encoder.layer.{i}."
        *three, out, after = (f"{here}attention.{each}" for each in attention)
        q, k, v = (linear(x, name).reshape(len(ids), HEADS, -1).swapaxes(0, 1) for name in three)
        mixed = softmax(q @ k.swapaxes(1, 2) / np.sqrt(D // HEADS) + bias, axis=-1) @ v
        x = norm(linear(mixed.swapaxes(0, 1).reshape(len(ids), D), out) + x, after)
        z = linear(x, f"{here}intermediate.dense")
        x = norm(linear(act(z), f"{here}output.dense") + x, f"{here}output.LayerNorm")
    vector = x.mean(axis=0) if pooling == "mean" else x[0]
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("kind", KINDS)
def test_graph_is_the_network(kind, tmp_path):
    home = make(tmp_path, kind.split()[0], KINDS[kind])
    encoder = TokenEncoder(home, name="tiny", threads=1)
    texts = TEXTS | LONG
    expected = [reference(home, ids) for ids in texts.values()]
    assert np.abs(encoder.encode(list(texts)) - np.array(expected)).max() < 1e-5


def test_the_other_gelu(tmp_path):
    home = make(tmp_path, "roberta", "roberta.")
    config = json.loads((home / "config.json").read_text())
    (home / "config.json").write_text(json.dumps(config | {"hidden_act": "gelu_new"}))
    expected = [reference(home, ids, act=gelu_new) for ids in TEXTS.values()]
    assert np.abs(TokenEncoder(home, name="tiny", threads=1).encode(list(TEXTS)) - np.array(expected)).max() < 1e-5


def test_first_token_where_the_folder_says_so(tmp_path):
    home = make(tmp_path, "bert", "bert.")
    mean = TokenEncoder(home, name="tiny", threads=1)
    (home / "1_Pooling").mkdir()
    (home / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'
    )
    first = TokenEncoder(home, name="tiny", threads=1)
    expected = [reference(home, ids, "cls") for ids in TEXTS.values()]
    assert np.abs(first.encode(list(TEXTS)) - np.array(expected)).max() < 1e-5
    assert first.digest != mean.digest


def test_long_texts_are_cut_at_the_last_place(tmp_path):
    home = make(tmp_path, "mpnet", "mpnet.")
    config = json.loads((home / "config.json").read_text())
    (home / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 12}))
    encoder = TokenEncoder(home, name="tiny")
    assert encoder.most == 10  # two places come before the first token
    assert np.isfinite(encoder.encode(["card " * 500])).all()


def test_batches_move_a_vector_by_rounding_only(folder):
    encoder = TokenEncoder(folder, name="tiny")
    texts = ["card " * n for n in range(30)]
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert np.abs(alone - encoder.encode(texts)).max() < 1e-5


def test_by_path_and_through_pickle(folder):
    encoder = open_encoder(f"path:{folder}", folder)
    assert open_encoder(f"path:{folder}", folder) is encoder
    assert encoder.dim == D
    back = pickle.loads(pickle.dumps(encoder))
    assert np.array_equal(back.encode(["where", "x" * 100_000]), encoder.encode(["where", "x" * 100_000]))
    assert back.digest == encoder.digest
    assert encoder.encode([]).shape == (0, D)


def test_what_cannot_be_read_is_said(folder, tmp_path):
    with pytest.raises(MissingError, match=r"no config\.json"):
        open_encoder(f"path:{tmp_path}", tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    with pytest.raises(InputError, match="t5"):
        shape_of(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(TrustError, match="restore"):
        shape_of(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": ["bert"]}')
    with pytest.raises(TrustError, match="restore"):
        shape_of(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "mpnet"}')
    with pytest.raises(TrustError, match="mpnet configuration"):
        shape_of(tmp_path)
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    with pytest.raises(MissingError, match="safetensors"):
        build(tmp_path)
    with pytest.raises(MissingError):
        TokenEncoder(tmp_path, name="x")
    save_file({"a": np.zeros(1, np.float32)}, tmp_path / "model.safetensors")
    with pytest.raises(TrustError, match="do not fit"):
        build(tmp_path)


def test_varint():
    assert varint(0) == b"\0"
    assert varint(127) == b"\x7f"
    assert len(varint(-1)) == 10

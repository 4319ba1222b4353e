"""A BERT folder as an ONNX graph, against the network written out in numpy; the folder is made here."""

import json
import pickle

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import erf, softmax
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from cowise.core.errors import InputError, MissingError, TrustError
from cowise.models.bert import build, shape_of
from cowise.models.onnx_bytes import varint
from cowise.models.opening import open_encoder
from cowise.models.token_encoder import TokenEncoder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "card", "bank", "卡", "where", "##s"]
D, HEADS, WIDE, LAYERS, PLACES = 12, 3, 20, 2, 16


def names():
    out = {
        f"embeddings.{name}_embeddings.weight": (n, D)
        for name, n in (("word", len(WORDS)), ("position", PLACES), ("token_type", 2))
    }
    linear = {"attention.self.query": (D, D), "attention.self.key": (D, D), "attention.self.value": (D, D)}
    linear |= {"attention.output.dense": (D, D), "intermediate.dense": (WIDE, D), "output.dense": (D, WIDE)}
    norms = ["embeddings.LayerNorm"]
    for i in range(LAYERS):
        for name, dims in linear.items():
            out[f"encoder.layer.{i}.{name}.weight"] = dims
            out[f"encoder.layer.{i}.{name}.bias"] = dims[:1]
        norms += [f"encoder.layer.{i}.attention.output.LayerNorm", f"encoder.layer.{i}.output.LayerNorm"]
    for name in norms:
        out[f"{name}.weight"] = out[f"{name}.bias"] = (D,)
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("tiny-bert")
    rng = np.random.default_rng(0)
    save_file(
        {f"bert.{name}": rng.normal(size=dims).astype(np.float32) * 0.5 for name, dims in names().items()},
        home / "model.safetensors",
    )
    config = {"model_type": "bert", "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "hidden_size": D}
    (home / "config.json").write_text(json.dumps(config | {"max_position_embeddings": PLACES, "layer_norm_eps": 1e-12}))
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(home / "tokenizer.json"))
    return home


def reference(folder, ids):
    """One text, in float64, as the paper has it."""
    from safetensors.numpy import load_file

    w = {
        name.removeprefix("bert."): a.astype(np.float64) for name, a in load_file(folder / "model.safetensors").items()
    }

    def norm(x, name):
        z = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-12)
        return z * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    table = "embeddings.{}_embeddings.weight".format
    x = w[table("word")][ids] + w[table("position")][: len(ids)] + w[table("token_type")][0]
    x = norm(x, "embeddings.LayerNorm")
    for i in range(LAYERS):
        here = f"encoder.layer.{i}."
        q, k, v = (
            linear(x, f"{here}attention.self.{p}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for p in ("query", "key", "value")
        )
        mixed = softmax(q @ k.swapaxes(1, 2) / np.sqrt(D // HEADS), axis=-1) @ v
        x = norm(
            linear(mixed.swapaxes(0, 1).reshape(len(ids), D), f"{here}attention.output.dense") + x,
            f"{here}attention.output.LayerNorm",
        )
        z = linear(x, f"{here}intermediate.dense")
        x = norm(linear(z * (1 + erf(z / np.sqrt(2))) / 2, f"{here}output.dense") + x, f"{here}output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_graph_is_the_network(folder):
    encoder = TokenEncoder(folder, name="tiny", threads=1)
    texts = ["card", "where bank cards 卡", "", "cards"]
    expected = [reference(folder, ids) for ids in ([2, 4, 3], [2, 7, 5, 4, 8, 6, 3], [2, 3], [2, 4, 8, 3])]
    assert np.abs(encoder.encode(texts) - np.array(expected)).max() < 1e-5


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

"""What torch does once. Here it is a small stand-in: torch is no part of the base, and these tests run without it."""

import contextlib
import json
import pickle
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file

from cowise.core.errors import InputError, MissingError, StorageError, TrustError
from cowise.models import export
from cowise.models.export import prepare
from cowise.models.onnx_bytes import Graph
from cowise.models.token_encoder import TokenEncoder
from tests.models.tiny import TEXTS, make


class Tensor:
    """An array with the few verbs that are used."""

    def __init__(self, array):
        self.array = array

    def is_floating_point(self):
        return self.array.dtype.kind == "f"

    def detach(self):
        return self

    def float(self):
        return Tensor(self.array.astype(np.float32))

    def numpy(self):
        return self.array


def load(file, map_location, weights_only):
    assert weights_only
    with Path(file).open("rb") as stream:
        found = pickle.load(stream)
    return {name: Tensor(array) for name, array in found.items()}


def write_graph(module, example, file, **settings):
    """Each token a row of a table, their mean a vector: what the tracer would leave for such a network."""
    assert len(example) == 2
    assert settings["input_names"] == ["ids", "mask"]
    g = Graph()
    rows = g.add("Gather", g.constant(module.network.table), "ids")
    column = g.add("Unsqueeze", g.add("Cast", "mask", to=1), g.constant(np.array([-1], dtype=np.int64)))
    middle = g.constant(np.array([1], dtype=np.int64))
    total = g.add("ReduceSum", g.add("Mul", rows, column), middle, keepdims=0)
    g.add("Div", total, g.add("ReduceSum", column, middle, keepdims=0), output="vectors")
    with Path(file).open("wb") as stream:
        stream.write(g.model({"ids": ("n", "t"), "mask": ("n", "t")}, "vectors", ("n", 4)))


class Network:
    table = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)

    def float(self):
        return self

    def eval(self):
        return self


def open_network(folder, **settings):
    assert settings["local_files_only"]
    assert not settings["trust_remote_code"]
    if (folder / "broken").exists():
        raise ValueError("needs a decoder\nand more")
    return Network()


@pytest.fixture
def torch(monkeypatch):
    found = ModuleType("torch")
    found.load, found.tensor, found.no_grad = load, Tensor, contextlib.nullcontext
    found.nn = SimpleNamespace(Module=object)
    found.onnx = SimpleNamespace(export=write_graph)
    auto = ModuleType("transformers")
    auto.AutoModel = SimpleNamespace(from_pretrained=open_network)
    monkeypatch.setitem(sys.modules, "torch", found)
    monkeypatch.setitem(sys.modules, "transformers", auto)


@pytest.fixture
def pickled(tmp_path):
    """A BERT folder whose weights are a pickle, and its vectors."""
    home = make(tmp_path, "bert", "bert.")
    weights, vectors = load_file(home / "model.safetensors"), TokenEncoder(home, name="x").encode(list(TEXTS))
    (home / "pytorch_model.bin").write_bytes(pickle.dumps(weights | {"ids": np.arange(3)}))
    (home / "model.safetensors").unlink()
    return home, vectors


@pytest.fixture
def foreign(tmp_path):
    """A folder of a network that only transformers knows."""
    home = make(tmp_path, "bert", "bert.")
    (home / "config.json").write_text(json.dumps({"model_type": "distilbert", "dim": 4, "max_position_embeddings": 64}))
    return home


def test_pickled_weights_are_turned_once(torch, pickled, monkeypatch):
    home, vectors = pickled
    assert np.array_equal(TokenEncoder(home, name="x").encode(list(TEXTS)), vectors)
    monkeypatch.setitem(sys.modules, "torch", None)  # never needed again
    assert np.array_equal(TokenEncoder(home, name="x").encode(list(TEXTS)), vectors)
    assert not [file for file in home.iterdir() if file.name.endswith(".part")]


def test_other_networks_become_graphs_once(torch, foreign, monkeypatch):
    first = TokenEncoder(foreign, name="x")
    monkeypatch.setitem(sys.modules, "torch", None)
    again = TokenEncoder(foreign, name="x")
    assert first.digest == again.digest
    assert (again.dim, again.most) == (4, 62)
    expected = np.array([Network.table[ids].mean(axis=0) for ids in TEXTS.values()])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(again.encode(list(TEXTS)), expected, atol=1e-6)


def test_without_torch_the_extra_is_named(pickled, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    home, _ = pickled
    with pytest.raises(MissingError, match=r"cowise\[torch\]"):
        prepare(home)
    (home / "config.json").write_text('{"model_type": "distilbert", "dim": 4}')
    with pytest.raises(MissingError, match=r"cowise\[torch\]"):
        TokenEncoder(home, name="x")


def test_what_cannot_be_turned_is_said(torch, foreign):
    (foreign / "broken").touch()
    with pytest.raises(InputError, match=r"distilbert network cannot be made a graph \(needs a decoder\)"):
        prepare(foreign)
    (foreign / "1_Pooling").mkdir()
    (foreign / "1_Pooling" / "config.json").write_text('{"pooling_mode": "max"}')
    with pytest.raises(InputError, match="max"):
        prepare(foreign)
    (foreign / "config.json").write_text('{"model_type": "bert"}')
    (foreign / "model.safetensors").unlink()
    (foreign / "pytorch_model.bin").write_bytes(b"no pickle")
    with pytest.raises(TrustError, match="no plain weights"):
        prepare(foreign)


def test_a_network_that_does_not_say_its_size(torch, foreign):
    (foreign / "config.json").write_text('{"model_type": "distilbert"}')
    with pytest.raises(TrustError, match="size of vectors"):
        TokenEncoder(foreign, name="x")


def test_a_folder_that_cannot_be_written(torch, pickled, monkeypatch):
    def full(arrays, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "save_file", full)
    with pytest.raises(StorageError, match="No space"):
        prepare(pickled[0])


class Axis:
    """States as torch would hold them, with the verbs of the pooling."""

    def __init__(self, array):
        self.array, self.dtype = np.asarray(array, dtype=np.float64), "float"

    def unsqueeze(self, axis):
        return Axis(np.expand_dims(self.array, axis))

    def to(self, dtype):
        return self

    def sum(self, axis):
        return self.array.sum(axis)

    def __mul__(self, other):
        return Axis(self.array * other.array)

    def __getitem__(self, key):
        return self.array[key]


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_pooling_on_top_of_the_network(pooling):
    states, mask = np.random.default_rng(1).normal(size=(2, 3, 4)), np.array([[1, 1, 0], [1, 1, 1]])
    module = export._pooled(
        SimpleNamespace(nn=SimpleNamespace(Module=object)),
        lambda input_ids, attention_mask: SimpleNamespace(last_hidden_state=Axis(states)),
        pooling,
    )
    expected = states[:, 0] if pooling == "cls" else np.array([states[0, :2].mean(axis=0), states[1].mean(axis=0)])
    assert np.allclose(module.forward(None, Axis(mask)), expected)


def test_pickled_weights_that_cannot_be_read_from_the_disk(torch, pickled, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sys.modules["torch"], "load", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        prepare(pickled[0])


def test_transformers_is_of_the_same_extra(torch, foreign, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingError, match=r"transformers .*cowise\[torch\]"):
        prepare(foreign)

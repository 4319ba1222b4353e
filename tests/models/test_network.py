"""The network in numpy is the graph, and its derivatives are those that small steps find."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from scipy.special import ndtr

from cowise.core.errors import MissingError, TrustError
from cowise.models.network import open_network
from cowise.models.slopes import gelu, norm, norm_back, softmax_back
from cowise.models.token_encoder import TokenEncoder
from tests.models.tiny import KINDS, TEXTS, D, make

STEP = 1e-5


@pytest.fixture(params=KINDS)
def folder(request, tmp_path):
    return make(tmp_path, request.param.split()[0], KINDS[request.param])


def numeric(value, x):
    """Central differences of a figure by every number of `x`."""
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = STEP
        out[i] = (value(x + step) - value(x - step)) / (2 * STEP)
    return out


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_it_reads_as_the_graph_does(folder, pooling):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}))
    encoder = TokenEncoder(folder, name="tiny", threads=1)
    for text, ids in TEXTS.items():
        assert encoder.tokens(text).ids.tolist() == ids
        pooled = encoder.network().forward(encoder.network().embed(np.array(ids))[None]).pooled[0]
        assert pooled / np.linalg.norm(pooled) == pytest.approx(encoder.encode([text])[0], abs=1e-5)
        assert encoder.vector(np.array(ids))[0] == pytest.approx(encoder.encode([text])[0], abs=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_derivatives_are_those_of_small_steps(folder, pooling):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}))
    net = open_network(folder, pooling, np.float64)
    x = np.stack([net.embed(np.array([2, 7, 5, 4, 3])), net.embed(np.array([2, 6, 1, 4, 3]))])
    slope = np.random.default_rng(0).normal(size=(2, D))
    found = net.back(net.forward(x), slope)
    assert found.tokens == pytest.approx(numeric(lambda y: float((net.forward(y).pooled * slope).sum()), x), abs=1e-5)
    assert [share.shape for share in found.shares] == [share.shape for share in found.attention]
    assert all(share.sum(axis=-1) == pytest.approx(1) for share in found.attention)


def test_along_a_way_between_two_texts(folder):
    net = open_network(folder, "way", np.float64)
    start, end = net.embed(np.array([2, 0, 0, 3])), net.embed(np.array([2, 5, 4, 3]))
    way, places, slope = net.way(start, end), np.array([0.0, 0.3, 1.0]), np.random.default_rng(1).normal(size=(3, D))
    trace = net.between(way, places)
    plain = net.forward(start + places[:, None, None] * (end - start))
    assert trace.pooled == pytest.approx(plain.pooled, abs=1e-12)
    expected = (net.back(plain, slope).tokens * (end - start)).sum(axis=-1)
    assert net.along(trace, slope, way) == pytest.approx(expected, abs=1e-12)


def test_weights_that_are_gone_or_do_not_fit(tmp_path):
    home = make(tmp_path, "bert", "bert.")
    weights = load_file(home / "model.safetensors")
    (home / "model.safetensors").unlink()
    with pytest.raises(MissingError, match=r"no model\.safetensors"):
        open_network(home, "gone")
    weights.pop("bert.encoder.layer.1.output.dense.bias")
    save_file(weights, home / "model.safetensors")
    with pytest.raises(TrustError, match="do not fit"):
        open_network(home, "short")


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_gelu_and_its_derivative(kind):
    z = np.linspace(-9, 9, 4001).astype(kind)[:, None]
    value = z.copy()
    slope = gelu(value, "gelu")
    assert value == pytest.approx(z * ndtr(z), abs=2e-6)
    bell = np.exp(-(np.float64(z) ** 2) / 2) / np.sqrt(2 * np.pi)
    assert slope == pytest.approx(ndtr(np.float64(z)) + z * bell, abs=2e-6)
    assert value.dtype == slope.dtype == kind


def test_gelu_by_tanh_and_its_derivative():
    z = np.linspace(-9, 9, 101)[:, None]
    value = z.copy()
    slope = gelu(value, "gelu_new")
    assert value == pytest.approx(z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2, abs=1e-12)

    def act(y):
        out = y.copy()
        gelu(out, "gelu_new")
        return out

    assert slope == pytest.approx((act(z + STEP) - act(z - STEP)) / (2 * STEP), abs=1e-8)


def test_norm_and_softmax_backwards():
    rng = np.random.default_rng(0)
    x, slope = rng.normal(size=(2, 3, 5)), rng.normal(size=(2, 3, 5))
    expected = numeric(lambda y: float((norm(y, 1e-12).rows * slope).sum()), x)
    assert norm_back(slope.copy(), norm(x, 1e-12)) == pytest.approx(expected, abs=1e-8)

    def softmax(y):
        p = np.exp(y - y.max(axis=-1, keepdims=True))
        return p / p.sum(axis=-1, keepdims=True)

    expected = numeric(lambda y: float((softmax(y) * slope).sum()), x)
    assert softmax_back(slope.copy(), softmax(x)) == pytest.approx(expected, abs=1e-8)

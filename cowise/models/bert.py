"""BERT, RoBERTa and MPNet folders as ONNX graphs, without torch: token ids in, one vector a text out.

Legend: n = texts, t = tokens, d = hidden size, h = heads.
Source: Devlin et al., NAACL 2019; Liu et al., 2019 (RoBERTa: the same network, its places counted from after the
padding id); Song et al., NeurIPS 2020 (MPNet: no token types, a bias by distance). The names of weights are those
of Hugging Face checkpoints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from cowise.core.errors import InputError, MissingError, TrustError
from cowise.models.distance import by_offset
from cowise.models.onnx_bytes import Graph
from cowise.models.pooling import pooling_of

Weights32 = npt.NDArray[np.float32]
T = TypeVar("T")

HIDDEN_SCORE = -1e4  # what a padded token's score gets: its share after softmax is zero in float32


# Networks that this file knows, and the first word of their weights' names.
PREFIX = {"bert": "bert.", "roberta": "roberta.", "xlm-roberta": "roberta.", "camembert": "roberta.", "mpnet": "mpnet."}
# Activations, and how ONNX sets the operator.
GELU: dict[str, dict[str, str]] = {"gelu": {}, "gelu_new": {"approximate": "tanh"}}
# MPNet's names of the parts that BERT has too.
SAME = (
    ("attention.attn.q.", "attention.self.query."),
    ("attention.attn.k.", "attention.self.key."),
    ("attention.attn.v.", "attention.self.value."),
    ("attention.attn.o.", "attention.output.dense."),
    ("attention.LayerNorm.", "attention.output.LayerNorm."),
)
DISTANCES = "encoder.relative_attention_bias.weight"


@dataclass(frozen=True, slots=True)
class Shape:
    """The figures of config.json that a graph needs; the first text token stands at place `first` of the table."""

    kind: str
    layers: int
    heads: int
    hidden: int
    first: int
    positions: int
    epsilon: float
    act: str
    pooling: str


def config_of(folder: Path) -> dict[str, Any]:
    """What config.json says; MissingError without one, TrustError if it cannot be read."""
    file = folder / "config.json"
    if not file.is_file():
        raise MissingError(f"{folder} is no encoder folder: it has no config.json; give a folder of Hugging Face files")
    try:
        found = json.loads(file.read_text("utf-8"))
        if not isinstance(found["model_type"], str):
            raise TypeError("model_type")
    except (KeyError, TypeError, ValueError) as cause:
        raise TrustError(f"{file} lacks what an encoder's configuration holds; restore the folder") from cause
    return dict(found)


def is_known(config: Mapping[str, Any]) -> bool:
    """Whether `build` can write this network; the others go by `export`.

    >>> is_known({"model_type": "bert"}), is_known({"model_type": "t5"})
    (True, False)
    """
    return (
        config.get("model_type") in PREFIX
        and config.get("hidden_act", "gelu") in GELU
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder", False)
    )


def shape_of(folder: Path) -> Shape:
    """Read config.json; MissingError without one, InputError for a network that this file does not know."""
    config = config_of(folder)
    kind, act = config["model_type"], config.get("hidden_act", "gelu")
    if not is_known(config):
        raise InputError(
            f"{folder}: a {kind} network with {act} cannot be read; give a BERT, RoBERTa or MPNet encoder with gelu"
        )
    try:
        first = 0 if kind == "bert" else int(config.get("pad_token_id", 1)) + 1
        return Shape(
            kind=kind,
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            hidden=int(config["hidden_size"]),
            first=first,
            positions=int(config["max_position_embeddings"]) - first,
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            act=act,
            pooling=pooling_of(folder),
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise TrustError(f"{folder / 'config.json'} lacks what a {kind} configuration holds; restore it") from cause


def build(folder: Path) -> bytes:
    """The graph of the encoder in `folder`, as the bytes of an ONNX file. TrustError if weights do not fit."""
    shape = shape_of(folder)
    return fitting(folder, lambda: _graph(weights_of(folder, shape.kind), shape))


def weights_of(folder: Path, kind: str) -> dict[str, Weights32]:
    """The float32 weights in `folder` by the names of BERT's own checkpoints."""
    found = load_file(folder / "model.safetensors")
    return {_name(name, kind): a.astype(np.float32, copy=False) for name, a in found.items() if a.dtype.kind == "f"}


def fitting(folder: Path, make: Callable[[], T]) -> T:
    """What `make` builds of the weights in `folder`: MissingError without any, TrustError if they do not fit."""
    try:
        return make()
    except FileNotFoundError as cause:
        raise MissingError(f"{folder} has no model.safetensors; give a folder with safetensors weights") from cause
    except Exception as cause:
        raise TrustError(f"{folder}: the weights do not fit config.json ({cause}); restore the folder") from cause


def _name(name: str, kind: str) -> str:
    """The name that BERT's own checkpoints have for a weight."""
    name = name.removeprefix(PREFIX[kind])
    if kind == "mpnet":
        for theirs, ours in SAME:
            name = name.replace(theirs, ours)
    return name


def _graph(weights: Mapping[str, Weights32], shape: Shape) -> bytes:
    g = Graph()
    table = "embeddings.{}_embeddings.weight".format
    words = g.add("Gather", g.constant(weights[table("word")]), "ids")
    places = weights[table("position")][shape.first :]
    if shape.kind != "mpnet":
        places = places + weights[table("token_type")][0]
    places = np.ascontiguousarray(places)
    x = _norm(
        g, g.add("Add", words, g.add("Gather", g.constant(places), "positions")), weights, "embeddings.LayerNorm", shape
    )
    mask = g.add("Cast", "mask", to=1)
    axes = g.constant(np.array([1, 2], dtype=np.int64))
    away = g.add("Sub", g.constant(np.array([1], dtype=np.float32)), g.add("Unsqueeze", mask, axes))
    hide = g.add("Mul", away, g.constant(np.array([HIDDEN_SCORE], dtype=np.float32)))
    if shape.kind == "mpnet":
        hide = g.add("Add", hide, _distance_bias(g, weights[DISTANCES], shape.positions))
    for layer in range(shape.layers):
        x = _layer(g, x, hide, _under(weights, f"encoder.layer.{layer}."), shape)
    pool = _mean if shape.pooling == "mean" else _first
    return pool(g, x, mask).model(
        {"ids": ("n", "t"), "mask": ("n", "t"), "positions": (1, "t")}, "vectors", ("n", shape.hidden)
    )


def _distance_bias(g: Graph, table: Weights32, places: int) -> str:
    """What every layer adds to its scores, (h, t, t): the distances of the places, looked up."""
    column = g.add("Transpose", "positions", perm=(1, 0))
    middle = g.constant(np.array([places - 1], dtype=np.int64))
    offsets = g.add("Add", g.add("Sub", "positions", column), middle)
    return g.add("Gather", g.constant(by_offset(table, places)), offsets, axis=1)


def _under(weights: Mapping[str, Weights32], prefix: str) -> dict[str, Weights32]:
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}


def _linear(g: Graph, x: str, weights: Mapping[str, Weights32], name: str, scale: float = 1.0) -> str:
    w, b = (np.ascontiguousarray(weights[f"{name}.{part}"].T) for part in ("weight", "bias"))
    if scale != 1:
        w, b = w * np.float32(scale), b * np.float32(scale)
    return g.add("Add", g.add("MatMul", x, g.constant(w)), g.constant(b))


def _norm(g: Graph, x: str, weights: Mapping[str, Weights32], name: str, shape: Shape) -> str:
    gain, shift = g.constant(weights[f"{name}.weight"]), g.constant(weights[f"{name}.bias"])
    return g.add("LayerNormalization", x, gain, shift, axis=-1, epsilon=shape.epsilon)


def _layer(g: Graph, x: str, hide: str, weights: Mapping[str, Weights32], shape: Shape) -> str:
    size = shape.hidden // shape.heads
    split = g.constant(np.array([0, 0, shape.heads, size], dtype=np.int64))
    join = g.constant(np.array([0, 0, shape.hidden], dtype=np.int64))

    def part(name: str, order: tuple[int, ...], scale: float = 1.0) -> str:
        rows = _linear(g, x, weights, f"attention.self.{name}", scale)
        return g.add("Transpose", g.add("Reshape", rows, split), perm=order)

    scores = g.add("MatMul", part("query", (0, 2, 1, 3), size**-0.5), part("key", (0, 2, 3, 1)))
    share = g.add("Softmax", g.add("Add", scores, hide), axis=-1)
    mixed = g.add("Transpose", g.add("MatMul", share, part("value", (0, 2, 1, 3))), perm=(0, 2, 1, 3))
    out = _linear(g, g.add("Reshape", mixed, join), weights, "attention.output.dense")
    x = _norm(g, g.add("Add", out, x), weights, "attention.output.LayerNorm", shape)
    wide = g.add("Gelu", _linear(g, x, weights, "intermediate.dense"), **GELU[shape.act])
    return _norm(g, g.add("Add", _linear(g, wide, weights, "output.dense"), x), weights, "output.LayerNorm", shape)


def _mean(g: Graph, x: str, mask: str) -> Graph:
    last = g.constant(np.array([-1], dtype=np.int64))
    middle = g.constant(np.array([1], dtype=np.int64))
    column = g.add("Unsqueeze", mask, last)
    total = g.add("ReduceSum", g.add("Mul", x, column), middle, keepdims=0)
    count = g.add("ReduceSum", column, middle, keepdims=0)
    g.add("Div", total, count, output="vectors")
    return g


def _first(g: Graph, x: str, mask: str) -> Graph:  # noqa: ARG001 - the first token is never padding
    g.add("Gather", x, g.constant(np.array(0, dtype=np.int64)), output="vectors", axis=1)
    return g

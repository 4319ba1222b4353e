"""BERT, RoBERTa and MPNet in numpy, with derivatives: what each token of a text does to its vector, without torch.

The same weights and the same network as the graph that `bert` writes, for one text at a time and many versions of it.

Legend: n = versions of a text, t = tokens, d = hidden size, h = heads, s = size of a head, w = width between.
Source: Devlin et al., NAACL 2019; Rumelhart, Hinton & Williams 1986 (derivatives backwards).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.types import Indices
from cowise.models.bert import DISTANCES, Shape, fitting, shape_of, weights_of
from cowise.models.distance import by_offset
from cowise.models.slopes import Array, Normed, gelu, norm, norm_back, softmax_back

PARTS = ("query", "key", "value")
LARGE = (32 << 20) - 8192
MOST_SCORE = 60.0  # up to here exponentials and their sums are plain float32 numbers


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Weights of one layer, (in, out); those of query, key and value are one matrix (d, 3 d), the query scaled."""

    mix: tuple[Array, Array]
    out: tuple[Array, Array]
    wide: tuple[Array, Array]
    narrow: tuple[Array, Array]
    norms: tuple[tuple[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """What a layer leaves for the way back: query, key and value (n, h, t, s), `share` (n, h, t, t), slopes of GELU (n t, w)."""

    query: Array
    key: Array
    value: Array
    share: Array
    first: Normed
    bend: Array
    second: Normed


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Pooled rows (n, d) before they are scaled to length one, and what each layer left."""

    pooled: Array
    passed: tuple[Passed, ...]
    tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Derivatives of one figure of each version: by the embedded tokens (n, t, d), and by each layer's `attention` (n, h, t, t)."""

    tokens: Array
    shares: tuple[Array, ...] = ()
    attention: tuple[Array, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A straight way from one embedded text to another, (t, d): where it begins, its step, and both as the first layer mixes them.

    Mixing is linear: it is done for the two ends, not for every place between them.
    """

    start: Array
    step: Array
    mixed: Array
    mixed_step: Array


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """An encoder up to its pooling. `embed` makes tokens, `forward` reads versions of a text, `back` goes back to its tokens."""

    shape: Shape
    words: Array
    places: Array
    start: tuple[Array, Array]
    layers: tuple[Layer, ...]
    far: Array | None

    def embed(self, ids_t: Indices) -> Array:
        """What the first layer reads: words, places and types, normed, (t,) -> (t, d)."""
        x = self.words[ids_t] + self.places[: len(ids_t)]
        return _scaled(norm(x, self.shape.epsilon).rows, self.start)

    def way(self, start_td: Array, end_td: Array) -> Way:
        """The way between two embedded texts of as many tokens."""
        weights = self.layers[0].mix
        step = end_td - start_td
        return Way(start_td, step, _linear(start_td, weights), step @ weights[0])

    def between(self, way: Way, places_n: Array) -> Trace:
        """Read the texts so far along a way, 0 its start and 1 its end."""
        far = places_n.astype(way.step.dtype)[:, None, None]
        return self.forward(way.start + far * way.step, way.mixed + far * way.mixed_step)

    def forward(self, x_ntd: Array, mixed: Array | None = None) -> Trace:
        """Read versions of one text, all of the same tokens, (n, t, d): no padding, no mask."""
        n, t, _ = x_ntd.shape
        bias, x, left = self._bias(t), x_ntd.reshape(n * t, -1), []
        for layer in self.layers:
            x, passed = self._layer(x, layer, bias, _linear(x, layer.mix) if mixed is None else mixed, n)
            mixed = None
            left.append(passed)
        rows = x.reshape(n, t, -1)
        return Trace(rows.mean(axis=1) if self.shape.pooling == "mean" else rows[:, 0], tuple(left), t)

    def back(self, trace: Trace, slope_nd: Array) -> Slopes:
        """From the slope by the pooled rows, (n, d), to those by the tokens and by the attention's shares."""
        slope, parts, found = self._to_first(trace, slope_nd)
        slope += parts @ self.layers[0].mix[0].T
        attention = tuple(passed.share for passed in trace.passed)
        return Slopes(slope.reshape(len(slope_nd), trace.tokens, -1), tuple(found), attention)

    def along(self, trace: Trace, slope_nd: Array, way: Way) -> Array:
        """Slope times step of each token of a way, (n, t), from the slope by the pooled rows, (n, d)."""
        slope, parts, _ = self._to_first(trace, slope_nd)
        shape = len(slope_nd), trace.tokens, -1
        by_step = np.einsum("ntd,td->nt", slope.reshape(shape), way.step)
        return np.asarray(by_step + np.einsum("ntd,td->nt", parts.reshape(shape), way.mixed_step))

    def _to_first(self, trace: Trace, slope_nd: Array) -> tuple[Array, Array, list[Array]]:
        """Slopes by what the first layer hands on (n t, d), by what it mixed (n t, 3 d), and by all layers' shares."""
        n, d = slope_nd.shape
        pooled = np.zeros((n, trace.tokens, d), slope_nd.dtype)
        if self.shape.pooling == "mean":
            pooled += slope_nd[:, None] / trace.tokens
        else:
            pooled[:, 0] = slope_nd
        slope: Array = pooled.reshape(-1, d)
        found: list[Array] = []
        for i in range(len(self.layers) - 1, -1, -1):
            slope, parts, by_share = _layer_back(slope, self.layers[i], trace.passed[i])
            found.append(by_share)
            if i:
                slope += parts @ self.layers[i].mix[0].T
        return slope, parts, found[::-1]

    def _bias(self, t: int) -> Array | None:
        """MPNet's bias by distance, (h, t, t)."""
        if self.far is None:
            return None
        offsets = np.arange(t)[None, :] - np.arange(t)[:, None] + self.shape.positions - 1
        return np.asarray(self.far[:, offsets])

    def _layer(self, x: Array, layer: Layer, bias: Array | None, mixed: Array, n: int) -> tuple[Array, Passed]:
        heads, t = self.shape.heads, len(x) // n
        parts = mixed.reshape(n, t, 3, heads, -1).transpose(2, 0, 3, 1, 4)
        query, key, value = parts
        share = query @ key.swapaxes(2, 3)
        if bias is not None:
            share += bias
        if max(-share.min(), share.max()) > MOST_SCORE:
            share -= share.max(axis=-1, keepdims=True)
        np.exp(share, out=share)
        share /= share.sum(axis=-1, keepdims=True)
        y = _linear((share @ value).transpose(0, 2, 1, 3).reshape(n * t, -1), layer.out)
        y += x
        first = norm(y, self.shape.epsilon)
        y = _scaled(first.rows, layer.norms[0])
        wide = _linear(y, layer.wide)
        bend = gelu(wide, self.shape.act)
        z = _linear(wide, layer.narrow)
        z += y
        second = norm(z, self.shape.epsilon)
        return _scaled(second.rows, layer.norms[1]), Passed(query, key, value, share, first, bend, second)


def _layer_back(slope: Array, layer: Layer, passed: Passed) -> tuple[Array, Array, Array]:
    """From the slope by a layer's output: by its input past the mixing (n t, d), by what it mixed, and by its shares."""
    n, heads, t, size = passed.query.shape
    outer = norm_back(slope * layer.norms[1][0], passed.second)
    bend = outer @ layer.narrow[0].T
    bend *= passed.bend
    outer += bend @ layer.wide[0].T
    outer *= layer.norms[0][0]
    outer = norm_back(outer, passed.first)
    mixed = (outer @ layer.out[0].T).reshape(n, t, heads, size).transpose(0, 2, 1, 3)
    parts = np.empty((n, t, 3, heads, size), slope.dtype)
    query, key, value = parts.transpose(2, 0, 3, 1, 4)
    value[...] = passed.share.swapaxes(2, 3) @ mixed
    by_share = mixed @ passed.value.swapaxes(2, 3)
    scores = softmax_back(by_share.copy(), passed.share)
    query[...] = scores @ passed.key
    key[...] = scores.swapaxes(2, 3) @ passed.query
    return outer, parts.reshape(n * t, -1), by_share


def _linear(x: Array, weights: tuple[Array, Array]) -> Array:
    out = x @ weights[0]
    out += weights[1]
    return np.asarray(out)


def _scaled(x: Array, gain: tuple[Array, Array]) -> Array:
    out = x * gain[0]
    out += gain[1]
    return np.asarray(out)


@lru_cache(maxsize=2)
def open_network(folder: Path, digest: str, kind: Any = np.float32) -> Network:  # noqa: ARG001 - of the files' content
    """The network in a folder that `bert.is_known`; `digest` tells a folder that changed. Errors as those of `bert.build`."""
    shape = shape_of(folder)
    # The C library gives freed memory back to the system at once until a piece as large as this was freed: asking for it
    # anew for every layer takes a tenth of the time.
    large = np.empty(LARGE, np.uint8)
    del large
    return fitting(folder, lambda: _network(folder, shape, kind))


def _network(folder: Path, shape: Shape, kind: Any) -> Network:
    w = {name: a.astype(kind, copy=False) for name, a in weights_of(folder, shape.kind).items()}
    places = w["embeddings.position_embeddings.weight"][shape.first :]
    if shape.kind != "mpnet":
        places = places + w["embeddings.token_type_embeddings.weight"][0]
    return Network(
        shape, w["embeddings.word_embeddings.weight"], places, _pair(w, "embeddings.LayerNorm"),
        tuple(_weights(w, f"encoder.layer.{i}.", shape) for i in range(shape.layers)),
        by_offset(w[DISTANCES], shape.positions) if shape.kind == "mpnet" else None,
    )  # fmt: skip


def _weights(w: dict[str, Array], under: str, shape: Shape) -> Layer:
    def linear(name: str) -> tuple[Array, Array]:
        weight, bias = _pair(w, under + name)
        return weight.T, bias

    named = [linear(f"attention.self.{part}") for part in PARTS]
    mix = np.concatenate([weight for weight, _ in named], axis=1)
    bias = np.concatenate([each for _, each in named])
    scale = (shape.hidden // shape.heads) ** -0.5
    mix[:, : shape.hidden] *= scale
    bias[: shape.hidden] *= scale
    return Layer(
        (mix, bias), linear("attention.output.dense"), linear("intermediate.dense"), linear("output.dense"),
        (_pair(w, f"{under}attention.output.LayerNorm"), _pair(w, f"{under}output.LayerNorm")),
    )  # fmt: skip


def _pair(w: dict[str, Array], name: str) -> tuple[Array, Array]:
    return w[f"{name}.weight"], w[f"{name}.bias"]

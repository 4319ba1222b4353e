"""Heads: frozen arrays that turn vectors into class probabilities.

Legend: n = texts, d = vector size, k = classes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cowise.core.errors import InputError, TrustError
from cowise.core.registry import load
from cowise.core.types import Bools, Floats, Vectors32

UNSEEN_WEIGHT = 0.1


def unseen_share(n: int, seen: Bools) -> float:
    """Probability left to classes that no answer named: each counts as a tenth of an answer.

    >>> round(unseen_share(99, np.array([True, False])), 4)
    0.001
    """
    unseen = int((~seen).sum())
    total = n + UNSEEN_WEIGHT * len(seen)
    return UNSEEN_WEIGHT * unseen / total if unseen else 0.0


def spread(p_seen: Floats, seen: Bools, share: float) -> Floats:
    """Probabilities over the seen classes, (n, seen), as ones over all, (n, k), with `share` for the others.

    >>> spread(np.array([[0.25, 0.75]]), np.array([True, False, True]), 0.2)
    array([[0.2, 0.2, 0.6]])
    """
    p = np.empty((len(p_seen), len(seen)))
    unseen = int((~seen).sum())
    p[:, seen] = p_seen * (1 - share)
    if unseen:
        p[:, ~seen] = (share if len(seen) > unseen else 1.0) / unseen
    p /= p.sum(axis=1, keepdims=True)
    return p


@dataclass(frozen=True, slots=True)
class LinearHead:
    """softmax((x W + b) / T) over the classes seen in training; the others share `share`.

    `weights` (d, k_seen) and `bias` (k_seen,) are float32, `seen` is (k,). `kind` says who fitted it.
    """

    weights: Vectors32
    bias: Vectors32
    seen: Bools
    temperature: float = 1.0
    share: float = 0.0
    kind: str = "linear"

    @property
    def n_classes(self) -> int:
        """All classes of the task, k."""
        return len(self.seen)

    def predict(self, vectors: Vectors32) -> Floats:
        """Class probabilities, (n, d) -> (n, k), rows summing to one."""
        rows = check_rows(vectors, self.weights.shape[0])
        scores = (rows @ self.weights + self.bias).astype(np.float64) / self.temperature
        return spread(_softmax(scores), self.seen, self.share)


@dataclass(frozen=True, slots=True)
class MeanHead:
    """The geometric mean of several heads' probabilities, weighted: one head made of those that agree least."""

    parts: tuple[LinearHead, ...]
    shares: tuple[float, ...] = field(default=())

    @property
    def n_classes(self) -> int:
        """All classes of the task, k."""
        return self.parts[0].n_classes

    def predict(self, vectors: Vectors32) -> Floats:
        """Class probabilities, (n, d) -> (n, k), rows summing to one."""
        return pool([part.predict(vectors) for part in self.parts], self.shares)


def pool(tables: list[Floats], shares: tuple[float, ...] = ()) -> Floats:
    """Geometric mean of probability tables, rows summing to one; equal shares unless given.

    >>> pool([np.array([[0.5, 0.5]]), np.array([[0.2, 0.8]])]).round(4)
    array([[0.3333, 0.6667]])
    """
    weights = shares or (1 / len(tables),) * len(tables)
    logs = sum(w * np.log(np.maximum(table, 1e-300)) for w, table in zip(weights, tables, strict=True))
    return _softmax(np.asarray(logs))


def _softmax(scores: Floats) -> Floats:
    if scores.shape[1] == 0:
        return scores
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.asarray(p, dtype=np.float64)


def check_rows(vectors: Vectors32, dim: int) -> Vectors32:
    """`vectors` as float32 rows of `dim` columns, or InputError."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise InputError(
            f"vectors: this head takes rows of {dim}, got shape {rows.shape}; use the encoder it was fitted with"
        )
    return rows


AnyHead = LinearHead | MeanHead


def to_bytes(head: AnyHead) -> bytes:
    """A head as the bytes of a safetensors file; `from_bytes` reads them back exactly."""
    parts = head.parts if isinstance(head, MeanHead) else (head,)
    arrays: dict[str, npt.NDArray[Any]] = {}
    for i, part in enumerate(parts):
        arrays[f"{i}.weights"] = np.ascontiguousarray(part.weights, dtype=np.float32)
        arrays[f"{i}.bias"] = np.ascontiguousarray(part.bias, dtype=np.float32)
        arrays[f"{i}.seen"] = np.ascontiguousarray(part.seen, dtype=np.uint8)
        arrays[f"{i}.scale"] = np.array([part.temperature, part.share], dtype=np.float64)
    meta = {
        "format": "cowise-head/1",
        "kinds": json.dumps([part.kind for part in parts]),
        "mean": json.dumps(list(head.shares) if isinstance(head, MeanHead) else None),
    }
    data: bytes = load("safetensors.numpy:save")(arrays, metadata=meta)
    return data


def from_bytes(data: bytes) -> AnyHead:
    """The head that `to_bytes` wrote; TrustError if the bytes are no head."""
    try:
        arrays = load("safetensors.numpy:load")(data)
        size = int.from_bytes(data[:8], "little")
        meta = json.loads(data[8 : 8 + size])["__metadata__"]
        parts = tuple(_part(arrays, i, kind) for i, kind in enumerate(json.loads(meta["kinds"])))
        mean = json.loads(meta["mean"])
    except Exception as cause:
        raise TrustError(
            "weights.safetensors holds no head that cowise can read; restore or train the model again"
        ) from cause
    return parts[0] if mean is None else MeanHead(parts, tuple(mean))


def _part(arrays: dict[str, npt.NDArray[Any]], i: int, kind: str) -> LinearHead:
    scale = arrays[f"{i}.scale"]
    return LinearHead(
        weights=arrays[f"{i}.weights"],
        bias=arrays[f"{i}.bias"],
        seen=arrays[f"{i}.seen"].astype(np.bool_),
        temperature=float(scale[0]),
        share=float(scale[1]),
        kind=str(kind),
    )

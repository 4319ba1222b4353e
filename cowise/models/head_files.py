"""Heads as bytes: the safetensors format, never a pickle."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from cowise.core.errors import TrustError
from cowise.models.heads import LinearHead
from cowise.models.kernel import KernelHead, WordAnchors
from cowise.models.sets import SetBook
from cowise.models.words import Rarity, rows_of

AnyHead = LinearHead | KernelHead

FORMAT = "cowise-head/1"
_CLASSES: dict[str, type[LinearHead | KernelHead]] = {"LinearHead": LinearHead, "KernelHead": KernelHead}


def to_bytes(head: AnyHead) -> bytes:
    """A head as the bytes of a safetensors file; `from_bytes` reads them back exactly."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for each in fields(head):
        value = getattr(head, each.name)
        if each.name == "seen":
            arrays["seen"] = value.astype(np.uint8)
        elif isinstance(value, np.ndarray):
            arrays[each.name] = np.ascontiguousarray(value, dtype=np.float32)
        elif isinstance(value, float):
            arrays[each.name] = np.array([value], dtype=np.float64)
    if isinstance(head, KernelHead) and head.words is not None:
        arrays.update(_words_out(head.words))
    if isinstance(head, KernelHead) and head.book is not None:
        arrays |= {
            "book.held": np.ascontiguousarray(head.book.held),
            "book.weight": np.ascontiguousarray(head.book.weight),
        }
        arrays["book.heat"] = np.array([head.book.heat], dtype=np.float64)
    meta = {"format": FORMAT, "class": type(head).__name__, "kind": head.kind}
    return bytes(save(arrays, metadata={"cowise": json.dumps(meta)}))  # one key: the writer orders several at random


def from_bytes(data: bytes) -> AnyHead:
    """The head that `to_bytes` wrote; TrustError if the bytes are no head."""
    try:
        arrays = load(data)
        meta = _metadata(data)
        words = _words_in(arrays) if "words.mix" in arrays else None
        book = _book_in(arrays) if "book.heat" in arrays else None
        values: dict[str, Any] = {name: float(a[0]) if a.dtype == np.float64 else a for name, a in arrays.items()}
        values["seen"] = values["seen"].astype(np.bool_)
        if words is not None:
            values["words"] = words
        if book is not None:
            values["book"] = book
        head = _CLASSES[meta["class"]](**values, kind=meta["kind"])
        rows, columns = head.weights.shape
        if head.bias.shape != (columns,) or int(head.seen.sum()) != columns:
            raise ValueError("shapes")
        if isinstance(head, KernelHead) and len(head.anchors) != rows:
            raise ValueError("shapes")
        if book is not None and book.held.shape[1] != len(head.seen):
            raise ValueError("shapes")
        if words is not None and words.rows.shape[0] != rows:
            raise ValueError("shapes")
    except Exception as cause:
        raise TrustError(
            "weights.safetensors holds no head that cowise can read; restore or train the model again"
        ) from cause
    return head


def _words_out(words: WordAnchors) -> dict[str, npt.NDArray[Any]]:
    return {
        "words.data": np.ascontiguousarray(words.rows.data, dtype=np.float32),
        "words.columns": np.ascontiguousarray(words.rows.indices, dtype=np.int32),
        "words.starts": np.ascontiguousarray(words.rows.indptr, dtype=np.int64),
        "words.keys": np.ascontiguousarray(words.rare.keys, dtype=np.int32),
        "words.rarity": np.ascontiguousarray(words.rare.weights, dtype=np.float32),
        "words.other": np.array([words.rare.other], dtype=np.float64),
        "words.mix": np.array([words.mix], dtype=np.float64),
    }


def _words_in(arrays: dict[str, npt.NDArray[Any]]) -> WordAnchors:
    part = {
        name: arrays.pop(f"words.{name}") for name in ("data", "columns", "starts", "keys", "rarity", "other", "mix")
    }
    rows = rows_of(part["data"], part["columns"], part["starts"])
    rare = Rarity(part["keys"], part["rarity"], float(part["other"][0]))
    if rare.keys.shape != rare.weights.shape or (np.diff(rare.keys) <= 0).any():
        raise ValueError("rarity")
    mix = float(part["mix"][0])
    if not np.isfinite([mix, rare.other]).all():
        raise ValueError("words")
    return WordAnchors(rows, rare, mix)


def _book_in(arrays: dict[str, npt.NDArray[Any]]) -> SetBook:
    held, weight, heat = (arrays.pop(f"book.{name}") for name in ("held", "weight", "heat"))
    if held.ndim != 2 or len(held) != len(weight) or not np.isin(held, (0, 1)).all() or not float(heat[0]) > 0:
        raise ValueError("book")
    return SetBook(held, weight, float(heat[0]))


def _metadata(data: bytes) -> dict[str, str]:
    size = int.from_bytes(data[:8], "little")
    found: dict[str, str] = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["cowise"])
    if found["format"] != FORMAT:
        raise ValueError(found["format"])
    return found

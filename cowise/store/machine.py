"""A model's opinions on many items: one array file for each version and batch, and a row that points to it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import text

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices
from cowise.store.blobs import Blobs
from cowise.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Batch:
    """Where one array is kept: `n` items by k classes under `blob`."""

    id: int
    member: str
    version: str
    n: int
    blob: str
    at: float


def pack(blobs: Blobs, ordinals: Indices, p_nk: npt.NDArray[np.number]) -> tuple[str, int]:
    """Keep probabilities (n, k) of the items at `ordinals` (n,) as float32; (digest, n). Call before the transaction.

    Integers stay what they are.
    """
    if p_nk.ndim != 2 or len(p_nk) != len(ordinals):
        raise InputError(f"opinions: {len(ordinals)} ordinals need as many rows of probabilities, got {p_nk.shape}")
    buffer = io.BytesIO()
    kind = np.int64 if np.issubdtype(p_nk.dtype, np.integer) else np.float32
    np.savez(buffer, ordinals=np.asarray(ordinals, np.int64), p=np.asarray(p_nk, kind))
    return blobs.put(buffer.getvalue()), len(ordinals)


def put(tx: Tx, project: int, member: str, version: str, packed: tuple[str, int]) -> None:
    """Record a packed array as the opinions of `member` at `version`."""
    tx.run(
        text("INSERT INTO machine (project, member, version, n, blob, at) VALUES (:p, :m, :v, :n, :b, :at)"),
        {"p": project, "m": member, "v": version, "n": packed[1], "b": packed[0], "at": tx.now()},
    )


def batches(tx: Tx, project: int, member: str, version: str) -> list[Batch]:
    """The arrays of one version, oldest first."""
    rows = tx.run(
        text(
            "SELECT id, member, version, n, blob, at FROM machine WHERE project = :p AND member = :m AND version = :v ORDER BY id"
        ),
        {"p": project, "m": member, "v": version},
    )
    return [Batch(r.id, r.member, r.version, r.n, r.blob, r.at) for r in rows]


def rows(blobs: Blobs, found: Sequence[Batch]) -> tuple[Indices, Floats]:
    """Ordinals (m,) and probabilities (m, k) float64 of all batches as they were kept, one after another."""
    return _loaded(blobs, [b.blob for b in found])


def _loaded(blobs: Blobs, digests: Sequence[str]) -> tuple[Indices, Floats]:
    parts = [np.load(io.BytesIO(blobs.get(digest)), allow_pickle=False) for digest in digests]
    if not parts:
        return np.empty(0, np.int64), np.empty((0, 0))
    ordinals = np.concatenate([part["ordinals"] for part in parts])
    return ordinals, np.concatenate([part["p"] for part in parts]).astype(np.float64)


def read(blobs: Blobs, found: Sequence[Batch]) -> tuple[Indices, Floats]:
    """Ordinals (n,) ascending and probabilities (n, k) float64; where batches overlap the newest one counts."""
    return read_files(blobs, [b.blob for b in found])


def read_files(blobs: Blobs, digests: Sequence[str]) -> tuple[Indices, Floats]:
    """As `read`, of files named by their digests, oldest first. MissingError or TrustError for one gone or changed."""
    ordinals, p = _loaded(blobs, digests[::-1])
    kept, first = np.unique(ordinals, return_index=True)
    return kept, p[first]


def forget(tx: Tx, project: int, version: str) -> list[str]:
    """Drop the rows of a version; the digests that nothing points to any more, to be deleted after the commit."""
    gone = [
        r.blob
        for r in tx.run(
            text("SELECT DISTINCT blob FROM machine WHERE project = :p AND version = :v"), {"p": project, "v": version}
        )
    ]
    tx.run(text("DELETE FROM machine WHERE project = :p AND version = :v"), {"p": project, "v": version})
    return [b for b in gone if not tx.value(text("SELECT 1 FROM machine WHERE blob = :b"), {"b": b})]

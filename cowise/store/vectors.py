"""Embeddings kept between runs: role `Vectors`, in segment files under one folder for each encoder digest.

A segment is written whole or not at all, so that embedding can be stopped anywhere and goes on where it stood.
Legend: n = rows, d = vector size.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from cowise.core.errors import InputError, StorageError, TrustError
from cowise.core.types import Bools, Vectors32
from cowise.store.blobs import Cipher, write_whole
from cowise.store.faults import disk

_MAGIC = b"cowisev1"
_ID_BYTES = 32
TRIES = 5
JOINED = 64 << 20
"""Bytes of a segment that no other is joined to."""
Ids = npt.NDArray[np.bytes_]


@dataclass(slots=True)
class _Shelf:
    """Every segment of one digest: ids in ascending order, and for each its (segment, row)."""

    names: set[str] = field(default_factory=set)
    arrays: list[npt.NDArray[np.floating]] = field(default_factory=list)
    ids: Ids = field(default_factory=lambda: np.empty(0, f"S{_ID_BYTES}"))
    where: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))


class _GoneError(StorageError):
    """A segment that was listed and is not there any more."""


class SegmentVectors:
    """Vectors by encoder digest and content id; float16 on disk by default (half the space, error under 0.1 %)."""

    def __init__(
        self, folder: Path, cipher: Cipher | None = None, dtype: Literal["float16", "float32"] = "float16"
    ) -> None:
        self._folder = folder
        self._cipher = cipher
        self._dtype = np.dtype(dtype)
        self._shelves: dict[str, _Shelf] = {}
        self._lock = threading.RLock()

    def _place(self, digest: str) -> Path:
        return self._folder / hashlib.sha256(digest.encode("utf-8")).hexdigest()[:32]

    def get(self, digest: str, ids: Sequence[str]) -> Mapping[str, Vectors32]:
        """Those that are kept, (d,) float32 each; missing ids are absent."""
        found, rows = self.rows(digest, ids)
        kept = np.flatnonzero(found)
        return {ids[int(i)]: rows[j] for j, i in enumerate(kept)}

    def rows(self, digest: str, ids: Sequence[str]) -> tuple[Bools, Vectors32]:
        """(found (n,), rows (m, d) of the m found ones in the order asked): the fast form of `get`."""
        with self._lock:
            shelf = self._open(digest)
            wanted = _encode(ids)
            if not len(shelf.ids) or not len(wanted):
                return np.zeros(len(wanted), np.bool_), np.empty((0, 0), np.float32)
            place = np.minimum(np.searchsorted(shelf.ids, wanted), len(shelf.ids) - 1)
            found = shelf.ids[place] == wanted
            where = shelf.where[place[found]]
            out = np.empty((len(where), shelf.arrays[0].shape[1]), np.float32)
            for segment in np.unique(where[:, 0]):
                mask = where[:, 0] == segment
                out[mask] = shelf.arrays[segment][where[mask, 1]]
            return found, out

    def put(self, digest: str, ids: Sequence[str], vectors: Vectors32) -> None:
        """Keep one row (d,) for each id; give thousands at a time, each call makes one file."""
        if vectors.ndim != 2 or len(ids) != len(vectors):
            raise InputError(f"vectors: {len(ids)} ids need as many rows, got {vectors.shape}")
        if not len(ids):
            return
        if not np.isfinite(vectors).all():
            raise InputError("vectors: some are NaN or infinite; check the encoder")
        self._write(self._place(digest), _encode(ids), vectors.astype(self._dtype))

    def _write(self, place: Path, ids: Ids, rows: npt.NDArray[np.floating]) -> Path:
        buffer = io.BytesIO()
        buffer.write(_MAGIC)
        np.save(buffer, ids, allow_pickle=False)
        np.save(buffer, rows, allow_pickle=False)
        data = buffer.getbuffer()
        name = hashlib.sha256(data).hexdigest()
        path = place / f"{name}.seg"
        write_whole(path, self._cipher.seal(bytes(data)) if self._cipher else bytes(data))
        return path

    def forget(self, ids: Iterable[str], digest: str | None = None) -> int:
        """Drop rows of these ids, of one encoder or of all; how many. Segments that held them are written anew."""
        gone, dropped = _encode(list(ids)), 0
        with self._lock:
            places = (
                [self._place(digest)] if digest is not None else sorted(p for p in self._folder.glob("*") if p.is_dir())
            )
            for place in places:
                for path in sorted(place.glob("*.seg")):
                    kept_ids, rows = self._load(path)
                    keep = ~np.isin(kept_ids, gone)
                    if keep.all():
                        continue
                    if keep.any():
                        self._write(place, kept_ids[keep], np.asarray(rows[keep]))
                    path.unlink()
                    dropped += int((~keep).sum())
            self._shelves.clear()
        return dropped

    def compact(self, digest: str, *, most: int = JOINED, least: int = 2) -> int:
        """Join an encoder's small segments, where there are `least` of them, into ones of about `most` bytes; how many are gone.

        Each id is kept once. What many imports or a long run wrote piece by piece is then read in few looks.
        """
        with self._lock:
            place, gone, group, size = self._place(digest), 0, list[Path](), 0
            small = [path for path in sorted(place.glob("*.seg")) if path.stat().st_size < most]
            for path in small if len(small) >= least else ():
                group.append(path)
                size += path.stat().st_size
                if size >= most:
                    gone += self._join(place, group)
                    group, size = [], 0
            gone += self._join(place, group)
            self._shelves.pop(digest, None)
        return gone

    def _join(self, place: Path, group: list[Path]) -> int:
        if len(group) < 2:
            return 0
        try:
            parts = [self._load(path) for path in group]
        except _GoneError:
            return 0  # another process joins them
        ids, first = np.unique(np.concatenate([ids for ids, _ in parts]), return_index=True)
        joined = self._write(place, ids, np.concatenate([rows for _, rows in parts])[first])
        for path in group:
            if path != joined:  # a name follows from the content: the joined one may be one of them
                path.unlink(missing_ok=True)
        return len(group) - 1

    def _open(self, digest: str) -> _Shelf:
        """The shelf, with segments that came since (from this process or another) read in."""
        for _ in range(TRIES):
            try:
                return self._opened(digest)
            except _GoneError:  # another process has joined it to others meanwhile
                self._shelves.pop(digest, None)
        return self._opened(digest)

    def _opened(self, digest: str) -> _Shelf:
        shelf = self._shelves.setdefault(digest, _Shelf())
        try:
            names = {entry.name for entry in os.scandir(self._place(digest)) if entry.name.endswith(".seg")}
        except FileNotFoundError:
            return shelf
        except OSError as cause:
            raise disk(cause) from cause
        if shelf.names - names:
            shelf = self._shelves[digest] = _Shelf()
        fresh = sorted(names - shelf.names)
        if fresh:
            self._extend(shelf, self._place(digest), fresh)
        return shelf

    def _extend(self, shelf: _Shelf, place: Path, fresh: Sequence[str]) -> None:
        ids, where = [shelf.ids], [shelf.where]
        for name in fresh:
            new, rows = self._load(place / name)
            if shelf.arrays and rows.shape[1] != shelf.arrays[0].shape[1]:
                raise TrustError(
                    f"{place / name}: vectors of size {rows.shape[1]} among others of {shelf.arrays[0].shape[1]}"
                )
            shelf.arrays.append(rows)
            ids.append(new)
            where.append(np.column_stack([np.full(len(new), len(shelf.arrays) - 1), np.arange(len(new))]))
        joined = np.concatenate(ids)
        shelf.ids, first = np.unique(joined, return_index=True)
        shelf.where = np.concatenate(where)[first]
        shelf.names |= set(fresh)

    def _load(self, path: Path) -> tuple[Ids, npt.NDArray[np.floating]]:
        try:
            data = path.read_bytes()
        except FileNotFoundError as cause:
            raise _GoneError(str(disk(cause))) from cause
        except OSError as cause:
            raise disk(cause) from cause
        data = self._cipher.open(data) if self._cipher else data
        if hashlib.sha256(data).hexdigest() != path.stem or not data.startswith(_MAGIC):
            raise TrustError(
                f"{path}: content does not fit its name, so it was damaged; remove it and its texts are embedded again"
            )
        buffer = io.BytesIO(data)
        buffer.seek(len(_MAGIC))
        ids = np.load(buffer, allow_pickle=False)
        if self._cipher is not None:
            return ids, np.load(buffer, allow_pickle=False)
        # Hash-checked; from here on the rows stay on disk and are paged in as they are asked for.
        return ids, _mapped(path, buffer)


def _mapped(path: Path, buffer: io.BytesIO) -> npt.NDArray[np.floating]:
    version = np.lib.format.read_magic(buffer)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(buffer)
    return np.memmap(path, dtype=dtype, mode="r", offset=buffer.tell(), shape=shape)


def _encode(ids: Sequence[str]) -> Ids:
    if any(len(one) > _ID_BYTES for one in ids):
        raise InputError(f"vectors: a content id has at most {_ID_BYTES} characters; give content_id(text)")
    return np.array([one.encode("ascii", "replace") for one in ids], dtype=f"S{_ID_BYTES}")

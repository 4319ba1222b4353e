"""Files named by their content: written once, checked on every read."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from cowise.core.errors import MissingError, TrustError
from cowise.store.faults import disk

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Cipher(Protocol):
    """Seals bytes at rest; `name` hides a digest, which for a short text could be guessed."""

    def seal(self, plain: bytes) -> bytes:
        """Encrypt and authenticate."""
        ...

    def open(self, sealed: bytes) -> bytes:
        """Undo `seal`; TrustError when it does not fit."""
        ...

    def name(self, digest: str) -> str:
        """A keyed name of 64 hex digits for a digest."""
        ...


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there in whole or not at all: temporary file, fsync, rename, fsync."""
    try:
        make_folder(path.parent)
        part = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as cause:
        raise disk(cause) from cause


def make_folder(folder: Path) -> None:
    """Make a folder and those above it so that a power cut leaves them: each new one is a name in the one above."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last (a no-op where folders cannot be synced)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Blobs:
    """Content-addressed files under one folder; names are SHA-256 of the content (keyed where a cipher is given)."""

    def __init__(self, folder: Path, cipher: Cipher | None = None) -> None:
        self._folder = folder
        self._cipher = cipher

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise MissingError(f"blob {digest[:80]!r}: not a SHA-256 digest of 64 hex digits")
        name = self._cipher.name(digest) if self._cipher else digest
        return self._folder / name[:2] / name

    def put(self, data: bytes) -> str:
        """Keep bytes; their digest. What is there already is not written again."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not path.exists():
            write_whole(path, self._cipher.seal(data) if self._cipher else data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes; MissingError when they are not here, TrustError when they are not what the digest says."""
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise MissingError(f"blob {digest[:12]}… is not in this workspace; restore it from a backup") from None
        except OSError as cause:
            raise disk(cause) from cause
        data = self._cipher.open(data) if self._cipher else data
        if hashlib.sha256(data).hexdigest() != digest:
            raise TrustError(
                f"{path}: content does not fit its name, so it was damaged or changed; restore it from a backup"
            )
        return data

    def has(self, digest: str) -> bool:
        """Whether it is here."""
        return self._path(digest).exists()

    def delete(self, digest: str) -> None:
        """Remove it; nothing happens when it is not here."""
        self._path(digest).unlink(missing_ok=True)

    def damaged(self) -> list[Path]:
        """Files whose content does not fit their name or seal."""
        return [path for path in self if not self._fits(path)]

    def _fits(self, path: Path) -> bool:
        data = path.read_bytes()
        if self._cipher is None:
            return hashlib.sha256(data).hexdigest() == path.name
        try:
            return self._cipher.name(hashlib.sha256(self._cipher.open(data)).hexdigest()) == path.name
        except TrustError:
            return False

    def __iter__(self) -> Iterator[Path]:
        """Every file, by name."""
        return iter(sorted(p for p in self._folder.glob("??/*") if not p.name.endswith(".part")))

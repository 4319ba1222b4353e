"""The `keys/` folder: signing, audit and encryption keys, one file each, readable by their owner alone.

A key file is one line: `cowise-key-v1 KIND BASE64`. Keys never enter the database, the ledger or a log.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cowise.core.errors import ConflictError, InputError, MissingError, StorageError, TrustError
from cowise.core.registry import load
from cowise.guard.crypt import KEY_BYTES, new_key

if TYPE_CHECKING:
    from cowise.guard.checkpoint import Signer, Verifier

_FORM = "cowise-key-v1"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

LOSS = {
    "signing": "Without the signing key no new checkpoint can be signed; old ones stay checkable with its public line.",
    "audit": "Without a project's audit key its lots cannot be drawn again: its certificates can no longer be checked.",
    "data": "Without the encryption key the database cannot be opened by anyone, and nobody can help.",
    "files": "Without the files key models, vectors and designs cannot be read by anyone, and nobody can help.",
}


class KeyFolder:
    """Creates, loads and rotates the keys of one workspace.

    >>> import tempfile
    >>> folder = KeyFolder(Path(tempfile.mkdtemp()) / "keys")
    >>> folder.create_signing("cowise.local/demo").verifier == folder.signing().verifier
    True
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def create_signing(self, name: str) -> Signer:
        """A new signing key under `name`; ConflictError when there is one already."""
        seed = new_key()
        signer = _signer(name, seed)
        self._create("signing", seed)
        self._remember(signer.verifier)
        return signer

    def signing(self) -> Signer:
        """The signing key; MissingError when it is not here."""
        seed = self._load("signing")
        return _signer(self.verifiers()[-1].name, seed)

    def verifiers(self) -> tuple[Verifier, ...]:
        """Public lines of every signing key that this workspace ever had, the present one last."""
        file = self.path / "verifiers.txt"
        if not file.is_file():
            raise MissingError(f"{file} is missing: without it no checkpoint can be checked; restore it from a backup")
        parse = load("guard.checkpoint:Verifier").parse
        return tuple(parse(line) for line in _read(file).splitlines() if line.strip())

    def rotate_signing(self) -> Signer:
        """A new signing key under the same name. Checkpoints of the old one stay checkable."""
        name = self.signing().verifier.name
        seed = new_key()
        signer = _signer(name, seed)
        # The public line first: a crash in between leaves a spare line, never a key nobody can check.
        old = self.verifiers()
        self._remember(signer.verifier)
        try:
            self._write("signing", seed)
        except BaseException:
            _atomic(self.path / "verifiers.txt", "".join(f"{key}\n" for key in old))
            raise
        return signer

    def create_audit(self, project: str) -> bytes:
        """A new audit key for a project. It is never rotated: lots must stay what they were drawn as."""
        return self._create(_audit(project), new_key())

    def audit(self, project: str) -> bytes:
        """A project's audit key; MissingError when it is not here."""
        return self._load(_audit(project))

    def remove_audit(self, project: str) -> None:
        """Destroy a project's audit key, with the project."""
        self._file(_audit(project)).unlink(missing_ok=True)

    def create_data(self) -> bytes:
        """A new encryption key for the database; ConflictError when there is one already."""
        return self._create("data", new_key())

    def data(self) -> bytes:
        """The encryption key; MissingError when it is not here."""
        return self._load("data")

    def create_files(self) -> bytes:
        """A new key for files beside the database; ConflictError when there is one already."""
        return self._create("files", new_key())

    def files(self) -> bytes | None:
        """The key for files beside the database; None where they stand in the clear."""
        return self._load("files") if self._file("files").is_file() else None

    def has_data(self) -> bool:
        """Whether this workspace has an encryption key."""
        return self._file("data").is_file()

    def rotate_data(self, rekey: Callable[[bytes, bytes], None]) -> bytes:
        """Replace the encryption key. `rekey(old, new)` re-encrypts the database.

        The new key lies beside the old one as `data.next.key` before `rekey` runs, so that a crash at any moment
        leaves on disk the key that opens the database; `pending_data` reads it.
        """
        old, new = self.data(), new_key()
        self._create("data.next", new)
        try:
            rekey(old, new)
        except Exception:
            self._file("data.next").unlink(missing_ok=True)
            raise
        self._file("data.next").replace(self._file("data"))
        return new

    def pending_data(self) -> bytes | None:
        """The new key of a rotation that was cut short: try it when `data` does not open the database."""
        return self._load("data.next") if self._file("data.next").is_file() else None

    def settle_data(self, *, pending: bool) -> None:
        """End a rotation that was cut short: keep the pending key, or drop it."""
        if pending:
            self._file("data.next").replace(self._file("data"))
        else:
            self._file("data.next").unlink(missing_ok=True)

    def model(self, host: str) -> str:
        """The API key for language models at a host, from the file llm-HOST.key; "" where there is none.

        TrustError when others may read the file.
        """
        file = self.path / f"llm-{host}.key"
        if not _NAME.fullmatch(host) or not file.is_file():
            return ""
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise TrustError(f"{file} can be read by others; run: chmod 600 {file}")
        return _read(file).strip()

    def _file(self, kind: str) -> Path:
        return self.path / f"{kind}.key"

    def _create(self, kind: str, key: bytes) -> bytes:
        if self._file(kind).exists():
            raise ConflictError(
                f"{self._file(kind)} exists already; a key in use is never overwritten, rotate it instead"
            )
        self._write(kind, key)
        return key

    def _write(self, kind: str, key: bytes) -> None:
        named = kind.removesuffix(".next")  # it stays true when the file takes the old one's place
        _atomic(self._file(kind), f"{_FORM} {named} {base64.b64encode(key).decode('ascii')}\n")

    def _load(self, kind: str) -> bytes:
        file = self._file(kind)
        if not file.is_file():
            raise MissingError(
                f"{file} is missing: {LOSS[kind.split('.', 1)[0]]} Restore the keys folder from a backup"
            )
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise TrustError(f"{file} can be read by other accounts of this machine; run: chmod 600 '{file}'")
        parts = _read(file).split()
        try:
            form, found, coded = parts
            key = base64.b64decode(coded, validate=True)
        except (ValueError, binascii.Error):
            form, found, key = "", "", b""
        if (form, found, len(key)) != (_FORM, kind.removesuffix(".next"), KEY_BYTES):
            raise TrustError(f"{file} is not a whole {kind} key; restore the keys folder from a backup")
        return key

    def _remember(self, verifier: Verifier) -> None:
        file = self.path / "verifiers.txt"
        known = _read(file) if file.is_file() else ""
        _atomic(file, f"{known}{verifier}\n")


def _signer(name: str, seed: bytes) -> Signer:
    """Signatures are loaded when something is signed: most commands open a key folder, and few sign."""
    return cast("Signer", load("guard.checkpoint:Signer")(name, seed))


def _audit(project: str) -> str:
    if not _NAME.fullmatch(project):
        raise InputError(f"audit key: {project!r} cannot name a file; use letters, digits, dots, dashes, underscores")
    return f"audit.{project}"


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise TrustError(f"{file} is damaged; restore the keys folder from a backup") from None
    except OSError as cause:
        raise StorageError(f"{file} cannot be read ({cause.strerror}); check who owns it") from cause


def _atomic(file: Path, text: str) -> None:
    """Write all or nothing, flushed to disk, mode 0600 from the first byte on."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as cause:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise StorageError(
            f"{file} cannot be written ({cause.strerror}); check the disk and who owns the folder"
        ) from cause

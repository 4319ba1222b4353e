"""Where bytes come from: a file, a gzip of one, or standard input, each of which can be opened again."""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from cowise.core.errors import DataError, InputError, MissingError, StorageError

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document; save its text as plain text first"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (xls, doc); open it and save the sheet as CSV (UTF-8)"),
    (b"SQLite format 3", "an SQLite database; export the table as CSV"),
    (b"\x7fELF", "a program"),
    (b"BZh", "compressed with bzip2; unpack it first, or use gzip"),
    (b"\xfd7zXZ\x00", "compressed with xz; unpack it first, or use gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it first, or use gzip"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Bytes with a name. `suffix` is that of the file inside, without .gz."""

    name: str
    path: Path
    suffix: str
    zipped: bool = False
    _keep: Any = field(default=None, repr=False, compare=False)

    def open(self) -> BinaryIO:
        """The bytes from the beginning, unzipped."""
        try:
            raw = self.path.open("rb")
        except OSError as cause:
            raise StorageError(f"{self.name} cannot be read ({cause.strerror}); check its permissions") from cause
        if not self.zipped:
            return raw
        return cast("BinaryIO", io.BufferedReader(_Unzipped(gzip.GzipFile(fileobj=raw), raw, self.name), 2**18))

    def sample(self, size: int) -> bytes:
        """The first bytes, at most `size` of them."""
        with self.open() as raw:
            return raw.read(size)


class _Unzipped(io.RawIOBase):
    """Gzip whose damage is reported in cowise's words."""

    def __init__(self, inner: gzip.GzipFile, raw: BinaryIO, name: str) -> None:
        self._inner, self._raw, self._name = inner, raw, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self._inner.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as cause:
            raise DataError(f"{self._name} is a damaged gzip file ({cause}); copy or download it again") from None
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._inner.close()
        self._raw.close()
        super().close()


def located(name: str | Path) -> Path:
    """The path that a user wrote, with ~ filled in; InputError for what cannot be one, such as a whole text."""
    try:
        path = Path(name).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError) as cause:
        if isinstance(cause, PermissionError):
            raise StorageError(f"{name} cannot be reached ({cause.strerror}); check who owns the folder") from cause
        shown = str(name)[:60]
        raise InputError(
            f"{shown!r} cannot be a file name; give the path of a file, or texts as a list: [text]"
        ) from None
    return path


def place(path: Path) -> Place:
    """The file at `path`, checked: there, not empty, readable and not something else than text or Parquet.

    Raises MissingError, StorageError or DataError.
    """
    if not path.exists():
        raise MissingError(f"{path} is not here; check the name and the folder")
    if not path.is_file():
        raise DataError(f"{path} is not a file; name a file or a folder of files")
    return _checked(str(path), path)


def standard_input(stream: BinaryIO | None = None) -> Place:
    """Standard input, copied to a temporary file so that its encoding can be found before a row is handed on."""
    spool = tempfile.NamedTemporaryFile(prefix="cowise-")  # noqa: SIM115  # lives as long as the Place
    try:
        shutil.copyfileobj(stream or sys.stdin.buffer, spool, 2**20)
        spool.flush()
    except OSError as cause:
        raise StorageError(f"standard input cannot be kept ({cause.strerror}); free some disk space") from cause
    return _checked("standard input", Path(spool.name), spool)


def _checked(name: str, path: Path, keep: Any = None) -> Place:
    head = Place(name, path, "").sample(8)
    zipped = head.startswith(b"\x1f\x8b")
    inner = Path(path.stem) if zipped and path.suffix.lower() in (".gz", ".gzip") else path
    found = Place(name, path, "" if keep else inner.suffix.lower(), zipped, keep)
    head = found.sample(16) if zipped else head
    if not head:
        raise DataError(f"{name} is empty; give a file with at least one text")
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise DataError(f"{name} is not text but {what}")
    if head.startswith(b"PK\x03\x04"):
        raise DataError(f"{name} is not text but {_inside(path, zipped=zipped)}")
    return found


def _inside(path: Path, *, zipped: bool) -> str:
    """What a zip container is, in words that say what to do."""
    try:
        names = [] if zipped else zipfile.ZipFile(path).namelist()
    except (zipfile.BadZipFile, OSError):
        names = []
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook; open it and save the sheet as CSV (UTF-8)"
    if any(name.startswith("word/") for name in names):
        return "a Word document; save it as plain text"
    if "content.xml" in names:
        return "an OpenDocument file; open it and save the sheet as CSV (UTF-8)"
    return "a zip archive; unpack it and name the file or the folder"

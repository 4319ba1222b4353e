"""Files that a page sends: kept for a day in the workspace, looked into, and named by their owner's name for them."""

from __future__ import annotations

import json
import math
import re
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from cowise.core.errors import CowiseError, DataError, LimitError, MissingError, StorageError
from cowise.data import opened
from cowise.data.columns import LABEL, TEXT
from cowise.data.mend import mend
from cowise.data.rows import Table
from cowise.loop.workspace import Workspace
from cowise.store import jobs

FOLDER = "uploads"
AGE_S = 24 * 3600.0
MOST = 20
ROWS = 20_000
CHARS = 32 * 2**20
"""A look ends after so many rows or characters; the import reads all."""
LABELS = 200
SHOWN = 300

ColumnKind = Literal["text", "label", "number", "other"]
DOWNLOAD = ".export-"
"""How the name of a file begins that is on its way out."""
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that waits to be imported: where it lies, and what its owner calls it."""

    id: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Column:
    """A column by what it seems to hold; `distinct` and `sample` are of the rows seen."""

    name: str
    kind: ColumnKind
    distinct: int
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """What a look into a file found. `whole` when all rows were seen; `labels` counts the values of label columns."""

    file: str
    name: str
    format: str
    encoding: str
    rows_seen: int
    whole: bool
    columns: tuple[Column, ...]
    guess: Mapping[str, str | None]
    labels: Mapping[str, list[dict[str, Any]]]
    sample: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


class Incoming:
    """A file on its way in: `write` its parts, then `finish`, or `drop` it."""

    def __init__(self, ws: Workspace, name: str) -> None:
        self._ws, self.name = ws, named(name)
        self.id = secrets.token_hex(16)
        self._folder = _folder(ws) / self.id
        self._file: IO[bytes] | None = None

    def begin(self) -> None:
        """Make room and open the file; LimitError when too many wait."""
        tidy(self._ws)
        if _waiting(self._ws) >= MOST:
            _drop_imported(self._ws)
        if _waiting(self._ws) >= MOST:
            raise LimitError(f"uploads: {MOST} files wait already; import or remove some, or wait until a day is over")
        self._folder.mkdir(mode=0o700)
        self._file = (self._folder / f"data{_suffix(self.name)}").open("wb")

    def write(self, part: bytes) -> None:
        """Keep a part; StorageError when the disk refuses."""
        assert self._file is not None  # begun  # noqa: S101
        try:
            self._file.write(part)
        except OSError as cause:
            raise StorageError(f"{self.name} cannot be kept ({cause.strerror}); free some disk space") from cause

    def finish(self) -> FileView:
        """Close the file and look into it; one that cannot be read is dropped with a DataError."""
        assert self._file is not None  # begun  # noqa: S101
        try:
            self._file.close()
            (self._folder / "name.json").write_text(json.dumps(self.name), "utf-8")
            return look(self._ws, self.id)
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Remove what came."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _folder(ws: Workspace) -> Path:
    folder = ws.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def named(name: str) -> str:
    r"""A file name that can be shown: its last part, without control characters.

    >>> named("C:\\texts\\..\\a\x00b.csv"), named("../../etc/passwd"), named("/")
    ('a�b.csv', 'passwd', 'file')
    """
    last = re.split(r"[/\\]", mend(name))[-1]
    shown = "".join(c if c.isprintable() else "\ufffd" for c in last).strip(". ")
    return shown[-200:] or "file"


def _suffix(name: str) -> str:
    """The ending by which the reader knows a format: letters and digits only.

    >>> _suffix("a.b.CSV.gz"), _suffix("texte"), _suffix("x.j s")
    ('.csv.gz', '', '')
    """
    parts = name.lower().split(".")[1:]
    kept = parts[-2:] if parts and parts[-1] in ("gz", "gzip") else parts[-1:]
    return "".join(f".{part}" for part in kept) if all(re.fullmatch("[a-z0-9]{1,12}", part) for part in kept) else ""


def tidy(ws: Workspace, *, imported: bool = False) -> None:
    """Drop files older than a day, and what a download that was cut off left; with `imported` also what has been read to its end."""
    old = time.time() - AGE_S
    if imported:
        _drop_imported(ws)
    for each in (*_folder(ws).iterdir(), *ws.home.glob(f"{DOWNLOAD}*")):
        with suppress(OSError):
            if each.stat().st_mtime < old:
                shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink()


def _waiting(ws: Workspace) -> int:
    return sum(1 for _ in _folder(ws).iterdir())


def _drop_imported(ws: Workspace) -> None:
    """Make room: what an import has read to its end is in the project."""
    with ws.store.read() as tx:
        done = [job.payload.get("file") for job in jobs.all_of(tx, state="done", limit=1000) if job.kind == "import"]
    for each in _folder(ws).iterdir():
        if each.name in done:
            shutil.rmtree(each, ignore_errors=True)


def get(ws: Workspace, file: str) -> Upload:
    """A file that was sent; MissingError for another id, whatever path it spells, and once a day is over."""
    gone = MissingError("this upload is not here any more (they are kept for a day); send the file again")
    if not _ID.fullmatch(file):
        raise gone
    folder = ws.home / FOLDER / file
    there = sorted(folder.glob("data*")) if folder.is_dir() else []
    if not there or not (folder / "name.json").is_file():
        raise gone
    return Upload(file, json.loads((folder / "name.json").read_text("utf-8")), there[0])


def drop(ws: Workspace, file: str) -> None:
    """Remove a file that was sent; MissingError when it is not here."""
    shutil.rmtree(get(ws, file).path.parent, ignore_errors=True)


@dataclass(slots=True)
class _Seen:
    """What the values of one column are like."""

    values: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    chars: int = 0
    numbers: int = 0
    sample: list[str] = field(default_factory=list)

    def add(self, value: str) -> None:
        if not value.strip():
            return
        self.filled += 1
        self.chars += len(value)
        self.numbers += _number(value)
        self.values[value[: 2 * SHOWN]] += 1
        if len(self.sample) < 3 and value[:SHOWN] not in self.sample:
            self.sample.append(value[:SHOWN])

    @property
    def mean(self) -> float:
        return self.chars / self.filled if self.filled else 0.0

    def kind(self, name: str) -> ColumnKind:
        """Few short values that repeat are labels; long or ever new ones are texts."""
        if not self.filled:
            return "other"
        distinct, called = len(self.values), name.strip().casefold()
        few = 2 <= distinct <= max(2, min(2000, self.filled // 2)) and self.mean <= 60
        if few and (called in LABEL or self.numbers < self.filled or distinct <= 20):
            return "text" if called in TEXT else "label"
        if called in LABEL and self.mean <= 60:
            return "label"
        if self.numbers >= 0.95 * self.filled:
            return "number"
        spaced = sum(" " in v or not v.isascii() for v in islice(self.values, 200))
        return "text" if called in TEXT or self.mean >= 20 or spaced > min(200, distinct) / 2 else "other"


def _number(value: str) -> bool:
    try:
        return math.isfinite(float(value.replace(",", ".")))
    except ValueError:
        return False


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return mend(value)
    return mend(json.dumps(value, ensure_ascii=False, default=str))


def look(ws: Workspace, file: str) -> FileView:
    """Format, columns with what they seem to hold, a guess of text and label column, and the first rows.

    DataError for a file that is not what its name says; messages call it by its owner's name.
    """
    sent = get(ws, file)
    try:
        return _looked(sent, opened(sent.path))
    except CowiseError as cause:
        raise type(cause)(str(cause).replace(str(sent.path), sent.name)) from cause


def _looked(sent: Upload, table: Table) -> FileView:
    seen: dict[str, _Seen] = {name: _Seen() for name in table.columns}
    first: list[dict[str, str]] = []
    rows, chars, whole = 0, 0, True
    for _, record in table.records():
        if rows >= ROWS or chars > CHARS:
            whole = False
            break
        rows += 1
        plain = {name: _plain(value) for name, value in record.items()}
        chars += sum(map(len, plain.values()))
        for name, value in plain.items():
            seen.setdefault(name, _Seen()).add(value)
        if len(first) < 5:
            first.append({mend(name): value[:SHOWN] for name, value in plain.items()})
    if not rows:
        raise DataError(f"{sent.name} holds no rows; give a file with at least one text")
    kinds = {name: each.kind(name) for name, each in seen.items()}
    columns = tuple(Column(mend(n), kinds[n], len(each.values), tuple(each.sample)) for n, each in seen.items())
    labels = {mend(n): _counts(each) for n, each in seen.items() if kinds[n] == "label"}
    source = table.source
    return FileView(
        sent.id, sent.name, source.format, source.encoding, rows, whole, columns, _guess(kinds, seen), labels,
        tuple(first), tuple(note.replace(str(sent.path), sent.name) for note in source.notes),
    )  # fmt: skip


def _counts(seen: _Seen) -> list[dict[str, Any]]:
    joined: Counter[str] = Counter()
    for value, n in seen.values.items():
        joined[value.strip()] += n
    return [{"value": value, "count": n} for value, n in joined.most_common(LABELS)]


def _guess(kinds: Mapping[str, ColumnKind], seen: Mapping[str, _Seen]) -> dict[str, str | None]:
    """Names that say so come first; else the longest texts, and the only column of labels."""
    texts = (
        [n for n in kinds if kinds[n] == "text"] or [n for n in kinds if kinds[n] in ("other", "number")] or list(kinds)
    )
    text = _called(texts, TEXT) or max(texts, key=lambda n: seen[n].mean)
    labels = [n for n in kinds if kinds[n] == "label" and n != text]
    label = _called(labels, LABEL) or (labels[0] if len(labels) == 1 else None)
    return {"text": mend(text), "label": label and mend(label)}


def _called(names: Sequence[str], known: frozenset[str]) -> str | None:
    return next((n for n in names if n.strip().casefold() in known), None)

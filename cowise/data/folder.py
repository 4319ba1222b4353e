"""A folder of files, one text in each, with the columns text, file and folder."""

from __future__ import annotations

from pathlib import Path

from cowise.core.errors import DataError, LimitError, StorageError
from cowise.data.encoding import settle
from cowise.data.place import place
from cowise.data.rows import MAX_CELL, Records, Source, Table

_SUFFIXES = ("", ".txt", ".text", ".md")
_COLUMNS = ("text", "file", "folder")


def open_folder(path: Path, source: Source, encoding: str = "") -> Table:
    """Text files (.txt, .text, .md or no ending) below a folder, in the order of their names.

    Hidden files and links are passed over; so are other endings, which a note counts. A file's folder can
    serve as its label: `--label folder`. Raises DataError when there is no text file.
    """
    try:
        seen = sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink() and not _hidden(p, path))
    except OSError as cause:
        raise StorageError(f"{path} cannot be read ({cause.strerror}); check its permissions") from cause
    files = [p for p in seen if p.suffix.lower() in _SUFFIXES and p.stat().st_size]
    if not files:
        raise DataError(f"{path} has no text files with something in them; give files ending in .txt, .text or .md")
    if len(files) < len(seen):
        source.notes.append(
            f"{len(seen) - len(files):,} files that are empty or not text by their ending were passed over"
        )
    return Table(source, _COLUMNS, lambda: _records(path, files, encoding))


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _records(path: Path, files: list[Path], encoding: str) -> Records:
    for number, file in enumerate(files, 1):
        found = place(file)
        found_in, _ = settle(found, encoding)
        with found.open() as raw:
            text = raw.read(4 * MAX_CELL + 1).decode(found_in, "replace")
        if len(text) > MAX_CELL:
            raise LimitError(f"{file} is longer than {MAX_CELL:,} characters; break it up")
        inner = file.relative_to(path)
        folder = inner.parent.as_posix()
        yield number, {"text": text, "file": inner.as_posix(), "folder": "" if folder == "." else folder}

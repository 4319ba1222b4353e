"""Anchors: signed checkpoints kept outside the administrator's reach, one signed note after another in a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cowise.core.errors import MissingError, StorageError, TrustError
from cowise.guard.checkpoint import Checkpoint, Verifier, verified

# A line that no signed note of ours contains; Git, mail and editors leave it alone.
_RULE = "=====\n"


def write_anchor(file: Path, note: str) -> None:
    """Add a signed note at the end of an anchor file, flushed to disk."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8", newline="\n") as out:
            out.write(note + _RULE)
            out.flush()
            os.fsync(out.fileno())
    except OSError as cause:
        raise StorageError(f"anchor {file} cannot be written ({cause.strerror}); name a folder you own") from cause


def read_anchor(file: Path, keys: Iterable[Verifier], *, origin: str = "") -> list[Checkpoint]:
    """The verified checkpoints of an anchor file, to be handed to `ledger.verify` as marks.

    With `origin`, refuses checkpoints of another ledger. Raises MissingError without the file, TrustError when a
    note is damaged, unsigned or foreign, StorageError when the disk refuses.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise MissingError(f"anchor {file} is not here; name the file that anchors were written to") from None
    except UnicodeDecodeError:
        raise TrustError(f"anchor {file} is not text; name the file that anchors were written to") from None
    except OSError as cause:
        raise StorageError(f"anchor {file} cannot be read ({cause.strerror}); check who owns it") from cause
    known = list(keys)
    notes = [note for note in text.replace("\r\n", "\n").split(_RULE) if note.strip()]
    if not notes:
        raise TrustError(f"anchor {file} is empty; name the file that anchors were written to")
    found = [verified(note, known) for note in notes]
    for mark in found:
        if origin and mark.origin != origin:
            raise TrustError(f"anchor {file} is of ledger {mark.origin!r}, not of {origin!r}; name the right file")
    return found

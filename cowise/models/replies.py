"""Replies of language models kept on disk, by version and text: what was paid for once is not asked again.

A file holds probabilities and counts of tokens, never a text.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cowise.core.errors import StorageError
from cowise.core.types import Floats, content_id

Named = Callable[[str], str]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Probabilities (k,), the tokens that they took, and who paid for them."""

    p: Floats
    tokens_in: int
    tokens_out: int
    payer: str


@dataclass(frozen=True, slots=True)
class Replies:
    """Kept replies in `folder`. `named` hides a text's digest where files are encrypted at rest."""

    folder: Path
    named: Named = str

    def get(self, version: str, text: str, k: int) -> Kept | None:
        """What was kept; None where nothing was, or a file is not what `put` wrote."""
        try:
            found = json.loads(self._file(version, text).read_text("utf-8"))
            p = np.asarray(found["p"], dtype=np.float64)
            kept = Kept(p, int(found["in"]), int(found["out"]), str(found["payer"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        whole = (
            p.shape == (k,) and bool(np.isfinite(p).all()) and float(p.min()) >= 0 and abs(float(p.sum()) - 1) < 1e-6
        )
        return kept if whole else None

    def put(self, version: str, text: str, kept: Kept) -> None:
        """Keep a reply in one step. StorageError when the disk refuses."""
        file = self._file(version, text)
        said = {"p": kept.p.tolist(), "in": kept.tokens_in, "out": kept.tokens_out, "payer": kept.payer}
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = file.with_suffix(f".{os.getpid()}.part")
            part.write_text(json.dumps(said), "utf-8")
            part.replace(file)
        except OSError as cause:
            raise StorageError(
                f"cannot write {file} ({cause.strerror}); free space or check its permissions"
            ) from cause

    def forget(self, content: str) -> int:
        """Remove what any version said of the text with that content id; how many files went."""
        name = self.named(content)
        found = list(self.folder.glob(f"*/{name[:2]}/{name}.json"))
        for file in found:
            file.unlink(missing_ok=True)
        return len(found)

    def clear(self) -> None:
        """Remove everything."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def _file(self, version: str, text: str) -> Path:
        name = self.named(content_id(text))
        return self.folder / version / name[:2] / f"{name}.json"

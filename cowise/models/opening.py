"""An encoder by its name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cowise.core.roles import Encoder
from cowise.models.encoder import GraphEncoder
from cowise.models.fetch import check
from cowise.models.hashing import HashingEncoder
from cowise.models.session import OnnxSession
from cowise.models.token_encoder import TokenEncoder
from cowise.models.weights import encoder

DEFAULT = "use-multilingual"
PATH = "path:"


def open_encoder(name: str, folder: Path, *, threads: int = 0) -> Encoder:
    """The encoder called `name`, its weights in the cache `folder` verified; nothing is loaded until it encodes.

    `hashing` needs no weights; `path:FOLDER` is a folder of Hugging Face files; `hf:OWNER/NAME` is what was pulled
    from their hub. `threads` 0 is automatic. The same call gives the same object while its files stay as they are.
    MissingError if it was never pulled, TrustError if its files changed.
    """
    if name == "hashing":
        return HashingEncoder()
    if name.startswith(PATH):
        return _from_folder(Path(name.removeprefix(PATH)).expanduser().resolve(), threads)
    encoder(name)
    home = folder / name
    marks = tuple(file.stat().st_mtime_ns for file in sorted(home.rglob("*")) if file.is_file())
    return _opened(name, folder, threads, marks)


@lru_cache(maxsize=4)
def _opened(name: str, folder: Path, threads: int, marks: tuple[int, ...]) -> Encoder:  # noqa: ARG001 - changed files
    entry = encoder(name)
    home = check(name, folder)
    if entry.layout in ("bert", "hub"):
        return TokenEncoder(home, name=name, threads=threads)
    part = entry.parts[0]
    session = OnnxSession(home / part.save_as, threads=threads)
    return GraphEncoder(session, weights=f"{name}:{part.sha256[:16]}", dim=entry.dim)


@lru_cache(maxsize=4)
def _from_folder(folder: Path, threads: int) -> Encoder:
    return TokenEncoder(folder, name=f"{PATH}{folder.name}", threads=threads)

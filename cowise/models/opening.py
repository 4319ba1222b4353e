"""An encoder by its name."""

from __future__ import annotations

from pathlib import Path

from cowise.core.roles import Encoder
from cowise.models.encoder import GraphEncoder
from cowise.models.fetch import check
from cowise.models.session import OnnxSession
from cowise.models.weights import find

DEFAULT = "use-multilingual"


def open_encoder(name: str, folder: Path, *, threads: int = 0) -> Encoder:
    """The encoder called `name`, its weights in the cache `folder` verified; nothing is loaded until it encodes.

    `threads` 0 is automatic. MissingError if it was never pulled, TrustError if its files changed.
    """
    entry = find(name)
    home = check(name, folder)
    part = entry.parts[0]
    return GraphEncoder(
        OnnxSession(home / part.save_as, threads=threads), weights=f"{name}:{part.sha256[:16]}", dim=entry.dim
    )

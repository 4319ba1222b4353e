"""Encoders and language models by name: which there are, which are here, get, serve or remove one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cowise.core.errors import StorageError
from cowise.core.registry import load
from cowise.core.settings import Settings
from cowise.models.fetch import check, pull
from cowise.models.weights import Weights, catalogue, find


def models_list(settings: Settings) -> list[dict[str, Any]]:
    """Every model that can be pulled, and whether its files are here (not yet verified)."""
    return [_brief(settings, entry) for entry in catalogue()]


def _brief(settings: Settings, entry: Weights) -> dict[str, Any]:
    home = settings.models / entry.name
    here = all((home / part.save_as).is_file() for part in entry.parts)
    return {
        "name": entry.name, "about": entry.about, "licence": entry.licence, "permissive": entry.permissive,
        "languages": list(entry.languages), "dim": entry.dim, "here": here, "folder": str(home),
    }  # fmt: skip


def models_pull(
    settings: Settings, name: str, *, accept_licence: bool = False, progress: Callable[[str], None] | None = None
) -> Path:
    """Fetch a model and verify it; what is here and whole is not fetched again. See `models.fetch.pull`."""
    return pull(name, settings.models, accept_licence=accept_licence, progress=progress)


def models_show(settings: Settings, name: str) -> dict[str, Any]:
    """All about one model; its files are verified when they are here. MissingError for an unknown name."""
    entry = find(name)
    brief = _brief(settings, entry)
    if brief["here"]:
        check(name, settings.models)
    files = [{"file": part.save_as, "sha256": part.sha256, "from": part.wheel} for part in entry.parts]
    size = sum(f.stat().st_size for f in (settings.models / name).glob("*")) if brief["here"] else 0
    return {**brief, "files": files, "bytes": size}


def models_remove(settings: Settings, name: str) -> bool:
    """Remove a model's files; False when there were none. Vectors made with it stay."""
    home = settings.models / find(name).name
    if not home.is_dir():
        return False
    try:
        shutil.rmtree(home)
    except OSError as cause:
        raise StorageError(f"{home} cannot be removed ({cause.strerror}); check who owns it") from cause
    return True


_served: list[Any] = []


def models_serve(settings: Settings, name: str, *, port: int = 0) -> str:
    """Serve a language model on this machine's loopback while this process lives; the address of its API."""
    opened = load("models.local_llm:LocalModel")(name, settings.models, threads=settings.threads, port=port)
    _served.append(opened)  # it answers as long as somebody holds it
    return str(opened.address)

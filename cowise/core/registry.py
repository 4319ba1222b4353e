"""Names to objects. The one helper that may import late, so that a heavy room is paid for only when used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cowise.core.errors import MissingError


@dataclass(frozen=True, slots=True)
class Spec:
    """A part by name and arguments: enough to build it again from the ledger."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)


def load(path: str) -> Any:
    """The object at "room.module:name" of this package, or at an absolute "package.module:name".

    >>> load("core.types:content_id")("a")[:8]
    'ca978112'
    """
    module, _, name = path.partition(":")
    root = __name__.split(".", 1)[0]
    full = module if module.startswith(root + ".") or "." not in module else f"{root}.{module}"
    return getattr(importlib.import_module(full), name)


def plugin(group: str, name: str) -> Any:
    """An object that an installed package offers under entry-point group `cowise.<group>`."""
    # Late, because it costs a command a tenth of the time it may take to start.
    entry_points = importlib.import_module("importlib.metadata").entry_points
    for entry in entry_points(group=f"cowise.{group}"):
        if entry.name == name:
            return entry.load()
    known = ", ".join(sorted(e.name for e in entry_points(group=f"cowise.{group}"))) or "none"
    raise MissingError(f"{group}: no part named {name!r} is installed; known are {known}")


def need(module: str, extra: str) -> Any:
    """Import an optional package, or say which command installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as cause:
        raise MissingError(
            f"{module} is needed for this and is not installed; run: pip install 'cowise[{extra}]'"
        ) from cause

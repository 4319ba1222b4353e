"""Names to objects. The one helper that may import late, so that a heavy room is paid for only when used."""

from __future__ import annotations

import importlib
from typing import Any

from cowise.core.errors import MissingError


def load(path: str) -> Any:
    """The object at "room.module:name" of this package, or at an absolute "package.module:name".

    >>> load("core.types:content_id")("a")[:8]
    'ca978112'
    """
    module, _, name = path.partition(":")
    root = __name__.split(".", 1)[0]
    full = module if module.startswith(root + ".") or "." not in module else f"{root}.{module}"
    return getattr(importlib.import_module(full), name)


def need(module: str, extra: str) -> Any:
    """Import an optional package, or say which command installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as cause:
        raise MissingError(
            f"{module} is needed for this and is not installed; run: pip install 'cowise[{extra}]'"
        ) from cause

"""The facade that Python users hold. Names load at first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load

if TYPE_CHECKING:
    from cowise.api.project import Project, open  # noqa: A004

_HOME = {"Project": "project", "open": "project"}

__all__ = ["Project", "open"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{__name__}.{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The networks: encoders from texts to vectors, heads from vectors to probabilities, model folders.

Names load at first use, so that importing this room loads no ONNX Runtime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load

if TYPE_CHECKING:
    from cowise.models.fetch import pull
    from cowise.models.folder import TextModel
    from cowise.models.hashing import HashingEncoder
    from cowise.models.heads import LinearHead
    from cowise.models.kernel import KernelHead
    from cowise.models.opening import open_encoder
    from cowise.models.weights import Weights, catalogue

_HOME = {
    "HashingEncoder": "hashing",
    "TextModel": "folder",
    "LinearHead": "heads",
    "KernelHead": "kernel",
    "Weights": "weights",
    "catalogue": "weights",
    "open_encoder": "opening",
    "pull": "fetch",
}

__all__ = ["HashingEncoder", "KernelHead", "LinearHead", "TextModel", "Weights", "catalogue", "open_encoder", "pull"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{__name__}.{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

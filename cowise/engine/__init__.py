"""Where work runs: this process or a few processes on this machine; the same call for each."""

from cowise.engine.local import Local

__all__ = ["Local"]

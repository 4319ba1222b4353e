"""Whether a person sits before a screen that can show a page."""

from __future__ import annotations

import os
import sys


def browser_here() -> bool:
    """Whether there is a terminal to sit at, and a desktop to show a page on."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

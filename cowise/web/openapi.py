"""The OpenAPI document as a file, from which the page's client is made: python -m cowise.web.openapi FILE."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from cowise.core.settings import Settings
from cowise.loop.workspace import open_workspace
from cowise.web.app import create


def document() -> dict[str, Any]:
    """The document; the workspace that the application wants is made and thrown away."""
    with tempfile.TemporaryDirectory() as folder, open_workspace(Settings(home=Path(folder)), create=True) as ws:
        found: dict[str, Any] = create(ws, work=False).openapi()
    return found


def main(words: list[str]) -> int:
    """Write it to the file named, or to standard output."""
    text = json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if words:
        Path(words[0]).write_text(text, "utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

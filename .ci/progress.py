# ruff: noqa: INP001 (a script beside `run`, no package)
"""Pip's output as one line that changes in a terminal, and as every twentieth line in a log. Reads standard input."""

from __future__ import annotations

import shutil
import sys

STARTS = ("Collecting", "Downloading", "Using cached", "Building", "Installing", "Preparing", "Obtaining")


def main() -> None:
    """Copy what is worth seeing from standard input to standard error."""
    terminal = sys.stderr.isatty()
    width = shutil.get_terminal_size().columns - 8
    seen = 0
    for line in sys.stdin:
        words = line.strip()
        if not words.startswith(STARTS):
            continue
        seen += 1
        if terminal:
            sys.stderr.write(f"\r\033[K  {seen:3d} {words[:width]}")
        elif seen % 20 == 0:
            sys.stderr.write(f"  {seen:3d} {words[:100]}\n")
        sys.stderr.flush()
    if terminal:
        sys.stderr.write("\r\033[K")


if __name__ == "__main__":
    main()

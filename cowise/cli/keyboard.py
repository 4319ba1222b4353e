"""One key at a time, from a terminal."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

ESCAPE_WAIT_S = 0.05  # an arrow key sends its letters at once; a person who presses Escape does not
NAMES = {
    "\r": "enter", "\n": "enter", "\t": "tab", " ": "space", "\x7f": "backspace", "\x08": "backspace",
    "\x04": "quit", "\x1b": "escape", "\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left",
    "\x1bOA": "up", "\x1bOB": "down", "\x1bOC": "right", "\x1bOD": "left", "\x1b[6~": "space", "\x1b[5~": "pageup",
}  # fmt: skip


@contextmanager
def screen() -> Iterator[int]:
    """Single keys and a screen of its own; what stood in the terminal before is back afterwards. The key source."""
    source = sys.stdin.fileno()
    before = termios.tcgetattr(source)
    print("\x1b[?1049h", end="", flush=True)
    try:
        tty.setcbreak(source)
        yield source
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
        print("\x1b[?1049l", end="", flush=True)


@contextmanager
def whole_lines(source: int) -> Iterator[None]:
    """Within `screen`, ordinary typing with echo and correction, for a note."""
    single = termios.tcgetattr(source)
    lines = termios.tcgetattr(source)
    lines[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(source, termios.TCSADRAIN, lines)
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, single)


def forget_typed(source: int) -> None:
    """Let go of keys that were pressed and not yet read."""
    termios.tcflush(source, termios.TCIFLUSH)


def key(source: int) -> str:
    """The next key: a character, or a name such as `enter`, `up`, `escape`; `quit` where the input ends."""
    first = os.read(source, 1)
    if not first:
        return "quit"
    if first == b"\x1b":
        return NAMES.get(_sequence(source, first), "escape")
    typed = _character(source, first)
    return NAMES.get(typed, typed if typed.isprintable() else "")


def _character(source: int, first: bytes) -> str:
    lead = first[0]
    more = 3 if lead >= 0xF0 else 2 if lead >= 0xE0 else 1 if lead >= 0xC0 else 0
    for _ in range(more):
        first += os.read(source, 1)
    return first.decode("utf-8", "ignore")


def _sequence(source: int, first: bytes) -> str:
    while len(first) < 8 and select.select([source], [], [], ESCAPE_WAIT_S)[0]:
        first += os.read(source, 1)
        if len(first) > 2 and (first[-1:].isalpha() or first[-1:] == b"~"):
            break
    return first.decode("ascii", "ignore")

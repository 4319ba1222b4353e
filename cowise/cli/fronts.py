"""Where a person sits: a terminal with single keys, or lines from a pipe. Both yield the same acts."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol, TextIO

from cowise.cli.asking import QUIT, Act, Choice
from cowise.cli.keyboard import forget_typed, key, screen, whole_lines
from cowise.cli.safe import one_line, shown
from cowise.cli.sheet import KEYS, Frame, explained, help_sheet, sheet
from cowise.cli.words import say

CLEAR = "\x1b[2J\x1b[H"
PATIENCE_S = 0.3
"""A key pressed while the machine was busy for longer was not meant for the question that came after."""


class Front(Protocol):
    """Puts a question and hears the answer."""

    def act(self, choice: Choice, frame: Frame) -> Act:
        """What the person does with it."""
        ...


class Terminal:
    """One question on the screen, single keys."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._since = time.monotonic()

    def act(self, choice: Choice, frame: Frame) -> Act:
        """Draw, and wait for a key that means something."""
        if time.monotonic() - self._since > PATIENCE_S:
            forget_typed(self._source)
        try:
            return self._heard(choice, frame)
        finally:
            self._since = time.monotonic()

    def _heard(self, choice: Choice, frame: Frame) -> Act:
        while True:
            size = shutil.get_terminal_size()
            self._draw(sheet(choice, replace(frame, columns=size.columns, rows=size.lines)))
            act = choice.press(key(self._source))
            if act is None:
                continue
            if act.verb == "help":
                self._draw(help_sheet(size.columns, many=choice.many))
                key(self._source)
                continue
            return replace(act, note=self._note()) if act.verb == "flag" else act

    def _draw(self, lines: list[str]) -> None:
        print(CLEAR + "\n".join(lines), end="\n", flush=True)

    def _note(self) -> str:
        with whole_lines(self._source):
            print("  " + say("What is wrong with this text? (Enter for no note)"), end=" ", flush=True)
            return sys.stdin.readline().strip()


class Lines:
    """One question and one line for each answer: for pipes, and for terminals that cannot do better."""

    def __init__(self, source: TextIO, *, out: TextIO) -> None:
        self._source = source
        self._out = out

    def act(self, choice: Choice, frame: Frame) -> Act:
        """Print, and read lines until one means something; the end of the input is leaving."""
        if frame.notice:
            self._say(frame.notice)
        self._say("")
        self._say(shown(choice.question.text))
        self._say("   ".join(f"{n} {one_line(label)}" for n, label in enumerate(choice.question.labels, 1)))
        self._say("   ".join(f"{letter} {say(name)}" for letter, name, _ in KEYS))
        while True:
            line = self._source.readline()
            if not line:
                return QUIT
            act = choice.line(line)
            if act is None:
                self._say(
                    say(
                        "{typed}: no label, or several. Type a label, its number, or h for help.",
                        typed=one_line(line, 40),
                    )
                )
            elif act.verb == "help":
                self._say("\n".join(explained(many=False, sets=choice.question.sets)))
            else:
                return act

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


@contextmanager
def front(*, out: TextIO) -> Iterator[Front]:
    """The best front there is here."""
    if sys.stdin.isatty() and sys.stdout.isatty() and out is sys.stdout:
        with screen() as source:
            yield Terminal(source)
    else:
        yield Lines(sys.stdin, out=out)

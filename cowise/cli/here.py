"""What a command knows of its surroundings: settings, and how to speak."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cowise.cli.progress import Line
from cowise.cli.safe import document
from cowise.core.registry import load
from cowise.core.settings import Settings


@dataclass(slots=True)
class Here:
    """The options before the command. `json` and `quiet` may also follow it."""

    settings: Settings = field(default_factory=Settings)
    json: bool = False
    quiet: bool = False
    before: str = ""
    """Options before the command that a suggested command must repeat."""

    @contextmanager
    def workspace(self, *, create: bool = False, encrypt: bool = False) -> Iterator[Any]:
        """The workspace, open while the command works.

        A room behind this door is loaded here and not at the top: `--help` must not pay for a database.
        """
        with load("loop.workspace:open_workspace")(self.settings, create=create, encrypt=encrypt) as ws:
            yield ws

    def progress(self, what: str) -> Line:
        """A progress line: hears what a use case reports."""
        return Line(what, silent=self.quiet)

    def give(self, value: Any, *lines: str) -> None:
        """The result: `value` as JSON where that was asked for, else the lines."""
        print(document(value) if self.json else "\n".join(lines))

    def tell(self, value: Any, *lines: str) -> None:
        """A result that only confirms: not said with --quiet, unless JSON was asked for."""
        if self.json or not self.quiet:
            self.give(value, *lines)

    def next(self, command: str) -> str:
        """A command to run next, as it must be typed here."""
        rest = command.removeprefix("cowise ")
        return command if rest == command or not self.before else f"cowise {self.before} {rest}"

    def note(self, line: str) -> None:
        """A sentence beside the result, on standard error."""
        if not self.quiet and not self.json:
            print(line, file=sys.stderr)


def person(named: str) -> str:
    """Who sits here: the name given, or the one of the login."""
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"

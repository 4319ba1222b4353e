"""How far a long step is: rate and time left, on standard error.

In a terminal a line that redraws itself, shown after half a second; elsewhere a plain line after two seconds
and then more and more rarely, so that a log stays short.
"""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self

from cowise.cli.layout import fit
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.registry import load

SOON_S = 0.5
LATER_S = 2.0
REDRAW_S = 0.1
GROWTH = 1.6


def clock(seconds: float) -> str:
    """Seconds as a person reads them.

    >>> clock(5), clock(75), clock(3700)
    ('5 s', '1:15', '1:01:40')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


class Line:
    """Hears (what is being done, how many are done, of how many; 0 if unknown), and shows it where somebody waits."""

    def __init__(self, what: str = "", *, silent: bool = False) -> None:
        self._what, self._beside = what, ""
        self._silent = silent
        self._terminal = sys.stderr.isatty()
        self._begun = self._phase_begun = time.monotonic()
        self._phase_first = 0
        self._next = self._begun + (SOON_S if self._terminal else LATER_S)
        self._shown = False

    def __enter__(self) -> Self:
        """The line itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away, so that the result stands alone."""
        self.clear()

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        """Something moved on."""
        now = time.monotonic()
        what, _, self._beside = what.partition(load("loop.kinds:BESIDE"))
        if what != self._what:
            self._what, self._phase_begun, self._phase_first = what, now, done
        if self._silent or now < self._next:
            return
        self._show(self._sentence(done, total, now))
        self._next = now + (REDRAW_S if self._terminal else (now - self._begun) * (GROWTH - 1))

    def clear(self) -> None:
        """Remove what was drawn."""
        if self._shown and self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        self._shown = False

    def _sentence(self, done: int, total: int, now: float) -> str:
        parts = [one_line(say(self._what), 60), *([self._beside] if self._beside else [])]
        spent = now - self._phase_begun
        if done:
            parts.append(f"{done:,} / {total:,}" if total else f"{done:,}")
        rate = (done - self._phase_first) / spent if spent > 0 else 0.0
        if rate > 0:
            parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
        if rate > 0 and total > done:
            parts.append(say("{time} left", time=clock((total - done) / rate)))
        return "  ".join((*parts, clock(now - self._begun)))

    def _show(self, sentence: str) -> None:
        columns = shutil.get_terminal_size().columns
        if self._terminal:
            print(f"\r\x1b[K{fit(sentence, columns - 1)}", end="", file=sys.stderr, flush=True)
        else:
            print(sentence, file=sys.stderr, flush=True)
        self._shown = True

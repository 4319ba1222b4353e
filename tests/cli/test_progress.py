from __future__ import annotations

import io

import pytest

from cowise.cli import progress
from cowise.cli.words import speak


@pytest.fixture(autouse=True)
def english() -> None:
    """Another test of this process may have chosen Chinese."""
    speak("en")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Screen(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def run(
    monkeypatch: pytest.MonkeyPatch, steps: list[tuple[float, int, int]], *, terminal: bool, silent: bool = False
) -> str:
    clock, screen = Clock(), Screen(terminal=terminal)
    monkeypatch.setattr(progress.time, "monotonic", clock)
    monkeypatch.setattr("sys.stderr", screen)
    with progress.Line("reading", silent=silent) as line:
        for seconds, done, total in steps:
            clock.now = 100.0 + seconds
            line("reading", done, total)
    return screen.getvalue()


def test_a_short_step_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, [(0.1, 5, 10), (1.9, 10, 10)], terminal=False) == ""


def test_a_log_hears_of_a_long_step_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [(k / 10, k * 10, 10_000) for k in range(1, 1001)]
    lines = run(monkeypatch, steps, terminal=False).splitlines()
    assert 3 < len(lines) < 15
    assert lines[0] == "reading  200 / 10,000  100/s  1:38 left  2 s"


def test_a_terminal_line_redraws_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    out = run(monkeypatch, [(0.2, 1, 100), (0.6, 3, 100), (0.65, 4, 100), (0.8, 5, 0)], terminal=True)
    assert out.count("\r\x1b[K") == 3
    assert "3 / 100" in out
    assert "4 / 100" not in out
    assert out.endswith("\r\x1b[K")


def test_a_figure_beside_begins_no_new_step(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, screen = Clock(), Screen(terminal=False)
    monkeypatch.setattr(progress.time, "monotonic", clock)
    monkeypatch.setattr("sys.stderr", screen)
    with progress.Line("reading") as line:
        for k in range(1, 5):
            clock.now = 100.0 + k
            line(f"reading · {k}.50", k * 10, 100)
    assert screen.getvalue().splitlines()[0] == "reading  2.50  20 / 100  10/s  8 s left  2 s"


def test_quiet_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, [(5, 3, 100)], terminal=True, silent=True) == ""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from typing import Any

import pytest

from cowise.cli.asking import Act, Choice
from cowise.cli.fronts import Lines, front
from cowise.cli.sheet import Frame
from cowise.core.types import Answer, Question


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The keyboard's end of a terminal, whose other end is standard input."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as end:
        monkeypatch.setattr("sys.stdin", end)
        yield master
    os.close(master)


class Shown(io.StringIO):
    def isatty(self) -> bool:
        return True


def choice(**options: Any) -> Choice:
    return Choice(Question("i", "it crashes " * 400, ("billing", "bug"), **options))


def test_help_comes_back_to_the_question_and_a_flag_takes_a_note(
    terminal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown()
    monkeypatch.setattr("sys.stdout", shown)
    with front(out=shown) as found:
        os.write(terminal, b"h 2")
        assert found.act(choice(), Frame("p")) == Act("answer", Answer.of("bug"))
        os.write(terminal, b"ftwo texts\n")
        assert found.act(choice(), Frame("p")) == Act("flag", note="two texts")
        os.write(terminal, b" q")
        assert found.act(choice(), Frame("p")) == Act("quit")
    text = shown.getvalue()
    assert "drawn by lot" in text
    assert "What is wrong with this text?" in text
    assert "page 2 of" in text
    assert text.startswith("\x1b[?1049h")
    assert text.endswith("\x1b[?1049l")


def test_a_key_pressed_while_the_machine_was_busy_answers_nothing(
    terminal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown()
    monkeypatch.setattr("sys.stdout", shown)
    now = iter([0.0, 10.0, 11.0])
    monkeypatch.setattr("cowise.cli.fronts.time.monotonic", lambda: next(now))
    with front(out=shown) as found:
        os.write(terminal, b"1")
        forgotten = []

        def forget(source: int) -> None:
            forgotten.append(os.read(source, 10))
            os.write(terminal, b"2")

        monkeypatch.setattr("cowise.cli.fronts.forget_typed", forget)
        assert found.act(choice(), Frame("p")) == Act("answer", Answer.of("bug"))
        assert forgotten == [b"1"]


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("h\nwhat\nbug\n"))
    out = io.StringIO()
    with front(out=out) as found:
        assert isinstance(found, Lines)
        assert found.act(choice(), Frame("p", notice="Flagged.")) == Act("answer", Answer.of("bug"))
        assert found.act(choice(), Frame("p")) == Act("quit"), "the end of the input is leaving"
    assert "what: no label" in out.getvalue()
    assert "Flagged." in out.getvalue()

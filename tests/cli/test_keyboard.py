from __future__ import annotations

import os
import pty
import termios

import pytest

from cowise.cli.keyboard import key


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (b"a", ["a"]), (b"\r", ["enter"]), (b" ", ["space"]), (b"\x7f", ["backspace"]), (b"\t", ["tab"]),
        ("中é😀".encode(), ["中", "é", "😀"]), (b"\x1b[A\x1b[B", ["up", "down"]), (b"\x1bOC", ["right"]),
        (b"\x1b[6~1", ["space", "1"]), (b"\x1b", ["escape"]), (b"\x01", [""]), (b"\x04", ["quit"]), (b"\x1b[15~", ["escape"]),
    ],
)  # fmt: skip
def test_keys_are_told_apart(sent: bytes, heard: list[str]) -> None:
    read, write = os.pipe()
    try:
        os.write(write, sent)
        assert [key(read) for _ in heard] == heard
        os.close(write)
        write = -1
        assert key(read) == "quit", "the end of the input is leaving"
    finally:
        os.close(read)
        if write >= 0:
            os.close(write)


def test_a_terminal_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from cowise.cli import keyboard

    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        before = termios.tcgetattr(terminal.fileno())
        with keyboard.screen() as source:
            assert not termios.tcgetattr(source)[3] & termios.ICANON
            os.write(master, b"x")
            assert key(source) == "x"
            os.write(master, b"impatient")
            keyboard.forget_typed(source)
            os.write(master, b"y")
            assert key(source) == "y"
            with keyboard.whole_lines(source):
                assert termios.tcgetattr(source)[3] & termios.ICANON
        assert termios.tcgetattr(terminal.fileno()) == before
    os.close(master)
    assert capsys.readouterr().out == "\x1b[?1049h\x1b[?1049l"

"""Where a page can be shown: a terminal to sit at and a desktop."""

from __future__ import annotations

import io
import sys

import pytest

from cowise.core.screen import browser_here


class Terminal:
    """Standard output as it is where a person sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("platform", "environ", "there"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_desktop_is_needed(
    monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], there: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert browser_here() is there


def test_no_page_for_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert browser_here() is False

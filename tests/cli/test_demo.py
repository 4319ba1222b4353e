from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cowise.cli.demo import program, sentences
from cowise.cli.picture import draw
from cowise.core.errors import MissingError


def figure(**changes: Any) -> dict[str, Any]:
    return {
        "name": "bank", "title": "Bank questions", "project": "sample-bank", "items": 1000, "automated": 700, "training": 180,
        "audit": 90, "deferred": 30, "human_share": 0.3, "promise": 0.05, "certified": 0.0499, "error": 0.004, "kept": True,
        "seconds": 12.3, "file": "out/sample-bank.csv", "curve": [(0, 900), (100, 400), (270, 30)], **changes,
    }  # fmt: skip


def test_the_last_line_is_the_command_for_ones_own_texts() -> None:
    lines = sentences({"samples": [figure(), figure(name="travel")], "plots": ["a.svg"]})
    assert lines[-1] == "cowise new tickets --labels billing,bug,praise --max-error 0.05"
    text = "\n".join(lines)
    for word in ("30 %", "≤ 4.99 %", "0.4 %", "kept on both", "out/sample-bank.csv", "a.svg"):
        assert word in text


def test_a_broken_promise_and_a_missing_library_are_said() -> None:
    text = "\n".join(sentences({"samples": [figure(kept=False, certified=None)], "plots": []}))
    assert "was broken" in text
    assert "none yet" in text
    assert "pip install 'cowise[plot]'" in text


def test_a_picture_is_drawn_twice(tmp_path: Path) -> None:
    files = draw(figure(certified=None), tmp_path / "p")
    assert [file.suffix for file in files] == [".svg", ".png"]
    assert files[0].read_text("utf-8").startswith("<?xml")
    assert all(file.stat().st_size > 2000 for file in files)


def test_without_the_library_there_is_no_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingError, match="plot"):
        draw(figure(), tmp_path / "p")


def test_the_program_is_named_as_it_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "cowise")])
    assert program() == ".venv/bin/cowise"
    monkeypatch.setattr(sys, "argv", ["/opt/cowise/bin/cowise"])
    assert program() == "/opt/cowise/bin/cowise"
    monkeypatch.setattr(sys, "argv", ["pytest"])
    assert program() == "cowise"

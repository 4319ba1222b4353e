from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cowise.cli import app
from cowise.cli.delete import sure
from cowise.cli.demo import program, sentences
from cowise.cli.failing import guarded


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


def test_the_program_is_named_as_it_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "cowise")])
    assert program() == ".venv/bin/cowise"
    monkeypatch.setattr(sys, "argv", ["/opt/cowise/bin/cowise"])
    assert program() == "/opt/cowise/bin/cowise"
    monkeypatch.setattr(sys, "argv", ["pytest"])
    assert program() == "cowise"


def test_the_demo_plays_beside_the_person_and_not_in_the_own_workspace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    homes = []

    def played(settings: Any, out: Path, **_: Any) -> dict[str, Any]:
        homes.append((settings.home, out))
        out.mkdir(parents=True)
        return {"samples": [figure()], "workspace": str(settings.home)}

    monkeypatch.setattr("cowise.loop.demo", played, raising=False)
    monkeypatch.chdir(tmp_path)
    environ = {"COWISE_HOME": None, "HOME": str(tmp_path / "person"), "LC_ALL": "C.UTF-8", "COWISE_DB": None}
    result = CliRunner(env=environ).invoke(app, ["demo"], prog_name="cowise")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].endswith("new tickets --labels billing,bug,praise --max-error 0.05")
    assert (tmp_path / "demo-home" / "demo" / "sample-bank.svg").is_file()
    result = CliRunner(env=environ).invoke(
        app, ["--home", "mine", "demo", "--out", "here", "--json"], prog_name="cowise"
    )
    found = json.loads(result.stdout)
    assert found["plots"] == ["here/sample-bank.svg", "here/sample-bank.png"]
    assert homes == [(Path("demo-home"), Path("demo-home/demo")), (Path("mine"), Path("here"))]


@pytest.mark.parametrize(("typed", "code"), [("tickets\n", 0), ("yes\n", 2)])
def test_what_cannot_be_taken_back_is_asked_for(
    typed: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    ended = guarded(lambda: sure("Type its name:", "tickets", yes=False), [], debug=False)
    assert ended == code
    assert capsys.readouterr().err.startswith("Type its name: ")

"""The command line in process, with one workspace and the light encoder."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cowise.cli import app


@dataclass
class Desk:
    """Runs commands; `run` asserts the exit code, `json` reads the one document on standard output."""

    home: Path
    runner: CliRunner

    def run(self, *words: str, text: str | bytes | None = None, code: int = 0) -> Result:
        result = self.runner.invoke(app, ["--home", str(self.home), *words], input=text, prog_name="cowise")
        assert result.exit_code == code, f"{' '.join(words)}: {result.exit_code}\n{result.output}"
        assert "Traceback" not in result.output
        return result

    def json(self, *words: str, text: str | bytes | None = None, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", text=text, code=code).stdout)

    def refused(self, *words: str, code: int) -> str:
        """The one message of a command that refuses, the same with and without --json."""
        told = self.json(*words, code=code)["error"]
        assert told["exit_code"] == code
        again = self.run(*words, code=code)
        assert again.stdout == ""
        assert [line.startswith("Error: ") for line in again.stderr.splitlines()].count(True) == 1
        return str(told["message"])

    def project(self, labels: str = "billing,bug,praise", *more: str, name: str = "tickets") -> None:
        self.run("new", name, "--labels", labels, "--encoder", "hashing", *more)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with an empty workspace to come, in English."""
    environ = {"LC_ALL": "C.UTF-8", "COWISE_LANG": None, "COWISE_DEBUG": None, "COWISE_DB": None, "COWISE_KEY": None}
    return Desk(tmp_path / "ws", CliRunner(env=environ))


def table(path: Path, columns: Iterable[str], lines: Iterable[Iterable[Any]]) -> Path:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(lines)
    return path

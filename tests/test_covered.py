"""`make coverage` fails where a goal is missed: the check itself, on figures made up for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "covered.py"


def file(lines: int, lines_run: int, branches: int = 10, branches_run: int = 10) -> dict[str, Any]:
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    return {"summary": dict(zip(names, (lines, lines_run, branches, branches_run), strict=True))}


WHOLE = {f"cowise/{room}/a.py": file(100, 100) for room in ("guard", "measure", "team")}
REST = {"cowise/__init__.py": file(2, 2, 0, 0), "cowise/web/app.py": file(100, 96, 100, 96)}


def judged(folder: Path, files: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    (folder / "coverage.json").write_text(json.dumps({"files": files}), "utf-8")
    command = [sys.executable, str(SCRIPT), str(folder / "coverage.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_goals_that_are_met(tmp_path: Path) -> None:
    done = judged(tmp_path, WHOLE | REST)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["lines", "branches"],
        ["guard", "100.00", "100.00"],
        ["measure", "100.00", "100.00"],
        ["team", "100.00", "100.00"],
        ["web", "96.00", "96.00"],
        ["cowise", "99.00", "96.92"],
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"cowise/team/b.py": file(1000, 999)}, "team: 99.91 % of lines and 100.00 % of branches, asked 100"),
        ({"cowise/guard/b.py": file(9, 9, 99_999, 99_998)}, "guard: 100.00 % of lines and 100.00 % of branches, asked"),
        ({"cowise/cli/b.py": file(9000, 9000, 900, 800)}, "cowise: 99.96 % of lines and 89.90 % of branches, asked 95"),
        ({"cowise/cli/b.py": file(9000, 8000, 900, 900)}, "cowise: 89.32 % of lines"),
    ],
)
def test_a_goal_that_is_missed(tmp_path: Path, files: dict[str, Any], said: str) -> None:
    done = judged(tmp_path, WHOLE | REST | files)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_room_that_was_not_measured_is_not_a_whole_one(tmp_path: Path) -> None:
    done = judged(tmp_path, REST)
    assert done.returncode == 1
    assert "measure: nothing was measured" in done.stderr
    assert judged(tmp_path, {}).returncode == 1

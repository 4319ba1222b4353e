"""Every example runs as it stands, in an empty folder with a workspace of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_says_something(path: Path, tmp_path: Path) -> None:
    environ = os.environ | {"COWISE_HOME": str(tmp_path / "home"), "PYTHONWARNINGS": "error::UserWarning"}
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_list_of_examples_is_complete() -> None:
    page = (ROOT / "examples" / "README.md").read_text("utf-8")
    assert EXAMPLES
    assert not [path.name for path in EXAMPLES if f"]({path.name})" not in page]

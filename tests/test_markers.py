"""The rules of tests/conftest.py themselves, tried on a small suite of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SETTINGS = '[tool.pytest.ini_options]\nmarkers = ["shared_data: x", "weights: x", "postgres: x"]\n'


def run(folder: Path, body: str, **environ: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(HERE / "conftest.py", folder)
    (folder / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (folder / "test_it.py").write_text(f"import pytest\n{body}\n", "utf-8")
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in ("CI", "COWISE_DATA", "COWISE_MODELS", "COWISE_HOME") and "PYTEST" not in k
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, env=kept | environ, cwd=folder, capture_output=True, text=True, check=False)


SKIPPED = '@pytest.mark.skip(reason="no moon")\ndef test_a():\n    assert True'
SHARED = "@pytest.mark.shared_data\ndef test_a():\n    assert True"
WEIGHTS = "@pytest.mark.weights\ndef test_a():\n    assert True"
WHOLE_MODULE = 'pytest.importorskip("no_such_package_anywhere")\ndef test_a():\n    assert True'


def test_a_skip_passes_at_home_and_says_why(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPED)
    assert done.returncode == 0, done.stdout
    assert "1 skipped: no moon" in done.stdout


@pytest.mark.parametrize("body", [SKIPPED, WHOLE_MODULE], ids=["test", "module"])
def test_a_skip_fails_in_ci(tmp_path: Path, body: str) -> None:
    done = run(tmp_path, body, CI="true")
    assert done.returncode != 0
    assert "CI=true allows no skip" in done.stdout


def test_missing_benchmark_sets_are_the_one_excuse_in_ci(tmp_path: Path) -> None:
    done = run(tmp_path, SHARED, CI="true")
    assert done.returncode == 0, done.stdout
    assert "1 skipped: shared_data: COWISE_DATA names no folder" in done.stdout


def test_with_the_sets_such_tests_run(tmp_path: Path) -> None:
    done = run(tmp_path, SHARED, CI="true", COWISE_DATA=str(tmp_path))
    assert "1 passed" in done.stdout


def test_a_missing_encoder_is_no_excuse_in_ci(tmp_path: Path) -> None:
    done = run(tmp_path, WEIGHTS, CI="true", COWISE_MODELS=str(tmp_path / "none"))
    assert done.returncode != 0
    assert "cowise models pull use-multilingual" in done.stdout


def test_no_test_sees_the_workspace_of_its_user(tmp_path: Path) -> None:
    body = 'import os\ndef test_a():\n    assert "cowise-tests-" in os.environ["COWISE_HOME"]'
    assert run(tmp_path, body).returncode == 0

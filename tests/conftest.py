"""What the markers mean. A test that cannot run here is skipped with a reason; with CI=true that is a failure.

`shared_data` is the one exception: those sets may not be passed on, so a machine without them is no fault.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

# Before numpy is imported anywhere: figures and times must not depend on how many cores a machine has.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# Whoever runs the tests behind an ampersand has them ignore Ctrl-C, and every program that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
ENCODER = "use-multilingual"
LANGUAGE_MODEL = "smollm2-135m"


def _no_shared_data() -> str:
    folder = os.environ.get("COWISE_DATA", "")
    if folder and Path(folder).is_dir():
        return ""
    return "COWISE_DATA names no folder of benchmark sets (benchmarks/README.md says where each set comes from)"


def _models() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return Path(os.environ.get("COWISE_MODELS") or cache / "cowise" / "models")


def _no_llm() -> str:
    if find_spec("xllamacpp") is None:
        return "xllamacpp is not installed; run: pip install 'cowise[llm]'"
    if any((_models() / LANGUAGE_MODEL).glob("*.gguf")):
        return ""
    return f"{LANGUAGE_MODEL} is not in {_models()}; run: cowise models pull {LANGUAGE_MODEL}"


def _no_weights() -> str:
    models = _models()
    if (models / ENCODER / "model.onnx").is_file():
        return ""
    return f"the default encoder is not in {models}; run: cowise models pull {ENCODER}"


def _no_postgres() -> str:
    if find_spec("psycopg") is None:
        return "psycopg is not installed; run: pip install 'cowise[postgres]'"
    if shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return ""
    return "PostgreSQL is not installed; run: sudo apt-get install postgresql"


def _no_strace() -> str:
    if not shutil.which("strace"):
        return "strace is not installed; run: sudo apt-get install strace"
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this machine lets no process be traced; run it where ptrace is allowed"


MISSING = {
    "shared_data": _no_shared_data,
    "weights": _no_weights,
    "llm": _no_llm,
    "postgres": _no_postgres,
    "strace": _no_strace,
}


def pytest_configure(config: pytest.Config) -> None:
    """No test may touch the workspace of the person who runs it."""
    if "COWISE_HOME" not in os.environ:
        home = tempfile.TemporaryDirectory(prefix="cowise-tests-", ignore_cleanup_errors=True)
        os.environ["COWISE_HOME"] = home.name
        config.add_cleanup(home.cleanup)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons = {marker: why() for marker, why in MISSING.items()}
    for item in items:
        for marker, reason in reasons.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{marker}: {reason}"))


def _refuse(report: pytest.TestReport | pytest.CollectReport, allowed: bool) -> None:
    """With CI=true a skip is a failure: otherwise a test that never runs looks like one that passes."""
    if not CI or not report.skipped or hasattr(report, "wasxfail") or allowed:
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped, and CI=true allows no skip: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse(report, allowed=bool(item.get_closest_marker("shared_data")) and bool(_no_shared_data()))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse(report, allowed=False)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason why tests were skipped."""
    found: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found[reason.removeprefix("Skipped: ")] += 1
    for reason, count in sorted(found.items()):
        terminalreporter.write_line(f"{count} skipped: {reason}")


@pytest.fixture(autouse=True)
def _spoken_english() -> Iterator[None]:
    """A command that spoke Chinese in this process leaves that to no other test."""
    yield
    if (words := sys.modules.get("cowise.cli.words")) is not None:
        words.speak("en")

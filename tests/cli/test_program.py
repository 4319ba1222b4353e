"""The tree of commands: what it loads, and that what it says of itself is true."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from cowise.cli import app, words
from cowise.cli.table import COMMANDS
from cowise.cli.words import say

HEAVY = (
    "rich",
    "sqlalchemy",
    "numpy",
    "scipy",
    "sklearn",
    "onnxruntime",
    "torch",
    "pydantic",
    "cowise.loop",
    "cowise.store",
)


def tree() -> Any:
    words.speak("en")
    return get_command(app)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by its words."""
    for name, command in tree().commands.items():
        inner = getattr(command, "commands", None)
        if inner:
            yield from (((name, each), found) for each, found in inner.items())
        else:
            yield (name,), command


ALL = dict(commands())


def loaded(*words_of: str) -> set[str]:
    code = (
        "import sys\n"
        f"sys.argv = ['cowise', *{words_of!r}]\n"
        "from cowise.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print('MODULES', *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = next(line for line in done.stderr.splitlines() if line.startswith("MODULES"))
    return set(line.split()[1:])


def test_help_loads_nothing_that_it_does_not_need() -> None:
    assert not sorted(loaded("--help") & set(HEAVY))


def test_status_loads_no_model_and_no_statistics(tmp_path: Path) -> None:
    place = str(tmp_path / "ws")
    loaded("--home", place, "new", "tickets", "--labels", "a,b", "--encoder", "hashing")
    found = loaded("--home", place, "status")
    assert "sqlalchemy" in found, "it did its work"
    unwanted = (
        "scipy.stats",
        "sklearn",
        "onnxruntime",
        "torch",
        "rich",
        "pydantic",
        "pyarrow",
        "matplotlib",
        "alembic",
        "numpy",
        "cryptography",
        "sqlalchemy.dialects.postgresql",
        "cowise.store.tables",
        "cowise.store.imports",
    )
    assert not sorted(found & set(unwanted))


def test_the_table_says_of_each_command_where_it_is() -> None:
    assert list(tree().commands) == list(COMMANDS)
    assert tree().commands.get("nothing") is None
    assert len(tree().commands.values()) == len(COMMANDS)


@pytest.mark.parametrize("path", [*ALL, ("models",), ("ledger",)], ids=" ".join)
def test_help_has_an_example_that_the_program_understands(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"], prog_name="cowise", env={"LC_ALL": "C.UTF-8"})
    assert result.exit_code == 0, result.output
    _, _, examples = result.stdout.partition("Example:\n")
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    for line in lines:
        understood(line, path)


def understood(line: str, path: tuple[str, ...]) -> None:
    """Parse a line as the shell and the program would, without doing it."""
    told = shlex.split(line.rsplit("| ", maxsplit=1)[-1])
    assert told[0] == "cowise", line
    context = tree().make_context("cowise", told[1:])
    group, rest = context.command, [*context._protected_args, *context.args]
    for name in path:
        assert rest[0] == name, line
        group, rest = group.commands[name], rest[1:]
    with group.make_context(path[-1], list(rest), parent=context) as inner:
        assert inner.params is not None


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_takes_json_and_quiet_after_its_name(path: tuple[str, ...]) -> None:
    names = {name for parameter in ALL[path].params for name in parameter.opts}
    assert {"--json", "--quiet"} <= names
    assert ALL[path].help
    assert all(getattr(p, "help", None) for p in ALL[path].params), "an option without a word about it"


def test_no_command_is_help() -> None:
    result = CliRunner().invoke(app, [], prog_name="cowise", env={"LC_ALL": "C.UTF-8"})
    assert result.exit_code == 0
    assert "Commands:" in result.stdout
    assert "-h, --help" in result.stdout


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"], prog_name="cowise")
    assert result.stdout.startswith("cowise 0.")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    line = f"{shlex.quote(sys.executable)} -m cowise.cli --help | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith(say("Usage:"))

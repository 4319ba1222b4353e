"""The pages and the program say the same: commands, options, settings, errors, links."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from cowise.core import errors
from cowise.core.samples import SAMPLES
from cowise.core.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "samples").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, language: str) -> Iterator[str]:
    for found, body in FENCE.findall(path.read_text("utf-8")):
        if found == language:
            yield body


def command_line() -> click.Group | None:
    """The program's own tree of commands, whatever the room calls its application."""
    room = importlib.import_module("cowise.cli")
    for name in ("app", "application", "command"):
        found = getattr(room, name, None)
        if isinstance(found, typer.Typer):
            found = typer.main.get_command(found)
        if hasattr(found, "commands"):
            return found
    return None


def used_commands() -> Iterator[tuple[str, list[str]]]:
    for path in PAGES:
        for block in blocks(path, "console"):
            for line in block.splitlines():
                if line.startswith("$ cowise"):
                    yield shown(path), shlex.split(line[2:].split("   #")[0])[1:]


def split(words: list[str]) -> tuple[str, list[str]]:
    """The command's name and the words after it, past options of the program itself."""
    rest = list(words)
    while rest and rest[0].startswith("--"):
        rest = rest[2:]
    return (rest[0], rest[1:]) if rest else ("", [])


def options(command: click.Command) -> set[str]:
    return {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }


def test_every_command_is_on_its_page_and_every_command_on_the_page_exists() -> None:
    documented = set(re.findall(r"^\| `cowise ([a-z-]+)`", page("reference/cli.md"), re.MULTILINE))
    group = command_line()
    assert documented
    if group is not None:
        real = {name for name, command in group.commands.items() if not command.hidden}
        assert documented == real


def test_the_pages_use_documented_commands_alone() -> None:
    documented = set(re.findall(r"^\| `cowise ([a-z-]+)`", page("reference/cli.md"), re.MULTILINE))
    unknown = {
        f"{where}: cowise {name}" for where, words in used_commands() if (name := split(words)[0]) not in documented
    }
    assert not sorted(unknown)


def test_the_pages_use_options_that_exist() -> None:
    group = command_line()
    wrong = []
    for where, words in used_commands() if group is not None else ():
        name, rest = split(words)
        command = group.commands.get(name) if group is not None else None
        if command is None:
            continue
        allowed = options(command) | {"--help"}
        if hasattr(command, "commands"):
            allowed |= {each for inner in command.commands.values() for each in options(inner)}
        wrong += [
            f"{where}: cowise {name} {word}"
            for word in rest
            if word.startswith("--") and word.split("=")[0] not in allowed
        ]
        before = words[: words.index(name)]
        wrong += [
            f"{where}: cowise {word}"
            for word in before
            if word.startswith("--") and group and word not in options(group)
        ]
    assert not sorted(set(wrong))


def test_every_setting_is_on_its_page_with_its_variable() -> None:
    text = page("reference/settings.md")
    for field in dataclasses.fields(Settings):
        assert f"| `{field.name}` | `COWISE_{field.name.upper()}` |" in text


def test_the_settings_page_names_no_other_variable() -> None:
    known = {f"COWISE_{field.name.upper()}" for field in dataclasses.fields(Settings)} | {"COWISE_LLM"}  # keys by host
    for path in PAGES:
        assert set(re.findall(r"COWISE_[A-Z]+", path.read_text("utf-8"))) <= known, shown(path)


def test_every_error_is_on_its_page_with_its_exit_code() -> None:
    text = page("reference/errors.md")
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, errors.CowiseError)]
    assert len(classes) > 5
    for each in classes:
        assert f"| `{each.__name__}` | {each.exit_code} |" in text
    assert len({each.exit_code for each in classes}) == len(classes)
    tree = (errors.__doc__ or "").strip().split("\n\n")[1]
    assert tree in text


def test_every_sample_is_described_with_its_true_size() -> None:
    text = (ROOT / "samples" / "README.md").read_text("utf-8")
    for each in SAMPLES:
        rows = len((ROOT / "samples" / each.name / f"{each.name}.csv").read_text("utf-8").splitlines()) - 1
        assert f"[{each.name}]({each.name}/LICENSE.md)" in text
        assert f"{rows:,}" in text


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_links_inside_the_repository_resolve(path: Path) -> None:
    text = FENCE.sub("", path.read_text("utf-8"))
    broken = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_python_on_a_page_compiles(path: Path) -> None:
    for number, block in enumerate(blocks(path, "python")):
        if ">>>" not in block:
            assert compile(block, f"{shown(path)} block {number}", "exec").co_code


def test_every_page_is_in_the_navigation() -> None:
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    missing = [each for p in (ROOT / "docs").rglob("*.md") if (each := str(p.relative_to(ROOT / "docs"))) not in config]
    assert not missing


def test_both_languages_have_the_same_commands_in_readme_and_tutorial() -> None:
    def said(path: Path) -> list[str]:
        lines = [
            line.split(" #")[0].split("--labels")[0].strip()
            for block in blocks(path, "console")
            for line in block.splitlines()
        ]
        return [line for line in lines if line]

    assert said(ROOT / "README.md") == said(ROOT / "README.zh.md")
    assert said(ROOT / "docs/tutorial/first-project.md") == said(ROOT / "docs/zh/first-project.md")


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "zh").glob("*.md")), ids=shown)
def test_a_chinese_page_and_its_english_one_name_each_other(path: Path) -> None:
    twin = re.search(r"\[English\]\((\.\./[\w/-]+\.md)\)", path.read_text("utf-8"))
    assert twin
    assert f"zh/{path.name})" in (path.parent / twin[1]).read_text("utf-8")


def test_json_on_a_page_parses() -> None:
    read = [json.loads(block) for path in PAGES for block in blocks(path, "json")]
    assert read


def decisions() -> list[Path]:
    return sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_decisions_are_numbered_without_gaps_and_fit_on_a_page() -> None:
    numbers = [int(path.name[:3]) for path in decisions()]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in decisions():
        assert len(path.read_text("utf-8").splitlines()) <= 60, shown(path)


def marked() -> list[tuple[str, str]]:
    """Blocks under a line `<!-- runs -->`: those are complete programs, and are run."""
    found = []
    for path in PAGES:
        for body in re.findall(
            r"^<!-- runs -->\n+```python\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            found.append((shown(path), body))
    return found


@pytest.mark.parametrize(("where", "body"), marked(), ids=[f"{where}-{n}" for n, (where, _) in enumerate(marked())])
def test_marked_blocks_run(where: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COWISE_HOME", str(tmp_path / "home"))
    names = {"__name__": "page"}
    exec(compile(body, where, "exec"), names)
    assert len(names) > 2, "a page that runs says something"

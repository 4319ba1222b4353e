"""Every sentence of the command line stands in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from typer.main import get_command

from cowise.cli import app, words
from cowise.cli.chinese import CHINESE
from cowise.cli.chinese_help import CHINESE_HELP
from cowise.cli.options import HEADS
from cowise.cli.table import COMMANDS
from cowise.core.registry import load

ROOM = Path(words.__file__).parent
TABLE = CHINESE | CHINESE_HELP


def strings(node: ast.AST) -> Iterator[str]:
    """The string constants that an expression may turn out to be; keys of the keyboard are not words."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 1:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body)
        yield from strings(node.orelse)
    elif isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            yield from strings(each)
    elif isinstance(node, ast.Dict):
        for each in node.values:
            yield from strings(each)


def names(target: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def bindings(tree: ast.AST) -> dict[str, list[ast.AST]]:
    """What is put into each name, by assignment or by a loop."""
    bound: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            bound.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.comprehension | ast.For):
            for name in names(node.target):
                bound.setdefault(name, []).append(node.iter)
    return bound


def meant(node: ast.AST, bound: dict[str, list[ast.AST]], depth: int = 3) -> Iterator[str]:
    """What an argument may say, through variables and tables."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        for value in bound.get(node.id, ()) if depth else ():
            yield from meant(value, bound, depth - 1)
    elif isinstance(node, ast.IfExp):
        yield from meant(node.body, bound, depth)
        yield from meant(node.orelse, bound, depth)
    else:
        yield from strings(node)


def said() -> set[str]:
    """Arguments of `say`, and of what passes its argument on to `say`."""
    found: set[str] = set()
    for path in ROOM.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        bound = bindings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in ("say", "progress"):
                    found |= set(meant(node.args[0], bound))
    return found - {*HEADS, "Example:", "Commands"}


def help_texts(command: Any) -> Iterator[str]:
    yield from (text for text in (command.help, *(getattr(p, "help", None) for p in command.params)) if text)
    for inner in getattr(command, "commands", {}).values():
        yield from help_texts(inner)


def helps() -> set[str]:
    words.speak("en")
    return (
        set(help_texts(get_command(app)))
        | {line for _, line in COMMANDS.values()}
        | set(HEADS)
        | {"Example:", "Commands"}
    )


def test_every_sentence_has_its_chinese() -> None:
    assert len(said()) > 60
    assert not sorted(said() - set(CHINESE))


def test_what_the_loop_says_on_every_question_has_its_chinese() -> None:
    assert load("loop.protocol:REASON") in CHINESE


def test_every_help_text_has_its_chinese() -> None:
    assert len(helps()) > 60
    assert not sorted(helps() - set(CHINESE_HELP))


def test_no_translation_is_left_over() -> None:
    assert not sorted(set(CHINESE_HELP) - helps())
    assert not set(CHINESE) & set(CHINESE_HELP)


@pytest.mark.parametrize("english", sorted(TABLE))
def test_a_translation_says_the_same_values_and_is_chinese(english: str) -> None:
    def fields(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name)

    chinese = TABLE[english]
    if english in CHINESE:
        assert fields(chinese) == fields(english)
    assert re.search("[\u4e00-\u9fff]", chinese), "nothing Chinese in it"
    assert set(re.findall(r"--[a-z-]+|`[^`]+`", english)) <= set(re.findall(r"--[a-z-]+|`[^`]+`", chinese))


def test_the_language_is_chosen_and_unknown_sentences_pass() -> None:
    try:
        words.speak("zh")
        assert words.language() == "zh"
        assert words.say("unsure") == "不确定"
        assert words.say("a sentence from below, {n}", n=1) == "a sentence from below, 1"
    finally:
        words.speak("en")
    assert words.say("unsure") == "unsure"

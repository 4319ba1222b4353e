"""What the package says to people, found in its source: the templates of every error and every reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import cowise
from cowise.core.registry import load

PACKAGE = Path(cowise.__file__).parent
TREE = "CowiseError"
VALUE = "{}"
# Calls that hand a sentence to a person, and where among their arguments it stands.
PLACED = {
    "answer": 2, "HTTPException": 1, "BadParameter": 0, "broken": 0, "tell": 0, "Fault": 2, "Replayed": 3, "_failed": 1,
    "Step": 3, "Advice": 3, "Check": 2, "withdraw": 2, "_reopened": 3,
}  # fmt: skip
NAMED = {
    "Verdict": ("reason",),
    "Step": ("reason",),
    "Advice": ("reason",),
    "Check": ("what", "todo"),
    "Granted": ("reason",),
    "Compared": ("fault",),
    "release": ("reason",),
}
KEPT = ("reason", "last_reason")
"""Keys under which reasons are kept, and read to people later."""
COMMAND = re.compile(r"cowise (new|models) |pip install ")
"""What is typed is the same in every language."""


class Scope(NamedTuple):
    """What names stand for at one place: expressions assigned to them, and functions that may be called."""

    names: dict[str, list[ast.expr]]
    functions: dict[str, tuple[ast.FunctionDef, Scope]]


@cache
def trees() -> dict[str, ast.Module]:
    files = sorted(PACKAGE.rglob("*.py"))
    return {file.relative_to(PACKAGE).as_posix(): ast.parse(file.read_text("utf-8")) for file in files}


@cache
def errors() -> frozenset[str]:
    """Names of CowiseError and all classes that descend from it, whatever room they are in."""
    found, before = {TREE}, set[str]()
    while found != before:
        before = set(found)
        for tree in trees().values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & found:
                    found.add(node.name)
    return frozenset(found)


@cache
def room(path: str) -> Scope:
    """What a module's own names stand for, and what it imports from others."""
    tree = trees()[path]
    scope = Scope(assigned(ast.Module([n for n in tree.body if isinstance(n, ast.Assign)], [])), {})
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            scope.functions[node.name] = node, scope
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cowise."):
            file = f"{str(node.module).removeprefix('cowise.').replace('.', '/')}.py"
            theirs = room(file).functions if file in trees() else {}
            scope.functions.update({a.asname or a.name: theirs[a.name] for a in node.names if a.name in theirs})
    return scope


def assigned(body: ast.AST) -> dict[str, list[ast.expr]]:
    """What is put into each name within."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False))
            for left, right in pairs:
                if isinstance(left, ast.Name):
                    found.setdefault(left.id, []).append(right)
    return found


def templates(node: ast.AST | None, scope: Scope) -> Iterator[str]:
    """What an expression may say, with {} for each value; choices, names and functions that give sentences are followed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from templates(node.body, scope)
        yield from templates(node.orelse, scope)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from templates(each, scope)
    elif isinstance(node, ast.Name) and scope.names.get(node.id):
        for value in scope.names[node.id]:
            # A sentence that is put into another one of the same name is followed once.
            left = [one for one in scope.names[node.id] if one is not value]
            yield from templates(value, Scope({**scope.names, node.id: left}, scope.functions))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in scope.functions:
        yield from returned(*scope.functions[node.func.id])
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from map("".join, product(*(pieces(side, scope) for side in (node.left, node.right))))
    elif isinstance(node, ast.JoinedStr):
        yield from map("".join, product(*(pieces(part, scope) for part in node.values)))
    else:
        yield VALUE


def returned(function: ast.FunctionDef, around: Scope) -> Iterator[str]:
    """What a function says that gives a text."""
    if function.returns is None or ast.unparse(function.returns) != "str":
        yield VALUE
        return
    functions = {name: found for name, found in around.functions.items() if found[0] is not function}
    scope = Scope({**around.names, **assigned(function)}, functions)
    for node in ast.walk(function):
        if isinstance(node, ast.Return):
            yield from templates(node.value, scope)


def pieces(node: ast.AST, scope: Scope) -> list[str]:
    """A part of a sentence: its words, or {} for a value. A single word is a value: it is a name, or chosen from a list."""
    if isinstance(node, ast.Constant):
        return list(templates(node, scope))
    if isinstance(node, ast.FormattedValue):
        plain = node.conversion == -1 and node.format_spec is None
        node = node.value if plain else ast.Tuple([])
    found = dict.fromkeys(templates(node, scope))
    return list(dict.fromkeys(one if one == "" or is_said(one) else VALUE for one in found))


def is_said(text: str) -> bool:
    """Whether a text has words beside its values, and more than one."""
    return " " in text.strip() and any(c.isalpha() for c in text)


def places(path: str) -> Iterator[tuple[ast.expr, Scope, int]]:
    """Every expression of a module that is a sentence for people, with what its names stand for."""
    tree, around, seen = trees()[path], room(path), set[ast.AST]()
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for body in (*functions, tree):
        scope = around if body is tree else Scope({**around.names, **assigned(body)}, around.functions)
        for node in ast.walk(body):
            if node not in seen:
                seen.add(node)
                yield from ((said, scope, said.lineno) for said in sentences_of(node))


def sentences_of(node: ast.AST) -> Iterator[ast.expr]:
    """The parts of a call, a dictionary or a list of arguments that are sentences for people."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in KEPT:
                yield value
    if isinstance(node, ast.FunctionDef):
        named = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
        yield from (default for argument, default in named if argument.arg in KEPT)
    if not isinstance(node, ast.Call):
        return
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    place = 0 if name in errors() else PLACED.get(name, len(node.args))
    if name == "append" and ast.unparse(node.func).endswith(".notes.append"):
        place = 0
    yield from node.args[place : place + 1]
    yield from (word.value for word in node.keywords if word.arg in NAMED.get(name, ()))


@cache
def said() -> dict[str, str]:
    """Template -> where it is said, for every error and reason of the package."""
    found = dict.fromkeys(listed(), "a table")
    for path in trees():
        for node, scope, line in places(path):
            for text in templates(node, scope):
                if is_said(text) and not COMMAND.match(text):
                    found.setdefault(text, f"{path}:{line}")
    return found


def listed() -> Iterator[str]:
    """Sentences that are chosen from tables."""
    yield from load("web.faults:_SAID").values()
    yield from load("cli.failing:MEANT").values()
    yield from load("guard.keys:LOSS").values()
    yield from load("loop.out:REASONS")
    yield from (one for pair in load("loop.consequences:SAID").values() for one in pair)
    yield from (load("loop.consequences:GIVEN_UP"), load("loop.consequences:NOTHING"))
    yield from (what for _, what in load("data.place:_SIGNATURES"))
    yield from (f"{meaning} ({VALUE})" for *_, meaning in load("store.faults:_SAID"))

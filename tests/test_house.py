"""The budgets and habits of this house, read from the sources themselves."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cowise"
LINES, CODE, ARGS, DIRECT = 400, 50, 6, 20
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "stuff"}
HEAVY = ("torch", "transformers", "sklearn", "scipy.stats", "sqlalchemy", "sqlcipher3", "onnxruntime", "matplotlib")
ROOMS = sorted(each.parent.name for each in PACKAGE.glob("*/__init__.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository; outside a Git checkout, all that a checkout would hold."""
    done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return tuple(ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())
    skip = {".venv", "site", "dist", "build", "__pycache__"}
    return tuple(p for p in ROOT.rglob("*") if p.is_file() and not skip & set(p.relative_to(ROOT).parts))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def functions() -> Iterator[tuple[Path, Function]]:
    for path in sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, Function):
                yield path, node


def code_lines(path: Path, node: Function) -> int:
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if not body:
        return 0
    part = path.read_text("utf-8").splitlines()[body[0].lineno - 1 : node.end_lineno]
    return sum(1 for line in part if line.strip() and not line.strip().startswith("#"))


def test_no_module_is_longer_than_one_can_read() -> None:
    long = {name_of(p): n for p in sources() if (n := len(p.read_text("utf-8").splitlines())) > LINES}
    assert not long


def test_no_function_is_longer_than_a_page() -> None:
    assert not [f"{where(p, f)} {f.name} {n}" for p, f in functions() if (n := code_lines(p, f)) > CODE]


def test_functions_take_few_arguments() -> None:
    over = []
    for path, node in functions():
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        count = sum(each.arg not in ("self", "cls") for each in given)
        if count > ARGS and "cli" not in path.relative_to(ROOT).parts:
            over.append(f"{where(path, node)} {node.name} {count}")
    assert not over


def test_every_name_says_something() -> None:
    assert not [str(p) for p in sources() if {p.stem, p.parent.name} & NAMELESS]


def test_nothing_is_unfinished_by_its_own_word() -> None:
    word = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK|placeholder)\b", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert not found


def imports_of(path: Path, known: set[str]) -> set[str]:
    """Modules of this package that a module imports at any depth of its code."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{each.name}" for each in node.names}
            found |= (inner & known) or {node.module}
    return (found & known) - {name_of(path)}


def test_imports_have_no_cycle() -> None:
    known = {name_of(p) for p in sources()}
    graph = {name_of(p): imports_of(p, known) for p in sources()}
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph, "these wait for each other, or for one that does"


def late_imports(path: Path) -> Iterator[ast.AST]:
    """Imports inside functions, but for a room's own PEP 562 `__getattr__`."""
    for node in ast.walk(parsed(path)):
        if not isinstance(node, Function) or (path.name == "__init__.py" and node.name == "__getattr__"):
            continue
        for inner in ast.walk(node):
            dynamic = isinstance(inner, ast.Call) and ast.unparse(inner.func) in (
                "import_module",
                "importlib.import_module",
                "__import__",
            )
            if isinstance(inner, ast.Import | ast.ImportFrom) or dynamic:
                yield inner


def test_only_the_registry_imports_late() -> None:
    registry = PACKAGE / "core" / "registry.py"
    assert not [where(p, n) for p in sources() if p != registry for n in late_imports(p)]


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import cowise", "import cowise.core.types", "import cowise.cli"])
def test_importing_is_light(statement: str) -> None:
    assert not sorted(modules_after(statement) & set(HEAVY))


def project() -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def test_direct_dependencies_stay_few_and_exact() -> None:
    direct = project()["dependencies"]
    assert isinstance(direct, list)
    assert len(direct) <= DIRECT
    pinned = {
        line.split("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line
    }
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    wanted = [
        *direct,
        *(each for extra in ("parquet", "plot", "postgres", "dev", "docs", "torch") for each in extras[extra]),
    ]
    names = {re.split(r"[\[<>=~! ]", each)[0].lower().replace("_", "-") for each in wanted}
    assert not sorted(names - pinned), "constraints.txt lacks an exact version"


def names_in(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", each)[0] for each in requirements}


def test_every_direct_dependency_is_explained_in_its_section() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    base, _, rest = page.partition("## Extras")
    read = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = names_in(read["dependencies"])
    optional = names_in([each for extra in read["optional-dependencies"].values() for each in extra]) - direct
    assert not sorted(name for name in direct if f"| `{name}` |" not in base)
    assert not sorted(name for name in optional if f"| `{name}` |" not in rest)


def installed_bytes() -> int:
    """Size of all that `pip install cowise` brings, by the records of the installed packages."""
    todo, seen, total = ["cowise"], set(), 0
    while todo:
        found = distribution(todo.pop())
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        if name in seen:
            continue
        seen.add(name)
        total += sum(file.stat().st_size for each in found.files or () if (file := Path(str(each.locate()))).is_file())
        wanted = [Requirement(each) for each in found.requires or ()]
        todo += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    return total


def test_the_base_installation_stays_under_600_mb() -> None:
    assert installed_bytes() < 600e6


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_keeps_its_promises(room: str) -> None:
    module = importlib.import_module(f"cowise.{room}")
    offered = list(getattr(module, "__all__", []))
    assert len(offered) == len(set(offered))
    assert not [name for name in offered if not hasattr(module, name)]
    assert not hasattr(module, "no_such_name")


def test_the_facade_keeps_its_promises() -> None:
    module = importlib.import_module("cowise")
    assert not [name for name in getattr(module, "__all__", []) if not hasattr(module, name)]


# Built from parts, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        ("/" + "work/", "/" + "opt/pypi", "/" + "tmp/w/", "extra-" + "index-url", "find-" + "links", "/" + "root/")
    )
)
TEXTS = {".py", ".md", ".toml", ".txt", ".svg", ".yml", ".yaml", ".json", ".cfg", ".sh", ""}


def test_no_path_or_address_of_one_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXTS or path.stat().st_size > 1_000_000:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if FOREIGN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


def test_no_large_file() -> None:
    assert not [str(p.relative_to(ROOT)) for p in tracked() if p.stat().st_size > 1_000_000]


MARKS = ("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")


def unreasoned(path: Path) -> Iterator[str]:
    """Marks that skip or excuse a test and do not say why."""
    reasoned = {
        id(node.func)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and any(each.arg == "reason" for each in node.keywords)
    }
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in MARKS and id(node) not in reasoned:
            yield where(path, node)


def test_every_skip_and_expected_failure_has_a_reason() -> None:
    tests = [p for p in tracked() if p.suffix == ".py" and "tests" in p.relative_to(ROOT).parts]
    assert not [found for path in tests for found in unreasoned(path)]


def test_every_sample_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    folders = sorted(each.parent for each in (ROOT / "samples").glob("*/*.csv"))
    assert folders
    for folder in folders:
        assert f"samples/{folder.name}" in notice
        assert (folder / "LICENSE.md").is_file()


def test_the_licence_is_whole() -> None:
    words = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in words
    assert "END OF TERMS AND CONDITIONS" in words


def test_ci_calls_make_alone_and_can_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    words = script.read_text("utf-8")
    assert [line.split()[1:] for line in words.splitlines() if line.startswith("try make")] == [
        ["make", target] for target in ("lint", "test", "docs", "page-check")
    ]
    assert "pip" not in words


def test_examples_fit_on_a_screen() -> None:
    long = {p.name: n for p in (ROOT / "examples").glob("*.py") if (n := len(p.read_text("utf-8").splitlines())) > 40}
    assert not long

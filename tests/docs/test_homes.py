"""The page on dependencies says where each lives; the sources agree."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
IMPORTED_AS = {"scikit-learn": "sklearn"}


def homes() -> dict[str, set[str]]:
    """Package -> rooms, from the first table; then the second, where the home is one column further."""
    found = {}
    first, second = PAGE.split("## Extras")[0], PAGE.split("## Extras")[1].split("## For development")[0]
    for table, extra in ((first, ""), (second, r" `[a-z]+` \|")):
        for name, where in re.findall(rf"^\| `([\w-]+)` \|{extra} ([^|]+) \|", table, re.MULTILINE):
            found[name] = set(re.findall(r"`(\w+)`", where)) or {"everywhere"}
    return found


def rooms_importing() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "cowise").rglob("*.py"):
        parts = path.relative_to(ROOT / "cowise").parts
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                for each in node.names:
                    found[each.name.split(".")[0]].add(parts[0])
            elif isinstance(node, ast.ImportFrom) and node.module:
                found[node.module.split(".")[0]].add(parts[0])
            elif (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "need"
                and isinstance(node.args[0], ast.Constant)
            ):
                found[str(node.args[0].value).split(".")[0]].add(parts[0])
    return found


@pytest.mark.parametrize(("package", "rooms"), homes().items())
def test_a_dependency_stays_at_home(package: str, rooms: set[str]) -> None:
    module = IMPORTED_AS.get(package, package.replace("-", "_"))
    assert rooms == {"everywhere"} or rooms_importing()[module] <= rooms

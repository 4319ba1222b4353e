"""The page of roles and the table in the code are one; the security checklist names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

from cowise.guard.access import ACTIONS, ROLES, allowed

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([a-z]+\.[a-z_]+)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
ASVS = (ROOT / "docs" / "security" / "asvs.md").read_text("utf-8")
ITEM = re.compile(r"^\| ([\d., ]+) \| ([^|]+) \| (\d) \| (.+) \|$", re.MULTILINE)


def test_the_page_of_roles_is_the_table():
    text = (ROOT / "docs" / "reference" / "roles.md").read_text("utf-8")
    rows = {name: [bool(cell.strip()) for cell in cells] for name, *cells in ROW.findall(text)}
    assert rows == {action: [True, *(allowed(role, False, action).ok for role in ROLES)] for action in ACTIONS}


def named_in(path):
    return {n.name for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize(("item", "score", "where"), [(i, s, w) for i, _, s, w in ITEM.findall(ASVS)])
def test_the_checklist_names_tests_that_exist(item, score, where):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", where)
    assert score in "012"
    assert bool(named) is (score == "2"), f"{item}: a test is named where the score is 2, and only there"
    for file, test in named:
        assert (ROOT / file).is_file()
        assert not test or test in named_in(ROOT / file)


def test_the_checklist_is_read_whole():
    assert len(ITEM.findall(ASVS)) == len(re.findall(r"^\| \d", ASVS, re.MULTILINE)) > 30

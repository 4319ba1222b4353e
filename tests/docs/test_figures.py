"""Figures that pages state as facts are computed again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cowise.team import design

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("percent", [5, 2])
def test_the_table_of_lots(percent: int) -> None:
    page = (DOCS / "how-to" / "own-answers.md").read_text("utf-8")
    row = re.search(rf"^\| at most {percent} %, confidence 90 % \| (\d+) \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    assert row
    assert [int(each) for each in row.groups()] == [
        design(6000, 6000, percent / 100, 0.1, kappa).lots for kappa in (0, 2, 5)
    ]


def test_the_chinese_page_states_the_same() -> None:
    page = (DOCS / "zh" / "promise.md").read_text("utf-8")
    assert [int(each) for each in re.findall(r"(\d+) 支", page)] == [
        design(6000, 6000, 0.05, 0.1, kappa).lots for kappa in (0, 2)
    ]


def test_the_error_that_breaks_the_promise() -> None:
    page = (DOCS / "explanation" / "audits.md").read_text("utf-8")
    assert f"*c* = {design(6000, 6000, 0.05, 0.1, 0).breaking}" in page

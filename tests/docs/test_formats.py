"""The page on files names every ending that is read, and the true limits."""

from __future__ import annotations

from pathlib import Path

from cowise.data import FORMATS, MAX_CELL, MAX_COLUMNS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "files.md").read_text("utf-8")


def test_every_ending_is_on_the_page() -> None:
    assert not [ending for ending in FORMATS if f"`{ending}`" not in PAGE]


def test_the_limits_are_the_true_ones() -> None:
    assert f"{MAX_CELL // 2**20} MB" in PAGE
    assert f"{MAX_COLUMNS:,} columns" in PAGE

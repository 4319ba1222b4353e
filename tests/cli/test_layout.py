"""Lines that fit a terminal, whatever script they are in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.cli.layout import fit, flow, pad, table, width, wrap

TEXTS = st.text(st.one_of(st.sampled_from(" \n中文é…\u0301\ufe0f\u200dab"), st.characters(codec="utf-8")))


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("ab", 2), ("中文", 4), ("e\u0301", 1), ("❤\ufe0f", 1), ("a\u200bb", 2), ("ｱ", 1)]
)
def test_marks_take_no_column_and_wide_characters_two(text: str, columns: int) -> None:
    assert width(text) == columns
    assert width(pad(text, columns + 3)) == columns + 3


@given(TEXTS, st.integers(1, 30))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, columns: int) -> None:
    cut = fit(text, columns)
    assert width(cut) <= columns
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@given(TEXTS, st.integers(2, 30))
def test_wrapping_fits_and_loses_nothing_but_space(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    whole = "".join(wrap(text, 10**6))
    assert "".join("".join(lines).split()) == "".join(whole.split())


def test_a_column_too_narrow_for_a_character_still_shows_it() -> None:
    assert wrap("中文", 1) == ["中", "文"]
    assert wrap("", 9) == [""]
    assert wrap("a\n\nb", 9) == ["a", "", "b"]


def test_what_stands_side_by_side_is_cut_only_where_it_must() -> None:
    assert flow(["one", "two", "much too long"], 8) == ["one", "two", "much to…"]
    assert flow([], 8) == []


def test_a_table_without_rows_has_no_lines() -> None:
    assert table([]) == []
    assert table([["项目", "n"], ["a", "10"]], right=[1]) == ["项目   n", "a     10"]

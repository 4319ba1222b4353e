"""The screen with one question on it: everything a person needs, and never more lines than there are."""

from __future__ import annotations

import pytest

from cowise.cli.asking import Choice
from cowise.cli.layout import width
from cowise.cli.sheet import Frame, help_sheet, sheet
from cowise.core.types import Question

FEW = ("billing", "bug", "praise")
WORDS = ("lost", "stolen", "late", "arrived", "fee", "limit", "pin", "swap", "top-up", "refund", "frozen")
MANY = tuple(f"card {word}" for word in WORDS)


def choice(text: str = "My card is gone", labels: tuple[str, ...] = FEW, **more: object) -> Choice:
    return Choice(Question("i", text, labels, **more))  # type: ignore[arg-type]


def plain(lines: list[str]) -> str:
    text = "\n".join(lines)
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[7m"):
        text = text.replace(code, "")
    return text


def test_the_head_says_where_one_is() -> None:
    first = plain(sheet(choice(), Frame("tickets")))
    assert "tickets  ·  0 answered\n" in first
    later = plain(sheet(choice(), Frame("tickets", answered=3, pace_s=4.26, last="bug", notice="Nothing to undo.")))
    assert "tickets  ·  3 answered  ·  4.3 s each  ·  last: bug\n  Nothing to undo.\n" in later


def test_what_the_question_brings_is_shown() -> None:
    found = plain(sheet(choice(instructions="Choose the\nfirst wish.", suggestion="bug", reason="person"), Frame("p")))
    assert "Choose the\n  first wish.\n" in found
    assert "2 bug ◂" in found
    assert "Enter: bug" in found
    assert "\n  person\n" in found
    blind = plain(sheet(choice(), Frame("p")))
    assert "◂" not in blind
    assert "Enter" not in blind


def test_a_long_text_has_pages() -> None:
    long = choice("\n".join(f"line {n}" for n in range(40)))
    first = plain(sheet(long, Frame("p")))
    assert "line 0\n" in first
    assert "page 1 of 3: the space bar turns" in first
    long.page = 4  # turning goes round
    assert "page 2 of 3" in plain(sheet(long, Frame("p")))


def test_many_labels_are_found_by_typing() -> None:
    asked = choice(labels=MANY, suggestion="card fee")
    found = plain(sheet(asked, Frame("p")))
    assert "find: ▏" in found
    assert "Enter picks" in found
    asked.typed = "st"
    assert "1 card stolen" in plain(sheet(asked, Frame("p")))
    asked.typed = "nothing such"
    assert "No label holds that. Backspace removes a letter, Escape all." in plain(sheet(asked, Frame("p")))


def test_digits_in_labels_are_typed_and_pick_nothing() -> None:
    asked = choice(labels=tuple(f"rule {n}" for n in range(12)))
    asked.typed = "rule"
    assert "\n    rule 1\n" in plain(sheet(asked, Frame("p")))


@pytest.mark.parametrize("labels", [FEW, MANY])
@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (30, 12), (200, 60)])
def test_it_fits_the_terminal(labels: tuple[str, ...], columns: int, rows: int) -> None:
    asked = choice("银行卡丢了，怎么办？" * 60, labels, instructions="指示 " * 90)
    lines = sheet(asked, Frame("项目" * 40, columns=columns, rows=rows, answered=9, last="x" * 90))
    assert len(lines) < rows
    assert all(width(plain([line])) <= columns for line in lines)


def test_the_help_names_every_key() -> None:
    few, many = plain(help_sheet(60)), plain(help_sheet(60, many=True))
    assert "A digit picks its label." in few
    assert "  u   Take the last answer back." in few
    assert "  U   Take the last answer back." in many
    assert "Any key goes back" in few

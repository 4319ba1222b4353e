from __future__ import annotations

import pytest

from cowise.cli.asking import Act, Choice, find
from cowise.core.types import Answer, Question

FEW = ("billing", "bug", "praise")
MANY = tuple(f"{noun} {verb}" for noun in ("card", "cash", "top up", "transfer") for verb in ("failed", "late", "lost"))


def choice(labels: tuple[str, ...] = FEW, **options: object) -> Choice:
    return Choice(Question("i", "a text", labels, **options))  # type: ignore[arg-type]


def label(name: str) -> Act:
    return Act("answer", Answer.of(name))


@pytest.mark.parametrize(
    ("key", "act"),
    [
        ("1", label("billing")), ("3", label("praise")), ("4", None), ("0", None),
        ("n", Act("answer", Answer("none"))), ("?", Act("answer", Answer("unsure"))),
        ("s", Act("skip")), ("u", Act("undo")), ("f", Act("flag")), ("h", Act("help")), ("q", Act("quit")),
        ("S", Act("skip")), ("quit", Act("quit")), ("x", None), ("up", None), ("", None), ("enter", None),
    ],
)  # fmt: skip
def test_a_key_means_one_thing(key: str, act: Act | None) -> None:
    assert choice().press(key) == act


def test_the_tenth_label_is_on_zero() -> None:
    labels = tuple("abcdefghij")
    assert choice(labels).press("0") == label("j")
    assert not choice(labels).many
    assert choice((*labels, "k")).many


def test_enter_takes_a_suggestion_that_is_shown_and_none_that_is_not() -> None:
    assert choice(suggestion="bug").press("enter") == label("bug")
    assert choice().press("enter") is None


def test_the_space_bar_turns_the_page_of_a_long_text() -> None:
    one = choice()
    assert one.press("space") is None
    assert one.page == 1


def typed(one: Choice, keys: str) -> Choice:
    for key in keys:
        assert one.press("space" if key == " " else key) is None
    return one


def test_many_labels_are_found_by_typing() -> None:
    one = typed(choice(MANY), "fail")
    assert one.offer() == ["card failed", "cash failed", "top up failed", "transfer failed"]
    assert one.press("down") is None
    assert one.press("enter") == label("cash failed")
    assert typed(choice(MANY), "tr la").press("enter") == label("transfer late")


def test_letters_of_commands_search_where_labels_are_many_and_capitals_command() -> None:
    one = typed(choice(MANY), "u")
    assert one.typed == "u"
    assert choice(MANY).press("U") == Act("undo")
    assert choice(MANY).press("N") == Act("answer", Answer("none"))
    assert choice(MANY).press("?") == Act("answer", Answer("unsure"))


def test_a_search_can_be_mended_and_dropped() -> None:
    one = typed(choice(MANY), "cax")
    assert one.offer() == []
    assert one.press("enter") is None
    one.press("backspace")
    assert one.offer()[0] == "card failed"
    one.press("escape")
    assert one.typed == ""
    assert len(one.offer()) == 9


def test_chinese_labels_are_found_by_typing() -> None:
    labels = tuple(f"问题{c}" for c in "甲乙丙丁戊己庚辛壬癸子")
    assert typed(choice(labels), "丙").press("enter") == label("问题丙")


def test_what_was_used_last_is_offered_first() -> None:
    one = Choice(Question("i", "t", MANY, suggestion="cash late"), recent=("top up lost", "not a label"))
    assert one.offer()[:3] == ["cash late", "top up lost", "card failed"]
    assert one.press("2") == label("top up lost")


def test_digits_search_where_labels_hold_digits() -> None:
    labels = tuple(f"code {n}" for n in range(30))
    one = typed(choice(labels), "27")
    assert one.press("enter") == label("code 27")


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("bug\n", label("bug")), ("BUG", label("bug")), ("2", label("bug")), ("prai", label("praise")), ("b", None),
        ("", None), ("n", Act("answer", Answer("none"))), ("?", Act("answer", Answer("unsure"))), ("q", Act("quit")),
        ("f this is two texts", Act("flag", note="this is two texts")), ("f", Act("flag")), ("9", None), ("zzz", None),
    ],
)  # fmt: skip
def test_a_line_means_a_label_its_number_a_command_or_a_part(line: str, act: Act | None) -> None:
    assert choice().line(line) == act


def test_a_label_called_like_a_command_wins_in_a_line() -> None:
    assert choice(("n", "y")).line("n") == label("n")


def test_finding_ignores_case_and_order_of_words() -> None:
    assert find(["Top-up failed", "failed top"], "FAIL top") == ["failed top", "Top-up failed"]
    assert find(["a"], "") == ["a"]


def several(labels: tuple[str, ...] = FEW, **options: object) -> Choice:
    return choice(labels, sets=True, **options)


def labels(*names: str) -> Act:
    return Act("answer", Answer("labels", names))


def test_of_sets_keys_choose_and_enter_gives() -> None:
    one = several()
    assert one.press("enter") is None, "nothing chosen, nothing suggested"
    assert (one.press("3"), one.press("1")) == (None, None)
    assert one.press("enter") == labels("billing", "praise")
    assert one.press("1") is None
    assert one.press("enter") == labels("praise")
    assert one.press("n") == Act("answer", Answer("none"))


def test_what_is_suggested_is_chosen_from_the_start() -> None:
    one = several(suggestion="bug; praise")
    assert one.press("enter") == labels("bug", "praise")
    assert one.press("2") is None
    assert one.press("enter") == labels("praise")
    assert several(suggestion="[]").press("enter") == labels()


def test_among_many_a_name_and_enter_choose_and_enter_alone_gives() -> None:
    one = typed(several(MANY), "card la")
    assert one.press("enter") is None
    assert one.typed == ""
    typed(one, "cash la")
    assert one.press("enter") is None
    assert one.press("enter") == labels("card late", "cash late")


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("1, 3", labels("billing", "praise")), ("praise; bug", labels("bug", "praise")), ("bug", labels("bug")),
        ("2", labels("bug")), ("", None), ("n", Act("answer", Answer("none"))), ("?", Act("answer", Answer("unsure"))),
        ("bug, joy", None), ("4", None), ("s", Act("skip")), ("f odd", Act("flag", note="odd")),
    ],
)  # fmt: skip
def test_a_line_may_name_several(line: str, act: Act | None) -> None:
    assert several().line(line) == act

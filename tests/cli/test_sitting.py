from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from cowise.cli.asking import QUIT, Act, Choice
from cowise.cli.sheet import Frame, help_sheet, sheet
from cowise.cli.sitting import Sitting
from cowise.core.errors import ConflictError
from cowise.core.types import Answer, Question

LABELS = ("billing", "bug")


@dataclass
class FakeReview:
    """The loop's protocol, in memory."""

    waiting: deque[Question]
    log: list[tuple[str, str]] = field(default_factory=list)
    refuse_undo: bool = False

    def ask(self, n: int = 2) -> tuple[Question, ...]:
        return tuple(self.waiting)[:n]

    def take(self, question: Question, answer: Answer, seconds: float) -> None:
        assert seconds >= 0
        self.waiting.remove(question)
        self.log.append((question.item, str(answer.value or answer.kind)))

    def undo(self) -> str | None:
        if self.refuse_undo:
            raise ConflictError("this answer is part of a certificate; correct it instead")
        if not self.log:
            return None
        item, _ = self.log.pop()
        self.waiting.insert(2, Question(item, item, LABELS))  # behind those that are held already
        return item

    def skip(self, question: Question) -> None:
        self.waiting.remove(question)

    def flag(self, question: Question, note: str) -> None:
        self.log.append((question.item, f"flag: {note}"))


@dataclass
class Script:
    """A front that plays acts, and remembers what it was shown."""

    acts: list[Act]
    shown: list[tuple[str, Frame]] = field(default_factory=list)

    def act(self, choice: Choice, frame: Frame) -> Act:
        self.shown.append((choice.question.item, frame))
        return self.acts.pop(0) if self.acts else QUIT


def sit(*acts: Act, n: int = 3, limit: int = 0, refuse_undo: bool = False) -> tuple[Sitting, FakeReview, Script]:
    review = FakeReview(deque(Question(f"i{k}", f"text {k}", LABELS) for k in range(n)), refuse_undo=refuse_undo)
    script = Script(list(acts))
    sitting = Sitting(review, script, "tickets", limit=limit)
    sitting.run()
    return sitting, review, script


BUG = Act("answer", Answer.of("bug"))


def test_answers_are_stored_in_order_and_the_end_is_told() -> None:
    sitting, review, script = sit(BUG, Act("answer", Answer("none")), Act("answer", Answer("unsure")))
    assert review.log == [("i0", "bug"), ("i1", "none"), ("i2", "unsure")]
    assert sitting.tally.finished
    assert sitting.tally.answered == 3
    assert [frame.last for _, frame in script.shown] == ["", "bug", "none of these"]


def test_leaving_keeps_what_was_answered() -> None:
    sitting, review, _ = sit(BUG, QUIT)
    assert review.log == [("i0", "bug")]
    assert not sitting.tally.finished


def test_undo_asks_the_same_question_again() -> None:
    sitting, review, script = sit(BUG, Act("undo"), BUG, QUIT)
    assert [item for item, _ in script.shown] == ["i0", "i1", "i0", "i1"]
    assert review.log == [("i0", "bug")]
    assert sitting.tally.answered == 1
    assert "is taken back" in script.shown[2][1].notice


def test_undo_with_nothing_to_take_back_says_so() -> None:
    sitting, _, script = sit(Act("undo"), QUIT)
    assert "no answer" in script.shown[1][1].notice
    assert sitting.tally.undone == 0


def test_a_refusal_is_said_and_the_sitting_goes_on() -> None:
    _, review, script = sit(BUG, Act("undo"), BUG, QUIT, refuse_undo=True)
    assert "correct it instead" in script.shown[2][1].notice
    assert review.log == [("i0", "bug"), ("i1", "bug")]


def test_a_skipped_question_goes_and_a_flagged_one_stays() -> None:
    sitting, review, script = sit(Act("skip"), Act("flag", note="two texts"), BUG, QUIT)
    assert [item for item, _ in script.shown] == ["i0", "i1", "i1", "i2"]
    assert review.log == [("i1", "flag: two texts"), ("i1", "bug")]
    assert (sitting.tally.skipped, sitting.tally.flagged) == (1, 1)


def test_a_limit_ends_the_sitting() -> None:
    sitting, review, _ = sit(BUG, BUG, BUG, limit=2)
    assert len(review.log) == 2
    assert not sitting.tally.finished


def test_a_sheet_fits_the_screen_and_hides_control_characters() -> None:
    question = Question("i", "\x1b[31mred\x07 " + "word " * 9000, LABELS, instructions="Which?", reason="as needed")
    for columns, rows in ((80, 24), (40, 14), (200, 60)):
        lines = sheet(Choice(question), Frame("tickets", columns=columns, rows=rows))
        assert len(lines) < rows
        text = "\n".join(lines)
        assert "\x1b[31m" not in text
        assert "\x07" not in text
        assert "1 billing" in text
        assert "q quit" in text
        assert "page 1 of" in text


def test_a_blind_question_shows_no_suggestion_and_another_shows_it() -> None:
    blind = "\n".join(sheet(Choice(Question("i", "t", LABELS)), Frame("p")))
    seen = "\n".join(sheet(Choice(Question("i", "t", LABELS, suggestion="bug", blind=False)), Frame("p")))
    assert "◂" not in blind
    assert "2 bug ◂" in seen
    assert "Enter: bug" in seen


def test_many_labels_are_listed_with_what_was_typed() -> None:
    labels = tuple(f"intent {word}" for word in "abcdefghijklm")
    one = Choice(Question("i", "t", labels))
    assert one.press("g") is None
    text = "\n".join(sheet(one, Frame("p")))
    assert "find: g" in text
    assert "intent g" in text
    assert "intent h" not in text


def test_help_says_every_key() -> None:
    few, many = "\n".join(help_sheet(80)), "\n".join(help_sheet(80, many=True))
    assert all(f"  {key}   " in few for key in "n?sufhq")
    assert all(f"  {key}   " in many for key in "N?SUFHQ")

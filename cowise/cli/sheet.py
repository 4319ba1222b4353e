"""The screen with one question on it, as lines."""

from __future__ import annotations

from dataclasses import dataclass

from cowise.cli.asking import DIGITS, Choice
from cowise.cli.layout import fit, flow, wrap
from cowise.cli.safe import one_line
from cowise.cli.words import say

BOLD, DIM, INVERSE, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[7m", "\x1b[0m"
MARGIN = 2
REST_LINES = 3
KEYS = (
    ("n", "none of these", "None of these labels fits. That is an answer, and counts."),
    ("?", "unsure", "You are unsure. The text goes to the next person; with nobody else it stays open."),
    ("s", "skip", "Somebody else is asked, and you are not asked again."),
    ("u", "undo", "Take the last answer back."),
    ("f", "flag", "Something is wrong with this text; add a note."),
    ("h", "help", "This page."),
    ("q", "quit", "Leave. Every answer is already stored."),
)
FEW_LABELS = "A digit picks its label."
SETS = "Any number of labels may fit: a digit, or a part of a name and Enter, puts one in or takes it out; Enter alone gives the answer, n gives none."
MANY_LABELS = "Type a part of a label's name, choose with the arrows or a digit, and press Enter. Keys are capitals, because small letters search."
BY_LOT = "Some questions are drawn by lot to keep the promise honest. Nobody can see which, and that is intended."


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the question: the project, how many were answered in this sitting, the last answer."""

    project: str
    answered: int = 0
    pace_s: float = 0.0
    last: str = ""
    notice: str = ""
    columns: int = 80
    rows: int = 24


def sheet(choice: Choice, frame: Frame) -> list[str]:
    """The whole screen for one question: head, text, labels, keys."""
    inner = min(frame.columns, 100) - 2 * MARGIN
    foot = [*_labels(choice, inner), "", *_keys(choice, inner)]
    top = _head(choice, frame, inner)
    room = max(frame.rows - len(foot) - len(top) - 3, 3)
    lines = [*top, "", *_text(choice, inner, room), "", *foot]
    return [" " * MARGIN + line for line in lines[: max(frame.rows - 1, 8)]]


def _head(choice: Choice, frame: Frame, columns: int) -> list[str]:
    parts = [one_line(frame.project, 30), say("{n} answered", n=frame.answered)]
    if frame.answered >= 3:
        parts.append(say("{seconds} s each", seconds=f"{frame.pace_s:.1f}"))
    if frame.last:
        parts.append(say("last: {answer}", answer=one_line(frame.last, 30)))
    lines = [DIM + fit("  ·  ".join(parts), columns) + PLAIN]
    if frame.notice:
        lines += [fit(line, columns) for line in wrap(frame.notice, columns)[:2]]
    if choice.question.instructions:
        lines += [fit(line, columns) for line in wrap(choice.question.instructions, columns)[:3]]
    if choice.question.reason:
        lines.append(DIM + fit(one_line(say(choice.question.reason)), columns) + PLAIN)
    return lines


def _text(choice: Choice, columns: int, room: int) -> list[str]:
    lines = wrap(choice.question.text, columns)
    if len(lines) <= room:
        return [BOLD + line + PLAIN for line in lines]
    step = room - 1
    pages = -(-len(lines) // step)
    page = choice.page % pages
    part = lines[page * step : (page + 1) * step]
    more = say("page {page} of {pages}: the space bar turns", page=page + 1, pages=pages)
    return [*(BOLD + line + PLAIN for line in part), DIM + fit(more, columns) + PLAIN]


def _labels(choice: Choice, columns: int) -> list[str]:
    question = choice.question
    shown = [one_line(label, columns - 4) for label in choice.offer()]
    if not choice.many:
        marked = [
            f"{DIGITS[n]} {_box(choice, question.labels[n])}{label}"
            + (" ◂" if label_is(question.suggestion, question.labels[n]) else "")
            for n, label in enumerate(shown)
        ]
        return flow(marked, columns)
    lines = [say("find: {typed}▏", typed=one_line(choice.typed))]
    for n, label in enumerate(shown):
        number = f"{DIGITS[n]} " if choice.digits_pick else "  "
        line = f"{number}{_box(choice, choice.offer()[n])}{label}"
        lines.append(f"{INVERSE}{line}{PLAIN}" if n == choice.place else line)
    if not shown:
        lines.append(say("No label holds that. Backspace removes a letter, Escape all."))
    rest = [one_line(label, columns) for label in choice.fitting()[len(shown) :]]
    lines += [DIM + line + PLAIN for line in flow(rest, columns)[:REST_LINES]]
    return lines


def _box(choice: Choice, label: str) -> str:
    """Whether a label is chosen, where any number may be."""
    return "" if not choice.question.sets else "[x] " if label in choice.chosen else "[ ] "


def label_is(suggestion: str | None, label: str) -> bool:
    """Whether this label is the one suggested."""
    return suggestion is not None and suggestion == label


def _keys(choice: Choice, columns: int) -> list[str]:
    parts = [f"{letter.upper() if choice.many else letter} {say(name)}" for letter, name, _ in KEYS]
    if choice.question.sets:
        parts.insert(0, say("Enter gives: {labels}", labels=one_line("; ".join(sorted(choice.chosen)) or "-", 40)))
    elif choice.question.suggestion and not choice.many:
        parts.insert(0, say("Enter: {label}", label=one_line(choice.question.suggestion, 24)))
    elif choice.many:
        parts.insert(0, say("Enter picks"))
    return [DIM + line + PLAIN for line in flow(parts, columns)]


def explained(*, many: bool, sets: bool = False) -> list[str]:
    """What every key does, a key a line."""
    lines = [say(SETS if sets else MANY_LABELS if many else FEW_LABELS)]
    lines += [f"{letter.upper() if many else letter}   {say(what)}" for letter, _, what in KEYS]
    return [*lines, say(BY_LOT)]


def help_sheet(columns: int, *, many: bool = False, sets: bool = False) -> list[str]:
    """The help page of a sitting."""
    inner = min(columns, 100) - 2 * MARGIN
    lines = [line for sentence in explained(many=many, sets=sets) for line in (*wrap(sentence, inner), "")]
    return [" " * MARGIN + line for line in (*lines, say("Any key goes back to the question."))]

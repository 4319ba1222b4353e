"""One person's sitting: questions out, acts in, until there is nothing to ask or the person leaves."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from cowise.cli.asking import Act, Choice
from cowise.cli.fronts import Front
from cowise.cli.sheet import Frame
from cowise.cli.words import say
from cowise.core.errors import ConflictError, InputError
from cowise.core.types import Answer, Question

RECENT = 8
AHEAD = 2
"""Questions held at a time: the next one is there at once."""


@dataclass(slots=True)
class Tally:
    """What was done in a sitting."""

    answered: int = 0
    skipped: int = 0
    flagged: int = 0
    undone: int = 0
    seconds: float = 0.0
    finished: bool = False

    @property
    def pace_s(self) -> float:
        """Seconds for an answer."""
        return self.seconds / self.answered if self.answered else 0.0


def said(answer: Answer) -> str:
    """An answer as a person reads it."""
    if answer.kind in ("label", "labels") and answer.value:
        return answer.text
    return say("unsure") if answer.kind == "unsure" else say("none of these")


class Sitting:
    """Drives a `Review` of the loop with a front. Each answer is stored before the next question is shown."""

    def __init__(self, review: Any, front: Front, project: str, *, limit: int = 0) -> None:
        self.tally = Tally()
        self._review = review
        self._front = front
        self._project = project
        self._limit = limit
        self._last = ""
        self._notice = ""
        self._again = ""
        self._recent: tuple[str, ...] = ()

    def run(self) -> Tally:
        """Ask until the person leaves, nothing is left to ask, or the limit is reached."""
        while not (self._limit and self.tally.answered >= self._limit):
            question = self._next()
            if question is None:
                self.tally.finished = True
                break
            begun = time.monotonic()
            frame = Frame(self._project, self.tally.answered, self.tally.pace_s, self._last, self._notice)
            act = self._front.act(Choice(question, self._recent), frame)
            if act.verb == "quit":
                break
            self._notice = ""
            try:
                self._do(act, question, time.monotonic() - begun)
            except (ConflictError, InputError) as refused:
                self._notice = str(refused)
        return self.tally

    def _next(self) -> Question | None:
        """The next question; one whose answer was taken back comes before those that wait already."""
        questions: tuple[Question, ...] = self._review.ask(AHEAD + bool(self._again))
        again = [question for question in questions if question.item == self._again]
        return next(iter((*again, *questions)), None)

    def _do(self, act: Act, question: Question, seconds: float) -> None:
        if act.verb == "answer" and act.answer is not None:
            self._review.take(question, act.answer, seconds)
            self._again = ""
            self.tally.answered += 1
            self.tally.seconds += seconds
            self._last = said(act.answer)
            for label in act.answer.value if act.answer.kind == "labels" else [act.answer.value]:
                if label is not None:
                    self._recent = (label, *(each for each in self._recent if each != label))[:RECENT]
        elif act.verb == "skip":
            self._review.skip(question)
            self.tally.skipped += 1
        elif act.verb == "flag":
            self._review.flag(question, act.note)
            self.tally.flagged += 1
            self._notice = say("Flagged. The question is still here to be answered.")
        elif act.verb == "undo":
            self._undo()

    def _undo(self) -> None:
        self._again = self._review.undo() or ""
        self._last = ""
        if not self._again:
            self._notice = say("There is no answer of yours to take back.")
            return
        self.tally.undone += 1
        self.tally.answered = max(self.tally.answered - 1, 0)
        self._notice = say("The last answer is taken back.")

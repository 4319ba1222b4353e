"""What a person may do with one question, key by key: pure, so that terminal, pipe and tests share it.

Up to ten labels have a digit each. Beyond that, typing finds: small letters search, capitals command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cowise.core.task import parted
from cowise.core.types import Answer, Question

Verb = Literal["answer", "skip", "undo", "flag", "help", "quit"]
FEW = 10
DIGITS = "1234567890"
COMMANDS: dict[str, Verb] = {"s": "skip", "u": "undo", "f": "flag", "h": "help", "q": "quit"}
OFFERED = 9


@dataclass(frozen=True, slots=True)
class Act:
    """What the person did."""

    verb: Verb
    answer: Answer | None = None
    note: str = ""


NONE_OF_THESE = Act("answer", Answer("none"))
UNSURE = Act("answer", Answer("unsure"))
QUIT = Act("quit")


def find(labels: Sequence[str], typed: str) -> list[str]:
    """Labels that fit what was typed: those that begin so, then those with such a word, then any that hold it.

    >>> find(["lost card", "card arrival", "top up by card"], "card")
    ['card arrival', 'lost card', 'top up by card']
    >>> find(["lost card", "card arrival"], "ca ar")[0]
    'card arrival'
    """
    parts = typed.casefold().split()
    ranked = []
    for place, label in enumerate(labels):
        low = label.casefold()
        words = low.replace("_", " ").replace("-", " ").split()
        if not all(part in low for part in parts):
            continue
        begins = bool(parts) and low.startswith(parts[0])
        inside = all(any(word.startswith(part) for word in words) for part in parts)
        ranked.append((not begins, not inside, place, label))
    return [label for *_, label in sorted(ranked)]


@dataclass(slots=True)
class Choice:
    """One question in front of one person. `recent` are labels used last, offered first where there are many.

    Where a set is asked for, a key puts a label into those `chosen` or takes it out, and Enter gives them.
    """

    question: Question
    recent: tuple[str, ...] = ()
    typed: str = ""
    place: int = 0
    page: int = field(default=0)
    chosen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Where any number of labels may be given, those suggested are chosen from the start."""
        if self.question.sets and self.question.suggestion:
            self.chosen = {label for label in parted(self.question.suggestion) if label in self.question.labels}

    @property
    def many(self) -> bool:
        """Whether labels are found by typing instead of by their digit."""
        return len(self.question.labels) > FEW

    @property
    def digits_pick(self) -> bool:
        """Whether a digit picks from the offer: not where labels themselves hold digits and one is searching."""
        return not self.many or not any(c.isdigit() for label in self.question.labels for c in label)

    def fitting(self) -> list[str]:
        """Every label that fits what was typed, the likeliest first where there are many."""
        if not self.many:
            return list(self.question.labels)
        if self.typed:
            return find(self.question.labels, self.typed)
        first = [self.question.suggestion, *self.recent]
        ahead = [label for label in dict.fromkeys(first) if label in self.question.labels]
        rest = [label for label in self.question.labels if label not in ahead]
        return [label for label in (*ahead, *rest) if label]

    def offer(self) -> list[str]:
        """The labels to choose from by a key."""
        return self.fitting()[: OFFERED if self.many else None]

    def press(self, key: str) -> Act | None:
        """What a key means now; None where it only changes what is shown."""
        if not key:
            return None
        if key in DIGITS and self.digits_pick:
            return self._pick(DIGITS.index(key))
        if key == "space" and not self.typed:
            self.page += 1
            return None
        if self.many and self._searches(key):
            return None
        if key == "enter" and self.question.sets and not self.typed:
            return self._given()
        if self.many and key == "enter":
            return self._pick(self.place)
        return self._command(key)

    def _pick(self, place: int) -> Act | None:
        offer = self.offer()
        if place >= len(offer):
            return None
        if not self.question.sets:
            return Act("answer", Answer.of(offer[place]))
        self.chosen ^= {offer[place]}
        self.typed, self.place = "", 0
        return None

    def _given(self) -> Act | None:
        """What is chosen; nothing chosen is given by Enter only where nothing was suggested either."""
        if not self.chosen and self.question.suggestion is None:
            return None
        return Act("answer", Answer("labels", tuple(label for label in self.question.labels if label in self.chosen)))

    def _searches(self, key: str) -> bool:
        """Whether the key was used for searching among many labels."""
        if key in ("up", "left", "down", "right", "tab"):
            step = -1 if key in ("up", "left") else 1
            self.place = (self.place + step) % max(len(self.offer()), 1)
        elif key == "escape":
            self.typed, self.place = "", 0
        elif key == "backspace":
            self.typed, self.place = self.typed[:-1], 0
        elif key == "space" or (len(key) == 1 and (self.typed or not (key.isupper() or key == "?"))):
            self.typed, self.place = self.typed + (" " if key == "space" else key), 0
        else:
            return False
        return True

    def _command(self, key: str) -> Act | None:
        if key == "?":
            return UNSURE
        if key == "enter" and self.question.suggestion and not self.many:
            return Act("answer", Answer.of(self.question.suggestion))
        low = key.lower()
        if low == "n":
            return NONE_OF_THESE
        if low in COMMANDS:
            return Act(COMMANDS[low])
        return QUIT if key == "quit" else None

    def line(self, text: str) -> Act | None:
        """What a whole line means, where there are no single keys: a label, its number, a command, or a part of a label.

        None where it fits no label or several.
        """
        said = text.strip()
        if self.question.sets and said not in COMMANDS and said not in ("n", "?"):
            return self._several(said)
        exact = [label for label in self.question.labels if label.casefold() == said.casefold()]
        if exact:
            return Act("answer", Answer.of(exact[0]))
        if said.isdecimal() and 1 <= int(said) <= len(self.question.labels):
            return Act("answer", Answer.of(self.question.labels[int(said) - 1]))
        word, _, note = said.partition(" ")
        if word.lower() == "f":
            return Act("flag", note=note.strip())
        if len(said) == 1:
            return self._command(said)
        fitting = find(self.question.labels, said) if said else []
        return Act("answer", Answer.of(fitting[0])) if len(fitting) == 1 else None

    def _several(self, said: str) -> Act | None:
        """Labels or their numbers with signs between them; an empty line is Enter. None where one is no label."""
        word, _, note = said.partition(" ")
        if word.lower() == "f" and said not in self.question.labels:
            return Act("flag", note=note.strip())
        if not said:
            return self._given()
        known = {label.casefold(): label for label in self.question.labels}
        known |= {str(n): label for n, label in enumerate(self.question.labels, 1) if str(n) not in known}
        named = [known.get(each.casefold()) for each in ([said] if said.casefold() in known else parted(said))]
        if None in named:
            return None
        return Act("answer", Answer("labels", tuple(label for label in self.question.labels if label in named)))

"""A question about each text, its possible answers, and the numbers that stand for them in arrays."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from cowise.core.errors import InputError, TaskError

TaskKind = Literal["classify", "multilabel", "tag", "write"]
AnswerKind = Literal["label", "labels", "spans", "text", "none", "unsure"]

MAX_LABELS = 2000
SET_LABELS = 52
"""Labels of a multilabel task at most: a set of them is one number that every format holds exactly."""
EMPTY = "[]"
"""The set of no label, where a set is written in one cell; others are joined by "; "."""
_BETWEEN = re.compile("[;|；]")
_COMMAS = re.compile("[,，、]")


def identity_text(text: str) -> str:
    r"""The form in which two texts count as the same: NFKC, case folded, white space joined.

    >>> identity_text("  Ｈello\u3000World ") == identity_text("hello world")
    True
    """
    if text.isascii():  # the same result, three times as fast
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class Answer:
    """What an opinion says: a typed JSON value.

    `label` names one label, `labels` a set of them as a tuple in the order of the task. `none` means "none of these
    labels": a decision, which trains nothing and counts as an error of the model in an audit (where sets are asked for,
    the empty set says it). `unsure` is no decision: the item goes to the next person, or stays open on a roster of one.

    >>> Answer.from_json({"kind": "label", "value": "bug"})
    Answer(kind='label', value='bug')
    """

    kind: AnswerKind
    value: Any = None

    def __post_init__(self) -> None:
        """Refuse a kind that no part of cowise knows."""
        if self.kind not in ("label", "labels", "spans", "text", "none", "unsure"):
            raise InputError(f"answer kind {self.kind!r} is not known; use label, labels, none or unsure")

    @staticmethod
    def of(label: str) -> Answer:
        """The answer that names one label."""
        return Answer("label", label)

    @property
    def decides(self) -> bool:
        """Whether it says what the answer is: labels, or none of these."""
        return self.kind in ("label", "labels", "none")

    @property
    def text(self) -> str:
        """The answer in one cell: its label, its labels joined by "; " ("[]" without any), else its kind."""
        if self.kind == "labels":
            return "; ".join(self.value) or EMPTY
        return str(self.value) if self.kind == "label" else self.kind

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return {"kind": self.kind, "value": list(self.value) if self.kind == "labels" else self.value}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Answer:
        """Read what `to_json` wrote."""
        kind, value = data["kind"], data.get("value")
        return Answer(kind, tuple(value or ()) if kind == "labels" else value)


@dataclass(frozen=True, slots=True)
class Task:
    """A question about each text and its possible answers: one of `labels`, or for `multilabel` any set of them.

    Raises TaskError for fewer than 2 or more than 2,000 labels (of a set: fewer than 1 or more than 52), and for empty
    or repeated labels.

    An answer has a number: the place of its label, or for a set the sum of 2 to the place of each of its labels.

    >>> classify("billing", "bug").labels
    ('billing', 'bug')
    >>> task = multilabel("anger", "joy", "fear")
    >>> task.code(task.read("fear; anger")), task.answer(5).text
    (5, 'anger; fear')
    """

    labels: tuple[str, ...]
    kind: TaskKind = "classify"
    instructions: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        """Refuse what no project could use."""
        if self.kind not in ("classify", "multilabel", "tag", "write"):
            raise TaskError(f"task kind: asked for {self.kind!r}; use classify, multilabel, tag or write")
        if self.kind == "write":
            return
        least, most = (2, MAX_LABELS) if self.kind == "classify" else (1, SET_LABELS if self.sets else MAX_LABELS)
        if not least <= len(self.labels) <= most:
            raise TaskError(
                f"labels: a {self.kind} task takes {least} to {most:,} labels, got {len(self.labels):,}; "
                "give them as --labels a,b,c or take them from a column with --label"
            )
        seen: dict[str, str] = {}
        for label in self.labels:
            if not label.strip():
                raise TaskError("labels: one label is empty; remove it")
            if label != label.strip() or any(unicodedata.category(c) in ("Cc", "Cs") for c in label):
                raise TaskError(f"labels: {label!r} has outer spaces or control characters; remove them")
            if self.sets and (_BETWEEN.search(label) or label == EMPTY):
                raise TaskError(
                    f"labels: {label!r} has a ';' or '|', which stand between the labels of a set; rename it"
                )
            if identity_text(label) in seen:
                raise TaskError(f"labels: {label!r} and {seen[identity_text(label)]!r} count as the same; keep one")
            seen[identity_text(label)] = label

    @property
    def sets(self) -> bool:
        """Whether an answer is a set of labels."""
        return self.kind == "multilabel"

    @property
    def size(self) -> int:
        """How many answers can be given: the number of each is below it."""
        return 1 << len(self.labels) if self.sets else len(self.labels)

    def code(self, answer: Answer | None) -> int:
        """Number of an answer; -1 for none of these labels, for no decision, and for what the task no longer has."""
        if answer is None or answer.kind != ("labels" if self.sets else "label"):
            return -1
        known = _places(self.labels)
        if not self.sets:
            return known.get(str(answer.value), -1)
        places = {known.get(label, -1) for label in answer.value}
        return -1 if -1 in places else sum(1 << place for place in places)

    def answer(self, code: int) -> Answer:
        """The answer of that number."""
        return answer_of(self.labels, code, sets=self.sets)

    def plain(self, labels: Iterable[str]) -> Answer:
        """The answer that names these labels, of which a task for one label takes the first; unchecked."""
        named = tuple(labels)
        return Answer("labels", named) if self.sets else Answer("label", named[0])

    def settle(self, answer: Answer) -> Answer:
        """An answer as it is kept: a set in the order of the task, and none of these as the empty one."""
        if not self.sets or answer.kind not in ("labels", "none"):
            return answer
        named = tuple(answer.value) if answer.kind == "labels" else ()
        return Answer("labels", tuple(sorted(set(named), key=lambda one: (_places(self.labels).get(one, 99), one))))

    def check(self, answer: Answer) -> None:
        """Refuse an answer that this task does not take: TaskError for another label, InputError for another kind."""
        if answer.kind == ("labels" if self.sets else "label"):
            for label in answer.value if self.sets else (answer.value,):
                if not self.knows(label):
                    raise TaskError(f"answer {label!r} is not a label of the task; it has {self._shown}")
        elif answer.kind not in ("none", "unsure"):
            own = "labels" if self.sets else "label"
            raise InputError(f"answer kind {answer.kind!r} does not fit a {self.kind} task; use {own}, none or unsure")

    def read(self, cell: str) -> Answer:
        """An answer as it is written in one cell; TaskError names what is not in the task.

        Labels of a set stand between ; or |, or between commas where no label has one, or as a JSON list.
        """
        if not self.sets:
            self.index(cell)
            return Answer("label", cell)
        named = Answer("labels", tuple(parted(cell, self.labels)))
        for label in named.value:
            self.index(label)
        return self.settle(named)

    def coded(self, cell: str) -> int:
        """Number of what `Answer.text` wrote; -1 for anything else."""
        if not self.sets:
            return _places(self.labels).get(cell, -1)
        return self.code(Answer("labels", () if cell == EMPTY else tuple(cell.split("; "))))

    def knows(self, label: str) -> bool:
        """Whether a label is one of the task's."""
        return label in _places(self.labels)

    def index(self, label: str) -> int:
        """Position of a label; TaskError names the nearest ones if it is not in the task."""
        try:
            return self.labels.index(label)
        except ValueError:
            raise TaskError(f"label {label!r} is not in the task; it has {self._shown}") from None

    @property
    def _shown(self) -> str:
        return ", ".join(self.labels[:8]) + (" …" if len(self.labels) > 8 else "")


@lru_cache(64)
def _places(labels: tuple[str, ...]) -> dict[str, int]:
    return {label: i for i, label in enumerate(labels)}


def answer_of(labels: Sequence[str], code: int, *, sets: bool) -> Answer:
    """The answer of a number under these labels, of which two may have become one since."""
    if not sets:
        return Answer("label", labels[code])
    return Answer("labels", tuple(dict.fromkeys(label for i, label in enumerate(labels) if code >> i & 1)))


def parted(cell: str, labels: Sequence[str] = ()) -> list[str]:
    """The labels that a cell names: a JSON list, or between ; and |, or between commas where `labels` has not the whole.

    >>> parted("joy; fear"), parted('["joy", "fear"]'), parted("joy, fear"), parted("[]")
    (['joy', 'fear'], ['joy', 'fear'], ['joy', 'fear'], [])
    """
    if cell.startswith("[") and cell.endswith("]"):
        try:
            named = json.loads(cell)
        except ValueError:
            named = None
        if isinstance(named, list):
            return [str(each).strip() for each in named]
    parts = _BETWEEN.split(cell)
    if len(parts) == 1 and parts[0].strip() not in labels:
        parts = _COMMAS.split(cell)
    return [part.strip() for part in parts if part.strip()]


def classify(*labels: str, instructions: str = "", language: str = "") -> Task:
    """A task with exactly one of `labels` for each text."""
    return Task(labels=tuple(labels), instructions=instructions, language=language)


def multilabel(*labels: str, instructions: str = "", language: str = "") -> Task:
    """A task with any set of `labels` for each text, the empty one too."""
    return Task(labels=tuple(labels), kind="multilabel", instructions=instructions, language=language)

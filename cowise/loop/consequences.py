"""What a change of labels or promise would do, counted and in words, before anybody confirms it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cowise.core.chinese import BETWEEN
from cowise.core.errors import ConflictError
from cowise.store import Tx, certificates, decisions, renaming
from cowise.store.projects import Project

SAID: Mapping[str, tuple[str, str]] = {
    "moved": ("{} answer gets another label", "{} answers get another label"),
    "again": (
        "{} answer is set aside and its text asked again",
        "{} answers are set aside and their texts asked again",
    ),
    "without": (
        "{} answer given so far counts as without each new label, and its text is not asked again",
        "{} answers given so far count as without each new label, and their texts are not asked again",
    ),
    "withdrawn": ("{} certificate is withdrawn", "{} certificates are withdrawn"),
    "back": ("{} text goes back to people", "{} texts go back to people"),
}
GIVEN_UP = "the audits that are under way are given up; their answers then train the model"
NOTHING = "no answer changes, and no certificate stands"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change would do: answers `moved` to another label, set aside and asked `again`, or `without` a new label.

    `withdrawn` certificates, texts that go `back` to people, and whether audits under way are `given_up`.
    """

    moved: int = 0
    again: int = 0
    without: int = 0
    withdrawn: int = 0
    back: int = 0
    given_up: bool = False

    @property
    def sentences(self) -> list[str]:
        """All of it, a sentence each.

        >>> Cost(moved=1, withdrawn=2).sentences
        ['1 answer gets another label', '2 certificates are withdrawn']
        """
        counts = self.to_json()
        found = [
            (many if counts[what] != 1 else one).format(f"{counts[what]:,}")
            for what, (one, many) in SAID.items()
            if counts[what]
        ]
        return [*found, *([GIVEN_UP] if self.given_up else [])] or [NOTHING]

    @property
    def whole(self) -> str:
        """All of it in one line, which is found again in Chinese."""
        return BETWEEN.join(self.sentences)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


class ChangeError(ConflictError):
    """A change that nobody confirmed; `details` are the counts of what it would do."""

    def __init__(self, message: str, cost: Cost) -> None:
        super().__init__(message)
        self.details = cost.to_json()


def weigh(tx: Tx, project: Project, into: Mapping[str, str], gone: Collection[str], new: Sequence[str]) -> Cost:
    """What it costs to merge labels `into` others, to split those that are `gone` then, and to add `new` ones.

    An answer whose label is merged and then split is asked again. It is taken for granted that certificates fall.
    """
    task = project.task
    named = {*into, *(one for one in gone if task.knows(one))}
    held = {label: renaming.count(tx, project.id, task, label) for label in named}
    parted = {label for label in held if into.get(label, label) in gone}
    standing = [row.certificate.id for row in certificates.valid(tx, project.id)]
    again = sum(held[label] for label in parted)
    return Cost(
        sum(n for label, n in held.items() if label not in parted), again,
        renaming.given(tx, project.id) - again if task.sets and new else 0,
        len(standing), decisions.automated(tx, project.id, standing), bool(project.settings.get("walk")),
    )  # fmt: skip

"""What the use cases hand back: plain values that doors can print and JSON can carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from cowise.core.types import Answer, Promise, Task

Progress = Callable[[str, int, int], object]
"""Hears (what is being done, how many are done, how many there are; 0 when that is not known)."""
BESIDE = " · "
"""In what is being done, what follows is a figure that changes on the way, such as money spent."""

Turn = tuple[list[int], list[int]]
"""Texts that one turn asked about: drawn by lot, and chosen."""
AFRESH: Mapping[str, Any] = {
    "walk": None, "again": [], "advice": None, "deliver": None, "batch_from": 0, "ground": None,
    "chosen": None, "shadow": None,
}  # fmt: skip
"""Settings of a project whose certificates were all withdrawn: everything open is promised about anew."""


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """One project in a list: `items` distinct texts, `rows` as imported, `answers` by people, `automated` decisions.

    `repair` is how many answers a mended error may cost: wherever that pays, one more person is asked; 0: never.
    `balance` is how much earlier rare labels are asked about, 0 to 1.
    """

    name: str
    task: Task
    promise: Promise
    encoder: str
    items: int = 0
    rows: int = 0
    answers: int = 0
    automated: int = 0
    created: float = 0.0
    repair: float = 0.0
    balance: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Added:
    """What an import brought. `source` is the reader's report; `labels` and `opinions` count those taken."""

    rows: int
    items: int
    joined: int
    blank: int
    conflicts: int
    labels: int
    opinions: int
    source: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


AdviceKind = Literal["add", "train", "audit", "decide", "stop"]


@dataclass(frozen=True, slots=True)
class Advice:
    """What people's next answers are for. `queued` questions wait; `needed` is a forecast of all answers still to give.

    A forecast guides and never automates.
    """

    kind: AdviceKind
    queued: int
    needed: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A model version; `folder` is the digest of its files, `metrics` are leave-one-out or stated figures.

    `outdated`: it learned other labels than the project has now, and decides and suggests nothing.
    """

    id: str
    state: Literal["candidate", "released", "retired", "withdrawn"]
    folder: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    outdated: bool = False

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item with what was decided; `text` is "" once erased. `meta` are the other columns of its source.

    `veiled`: a second opinion is asked for, and what was said so far is not shown to those who may give it.
    """

    ordinal: int
    id: str
    text: str
    weight: int
    route: str | None
    label: str | None
    p: float | None
    flags: int = 0
    meta: Mapping[str, Any] = field(default_factory=dict)
    split: bool = False
    veiled: bool = False

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to an item: when, by whom ("" for the machine), and what."""

    at: float
    what: str
    by: str = ""
    answer: Answer | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "answer": self.answer.to_json() if self.answer else None}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: how many opinions lost their content, vectors dropped, models that must be fitted anew."""

    what: Literal["item", "person"]
    opinions: int
    vectors: int
    versions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What a check of the ledger found: entries, signed marks that fit, and the first fault ("" when whole)."""

    ok: bool
    entries: int
    marks: int
    root: str
    fault: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the doctor looked at; `todo` says how to mend it ("" when it is well)."""

    name: str
    ok: bool
    what: str
    todo: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """Where the keys lie and what can be said of them without showing them."""

    folder: Path
    signing: str
    encrypted: bool
    fingerprint: str
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "folder": str(self.folder)}

"""The nouns. Everything else takes and yields these; see docs/explanation/vocabulary.md.

Legend: n = items, k = classes, d = vector size.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from cowise.core.errors import InputError, TaskError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Names only: loading numpy costs a command a fifth of the time in which it should have answered.
Floats: TypeAlias = "npt.NDArray[np.float64]"
Vectors32: TypeAlias = "npt.NDArray[np.float32]"
Indices: TypeAlias = "npt.NDArray[np.int64]"
Bools: TypeAlias = "npt.NDArray[np.bool_]"

TaskKind = Literal["classify", "multilabel", "tag", "write"]
AnswerKind = Literal["label", "labels", "spans", "text", "none", "unsure"]
Route = Literal["automated", "reviewed", "consensus"]
Scope = Literal["delivered", "selective"]
Window = Literal["batch", "stream"]

MAX_LABELS = 2000


def identity_text(text: str) -> str:
    r"""The form in which two texts count as the same: NFKC, case folded, white space joined.

    >>> identity_text("  Ｈello\u3000World ") == identity_text("hello world")
    True
    """
    if text.isascii():  # the same result, three times as fast
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def content_id(text: str) -> str:
    """Identify a text by its content: the first 32 hex digits of SHA-256 over its identity form.

    Lone surrogates are replaced by U+FFFD first, as the store does.

    >>> content_id("Hello") == content_id(" hello ")
    True
    >>> len(content_id("你好"))
    32
    """
    form = identity_text(text)
    try:
        raw = form.encode("utf-8")
    except UnicodeEncodeError:
        raw = form.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode("utf-8")
    return hashlib.sha256(raw).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Task:
    """A question about each text and its possible answers.

    Raises TaskError for fewer than 2 or more than 2,000 labels, and for empty or repeated labels.

    >>> classify("billing", "bug").labels
    ('billing', 'bug')
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
        least = 2 if self.kind == "classify" else 1
        if not least <= len(self.labels) <= MAX_LABELS:
            raise TaskError(
                f"labels: a {self.kind} task takes {least} to {MAX_LABELS:,} labels, got {len(self.labels):,}; "
                "give them as --labels a,b,c or take them from a column with --label"
            )
        seen: dict[str, str] = {}
        for label in self.labels:
            if not label.strip():
                raise TaskError("labels: one label is empty; remove it")
            if label != label.strip() or any(unicodedata.category(c) in ("Cc", "Cs") for c in label):
                raise TaskError(f"labels: {label!r} has outer spaces or control characters; remove them")
            if identity_text(label) in seen:
                raise TaskError(f"labels: {label!r} and {seen[identity_text(label)]!r} count as the same; keep one")
            seen[identity_text(label)] = label

    def index(self, label: str) -> int:
        """Position of a label; TaskError names the nearest ones if it is not in the task."""
        try:
            return self.labels.index(label)
        except ValueError:
            shown = ", ".join(self.labels[:8]) + (" …" if len(self.labels) > 8 else "")
            raise TaskError(f"label {label!r} is not in the task; it has {shown}") from None


def classify(*labels: str, instructions: str = "", language: str = "") -> Task:
    """A task with exactly one of `labels` for each text."""
    return Task(labels=tuple(labels), instructions=instructions, language=language)


@dataclass(frozen=True, slots=True)
class Item:
    """One text with its metadata; two items with the same content id are the same item."""

    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Content id of the text."""
        return content_id(self.text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an opinion says: a typed JSON value.

    `none` means "none of these labels": a decision, which trains nothing and counts as an error of the model
    in an audit. `unsure` is no decision: the item goes to the next person, or stays open on a roster of one.

    >>> Answer.from_json({"kind": "label", "value": "bug"})
    Answer(kind='label', value='bug')
    """

    kind: AnswerKind
    value: Any = None

    def __post_init__(self) -> None:
        """Refuse a kind that no part of cowise knows."""
        if self.kind not in ("label", "labels", "spans", "text", "none", "unsure"):
            raise InputError(f"answer kind {self.kind!r} is not known; use label, none or unsure")

    @staticmethod
    def of(label: str) -> Answer:
        """The answer that names one label."""
        return Answer("label", label)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return {"kind": self.kind, "value": self.value}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Answer:
        """Read what `to_json` wrote."""
        return Answer(data["kind"], data.get("value"))


@dataclass(frozen=True, slots=True)
class Opinion:
    """One member's answer to one item. `p` holds class probabilities where the member gave them."""

    item: str
    member: str
    answer: Answer | None = None
    p: tuple[float, ...] | None = None
    seconds: float = 0.0
    cost: float = 0.0
    blind: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """Accepted error and confidence; of everything delivered, or of what the machine answers alone.

    `missed` is what is assumed of people: they give the machine's own wrong answer, asked blind, for at most this share
    of its errors. 0 stands for "people's answers are right".

    >>> Promise(0.02).max_error, Promise().confidence
    (0.02, 0.95)
    """

    max_error: float = 0.05
    confidence: float = 0.95
    of: Scope = "delivered"
    per_label: bool = False
    missed: float = 0.0

    def __post_init__(self) -> None:
        """Both figures lie strictly between 0 and 1."""
        if not 0 < self.max_error < 1:
            raise InputError(f"max_error: asked for {self.max_error}; give a share between 0 and 1, such as 0.02")
        if not 0.5 <= self.confidence < 1:
            raise InputError(f"confidence: asked for {self.confidence}; give a share from 0.5 to below 1, such as 0.95")
        if not 0 <= self.missed < 0.5:
            raise InputError(f"missed: asked for {self.missed}; give a share from 0 to below 0.5, such as 0.02")
        if self.of not in ("delivered", "selective"):
            raise InputError(f"promise: asked for {self.of!r}; use delivered or selective")

    @property
    def delta(self) -> float:
        """The accepted probability that the promise is broken."""
        return 1 - self.confidence


@dataclass(frozen=True, slots=True)
class Certificate:
    """Evidence that a frozen policy keeps a promise on named items or for a stream.

    Counts are of items: `n_items` promised over, `n_automated` answered by the machine alone, `n_audited`
    asked by lot, `n_errors` found wrong among those. `threshold` is the lowest automated score.
    `items_root` is the Merkle root over the ids of the automated items in ascending order ("" for a stream).
    """

    promise: Promise
    method: str
    version: str
    window: Window
    n_items: int
    n_automated: int
    n_audited: int
    n_errors: int
    threshold: float
    delta: float
    items_root: str = ""
    id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def coverage(self) -> float:
        """Share of the items that the machine answers alone."""
        return self.n_automated / self.n_items if self.n_items else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The team's answer to one item, how it came about and under which certificate."""

    item: str
    answer: Answer | None
    route: Route
    p: float
    reason: str
    version: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a picker may see: plain arrays, never lots.

    `vectors` (n, d) unit rows; `p` (n, k) probabilities or None before the first model; `open` (n,) True where
    an item may still be picked; `weight` (n,) how many delivered texts an item stands for.
    """

    vectors: Vectors32
    open: Bools
    p: Floats | None = None
    weight: Floats | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One item put to one person. A blind question carries no suggestion, and says not why it is blind."""

    item: str
    text: str
    labels: tuple[str, ...]
    instructions: str = ""
    suggestion: str | None = None
    p: float | None = None
    blind: bool = True
    reason: str = ""
    token: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What the economy wants next, and why: `n` answers to train on or to audit with, or people for all that is left.

    `kappa` is the number of wrong audits that an `audit` step tolerates; `stop` means that nothing is left to ask.
    """

    kind: Literal["train", "audit", "decide", "stop"]
    n: int = 0
    kappa: int = 0
    reason: str = ""

"""The nouns. Everything else takes and yields these; see docs/explanation/vocabulary.md.

Legend: n = items, k = classes, d = vector size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from cowise.core.errors import InputError
from cowise.core.task import MAX_LABELS, Answer, Task, classify, identity_text, multilabel, parted

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Names only: loading numpy costs a command a fifth of the time in which it should have answered.
Floats: TypeAlias = "npt.NDArray[np.float64]"
Vectors32: TypeAlias = "npt.NDArray[np.float32]"
Indices: TypeAlias = "npt.NDArray[np.int64]"
Bools: TypeAlias = "npt.NDArray[np.bool_]"

__all__ = [
    "MAX_LABELS", "Answer", "Bools", "Certificate", "Decision", "Floats", "Indices", "Item", "Opinion", "Pool", "Promise",
    "Question", "Route", "Scope", "Step", "Task", "Vectors32", "Window", "classify", "content_id", "identity_text",
    "multilabel",
]  # fmt: skip

Route = Literal["automated", "reviewed", "consensus"]
Scope = Literal["delivered", "selective"]
Window = Literal["batch", "stream"]


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
class Item:
    """One text with its metadata; two items with the same content id are the same item."""

    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Content id of the text."""
        return content_id(self.text)


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
    an item may still be picked; `weight` (n,) how many delivered texts an item stands for; `answers` (k,) how many there
    are of each class.
    """

    vectors: Vectors32
    open: Bools
    p: Floats | None = None
    weight: Floats | None = None
    answers: Indices | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One item put to one person. A blind question carries no suggestion, and says not why it is blind.

    With `sets` any number of labels may be given, and `suggestion` names those of the model in one cell.
    """

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
    sets: bool = False

    def reply(self, said: Answer | str | Iterable[str]) -> Answer:
        """An answer as people put it: an `Answer`, a label, or for sets any number of them, a list or in one cell."""
        if isinstance(said, Answer):
            return said
        if not self.sets:
            return Answer("label", said)
        return Answer("labels", tuple(parted(said, self.labels) if isinstance(said, str) else said))


@dataclass(frozen=True, slots=True)
class Step:
    """What the economy wants next, and why: `n` answers to train on or to audit with, or people for all that is left.

    `kappa` is the number of wrong audits that an `audit` step tolerates; `stop` means that nothing is left to ask.
    """

    kind: Literal["train", "audit", "decide", "stop"]
    n: int = 0
    kappa: int = 0
    reason: str = ""

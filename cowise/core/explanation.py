"""Why a model leans as it does on one text: the nouns of the room `explain`.

Offsets are places in the text as Python counts them, in characters (code points).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from cowise.core.errors import InputError

End = Literal["exact", "settled", "planned", "capped"]
"""How a method ended: every coalition was read, the order of the top words is settled, its plan is done, or the cap cut it."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a word, or a run of words, adds to the probability of the target; `half` is half its interval where one is known."""

    start: int
    end: int
    text: str
    score: float
    half: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Texts that the model read, and seconds; two explanations are equal whatever time they took."""

    texts: int
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """What an explanation is asked for: `target` None for the likeliest label, at most `cap` readings.

    Methods that draw lots draw them from `seed`. One that stops early stops once the order of the `top` words is settled
    with this `confidence`. `whole`: every coalition is read, of at most 12 words, and Shapley values are exact.
    Integrated gradients take steps until their scores miss the difference that they explain by at most `tolerance`.
    """

    target: str | None = None
    seed: int = 0
    cap: int = 5000
    top: int = 5
    confidence: float = 0.9
    whole: bool = False
    tolerance: float = 0.02

    def __post_init__(self) -> None:
        """All figures lie where they mean something."""
        if self.cap < 2:
            raise InputError(f"explain: a cap of {self.cap} readings; give at least 2")
        if self.top < 1 or not 0.5 <= self.confidence < 1:
            raise InputError(
                f"explain: asked for the top {self.top} words at confidence {self.confidence}; give at least 1, and a share from 0.5 to below 1"
            )
        if not 0 < self.tolerance < 1:
            raise InputError(f"explain: a tolerance of {self.tolerance}; give one between 0 and 1")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Scores of `words` for the probability of `target`: `value` for the text, `base` for the empty one.

    `read` is how many characters of the text were explained; what follows them is out of the model's sight. Methods that
    look inside a network give the scores of its `tokens` too, and `base` is that of as many blank tokens. `gap`: what the
    sum of the scores and `value` - `base` differ by, where a method means them to be equal. `heads`: the relevance of each
    attention head, layer by layer.
    """

    words: tuple[Word, ...]
    target: str
    base: float
    value: float
    method: str
    version: str
    seed: int
    end: End
    cost: Cost
    read: int
    tokens: tuple[Word, ...] = ()
    gap: float | None = None
    heads: tuple[tuple[float, ...], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the method did all it had planned, or all that was needed: no cap cut it short."""
        return self.end != "capped"

    @property
    def strongest(self) -> tuple[Word, ...]:
        """The words by the strength of their score, either way."""
        return tuple(sorted(self.words, key=lambda word: (-abs(word.score), word.start)))

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self) | {"complete": self.complete}

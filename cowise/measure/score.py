"""A figure with its interval, the kind of that interval, and what it means; how they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowise.core.errors import InputError
from cowise.measure.intervals import Span, clopper_pearson
from cowise.measure.meanings import FIGURES, INTERVALS, NOTES

SEEN = 5
"""Cases of either kind, right and wrong, below which resampling them would show too little spread."""
LEAST_RESAMPLES = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """How surely intervals hold, how many resamples are drawn by which seed, bins of calibration, and k of top-k.

    >>> Terms(confidence=0.9).tail
    0.05
    """

    confidence: float = 0.95
    resamples: int = 1000
    seed: int = 0
    bins: int = 15
    top: tuple[int, ...] = (2, 3, 5)

    def __post_init__(self) -> None:
        """InputError for what cannot be drawn or counted."""
        if not 0 < self.confidence < 1:
            raise InputError(f"confidence: asked for {self.confidence}; give a share between 0 and 1, such as 0.95")
        if self.resamples < LEAST_RESAMPLES:
            raise InputError(f"resamples: asked for {self.resamples}; give at least {LEAST_RESAMPLES}")
        if self.bins < 1 or any(top < 1 for top in self.top):
            raise InputError(f"bins and top: asked for {self.bins} and {self.top}; give whole numbers from 1")

    @property
    def tail(self) -> float:
        """The probability left out at either end of an interval."""
        return round((1 - self.confidence) / 2, 12)


@dataclass(frozen=True, slots=True)
class Score:
    """A figure; None where it is not defined. `low` and `high` are None where nothing can be said; `note` tells why.

    `interval` is its kind: exact, union, bootstrap, moments, log-odds or bound (see `about`). `off` is the most by which
    counting scores in bins may have moved the figure; 0 where none were needed.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    interval: str = ""
    note: str = ""
    off: float = 0.0

    @property
    def means(self) -> str:
        """What the figure says, in a sentence."""
        return self.spoken("means")

    @property
    def means_zh(self) -> str:
        """The same in Chinese."""
        return self.spoken("means", zh=True)

    @property
    def about(self) -> str:
        """How its interval was made, in a sentence."""
        return self.spoken("about")

    def spoken(self, what: str, *, zh: bool = False) -> str:
        """Its `title`, what it `means`, what `about` its interval, or its `note`, in English or Chinese."""
        if what == "about":
            return INTERVALS[self.interval][zh] if self.interval else ""
        if what == "note":
            return NOTES[self.note][zh] if self.note else ""
        stem, _, k = self.name.rpartition("_")
        title, means = FIGURES[self.name] if self.name in FIGURES else FIGURES[stem]
        return (title if what == "title" else means)[zh].replace("{k}", k)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        told = {name: getattr(self, name) for name in ("name", "value", "low", "high", "interval")}
        told |= {"means": self.means, "means_zh": self.means_zh}
        if self.note:
            told |= {"note": self.spoken("note"), "note_zh": self.spoken("note", zh=True)}
        return told | ({"off": self.off} if self.off else {})


def share(name: str, found: int, n: int, confidence: float, note: str = "") -> Score:
    """A plain share with its exact interval; None, with the `note`, of no cases."""
    if not n:
        return Score(name, None, note=note)
    return Score(name, found / n, *clopper_pearson(found, n, confidence), "exact")


def spanned(name: str, value: float, span: Span | None, kind: str, note: str = "no-spread") -> Score:
    """A figure with an interval of that kind; without one, with the `note`."""
    return Score(name, value, *span, kind) if span else Score(name, value, note=note)

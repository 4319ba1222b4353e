"""Roles of one or two verbs. An implementation is any object with these methods; nothing inherits behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from numpy.random import Generator

from cowise.core.explanation import Ask, Explanation
from cowise.core.types import Decision, Floats, Indices, Opinion, Pool, Vectors32

T = TypeVar("T")
R = TypeVar("R")


@runtime_checkable
class Model(Protocol):
    """Anything that can be unsure: an encoder with a head, an LLM, a rule."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, (k,)."""
        ...

    def predict(self, texts: Sequence[str]) -> Floats:
        """Class probabilities, (n, k), rows summing to one."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Texts to unit vectors. `digest` names file and cutting rule: vectors under another digest are others."""

    digest: str
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors32:
        """Unit row vectors, (n, d)."""
        ...


@runtime_checkable
class Head(Protocol):
    """Vectors to class probabilities."""

    n_classes: int

    def predict(self, vectors: Vectors32) -> Floats:
        """Class probabilities, (n, k), rows summing to one."""
        ...


@runtime_checkable
class Learner(Protocol):
    """Fits a head to answered vectors."""

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> Head:
        """A head frozen at these answers; classes never seen get small probability, not zero."""
        ...


class Writer(Protocol):
    """Produces text for a prompt (tasks of kind `write`)."""

    def write(self, prompts: Sequence[str]) -> list[str]:
        """One text for each prompt."""
        ...


class Vectors(Protocol):
    """Embeddings kept between runs, keyed by encoder digest and content id."""

    def get(self, digest: str, ids: Sequence[str]) -> Mapping[str, Vectors32]:
        """Those that are kept; missing ids are absent."""
        ...

    def put(self, digest: str, ids: Sequence[str], vectors: Vectors32) -> None:
        """Keep one row for each id."""
        ...


class Picker(Protocol):
    """Which items to ask about next."""

    def pick(self, pool: Pool, n: int, rng: Generator) -> Indices:
        """At most `n` open items, most wanted first."""
        ...

    def by_lot(self, free: int, n: int) -> tuple[int, int]:
        """From which place to which those are that were drawn by lot, when `n` are picked of `free` open ones."""
        ...


class Rule(Protocol):
    """Automate, ask, or defer."""

    def decide(self, opinions: Sequence[Opinion]) -> Decision:
        """One decision from the opinions on one item."""
        ...


class Explainer(Protocol):
    """Says what each word of a text adds to a model's probability."""

    def explain(self, model: Model, text: str, ask: Ask | None = None) -> Explanation:
        """Scores of the words of one text; the same text, model and seed give the same ones."""
        ...


class Metric(Protocol):
    """One figure from references and predictions."""

    def __call__(self, reference: Sequence[Any], predicted: Sequence[Any]) -> float:
        """The figure; a higher one is better unless the metric's name says otherwise."""
        ...


class Engine(Protocol):
    """Where work runs: this process, a pool, a cluster."""

    def map(self, work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
        """`work` of each part, in order."""
        ...

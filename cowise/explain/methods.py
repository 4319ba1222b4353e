"""The methods by name, and one way to explain a text with any of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.explanation import Ask, Cost, Explanation, Word
from cowise.core.roles import Model
from cowise.explain.ends import first_and_last, leave_one_out, paired
from cowise.explain.game import Game, Reader
from cowise.explain.gradients import ENDS, GRADIENTS, Look
from cowise.explain.inside import inside
from cowise.explain.lime import lime
from cowise.explain.scores import Scores
from cowise.explain.shapley import enumeration, kernel_shap, permutation
from cowise.explain.words import Segmenter, words_of

VERSION = "1"
DEFAULT = "default"
Method = Callable[[Game, Ask, Generator], Scores]
METHODS: Mapping[str, Method] = {
    "leave-one-out": leave_one_out,
    "ends": first_and_last,
    "paired": paired,
    "kernel-shap": kernel_shap,
    "permutation": permutation,
    "lime": lime,
    "exact": enumeration,
}


@dataclass(frozen=True, slots=True)
class Perturbation:
    """Explains by deleting words and asking again (role `Explainer`). `segment` cuts Chinese into words, where one is at hand."""

    name: str
    method: Method
    segment: Segmenter | None = None

    def explain(self, model: Model, text: str, ask: Ask | None = None) -> Explanation:
        """Why the model gives the target its probability. InputError for a text without words, or a label unknown.

        Texts are read to their 2,000th character; of more than 120 words, neighbours are taken together.
        """
        begun, ask = time.perf_counter(), ask or Ask()
        words = words_of(text, self.segment)
        reader = Reader(model, words)
        target = reader.aim(ask.target)
        game = Game(reader, len(words), ask.cap)
        base, value = game.ends()
        found = self.method(game, ask, np.random.default_rng(ask.seed))
        halves = [None] * len(words) if found.half is None else found.half.tolist()
        scored = zip(words.spans, found.phi.tolist(), halves, strict=True)
        return Explanation(
            tuple(Word(a, b, words.text[a:b], score, half) for (a, b), score, half in scored),
            target, base, value, self.name, VERSION, ask.seed, found.end,
            Cost(reader.count, time.perf_counter() - begun), len(words.text),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gradient:
    """Explains by looking inside the network (role `Explainer`)."""

    name: str
    method: Look
    segment: Segmenter | None = None

    def explain(self, model: Model, text: str, ask: Ask | None = None) -> Explanation:
        """Why the model gives the target its probability. InputError for a model without gradients, and as `Perturbation`.

        A text is read as far as the encoder's window goes, 256 tokens; `read` says how far.
        """
        begun, ask = time.perf_counter(), ask or Ask()
        here = inside(model, text, self.name, ask.target, self.segment)
        found = self.method(here, ask)
        base, value = here.ends
        scored = zip(here.words.spans, found.words.tolist(), strict=True)
        return Explanation(
            tuple(Word(a, b, text[a:b], score) for (a, b), score in scored),
            model.labels[here.target], base, value, self.name, VERSION, ask.seed, found.end,
            Cost(found.readings + ENDS, time.perf_counter() - begun), len(here.words.text),
            here.as_words(text, found.tokens), found.gap,
            () if found.heads is None else tuple(map(tuple, found.heads.tolist())),
        )  # fmt: skip


def explainer(name: str = DEFAULT, segment: Segmenter | None = None) -> Perturbation | Gradient:
    """The method of that name; `default` is `paired`. InputError for one that is not here.

    >>> explainer().name
    'paired'
    """
    known = "paired" if name == DEFAULT else name
    if known in GRADIENTS:
        return Gradient(known, GRADIENTS[known], segment)
    if known not in METHODS:
        raise InputError(f"explain: there is no method {name!r}; there are {', '.join([*METHODS, *GRADIENTS])}")
    return Perturbation(known, METHODS[known], segment)

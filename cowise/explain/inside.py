"""A text inside a network: its tokens, its words, and how the target's probability changes with each of them.

A project's head may read words beside the vector (`models.words`). Their weighted row is an input like the tokens: it grows
from nothing with them, and what it adds is shared among the words that it is made of.

Legend: n = versions of the text, t = tokens, d = hidden size, w = words, u = features that the head knows, k = classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cowise.core.errors import InputError
from cowise.core.explanation import Word
from cowise.core.roles import Model
from cowise.core.types import Floats, Indices
from cowise.explain.words import Segmenter, Words, words_of
from cowise.models.folder import TextModel
from cowise.models.head_files import AnyHead
from cowise.models.head_slopes import HeadSlopes, slopes, unit_back
from cowise.models.kernel import KernelHead
from cowise.models.network import Network, Slopes, Trace, Way
from cowise.models.slopes import Array
from cowise.models.token_encoder import TokenEncoder, Tokens
from cowise.models.words import MOST_CHARACTERS, count_words, keys, narrow, weigh
from cowise.models.words import tokens as words_read


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What words add to the scores beside the vector: of each feature of the text (u, k), and whose it is, (w, u)."""

    scores: Floats
    shares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """A text as a network reads it. `owner` (t,) is the word of each token, -1 for none; `way` leads from blank tokens to it."""

    network: Network
    head: AnyHead
    tokens: Tokens
    words: Words
    owner: Indices
    target: int
    ends: tuple[float, float]
    way: Way
    said: Said

    def along(self, places_n: Floats) -> tuple[Floats, Floats]:
        """So far along the way from blanks to the text: slope times step (n, t), and the slopes by the head's scores (n, k)."""
        trace, head = self._read(places_n)
        scores = self.network.along(trace, unit_back(head.by_vector, trace.pooled), self.way)
        return scores.astype(np.float64), head.by_score

    def here(self) -> tuple[HeadSlopes, Slopes]:
        """The target's probability at the text itself, and its slopes."""
        trace, head = self._read(np.ones(1))
        return head, self.network.back(trace, unit_back(head.by_vector, trace.pooled))

    def _read(self, places_n: Floats) -> tuple[Trace, HeadSlopes]:
        trace = self.network.between(self.way, places_n)
        unit = trace.pooled / np.linalg.norm(trace.pooled, axis=1, keepdims=True)
        return trace, slopes(self.head, unit, self.target, places_n[:, None] * self.said.scores.sum(axis=0))

    def by_word(self, scores_t: Floats) -> Floats:
        """Sums over the tokens of each word, (t,) -> (w,)."""
        mine = self.owner >= 0
        return np.asarray(np.bincount(self.owner[mine], weights=scores_t[mine], minlength=len(self.words)), np.float64)

    def beside(self, by_score_k: Floats) -> Floats:
        """What each word adds beside the vector, at the scores' slopes, (k,) -> (w,)."""
        return np.asarray(self.said.shares @ (self.said.scores @ by_score_k))

    def as_words(self, text: str, scores_t: Floats) -> tuple[Word, ...]:
        """The text's own tokens with their scores."""
        scored = zip(self.tokens.spans, self.tokens.own.tolist(), scores_t.tolist(), strict=True)
        return tuple(Word(a, b, text[a:b], score) for (a, b), own, score in scored if own)


def inside(model: Model, text: str, method: str, target: str | None = None, segment: Segmenter | None = None) -> Inside:
    """The text inside the model's network, for `target` or the likeliest label.

    InputError where the model has no network that gradients reach, names the methods that need none, and for texts without
    words or unknown labels. A text is read as far as the encoder's window goes, at most 256 tokens.
    """
    network = None
    if isinstance(model, TextModel) and isinstance(model.encoder, TokenEncoder):
        network = model.encoder.network()
    if network is None or not isinstance(model, TextModel) or not isinstance(model.encoder, TokenEncoder):
        name = model.encoder.digest.split(":")[0] if isinstance(model, TextModel) else type(model).__name__
        raise InputError(
            f"explain: {method} looks inside a network, and {name} has none that can be looked into; "
            "take paired, ends, leave-one-out, kernel-shap, permutation, lime or exact, or an encoder such as minilm-en"
        )
    if not isinstance(text, str) or not text.strip():
        words_of(text)
    tokens, head = model.encoder.tokens(text), model.head
    words = words_of(text, segment, most=len(text), chars=_reach(text, tokens, head))
    owner = _owners([a for a, _ in words.spans], tokens)
    blanks = np.where(tokens.own, tokens.blank, tokens.ids)
    said = _said(head, text, words)
    vectors = np.concatenate([model.encoder.blank_vector(blanks), model.encoder.vector(tokens.ids)])
    at = _aim(model, target, vectors[1:], text)
    ends = slopes(head, vectors, at, np.array([[0.0], [1.0]]) * said.scores.sum(axis=0)).p
    low, high = ends.tolist()
    way = network.way(network.embed(blanks), network.embed(tokens.ids))
    return Inside(network, head, tokens, words, owner, at, (low, high), way, said)


def _reach(text: str, tokens: Tokens, head: AnyHead) -> int:
    """How many characters the model reads: those of its window, and those that its head counts words of."""
    if tokens.whole:
        return len(text)
    end = max((b for _, b in tokens.spans), default=0)
    ends = [b for a, b in words_of(text, most=len(text), chars=len(text)).spans if a < end]
    counted = MOST_CHARACTERS if isinstance(head, KernelHead) and head.words is not None else 0
    return min(len(text), max(*ends, end, counted) if ends else max(end, counted))


def _owners(starts: Sequence[int], tokens: Tokens) -> Indices:
    """The word that each token is of, or stands behind; the first word for what stands before it; -1 for the encoder's own."""
    found = np.searchsorted(starts, [a for a, _ in tokens.spans], side="right") - 1
    return np.where(tokens.own, np.maximum(found, 0), -1)


def _aim(model: TextModel, target: str | None, vector: Array, text: str) -> int:
    if target is not None and target not in model.labels:
        raise InputError(f"explain: the model knows no label {target!r}; it knows {', '.join(model.labels[:12])}")
    if target is not None:
        return model.labels.index(target)
    if isinstance(model.head, KernelHead) and model.head.words is not None:
        return int(model.head.predict(vector, count_words([text])).argmax())
    return int(model.head.predict(vector).argmax())


def _said(head: AnyHead, text: str, words: Words) -> Said:
    """Of each feature that the head knows: what it adds, and the words in which it begins, shared alike."""
    k = int(head.seen.sum())
    if not isinstance(head, KernelHead) or head.words is None:
        return Said(np.zeros((0, k)), np.zeros((len(words), 0)))
    known, adds = head.said_by_words()
    row = narrow(weigh(count_words([text]), head.words.rare), known)
    scores = row.data[:, None] * adds[row.indices].astype(np.float64)
    column = {int(known[place]): i for i, place in enumerate(row.indices.tolist())}
    shares = np.zeros((len(words), len(column)))
    read = words_read(text)
    owner = _whose(read, words)
    single, pairs = keys(read)
    for i, key in enumerate(single):
        if key in column:
            shares[owner[i], column[key]] += 1
    for i, key in enumerate(pairs):
        if key in column:
            shares[owner[i], column[key]] += 0.5
            shares[owner[i + 1], column[key]] += 0.5
    return Said(scores, shares / np.maximum(shares.sum(axis=0), 1))


def _whose(read: Sequence[str], words: Words) -> list[int]:
    """The word in which each token of the head begins: both are the same characters in the same order, white space apart."""
    letters = [sum(map(len, words_read(piece))) for piece in words.pieces()]
    owner = np.repeat(np.arange(len(words)), letters)
    begins = np.cumsum([0, *map(len, read)])
    if not len(owner):
        return [0] * len(read)
    # A sign that is spelled out otherwise beside its neighbour may make the two differ by a character.
    places = begins[:-1] * len(owner) // max(int(begins[-1]), 1) if begins[-1] != len(owner) else begins[:-1]
    return [int(owner[place]) for place in places]

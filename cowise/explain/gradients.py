"""Methods that look inside a network: slopes of the target's probability, and where attention goes.

Legend: t = tokens, d = hidden size, w = words, l = layers, h = heads, m = steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cowise.core.explanation import Ask, End
from cowise.core.types import Floats
from cowise.explain.game import need
from cowise.explain.inside import Inside
from cowise.explain.quadrature import rules

ROWS = 640
"""Tokens that a network reads at once, over all versions of a text: more do not fit the cache."""
LOOSE, STEPS, FINE_STEPS = 0.005, 8, 16
"""From this tolerance on the first rule has 8 steps, below it 16."""
MOST_STEPS = 480
ENDS = 2
"""Readings that every method begins with: blanks and the text."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Scores of tokens (t,) and words (w,), how the method ended, versions of the text that it read, gap and heads (l, h)."""

    tokens: Floats
    words: Floats
    end: End = "planned"
    readings: int = 1
    gap: float | None = None
    heads: Floats | None = None


def saliency(text: Inside, ask: Ask) -> Found:
    """Length of the slope by a token's embedding, of a word by all of its tokens': how much it could change, not which way.

    The words that the head counts beside the vector are left out: they have no length. Scores have no sign.

    Source: Simonyan, Vedaldi & Zisserman 2013; Li et al., NAACL 2016 (words).
    """
    del ask
    square = np.square(text.here()[1].tokens[0].astype(np.float64)).sum(axis=1)
    return Found(np.sqrt(square), np.sqrt(text.by_word(square)))


def gradient_x_input(text: Inside, ask: Ask) -> Found:
    """Slope times embedding, summed over its places: a word's part of a linear model that touches the network at this text.

    Source: Shrikumar et al. 2016; Ancona et al., ICLR 2018.
    """
    del ask
    head, slopes = text.here()
    tokens = np.einsum("td,td->t", slopes.tokens[0], text.way.start + text.way.step).astype(np.float64)
    return Found(tokens, text.by_word(tokens) + text.beside(head.by_score[0]))


def integrated(text: Inside, ask: Ask) -> Found:
    """Slope times distance from a blank token, over the straight way from blanks to the text: 8 steps, more while they miss.

    The scores add up to the difference of both ends but for `gap`; steps are added until it is at most `ask.tolerance`, the
    cap is reached, or 480 steps are.

    Source: Sundararajan, Taly & Yan, ICML 2017.
    """
    first = STEPS if ask.tolerance >= LOOSE else FINE_STEPS
    need(ask.cap, first + ENDS, len(text.words), "integrated-gradients")
    low, high = text.ends
    path, readings = _Path(text), 0
    tokens, words, gap = np.zeros(len(text.owner)), np.zeros(len(text.words)), np.inf
    for places, weights, new in rules(first, MOST_STEPS):
        if readings + int(new.sum()) + ENDS > ask.cap:
            break
        readings += int(new.sum())
        tokens, by_score = path.sums(places, weights, bool(new.all()))
        words = text.by_word(tokens) + text.beside(by_score)
        gap = abs(float(words.sum()) - (high - low))
        if gap <= ask.tolerance:
            break
    return Found(tokens, words, "planned" if gap <= ask.tolerance else "capped", readings, gap)


class _Path:
    """What was read along the way: scores (m, t) and slopes of the head (m, k), in the order of the places."""

    def __init__(self, text: Inside) -> None:
        self.text = text
        self.tokens, self.by_score = np.zeros((0, 0)), np.zeros((0, 0))

    def sums(self, places: Floats, weights: Floats, fresh: bool) -> tuple[Floats, Floats]:
        """Weighted sums over the places, of which those read before come first unless all are `fresh`."""
        known = 0 if fresh else len(self.tokens)
        text, found = self.text, [] if fresh else [(self.tokens, self.by_score)]
        left = max(1, len(places) - known)
        size = -(-left // -(-left * len(text.owner) // ROWS))
        found += [text.along(places[start : start + size]) for start in range(known, len(places), size)]
        self.tokens, self.by_score = (np.concatenate(each) for each in zip(*found, strict=True))
        return np.asarray(weights @ self.tokens), np.asarray(weights @ self.by_score)


def grad_cam(text: Inside, ask: Ask) -> Found:
    """Attention that raises the target, rolled through the layers; also the relevance of each head.

    Of every head the shares are taken times the target's slope by them, where that is above 0; the mean over heads is added
    to what the layers below passed on. No attribution of the probability: scores have no sign, and are shares of all tokens,
    the encoder's own too; so are those of heads, of all heads.

    Source: Selvaraju et al., ICCV 2017; Chefer, Gur & Wolf, ICCV 2021 (transformers).
    """
    del ask
    _, slopes = text.here()
    raised = [np.maximum(one[0] * share[0], 0) for one, share in zip(slopes.shares, slopes.attention, strict=True)]
    relevance = np.eye(len(text.owner))
    for layer in raised:
        relevance += layer.mean(axis=0) @ relevance
    tokens = _shares(_pooled(text, relevance - np.eye(len(relevance))))
    heads = _shares(np.array([layer.sum(axis=(1, 2)) for layer in raised], np.float64))
    return Found(tokens, text.by_word(tokens), heads=heads)


def rollout(text: Inside, ask: Ask) -> Found:
    """Where the vector's attention comes from: the mean of the heads and of staying where it is, layer after layer.

    No attribution of the probability: the label plays no part. Shares of all tokens, the encoder's own too, add up to 1.

    Source: Abnar & Zuidema, ACL 2020.
    """
    del ask
    _, slopes = text.here()
    flow = np.eye(len(text.owner))
    for share in slopes.attention:
        flow = (share[0].mean(axis=0) + np.eye(len(flow))) / 2 @ flow
    tokens = _pooled(text, flow)
    return Found(tokens, text.by_word(tokens))


def _shares(scores: Floats) -> Floats:
    return np.asarray(scores / max(float(scores.sum()), np.finfo(np.float64).tiny))


def _pooled(text: Inside, by_token: Floats) -> Floats:
    """The row of the vector, of what each token (t, t) took from each."""
    return np.asarray(by_token.mean(axis=0) if text.network.shape.pooling == "mean" else by_token[0], np.float64)


Look = Callable[[Inside, Ask], Found]
GRADIENTS: Mapping[str, Look] = {
    "integrated-gradients": integrated,
    "gradient-x-input": gradient_x_input,
    "saliency": saliency,
    "grad-cam": grad_cam,
    "attention-rollout": rollout,
}

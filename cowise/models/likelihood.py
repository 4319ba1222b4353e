"""How likely each label is, read from the probabilities of an answer's tokens.

Legend: k = labels.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cowise.core.types import Floats

_START = re.compile(rb'"label"\s*:\s*"')
LEAST = 1e-6
"""No label is impossible: a server tells of the likeliest tokens only."""

Tokens = Sequence[tuple[bytes, Mapping[bytes, float]]]
"""(what was said, alternatives there -> probability) for each token of an answer."""


def tokens_of(choice: Mapping[str, Any]) -> Tokens:
    """The tokens of a chat completion's choice; () where the server gave none or something else."""
    try:
        return [
            (_raw(each), {_raw(one): _share(one) for one in [*each["top_logprobs"], each]})
            for each in choice["logprobs"]["content"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return ()


def _share(token: Mapping[str, Any]) -> float:
    found = float(token["logprob"])
    return 0.0 if math.isnan(found) else math.exp(min(0.0, found))


def _raw(token: Mapping[str, Any]) -> bytes:
    """The bytes of a token: half a Chinese character has no text."""
    raw = token.get("bytes")
    return bytes(raw) if raw is not None else str(token["token"]).encode("utf-8")


def label_shares(tokens: Tokens, labels: Sequence[str]) -> Floats | None:
    r"""Probability of each label, (k,) summing to one, from an answer {"label": "…"}; None where that is not to be had.

    At each token of the label the mass of an alternative goes to the labels that it could still become, those on the
    path that was taken excepted: their share is told apart by the tokens that follow.

    >>> said = [(b'{"label": "', {}), (b"b", {b"b": 0.5, b"praise": 0.25}), (b"ug", {b"ug": 0.6, b"illing": 0.4})]
    >>> label_shares(said, ("billing", "bug", "praise")).round(2)
    array([0.27, 0.4 , 0.33])
    """
    before = b"".join(raw for raw, _ in tokens)
    start = _START.search(before)
    if start is None:
        return None
    wholes = [before[: start.end()] + _quoted(label) for label in labels]
    mass = np.zeros(len(labels))
    reached, path = b"", 1.0
    for raw, others in tokens:
        after = reached + raw
        if len(after) > start.end():
            alive = [j for j, whole in enumerate(wholes) if _fits(whole, after)]
            for other, p in others.items():
                said = reached + other
                meant = [j for j, whole in enumerate(wholes) if len(said) > start.end() and _fits(whole, said)]
                if other != raw and meant:
                    mass[meant] += path * p / len(meant)
            path *= others.get(raw, 0.0)
            if len(alive) <= 1:
                mass[alive] += path
                break
        reached = after
    else:
        alive = [j for j, whole in enumerate(wholes) if _fits(whole, reached)]
        mass[alive] += path / max(1, len(alive))
    if not mass.any():
        return None
    shares = np.maximum(mass / mass.sum(), LEAST)
    return np.asarray(shares / shares.sum())


def _quoted(label: str) -> bytes:
    """A label as it stands in JSON, with the quote that ends it."""
    return json.dumps(label, ensure_ascii=False)[1:].encode("utf-8")


def _fits(whole: bytes, said: bytes) -> bool:
    return whole.startswith(said) or said.startswith(whole)

"""Small worlds for the loop: texts whose answer is known, easy for the encoder without weights."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify, content_id

LABELS = ("billing", "bug", "praise")
WORDS = {
    "billing": ["invoice", "charge", "refund", "payment", "card", "price", "bill", "receipt", "money", "cost"],
    "bug": ["crash", "error", "freeze", "broken", "login", "screen", "fail", "button", "update", "slow"],
    "praise": ["love", "great", "thanks", "wonderful", "happy", "nice", "super", "best", "perfect", "enjoy"],
}
FILLER = ["the", "my", "app", "please", "today", "again", "really", "just", "now", "with", "this"]
PROMISE = Promise(0.1, 0.8)
EVERY_DATABASE = pytest.mark.parametrize(
    "address", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
"""For tests whose workspace is the fixture `house`."""


def texts(n: int, seed: int = 0, noise: float = 0.05) -> dict[str, str]:
    """`n` distinct texts with their answers; a share of `noise` speaks of something else."""
    rng = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < n:
        label = rng.choice(LABELS)
        about = rng.choice(LABELS) if rng.random() < noise else label
        words = rng.sample(WORDS[about], 3) + rng.sample(FILLER, 3) + [str(rng.randrange(10_000))]
        rng.shuffle(words)
        found[" ".join(words)] = label
    return found


def by_id(gold: Mapping[str, str]) -> dict[str, str]:
    """The answers by content id, as questions name items."""
    return {content_id(text): label for text, label in gold.items()}


def settings(home: Path) -> Settings:
    return Settings(home=home, models=home / "no-models")


def world(home: Path, gold: Mapping[str, str], promise: Promise = PROMISE, name: str = "p"):
    """An open workspace with one project that holds the texts."""
    ws = loop.open_workspace(settings(home), create=True)
    loop.create(ws, name, classify(*LABELS), promise, encoder="hashing")
    loop.add(ws, name, list(gold))
    return closing(ws)


def answer(
    ws, gold: Mapping[str, str], *, name: str = "p", member: str = "ann", limit: int = 0, until: str = ""
) -> int:
    """Answer what is asked, truthfully; up to `limit` answers, or until the advice is of kind `until`."""
    known, given = by_id(gold), 0
    with loop.session(ws, name, member) as review:
        while (not limit or given < limit) and (questions := review.ask(1)):
            if until and review.advice is not None and review.advice.kind == until:
                break
            review.take(questions[0], Answer.of(known[questions[0].item]), 1.0)
            given += 1
    return given

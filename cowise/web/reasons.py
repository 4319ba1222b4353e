"""Reasons over HTTP: beside a question that somebody holds, never beside a blind one; and of a text that somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import StringConstraints

from cowise.core.registry import load
from cowise.loop import accounts
from cowise.loop.desk import MOST_KEY
from cowise.web.deps import Home, Who, may
from cowise.web.shapes import Asked, Shape, Text, routes

if TYPE_CHECKING:
    from cowise.core.explanation import Explanation

CAP = 1000
router = routes("review", "/projects/{p}")


class HeldBody(Asked):
    """One held question."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=MOST_KEY)]


class WordShape(Shape):
    """What a word adds to the probability of the target; `start` and `end` count characters (code points)."""

    start: int
    end: int
    score: float


class AlikeShape(Shape):
    """A text that people answered; `likeness` is the cosine of its vector with this one's."""

    text: str
    answer: str
    likeness: float


class Moved(Shape):
    """Why the model gives `target` probability `value`, from `base` without any word: the words, strongest first.

    `exact` after every combination of words, else estimated from `texts` readings. `read` characters were explained.
    """

    target: str
    base: float
    value: float
    words: list[WordShape]
    exact: bool
    texts: int
    read: int


class ReasonsShape(Moved):
    """The same, of `model`, and texts alike that people answered, nearest first."""

    model: str
    alike: list[AlikeShape]


class WhatIfBody(Asked):
    """A text, and whether its words are to be explained: for the likeliest label, or for `target`."""

    text: Text
    why: bool = True
    target: Annotated[str, StringConstraints(max_length=2000)] | None = None


class ChanceShape(Shape):
    """A label and its probability."""

    label: str
    p: float


class WhatIfShape(Shape):
    """What the model would answer, and whether alone (`automated`, under `certificate`), and why so."""

    said: str
    p: float
    labels: list[ChanceShape]
    route: str
    why: Literal["covered", "unsure", "uncovered", "answered"]
    certificate: str
    model: str
    explanation: Moved | None


def _moved(told: Explanation) -> dict[str, Any]:
    words = [{"start": one.start, "end": one.end, "score": one.score} for one in told.strongest]
    exact, texts = told.end == "exact", told.cost.texts
    return {
        "target": told.target, "base": told.base, "value": told.value, "words": words, "exact": exact, "texts": texts,
        "read": told.read,
    }  # fmt: skip


@router.post("/reasons", dependencies=[may("review.answer")])
def why(p: str, body: HeldBody, house: Home, who: Who) -> ReasonsShape:
    """Which words moved the model to what it suggests beside a question that you hold, and what people said of texts alike.

    403 for a blind question. This one waits for the model: ask while the question before is on the table.
    """
    found = load("loop.reasons:reasons")(house.ws, p, accounts.member_of(house.ws, p, who), body.token)
    return ReasonsShape.model_validate(
        {**_moved(found.explanation), "model": found.model, "alike": found.to_json()["alike"]}
    )


@router.post("/what-if", dependencies=[may("models.run")])
def what_if(p: str, body: WhatIfBody, house: Home) -> WhatIfShape:
    """What the model would say of a text, which words moved it, and whether it would answer alone. Nothing is kept.

    403 for the text of an item that somebody may still be asked about.
    """
    ask = load("core.explanation:Ask")(target=body.target, cap=CAP)
    found = load("loop.whatif:what_if")(house.ws, p, body.text, why=body.why, ask=ask)
    told = found.explanation
    return WhatIfShape.model_validate({**found.to_json(), "explanation": _moved(told) if told is not None else None})

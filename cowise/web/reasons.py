"""Reasons over HTTP: why the model suggests what it does beside a question that somebody holds. Never beside a blind one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import StringConstraints

from cowise.core.registry import load
from cowise.loop import accounts
from cowise.loop.desk import MOST_KEY
from cowise.web.deps import Home, Who, may
from cowise.web.shapes import Asked, Shape, routes

if TYPE_CHECKING:
    from cowise.loop.reasons import Reasons

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


class ReasonsShape(Shape):
    """Why the model gives `target` probability `value`, from `base` without any word: the words, strongest first."""

    target: str
    base: float
    value: float
    words: list[WordShape]
    exact: bool
    texts: int
    read: int
    model: str
    alike: list[AlikeShape]

    @classmethod
    def of(cls, found: Reasons) -> ReasonsShape:
        """As the page takes it."""
        told = found.explanation
        return cls(
            target=told.target, base=told.base, value=told.value, exact=told.end == "exact", texts=told.cost.texts,
            read=told.read, model=found.model,
            words=[WordShape(start=one.start, end=one.end, score=one.score) for one in told.strongest],
            alike=[AlikeShape.model_validate(one) for one in found.alike],
        )  # fmt: skip


@router.post("/reasons", dependencies=[may("review.answer")])
def why(p: str, body: HeldBody, house: Home, who: Who) -> ReasonsShape:
    """Which words moved the model to what it suggests beside a question that you hold, and what people said of texts alike.

    403 for a blind question. This one waits for the model: ask while the question before is on the table.
    """
    found = load("loop.reasons:reasons")(house.ws, p, accounts.member_of(house.ws, p, who), body.token)
    return ReasonsShape.of(found)

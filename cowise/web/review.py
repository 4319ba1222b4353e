"""Review over HTTP: questions under lease, answers kept once, undo to any depth, sweeps. Nothing here waits for a model.

Blind questions look alike, whatever they are for: the same fields, order, reason and course of events.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field, StringConstraints
from starlette.responses import Response

from cowise.core.errors import InputError
from cowise.core.task import SET_LABELS
from cowise.core.types import Answer
from cowise.loop import accounts, sweep
from cowise.loop.desk import MOST_KEY, MOST_NOTE, MOST_TOKENS, Desk, Given
from cowise.web.deps import Home, House, Who, may
from cowise.web.shapes import Asked, Shape, Share, ready, routes

router = routes("review", "/projects/{p}")
ANSWER, SWEEP = may("review.answer"), may("review.sweep")
TELL_S = 1.0
DAY_S = 86_400.0

Token = Annotated[str, StringConstraints(min_length=1, max_length=MOST_KEY)]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Label = Annotated[str, StringConstraints(max_length=2000)]
Tokens = Annotated[list[Token], Field(max_length=MOST_TOKENS)]


class AnswerBody(Asked):
    """What is said: one of the task's labels, or of a multilabel task any number; that none fits; that one cannot tell."""

    kind: Literal["label", "labels", "none", "unsure"]
    value: Label | Annotated[list[Label], Field(max_length=SET_LABELS)] | None = None

    def plain(self) -> Answer:
        """As the loop takes it; InputError where kind and value do not fit."""
        wanted = {"label": str, "labels": list}.get(self.kind, type(None))
        if not isinstance(self.value, wanted):
            if self.kind == "labels":
                raise InputError("answer: kind 'labels' needs a list of labels as its value")
            raise InputError(
                f"answer: kind {self.kind!r} {'needs a value' if self.kind == 'label' else 'takes no value'}"
            )
        return Answer(self.kind, tuple(self.value) if isinstance(self.value, list) else self.value)


class AnswerShape(Shape):
    """An answer as it was given."""

    kind: str
    value: str | list[str] | None = None


class QuestionsBody(Asked):
    """How many questions to hold in all."""

    n: int = Field(default=3, ge=1, le=20)


class QuestionShape(Shape):
    """A question that is held until `expires`. A blind one has no suggestion, p and order; nothing says why."""

    token: str
    item: str
    text: str
    meta: dict[str, Any]
    suggestion: str | None
    p: float | None
    order: list[str] | None
    reason: str
    expires: float


class AdviceShape(Shape):
    """`kind`: `answer`, `stop`, `add`, or `enough` for today; `needed` answers are left, by forecast."""

    kind: Literal["answer", "stop", "add", "enough"]
    queued: int
    needed: int
    reason: str


class QuestionsShape(Shape):
    """What this person holds. `working`: the next questions are being prepared."""

    questions: list[QuestionShape]
    advice: AdviceShape
    working: bool


class GivenBody(Asked):
    """An answer to a held question. The key is the token unless given; sent twice, it counts once.

    `why`: the reasons were on show, which goes on record.
    With `next` the reply brings the questions along: it is how many to hold from then on.
    """

    token: Token
    item: ItemId
    answer: AnswerBody
    seconds: float = Field(default=0.0, ge=0, le=DAY_S)
    why: bool = False
    key: Annotated[str, StringConstraints(max_length=MOST_KEY)] = ""
    next: int = Field(default=0, ge=0, le=20)


class StoredShape(Shape):
    """The answer is on disk. `repeated`: it was before. `next`: the questions that were asked for with it."""

    stored: Literal[True] = True
    repeated: bool
    left: int
    next: QuestionsShape | None = None


class TokenBody(Asked):
    """One held question."""

    token: Token


class FlagBody(Asked):
    """A trouble with a held question, or with any item."""

    token: Annotated[str, StringConstraints(max_length=MOST_KEY)] = ""
    item: Annotated[str, StringConstraints(max_length=64)] = ""
    note: Annotated[str, StringConstraints(max_length=MOST_NOTE)] = ""


class TokensBody(Asked):
    """Held questions."""

    tokens: Tokens


class Renewed(Shape):
    """The new end of each hold; what is absent is held no longer."""

    expires: dict[str, float]


class Released(Shape):
    """How many were still held."""

    released: int


class UndoBody(Asked):
    """With `item` only if the newest answer is about that one: safe to send twice."""

    item: Annotated[str, StringConstraints(max_length=64)] = ""


class UndoneShape(Shape):
    """What was taken back (`was` null: a skip), and its question again, or `why` there is none."""

    question: QuestionShape | None
    item: str
    was: AnswerShape | None
    why: Literal["nothing", "restored", "taken"] | None


class CorrectionBody(Asked):
    """The right answer for an item that this person answered before."""

    item: ItemId
    answer: AnswerBody


class Corrected(Shape):
    """Whether a certificate that stood on the answer is evaluated again."""

    reopened: bool


class MineShape(Shape):
    """One of this person's answers."""

    item: str
    text: str
    answer: AnswerShape | None
    at: float
    seconds: float
    state: str


class MyAnswers(Shape):
    """Newest first."""

    answers: list[MineShape]


class HeadwayShape(Shape):
    """How far this person and the project are; `agreement` is with suggestions that were shown."""

    done_today: int
    done: int
    left: int
    automated: int
    deferred: int
    open: int
    pace_per_h: float | None
    seconds_left: float | None
    agreement: Share | None
    agreement_n: int


class SureShape(Shape):
    """An item with what the model says of it."""

    item: str
    text: str
    label: str
    p: Share


class SweepShape(Shape):
    """`locked` while a look is open (`reason` "look"); `reason` "nothing" where the model is sure of no more."""

    items: list[SureShape]
    locked: bool
    reason: str


class SweptItem(Asked):
    """One item, confirmed or corrected."""

    item: ItemId
    answer: AnswerBody


class SweepBody(Asked):
    """A page's answers under one key."""

    answers: Annotated[list[SweptItem], Field(min_length=1, max_length=sweep.MOST)]
    key: Annotated[str, StringConstraints(min_length=1, max_length=sweep.MOST_KEY)]


class SweptShape(Shape):
    """How many are kept, and which items were left out."""

    stored: int
    skipped: list[str]


def desk(house: House) -> Desk:
    """The desk of this server."""
    found: Desk = house.memory.setdefault("desk", Desk(house.ws, house.worker.advance))
    return found


def _tell(house: House, project: str) -> None:
    """Let others know that something was answered, at most once a second: each answer alone is nobody's affair."""
    told: dict[str, float] = house.memory.setdefault("told", {})
    now = time.monotonic()
    if now - told.get(project, -TELL_S) >= TELL_S:
        told[project] = now
        house.bus.tell(project, "status")


@router.post("/questions", dependencies=[ANSWER], response_model=QuestionsShape)
def questions(p: str, body: QuestionsBody, house: Home, who: Who) -> Response:
    """What you hold already, then new questions up to `n` in all, each held for ten minutes."""
    found = desk(house).questions(p, accounts.member_of(house.ws, p, who), body.n)
    return ready(QuestionsShape.model_validate(found))


@router.post("/answers", dependencies=[ANSWER], response_model=StoredShape)
def answers(p: str, body: GivenBody, house: Home, who: Who) -> Response:
    """Keep an answer: it is on disk when this is answered. Safe to send again under the same key, however late."""
    given = Given(body.token, body.answer.plain(), body.seconds, body.item, body.key, body.why)
    found = desk(house).answer(p, accounts.member_of(house.ws, p, who), given, body.next)
    _tell(house, p)
    return ready(StoredShape.model_validate(found))


@router.post("/skips", status_code=204, dependencies=[ANSWER])
def skips(p: str, body: TokenBody, house: Home, who: Who) -> None:
    """Pass a question on to somebody else; you are not asked it again."""
    desk(house).skip(p, accounts.member_of(house.ws, p, who), body.token)


@router.post("/flags", status_code=204, dependencies=[ANSWER])
def flags(p: str, body: FlagBody, house: Home, who: Who) -> None:
    """Note a trouble with a question that you hold, or with an item."""
    member = accounts.member_of(house.ws, p, who)
    desk(house).flag(p, member, token=body.token, item=body.item, note=body.note)


@router.post("/renewals", dependencies=[ANSWER])
def renewals(p: str, body: TokensBody, house: Home, who: Who) -> Renewed:
    """Hold on to questions for another ten minutes."""
    return Renewed(expires=desk(house).renew(p, accounts.member_of(house.ws, p, who), body.tokens))


@router.post("/releases", dependencies=[ANSWER])
def releases(p: str, body: TokensBody, house: Home, who: Who) -> Released:
    """Give questions back, unanswered: somebody leaves."""
    return Released(released=desk(house).release(p, accounts.member_of(house.ws, p, who), body.tokens))


@router.post("/undo", dependencies=[ANSWER])
def undo(p: str, house: Home, who: Who, body: UndoBody | None = None) -> UndoneShape:
    """Take your newest answer or skip back, to any depth; its question is yours again at once.

    409 for an answer that a certificate stands on (`details.item`): correct that one instead.
    """
    item = body.item if body is not None else ""
    found = desk(house).undo(p, accounts.member_of(house.ws, p, who), item=item)
    _tell(house, p)
    return UndoneShape.model_validate(found)


@router.post("/corrections", dependencies=[ANSWER])
def corrections(p: str, body: CorrectionBody, house: Home, who: Who) -> Corrected:
    """Give the right answer for an item that you answered before."""
    member = accounts.member_of(house.ws, p, who)
    reopened = desk(house).correct(p, member, body.item, body.answer.plain())
    _tell(house, p)
    return Corrected(reopened=reopened)


@router.get("/mine", dependencies=[ANSWER])
def mine(p: str, house: Home, who: Who, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> MyAnswers:
    """Your newest answers, newest first."""
    found = desk(house).mine(p, accounts.member_of(house.ws, p, who), limit)
    return MyAnswers(answers=[MineShape.model_validate(one) for one in found])


@router.get("/progress", dependencies=[ANSWER])
def progress(
    p: str, house: Home, who: Who, since: Annotated[float | None, Query(ge=0, le=1e11)] = None
) -> HeadwayShape:
    """How far you and the project are; `since` is when your day began (UTC midnight unless given)."""
    now = time.time()
    begun = now - now % DAY_S if since is None else since
    return HeadwayShape.model_validate(desk(house).progress(p, accounts.member_of(house.ws, p, who), begun))


@router.get("/sweep", dependencies=[SWEEP])
def sweep_page(
    p: str,
    house: Home,
    who: Who,
    label: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=sweep.MOST)] = 24,
) -> SweepShape:
    """Items that the model is sure about, to confirm or correct in bulk; none of them is ever an audit."""
    found = sweep.page(house.ws, p, accounts.member_of(house.ws, p, who), label=label, limit=limit)
    return SweepShape.model_validate(found)


@router.post("/sweep", dependencies=[SWEEP])
def sweep_answers(p: str, body: SweepBody, house: Home, who: Who) -> SweptShape:
    """Keep one opinion for each item; safe to send again under the same key."""
    said = [(one.item, one.answer.plain()) for one in body.answers]
    found = sweep.answer(house.ws, p, accounts.member_of(house.ws, p, who), said, body.key)
    _tell(house, p)
    return SweptShape(stored=found.stored, skipped=list(found.skipped))

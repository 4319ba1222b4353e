"""The human protocol as a pure fold: `ask(state)` gives the open questions, `take(state, reply)` the state after one.

No input or output: the terminal, a rehearsal with known answers and a page drive the same code. What the store must
remember is the reply itself.

>>> state = offer(begin(Task(("bug", "praise"))), [Question("1", "It crashes", ("bug", "praise"), token="t")])
>>> [q.text for q in ask(state)]
['It crashes']
>>> len(ask(take(state, Reply("t", Answer.of("bug")))))
0
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cowise.core.errors import ConflictError
from cowise.core.types import Answer, Question, Task

REASON = "This text needs a person."
"""The one sentence that every question gives, so that none tells what it is for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person did with the question held under `token`: an answer, or None for a skip."""

    token: str
    answer: Answer | None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Session:
    """One person's sitting: questions on the table in the order they came, and how often something was done."""

    task: Task
    table: tuple[Question, ...] = ()
    answered: int = 0
    skipped: int = 0
    last: tuple[str, ...] = ()


def begin(task: Task) -> Session:
    """An empty table."""
    return Session(task)


def offer(state: Session, questions: Iterable[Question], *, first: bool = False) -> Session:
    """Put questions on the table, behind or before those that lie there; one that lies there already is not put twice."""
    there = {q.token for q in state.table}
    fresh = tuple(q for q in questions if q.token not in there)
    return replace(state, table=(*fresh, *state.table) if first else (*state.table, *fresh))


def ask(state: Session) -> tuple[Question, ...]:
    """The open questions, first come first."""
    return state.table


def take(state: Session, reply: Reply) -> Session:
    """The state after a reply; TaskError for an answer that the task does not have, ConflictError for no such question."""
    question = find(state, reply.token)
    if reply.answer is not None:
        state.task.check(reply.answer)
    rest = tuple(q for q in state.table if q.token != reply.token)
    if reply.answer is None:
        return replace(state, table=rest, skipped=state.skipped + 1)
    return replace(state, table=rest, answered=state.answered + 1, last=(*state.last, question.item))


def back(state: Session, *, skip: bool = False) -> Session:
    """The state after the last answer, or a skip, was taken back."""
    if skip:
        return replace(state, skipped=max(0, state.skipped - 1))
    return replace(state, answered=max(0, state.answered - 1), last=state.last[:-1])


def find(state: Session, token: str) -> Question:
    """The question on the table under a token."""
    for question in state.table:
        if question.token == token:
            return question
    raise ConflictError("answer: this question is no longer on the table; take the next one")

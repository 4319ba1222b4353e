"""Review for a server: each call finds a person's sitting in the store, acts, and forgets it.

What is done is the terminal's `review`, word for word (`books`); here nothing waits for a model. When few questions
are left, `nudge` is called with the project's name, and somebody else lets the economy prepare the next ones. The
very first are drawn by lot at once (`opening`).

desk = Desk(ws, nudge=worker.advance)
found = desk.questions("tickets", "ada", 3)
desk.answer("tickets", "ada", Given(found.questions[0].token, Answer.of("bug"), seconds=2.5))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.types import Answer
from cowise.loop import books, capacity, opening, pace
from cowise.loop.books import HOLD_S, Chair, Given, StandsError
from cowise.loop.pace import Headway
from cowise.loop.workspace import Workspace
from cowise.store import Tx, counters, items, members, opinions, projects, queue
from cowise.store.items import ItemRow
from cowise.store.queue import Held

__all__ = ["HOLD_S", "Asked", "Desk", "Given", "Questions", "StandsError", "Stored", "Undone"]

REASON = "person"
"""Why a question is asked: the same word for every one, for the page to say in the reader's language."""
MOST = 20
"""Questions that one person holds at a time."""
MOST_TOKENS, MOST_NOTE, MOST_KEY = 100, 4000, 200
MOST_SECONDS = 86_400.0
NUDGE_S = 0.2
"""Nobody is asked twice within so many seconds to do the same."""
WATCHED_S = 5.0
"""How often answers of a project whose stream is watched are looked at, however many questions wait."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a page takes it. One without `suggestion` looks the same whatever it is for."""

    token: str
    item: str
    text: str
    meta: Mapping[str, Any]
    suggestion: str | None
    p: float | None
    order: tuple[str, ...] | None
    reason: str
    expires: float

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Questions:
    """`advice`: kind `answer`, `stop`, `add`, or `enough` for who has given all of today's answers; how many wait, how many answers are needed by forecast, and why.

    `working`: the next ones are being prepared.
    """

    questions: tuple[Asked, ...]
    advice: Mapping[str, Any]
    working: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer is on disk. `repeated`: it was before. `left`: answers still to give, by forecast.

    `next` is what the person holds from then on, where that was asked for too.
    """

    repeated: bool
    left: int
    next: Questions | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back (`was` None for a skip), and its question again; else `why` there is none.

    `why`: `nothing` (there was nothing to take back), `restored` (an earlier answer stands again), `taken`.
    """

    question: Asked | None
    item: str
    was: Answer | None
    why: str | None


class Desk:
    """The reviews of a workspace; holds nothing of any of them. Safe to use from many threads."""

    def __init__(self, ws: Workspace, nudge: Callable[[str], object]) -> None:
        self._ws, self._nudge = ws, nudge
        self._nudged: dict[str, float] = {}

    def questions(self, name: str, member: str, n: int = 3) -> Questions:
        """What this person holds already, and up to `n` questions in all."""
        n = max(1, min(MOST, n))
        at, held = self._holds(name, member)
        short = n - len(held)
        if short > 0:
            fresh = self._ws.store.write(lambda tx: opening.lease(self._ws, tx, at, short))
            held = [*held, *fresh]
        with self._ws.store.read() as tx:
            found = _laid(tx, at, held, n, counters.counts(tx, at.project.id))
        if found.working:
            self._ask(name)
        return found

    def _holds(self, name: str, member: str) -> tuple[Chair, list[Held]]:
        """Where the person sits, and what they hold; a first seat is made."""
        try:
            with self._ws.store.read() as tx:
                project = projects.get(tx, name)
                at = books.sitting(project, members.get(tx, project.id, member))
                return at, queue.held_by(tx, project.id, at.seat.id)
        except MissingError:
            return self._ws.store.write(lambda tx: books.chair(tx, name, member)), []

    def _ask(self, name: str, every: float = NUDGE_S) -> None:
        now = time.monotonic()
        if now - self._nudged.get(name, -every) >= every:
            self._nudged[name] = now
            self._nudge(name)

    def answer(self, name: str, member: str, given: Given, n: int = 0) -> Stored:
        """Keep an answer: on disk when this returns. A repeat under its key gets what was stored, however late.

        With `n` also what `questions` would give, in the same breath. ConflictError when the hold is over, InputError
        when the key was used for something else, TaskError for what the task does not take.
        """
        _fits(given)

        def work(tx: Tx) -> tuple[Stored, bool, bool]:
            at = books.chair(tx, name, member)
            kept = books.keep(self._ws, tx, at, given)
            counts = counters.counts(tx, at.project.id)
            then = None
            if n > 0:
                held = queue.held_by(tx, at.project.id, at.seat.id)
                held += opening.lease(self._ws, tx, at, min(MOST, n) - len(held))
                then = _laid(tx, at, held, min(MOST, n), counts)
            streamed = bool(at.project.settings.get("streamed"))
            return Stored(kept.row.repeated, pace.left(at.project, counts), then), kept.reopened, streamed

        stored, reopened, streamed = self._ws.store.write(work)
        if reopened:
            self._nudge(name)
        elif stored.next is not None and stored.next.working:
            self._ask(name)
        elif streamed:
            self._ask(name, WATCHED_S)
        return stored

    def skip(self, name: str, member: str, token: str) -> None:
        """Pass a held question on to somebody else; ConflictError when the hold is over."""
        self._ws.store.write(lambda tx: books.skip(tx, books.chair(tx, name, member), token))

    def flag(self, name: str, member: str, *, token: str = "", item: str = "", note: str = "") -> None:
        """Note a trouble with a held question, or with any item by its id; MissingError when there is none."""

        def work(tx: Tx) -> None:
            at = books.chair(tx, name, member)
            books.flag(tx, at, _ordinal(tx, at, token, item), note[:MOST_NOTE])

        self._ws.store.write(work)

    def renew(self, name: str, member: str, tokens: Sequence[str]) -> dict[str, float]:
        """Hold on to questions: the new end of each that this person still holds; the others are gone."""

        def work(tx: Tx) -> dict[str, float]:
            mine = self._mine(tx, name, member, tokens)
            return {token: queue.renew(tx, token, seconds=HOLD_S) for token in mine}

        return self._ws.store.write(work)

    def release(self, name: str, member: str, tokens: Sequence[str]) -> int:
        """Give questions back to everybody, unanswered; how many this person still held."""

        def work(tx: Tx) -> int:
            mine = self._mine(tx, name, member, tokens)
            for token in mine:
                queue.release(tx, token)
            return len(mine)

        return self._ws.store.write(work)

    def _mine(self, tx: Tx, name: str, member: str, tokens: Sequence[str]) -> list[str]:
        if len(tokens) > MOST_TOKENS:
            raise InputError(f"tokens: got {len(tokens)}; send at most {MOST_TOKENS}")
        at = books.chair(tx, name, member)
        return [t for t in dict.fromkeys(tokens) if queue.look(tx, at.project.id, at.seat.id, t) is not None]

    def undo(self, name: str, member: str, *, item: str = "") -> Undone:
        """Take this person's newest answer or skip back, to any depth, and hold its question for them again.

        With `item` only if the newest is about that one, so that a request sent twice takes back one answer:
        ConflictError otherwise. StandsError for an answer that a certificate stands on.
        """

        def work(tx: Tx) -> tuple[Undone, bool]:
            at = books.chair(tx, name, member)
            found = books.undo(self._ws, tx, at)
            if found is None:
                return Undone(None, "", None, "nothing"), False
            if item and found.item.id != item:
                raise ConflictError("undo: the newest answer is about another item now; look at your answers again")
            again = None if found.held is None else _asked(found.held, found.item)
            return Undone(again, found.item.id, found.was, found.why or None), found.reopened

        undone, reopened = self._ws.store.write(work)
        if reopened:
            self._nudge(name)
        return undone

    def correct(self, name: str, member: str, item: str, answer: Answer) -> bool:
        """Give the right answer for an item answered before; whether a certificate is evaluated again because of it."""
        reopened = self._ws.store.write(
            lambda tx: books.correct(self._ws, tx, books.chair(tx, name, member), (item, answer))
        )
        if reopened:
            self._nudge(name)
        return reopened

    def mine(self, name: str, member: str, limit: int = 50) -> list[dict[str, Any]]:
        """The newest answers of a person, newest first: what `undo` would take back, in that order."""
        with self._ws.store.read() as tx:
            at = _seated(tx, name, member)
            if at is None:
                return []
            rows = opinions.last_of(tx, at.project.id, at.seat.id, max(1, min(500, limit)))
            about = items.at(tx, at.project.id, [row.ordinal for row in rows])
        return [
            {
                "item": about[row.ordinal].id, "text": about[row.ordinal].text,
                "answer": row.answer.to_json() if row.answer else None, "at": row.at, "seconds": row.seconds,
                "state": row.state,
            }
            for row in rows
        ]  # fmt: skip

    def progress(self, name: str, member: str, since: float) -> Headway:
        """How far this person and the project are; `since` is when the person's day began."""
        with self._ws.store.read() as tx:
            at = _seated(tx, name, member)
            project = projects.get(tx, name)
            return pace.headway(tx, project, at.seat.id if at else 0, since)


def _laid(tx: Tx, at: Chair, held: Sequence[Held], n: int, counts: Mapping[str, int]) -> Questions:
    """What a person who wants `n` questions finds: those held, and how the project stands."""
    project = at.project
    waiting = queue.state(tx, project.id).num_waiting
    rows = items.at(tx, project.id, [h.ordinal for h in held])
    asked = pace.asked(project, counts)
    due = not asked.fresh and (len(held) < n or (waiting <= pace.LOW and not asked.spent))
    kind = "answer" if held or waiting or due else pace.standing(project, counts)
    if not held and capacity.full(tx, project.id, [at.seat]):
        kind, due = "enough", False
    advice = {"kind": kind, "queued": waiting, "needed": pace.left(project, counts), "reason": kind}
    return Questions(tuple(_asked(h, rows[h.ordinal]) for h in held), advice, due)


def _seated(tx: Tx, name: str, member: str) -> Chair | None:
    """Where a person sits; None for who has answered nothing yet."""
    project = projects.get(tx, name)
    try:
        return books.sitting(project, members.get(tx, project.id, member))
    except MissingError:
        return None


def _asked(held: Held, row: ItemRow) -> Asked:
    hint = held.hint
    return Asked(
        held.lease.token, row.id, row.text, row.meta, hint.label if hint else None, hint.p if hint else None,
        (hint.order or None) if hint else None, REASON, held.lease.expires,
    )  # fmt: skip


def _fits(given: Given) -> None:
    """Refuse early what could never be kept."""
    if len(given.key or given.token) > MOST_KEY or not (given.key or given.token):
        raise InputError(f"answer: the key has {len(given.key)} characters; send 1 to {MOST_KEY}")
    if not 0 <= given.seconds <= MOST_SECONDS:
        raise InputError(f"answer: asked to note {given.seconds} seconds; send 0 to {MOST_SECONDS:.0f}")


def _ordinal(tx: Tx, at: Chair, token: str, item: str) -> int:
    if token:
        held = queue.look(tx, at.project.id, at.seat.id, token)
        if held is not None:
            return held.ordinal
    found = items.ordinals(tx, at.project.id, [item]).get(item) if item else None
    if found is None:
        raise MissingError(
            "flag: neither a question that you hold nor an item of this project is named; send token or item"
        )
    return found

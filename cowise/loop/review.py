"""People answer in one sitting: the fold of `protocol` over the store; each answer is kept before the next is shown."""

from __future__ import annotations

from functools import partial
from types import TracebackType
from typing import Self

from cowise.core.errors import ConflictError
from cowise.core.types import Answer, Question
from cowise.loop import books, plan
from cowise.loop.automate import sweep
from cowise.loop.books import Chair, Given
from cowise.loop.kinds import Advice, Progress
from cowise.loop.protocol import Reply, Session, back, begin, find, offer, take
from cowise.loop.workspace import Workspace
from cowise.store import Tx, items, projects, queue
from cowise.store.queue import Held


def session(ws: Workspace, name: str, member: str, *, progress: Progress | None = None) -> Review:
    """A sitting of one person; who has no seat yet gets one."""
    return Review(ws, ws.store.write(lambda tx: books.chair(tx, name, member)), progress)


class Review:
    """What one person is asked and answers; make it with `session`, and close it."""

    def __init__(self, ws: Workspace, chair: Chair, progress: Progress | None = None) -> None:
        self._ws, self._chair, self._progress = ws, chair, progress
        self._state = begin(chair.project.task)
        self._held: dict[str, Held] = {}
        self.advice: Advice | None = None
        with ws.store.read() as tx:
            mine = queue.held_by(tx, chair.project.id, chair.seat.id)
        self._show(mine)

    @property
    def state(self) -> Session:
        """The fold as it stands."""
        return self._state

    def ask(self, n: int = 2) -> tuple[Question, ...]:
        """Up to `n` open questions; () when nothing is left for this person now. Learns when the queue is empty."""
        for _ in range(4):
            self._show(self._lease(n - len(self._state.table)))
            if self._state.table or not self._advance():
                break
        return self._state.table[:n]

    def _lease(self, n: int) -> list[Held]:
        return self._ws.store.write(lambda tx: books.lease(tx, self._chair, n)) if n > 0 else []

    def _advance(self) -> bool:
        """Let the economy fill the queue; False when it asks for nothing more from anybody."""
        before = self.advice
        self.advice = plan.advance(self._ws, self._chair.project.name, progress=self._progress)
        return self.advice.queued > 0 and not (before == self.advice and before.kind == "stop")

    def _show(self, found: list[Held], *, first: bool = False) -> None:
        if not found:
            return
        with self._ws.store.read() as tx:
            rows = items.at(tx, self._chair.project.id, [h.ordinal for h in found])
            project = projects.by_id(tx, self._chair.project.id)
        self._chair = Chair(project, self._chair.seat)
        self._held.update({h.lease.token: h for h in found})
        shown = [books.question(project, h, rows[h.ordinal]) for h in found]
        self._state = offer(self._state, shown, first=first)

    def take(self, question: Question, answer: Answer, seconds: float = 0.0) -> None:
        """Keep an answer; it is on disk when this returns. TaskError for what the task does not take."""
        after = take(self._state, Reply(question.token, answer, seconds))
        given = Given(question.token, answer, seconds)
        kept = self._ws.store.write(lambda tx: books.keep(self._ws, tx, self._now(tx), given))
        self._state = after
        del self._held[question.token]
        if kept.reopened:
            self._again()

    def _now(self, tx: Tx) -> Chair:
        """The seat, with the project as it is in this transaction."""
        return Chair(projects.by_id(tx, self._chair.project.id), self._chair.seat)

    def skip(self, question: Question) -> None:
        """Pass it on to somebody else; this person is not asked it again."""
        after = take(self._state, Reply(question.token, None))
        self._ws.store.write(lambda tx: books.skip(tx, self._chair, question.token))
        self._state = after
        del self._held[question.token]

    def flag(self, question: Question, note: str = "") -> None:
        """Note a trouble with the item; it stays on the table."""
        find(self._state, question.token)
        ordinal = self._held[question.token].ordinal
        self._ws.store.write(lambda tx: books.flag(tx, self._chair, ordinal, note))

    def undo(self) -> str | None:
        """Take this person's newest answer or skip back, again and again to any depth; the item's id, None at the end.

        Its question lies on the table again, before the others. ConflictError for an answer that a certificate stands
        on: correct that one instead.
        """
        found = self._ws.store.write(lambda tx: books.undo(self._ws, tx, self._now(tx)))
        if found is None:
            return None
        if found.reopened:
            self._again()
        self._state = back(self._state, skip=found.skipped)
        if found.held is not None:
            self._show([found.held], first=True)
        return found.item.id

    def correct(self, item: str, answer: Answer) -> None:
        """Give the right answer for an item answered before; a certificate that stood on it is evaluated again."""
        self._ws.store.write(lambda tx: books.correct(self._ws, tx, self._now(tx), (item, answer)))
        self._again()

    def _again(self) -> None:
        """An answer moved: what a certificate automated is taken back where it no longer stands, and it is evaluated."""
        sweep(self._ws, self._chair.project.name)
        self.advice = plan.advance(self._ws, self._chair.project.name, progress=self._progress)

    def close(self) -> None:
        """Give back what is on the table."""
        for token in list(self._held):
            try:
                self._ws.store.write(partial(queue.release, token=token))
            except ConflictError:
                continue  # its time was over: somebody else has it
            finally:
                del self._held[token]
        self._state = begin(self._state.task)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""People answer: the fold of `protocol` over the store, where each answer is kept before the next question is shown."""

from __future__ import annotations

import secrets
from functools import partial
from types import TracebackType
from typing import Self

from cowise.core.errors import ConflictError, MissingError
from cowise.core.types import Answer, Certificate, Question
from cowise.loop import plan, records, walks
from cowise.loop.automate import sweep
from cowise.loop.board import settled
from cowise.loop.kinds import Advice, Progress
from cowise.loop.protocol import REASON, Reply, Session, back, begin, check, find, offer, take
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, decisions, items, members, opinions, projects, queue
from cowise.store.decisions import DecisionRow
from cowise.store.items import ItemRow
from cowise.store.members import Member
from cowise.store.opinions import OpinionRow, Said
from cowise.store.projects import Project
from cowise.store.queue import Held, Wanted

HOLD_S = 600.0
_USE = {"train": "train", "audit": "audit", "decide": "none", "second": "none"}


def session(ws: Workspace, name: str, member: str, *, progress: Progress | None = None) -> Review:
    """A sitting of one person; who has no seat yet gets one."""

    def work(tx: Tx) -> tuple[Project, Member]:
        project = projects.get(tx, name)
        known = {m.name for m in members.roster(tx, project.id)}
        seat = members.ensure(tx, project.id, member)
        if seat.kind != "person":
            raise ConflictError(f"{member!r} is a model in this project; give a person's name")
        if member not in known:
            records.append(tx, project, "seated", {"member": records.person(seat)})
        return project, seat

    project, seat = ws.store.write(work)
    return Review(ws, project, seat, progress)


class Review:
    """What one person is asked and answers; make it with `session`, and close it."""

    def __init__(self, ws: Workspace, project: Project, seat: Member, progress: Progress | None = None) -> None:
        self._ws, self._project, self._seat, self._progress = ws, project, seat, progress
        self._state = begin(project.task.labels)
        self._held: dict[str, Held] = {}
        self.advice: Advice | None = None
        with ws.store.read() as tx:
            mine = queue.held_by(tx, project.id, seat.id)
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
        if n < 1:
            return []
        project, seat = self._project.id, self._seat.id

        def work(tx: Tx) -> list[Held]:
            found = (queue.lease(tx, project, seat, seconds=HOLD_S) for _ in range(n))
            return [held for held in found if held is not None]

        return self._ws.store.write(work)

    def _advance(self) -> bool:
        """Let the economy fill the queue; False when it asks for nothing more from anybody."""
        before = self.advice
        self.advice = plan.advance(self._ws, self._project.name, progress=self._progress)
        return self.advice.queued > 0 and not (before == self.advice and before.kind == "stop")

    def _show(self, found: list[Held]) -> None:
        if not found:
            return
        with self._ws.store.read() as tx:
            rows = items.at(tx, self._project.id, [h.ordinal for h in found])
            self._project = projects.by_id(tx, self._project.id)
        self._held.update({h.lease.token: h for h in found})
        self._state = offer(self._state, [self._question(h, rows[h.ordinal]) for h in found])

    def _question(self, held: Held, row: ItemRow) -> Question:
        hint = None if held.blind else self._project.settings.get("hints", {}).get(str(held.ordinal))
        task = self._project.task
        return Question(
            item=row.id, text=row.text, labels=task.labels, instructions=task.instructions,
            suggestion=hint[0] if hint else None, p=hint[1] if hint else None, blind=hint is None, reason=REASON,
            token=held.lease.token, meta=row.meta,
        )  # fmt: skip

    def take(self, question: Question, answer: Answer, seconds: float = 0.0) -> None:
        """Keep an answer; it is on disk when this returns. TaskError for what the task does not take."""
        after = take(self._state, Reply(question.token, answer, seconds))
        held = self._held[question.token]
        version = "" if question.blind else self._project.released
        said = Said(
            held.ordinal, self._seat.id, answer, max(0.0, seconds), blind=question.blind, version=version,
            used_for=_USE[held.kind], key=question.token,  # type: ignore[arg-type]
        )  # fmt: skip
        self._ws.store.write(lambda tx: self._keep(tx, held, said))
        self._state = after
        del self._held[question.token]

    def _keep(self, tx: Tx, held: Held, said: Said) -> None:
        row = queue.answer(tx, self._project.id, held.lease.token, said)
        if row.repeated:
            return
        self._decide(tx, row.ordinal)
        if said.answer.kind == "unsure":
            queue.fill(tx, self._project.id, [Wanted(held.ordinal, held.rank, held.kind, held.blind, held.seat)])
        self._record(
            tx, "answered", row, {"for": said.used_for, "blind": said.blind, "seconds": round(said.seconds, 1)}
        )

    def _record(self, tx: Tx, kind: str, row: OpinionRow, more: dict[str, object]) -> None:
        named = records.hashes_of(tx, self._project.id, [row.ordinal])[row.ordinal]
        answer = records.answer_text(row.answer)
        entry = {"item": named, "member": records.person(self._seat), "answer": answer, **more}
        records.append(tx, self._project.id, kind, entry)

    def _decide(self, tx: Tx, ordinal: int) -> None:
        """The team's decision on an item from what people say of it now; taken back when nobody says anything."""
        rows = [r for r in opinions.of_item(tx, self._project.id, ordinal) if r.state == "current"]
        told = settled(rows)
        if told is None:
            decisions.withdraw(tx, self._project.id, [ordinal])
            return
        same = sum(r.answer == told.answer for r in rows)
        route = "consensus" if same > 1 else "reviewed"
        reason = f"{same} of {len(rows)} people gave this answer" if len(rows) > 1 else "a person answered"
        decisions.put(tx, self._project.id, [DecisionRow(ordinal, told.answer, route, 1.0, reason)])  # type: ignore[arg-type]

    def skip(self, question: Question) -> None:
        """Pass it on to somebody else; this person is not asked it again."""
        after = take(self._state, Reply(question.token, None))
        held = self._held[question.token]

        def work(tx: Tx) -> None:
            queue.skip(tx, self._project.id, question.token, self._seat.id)
            named = records.hashes_of(tx, self._project.id, [held.ordinal])[held.ordinal]
            records.append(tx, self._project.id, "skipped", {"item": named, "member": records.person(self._seat)})

        self._ws.store.write(work)
        self._state = after
        del self._held[question.token]

    def flag(self, question: Question, note: str = "") -> None:
        """Note a trouble with the item; it stays on the table."""
        find(self._state, question.token)
        ordinal = self._held[question.token].ordinal

        def work(tx: Tx) -> None:
            queue.flag(tx, self._project.id, ordinal, self._seat.id, note)
            named = records.hashes_of(tx, self._project.id, [ordinal])[ordinal]
            records.append(tx, self._project.id, "flagged", {"item": named, "member": records.person(self._seat)})

        self._ws.store.write(work)

    def undo(self) -> str | None:
        """Take this person's newest answer back, again and again to any depth; the item's id, None when nothing is left.

        ConflictError for an answer that a certificate stands on: correct that one instead.
        """

        def work(tx: Tx) -> str | None:
            row = opinions.undo(tx, self._project.id, self._seat.id)
            if row is None:
                return None
            self._decide(tx, row.ordinal)
            left = [r for r in opinions.of_item(tx, self._project.id, row.ordinal) if r.state == "current"]
            if settled(left) is None:
                kind = {"train": "train", "audit": "audit"}.get(row.used_for, "decide")
                queue.fill(tx, self._project.id, [Wanted(row.ordinal, -1.0, kind, row.blind)])  # type: ignore[arg-type]
            self._record(tx, "undone", row, {})
            return items.at(tx, self._project.id, [row.ordinal])[row.ordinal].id

        found = self._ws.store.write(work)
        if found is not None:
            self._state = back(self._state)
        return found

    def correct(self, item: str, answer: Answer) -> None:
        """Give the right answer for an item answered before; a certificate that stood on it is evaluated again."""
        check(self._project.task.labels, answer)

        def work(tx: Tx) -> None:
            ordinal = items.ordinals(tx, self._project.id, [item]).get(item)
            mine = [] if ordinal is None else opinions.of_item(tx, self._project.id, ordinal)
            old = next((r for r in mine if r.member == self._seat.id and r.state == "current"), None)
            if old is None or ordinal is None:
                raise MissingError(f"item {item[:40]}: this person gave no answer to it; review it instead")
            said = Said(ordinal, self._seat.id, answer, blind=old.blind, version=old.version, key=secrets.token_hex(16))
            row = opinions.put(tx, self._project.id, said)
            self._decide(tx, ordinal)
            shaken = walks.standing_on(self._ws, tx, self._project.id, ordinal)
            self._record(tx, "corrected", row, {"certificate": ", ".join(one.id for one in shaken)})
            for one in shaken:
                reopen(tx, self._project.id, one)

        self._ws.store.write(work)
        sweep(self._ws, self._project.name)
        self.advice = plan.advance(self._ws, self._project.name, progress=self._progress)

    def close(self) -> None:
        """Give back what is on the table."""
        for token in list(self._held):
            try:
                self._ws.store.write(partial(queue.release, token=token))
            except ConflictError:
                continue  # its time was over: somebody else has it
            finally:
                del self._held[token]
        self._state = begin(self._state.labels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def reopen(tx: Tx, project: int, shaken: Certificate) -> None:
    """Withdraw a certificate and open its walk again, so that it is evaluated with the answers as they are now.

    Where a walk is open already, this one waits for its end.
    """
    now, details = projects.by_id(tx, project), shaken.details
    certificates.withdraw(tx, project, "an answer it stood on was corrected", shaken.id)
    records.append(tx, project, "withdrawn", {"certificate": shaken.id, "reason": "an answer was corrected"})
    mark = {"blob": details["blob"], "window": shaken.window, "version": shaken.version, "look": details["look"]}
    newest = now.settings.get("certified") or {}
    if newest.get("id") == shaken.id:
        records.change(tx, project, batch_from=newest["from"], deliver=None)
    if now.settings.get("walk") is None:
        records.change(tx, project, walk=mark, advice=None)
    else:
        records.change(tx, project, again=[*now.settings.get("again", []), mark])

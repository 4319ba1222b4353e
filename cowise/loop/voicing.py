"""Language models give their opinions on the items that are open, batch by batch: what is there is not asked again.

Legend: b = items of a batch, t = texts that people answered, d = vector size, k = labels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cowise.core.errors import CowiseError, StorageError
from cowise.core.types import Floats, Indices
from cowise.loop import brain, llm_seats, records
from cowise.loop.board import Board, read
from cowise.loop.filling import can_learn
from cowise.loop.jobs import CancelledError, LostError
from cowise.loop.kinds import BESIDE, Progress
from cowise.loop.workspace import Workspace
from cowise.models.llm import LanguageModel, Purse, Reply
from cowise.models.prompt import Example
from cowise.store import Tx, machine, members
from cowise.store.members import Member
from cowise.team.economy import FIRST_ANSWERS
from cowise.team.forecast import error_curve
from cowise.team.opinion import edge_first

BATCH = 32
"""Items of a blob: what a crash may ask again, from replies that are kept."""
AT_ONCE = 4
"""Requests under way to one server; a model on this machine takes one after the other."""
PROOF = 60
"""Texts that people have answered and a member is asked about first: by them it is known what its opinions are worth."""
GIVE_UP = 8
"""Texts in a row without an answer after which a member is left for now."""


@dataclass(frozen=True, slots=True)
class Voiced:
    """What one member brought: opinions given now, texts without one, money, seconds.

    `fault` is why the last of those texts has none; `why` is why it stopped before the end ("" at the end).
    """

    member: str
    version: str
    given: int
    failed: int
    left: int
    cost: float
    seconds: float
    why: str = ""
    fault: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def opinions(
    ws: Workspace, project: str, *, only: Sequence[str] = (), limit: int = 0, progress: Progress | None = None
) -> list[Voiced]:
    """Ask every language model with an open seat (or `only` these) about items it has not spoken of, the most useful first.

    `limit` caps the texts asked about for each. A member that fails has no opinion on those items, and keeps nobody
    else from speaking. Cut short, the same call goes on where it stood. MissingError for a name without a seat.
    """
    board = read(ws, project)
    with ws.store.read() as tx:
        seats = [m for m in members.roster(tx, board.project.id) if m.active and llm_seats.LLM in m.settings]
        seats = [llm_seats.seat_of(tx, board.project, name) for name in only] or seats
    return [_speak(ws, board, seat, limit, progress) for seat in seats]


def known(ws: Workspace, board: Board, seat: Member) -> tuple[Indices, Floats]:
    """What a member said at its version now: ordinals (n,) ascending and probabilities (n, k)."""
    version = llm_seats.version_of(board.project, seat)
    with ws.store.read() as tx:
        found = machine.batches(tx, board.project.id, seat.name, version)
    return machine.read(ws.store.blobs, found)


def _speak(ws: Workspace, board: Board, seat: Member, limit: int, progress: Progress | None) -> Voiced:
    begun = time.monotonic()
    todo = worth_asking(ws, board, known(ws, board, seat)[0], limit)
    given, failed, cost, why, fault = 0, 0, 0.0, "", ""

    def heard(more: int) -> None:
        if progress:
            beside = f"{BESIDE}{cost:.4f}" if cost else ""
            progress(f"language models give opinions{beside}", given + failed + more, len(todo))

    try:
        model = llm_seats.opened(ws, board.project, seat)
        for replies, stop in _asked(ws, board, seat, (model, todo), heard):
            paid = _keep(ws, board, seat, replies, model.purse)
            faults = [reply.why for reply in replies.values() if reply.p is None]
            given, failed = given + len(replies) - len(faults), failed + len(faults)
            cost, why, fault = cost + paid, stop, (faults or [fault])[-1]
            heard(0)
    except (CancelledError, LostError, StorageError):
        raise
    except CowiseError as cause:
        why = str(cause)
    version = llm_seats.version_of(board.project, seat)
    left, took = len(todo) - given - failed, round(time.monotonic() - begun, 3)
    return Voiced(seat.name, version, given, failed, left, round(cost, 6), took, why, fault)


def _asked(
    ws: Workspace, board: Board, seat: Member, what: tuple[LanguageModel, Indices], heard: Callable[[int], None]
) -> Iterator[tuple[dict[int, Reply], str]]:
    """Replies by ordinal, batch by batch, and why it ends with this one ("" while it goes on)."""
    (model, todo), asked, silent = what, llm_seats.seated(seat), 0
    shelf, payer = llm_seats.replies(ws, board.project.id), str(seat.id)
    helper = _Neighbours(ws, board, asked.shots)
    pool = ThreadPoolExecutor(1 if asked.local else AT_ONCE, thread_name_prefix="language model")
    try:
        for first in range(0, len(todo), BATCH):
            part = np.sort(todo[first : first + BATCH])
            texts, examples = helper.of(part)
            waiting = {
                ordinal: pool.submit(model.ask, text, shown, replies=shelf, payer=payer)
                for ordinal, text, shown in zip(part.tolist(), texts, examples, strict=True)
            }
            got, stop = _collected(waiting, heard)
            for reply in got.values():
                silent = silent + 1 if reply.p is None else 0
                if silent == GIVE_UP:
                    stop = stop or f"{silent} texts in a row got no answer: {reply.why}"
            yield got, stop
            if stop:
                return
    finally:  # whoever stops waits for what is under way, and for nothing else
        pool.shutdown(cancel_futures=True)


def _collected(waiting: dict[int, Future[Reply]], heard: Callable[[int], None]) -> tuple[dict[int, Reply], str]:
    """What was answered, and why the rest was not ("" when all was); what is under way is waited for: it is paid."""
    got, stop = dict[int, Reply](), ""
    for ordinal, each in waiting.items():
        if stop and each.cancel():
            continue
        try:
            got[ordinal] = each.result()
            heard(len(got))
        except (CancelledError, LostError, StorageError):
            raise
        except CowiseError as cause:
            stop = stop or str(cause)
    return got, stop


def _keep(ws: Workspace, board: Board, seat: Member, replies: dict[int, Reply], purse: Purse) -> float:
    """Keep a batch as one blob, with what it cost, on record; the money that was paid.

    The purse then knows what others paid for the same seat meanwhile.
    """
    paid = sum(reply.cost for reply in replies.values())
    spoke = {ordinal: reply.p for ordinal, reply in sorted(replies.items()) if reply.p is not None}
    version, packed = llm_seats.version_of(board.project, seat), None
    if spoke:
        packed = machine.pack(ws.store.blobs, np.array(list(spoke), np.int64), np.array(list(spoke.values())))

    def work(tx: Tx) -> float:
        now = members.by_id(tx, seat.id)
        total = llm_seats.spent(now) + paid
        if paid:
            members.set_settings(tx, seat.id, {**now.settings, "spent": total})
        if packed is not None:
            machine.put(tx, board.project.id, seat.name, version, packed)
        entry = {
            "member": records.person(now), "version": version, "n": len(spoke), "failed": len(replies) - len(spoke),
            "blob": packed[0] if packed else "", "cost": f"{paid:.6f}",
        }  # fmt: skip
        records.append(tx, board.project, "opinions", entry)
        return total

    if replies:
        purse.spent = ws.store.write(work)
    return paid


def worth_asking(ws: Workspace, board: Board, spoken: Indices, limit: int) -> Indices:
    """What to ask a member about that has `spoken` of some items, the most useful first; at most `limit`, 0 for all.

    First some texts that people have answered, drawn by lot: how much the member counts is known at once, and not only when
    more answers came. Then open ones: those that its opinion may let out alone first, as far as the candidate knows them.
    """
    by_lot = np.random.default_rng(board.project.id).permutation(board.n)  # the same again for who was cut short
    answered, waiting = np.flatnonzero(board.trains & (board.label >= 0)), np.flatnonzero(board.open)
    lacks = max(0, PROOF - int(np.isin(answered, spoken).sum()))
    few = min(lacks, max(1, limit // 3)) if limit else lacks
    proof, rest = (by_lot[np.isin(by_lot, np.setdiff1d(some, spoken))] for some in (answered, waiting))
    found = brain.candidate(ws, board) if len(rest) and len(answered) >= FIRST_ANSWERS else None
    if found is not None and can_learn(found):
        inside = rest[found.contains(rest)]
        view, promise = found.learner.look(), board.project.promise
        margin = view.margin[found.rows_of(inside)]
        alone = promise.of == "selective"
        tolerated = np.array([promise.max_error * (n if alone else board.n) for n in range(1, len(inside) + 1)])
        order = edge_first(margin, error_curve(view.past_margin, view.past_wrong).risk(margin), tolerated)
        rest = np.concatenate([inside[order], rest[~found.contains(rest)]])
    todo = np.concatenate([proof[:few], rest])
    return todo[:limit] if limit else todo


class _Neighbours:
    """Examples for a text: the nearest in embedding space among other texts whose answers may train. Audits are none of them."""

    def __init__(self, ws: Workspace, board: Board, shots: int) -> None:
        self._ws, self._board, self._shots = ws, board, shots
        trained = np.flatnonzero(board.trains & (board.label >= 0)) if shots else np.zeros(0, np.int64)
        self._ordinals = trained
        self._labels = [board.project.task.labels[int(i)] for i in board.label[trained]]
        self._encoder = brain.encoder_of(ws, board.project) if len(trained) else None
        self._texts, self._vectors = brain.embedded(ws, board.project, self._encoder, trained)

    def of(self, part: Indices) -> tuple[list[str], list[list[Example]]]:
        """The texts of a batch and the examples of each, the nearest last, beside the text itself."""
        texts, vectors = brain.embedded(self._ws, self._board.project, self._encoder, part)
        if vectors is None or self._vectors is None:
            return texts, [[] for _ in texts]
        near_bt = vectors @ self._vectors.T
        near_bt[part[:, None] == self._ordinals] = -np.inf  # nobody is shown the answer to what is asked
        rows = np.argsort(near_bt, axis=1, kind="stable")[:, -self._shots :]
        return texts, [
            [Example(self._texts[i], self._labels[i]) for i in row if near_bt[at, i] > -np.inf]
            for at, row in enumerate(rows.tolist())
        ]

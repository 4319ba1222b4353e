"""A look at the promise: freeze the model, lay down the design, ask the audits among others, conclude.

The design is on record before its first audit is asked. Audits go out with as many blind questions about items that
people would have to answer anyway, in an order that tells nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from random import SystemRandom
from typing import Any

import numpy as np

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Certificate
from cowise.loop import granting, jury, pace, records, shade
from cowise.loop.board import Board, settled
from cowise.loop.circles import idle
from cowise.loop.granting import Decline
from cowise.loop.kinds import Advice
from cowise.loop.layout import NO_ANSWER, Codes, Layout, asks
from cowise.loop.rules import AHEAD, company, least_sure
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, opinions, projects, queue, versions
from cowise.store.opinions import OpinionRow
from cowise.store.queue import QuestionKind, Wanted
from cowise.team.economy import COMPANY

_SHUFFLE = SystemRandom()
_Place = tuple[int, QuestionKind, int]
"""Item, what for, seat."""


def kept(ws: Workspace, digest: str) -> Layout:
    """A design as it was laid down."""
    return Layout.from_bytes(ws.store.blobs.get(digest))


def begin(
    ws: Workspace, board: Board, layout: Layout, frozen: tuple[str, str, dict[str, Any]] | None,
    foretold: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Put the design on record; `frozen` (version, folder, metrics) is released with it, which voids what stood before.

    `foretold` of the walk is recorded with it, to be held against what it grants.

    False, and nothing is changed, when somebody answered or took up an item of the design since the board was read.
    """
    blob = ws.store.blobs.put(layout.to_bytes())
    asked, project, rest = board.project, board.project.id, set(layout.ordinals.tolist())
    trained = trained_by(board)

    def work(tx: Tx) -> bool:
        now = projects.by_id(tx, project)
        shadow = (now.settings.get("shadow") or {}).get("version") == layout.version
        look = now.settings["shadow"]["look"] if shadow else now.settings.get("looks", 0)
        same = (now.task, now.promise, look) == (asked.task, asked.promise, layout.look)
        if now.settings.get("walk") or not same:
            return False  # another process was here meanwhile: these lots may have been looked at
        held = {q.ordinal for q in queue.rows(tx, project) if q.held}
        if not layout.stream and rest & (held | opinions.touched(tx, project, board.newest)):
            return False  # somebody took a question of the rest meanwhile, or answered one
        if frozen is not None:
            if _release(tx, project, frozen):
                records.change(tx, project, batch_from=0, again=[])
            for i in range(0, len(trained), 200):
                opinions.use(tx, project, trained[i : i + 200], "train")
        head = layout.head()
        window = "stream" if layout.stream else "batch"
        mark = {
            "blob": blob, "window": window, "version": layout.version, "look": layout.look,
            "uses": opinions.uses(tx, project), "foretold": dict(foretold or {}),
        } | ({"shadow": True} if shadow else {})  # fmt: skip
        looks = max(int(now.settings.get("looks", 0)), layout.look + 1)
        gone: dict[str, Any] = {"shadow": None} if shadow else {}
        if layout.stream:
            gone["stream_from"] = board.n  # used from now on, even if the look is given up
        records.change(tx, project, walk=mark, looks=looks, advice=None, **gone)
        # What shows a suggestion lies outside of the design: it stays, for people answer it in any case.
        queue.clear(tx, project, blind=True)
        entry = {**head, "blob": blob, "window": window, "rest": len(layout.ordinals), "foretold": mark["foretold"]}
        records.append(tx, project, "designed", entry)
        return True

    return ws.store.write(work)


def trained_by(board: Board) -> list[int]:
    """Answers that a model learned from and that are for nothing yet: from its release on they are for training."""
    return [
        row.id for o in np.flatnonzero(board.trains) for row in board.said.get(int(o), []) if row.used_for == "none"
    ]


def _release(tx: Tx, project: int, frozen: tuple[str, str, dict[str, Any]]) -> int:
    version, folder, metrics = frozen
    if any(v.id == version and v.state == "withdrawn" for v in versions.history(tx, project)):
        raise GuaranteeError(
            f"{version} was withdrawn: answer more questions, from which another one learns, or release it again"
        )
    if version not in {v.id for v in versions.history(tx, project) if v.state != "candidate"}:
        versions.put(tx, project, version, folder, metrics)
    gone = versions.release(tx, project, version)
    records.append(
        tx, project, "released", {"version": version, "folder": folder, "withdrawn": gone, "metrics": metrics}
    )
    return gone


def codes_of(board: Board, layout: Layout, *, jury_waits: bool = True) -> Codes:
    """What people said of the drawn items: right, wrong, or no answer once nobody is left to give one.

    Second opinions have a say in what the right answer is, and none in whether the item was audited. Where a jury sits, an
    audit that differs from the machine waits for it.
    """
    found: dict[int, int] = {}
    for place in np.flatnonzero(layout.drawn):
        ordinal = int(layout.ordinals[place])
        code = _code(board, layout, (ordinal, int(layout.label[place])), jury_waits)
        if code is not None:
            found[ordinal] = code
    return found


def _code(board: Board, layout: Layout, drawn: tuple[int, int], jury_waits: bool) -> int | None:
    """What people said of a drawn (item, machine's label); None while somebody may still say something."""
    ordinal, label = drawn
    rows = board.said.get(ordinal, [])
    told = settled(rows)
    first = settled([row for row in rows if row.used_for != "second"]) or told
    if first is not None and (not first.blind or (first.used_for == "train" and not layout.stream)):
        return NO_ANSWER  # no audit was asked: it counts against the machine
    if told is not None and told.answer is not None:
        if layout.jury:
            return jury.found(board, ordinal, label, waits=jury_waits, each=layout.each)
        return jury.alone(label, board.project.task.code(told.answer), each=layout.each)
    asked = {row.member for row in rows} | board.passed.get(ordinal, set())
    able = board.reading.of(ordinal)
    nobody_left = able <= asked and bool(asked or board.people)
    return NO_ANSWER if board.erased[ordinal] or nobody_left else None


def standing_on(ws: Workspace, tx: Tx, project: int, ordinal: int) -> list[Certificate]:
    """The valid certificates for which an item was drawn; a batch's before a stream's."""
    released = projects.by_id(tx, project).released
    found = [row.certificate for row in certificates.valid(tx, project)] if released else []
    over = [(one, kept(ws, one.details["blob"])) for one in found]
    return sorted((one for one, layout in over if ordinal in layout.ordinals[layout.drawn]), key=lambda one: one.window)


def go_on(ws: Workspace, board: Board, low: int = 0, decline: Decline | None = None) -> Advice | None:
    """Ask the next audits of the open walk once at most `low` questions wait, or conclude it (None).

    `decline` may leave what a first reading of it grants unused, for a later look.
    """
    mark = board.project.settings["walk"]
    layout = kept(ws, mark["blob"])
    codes = codes_of(board, layout)
    if not asks(layout, codes, AHEAD):
        conclude(ws, board, layout, codes, None if mark.get("reopened") else decline)
        return None
    left = len(asks(layout, codes, len(layout.ordinals)))
    asked = _ask(ws, board, layout, codes, idle(board, low))
    with ws.store.read() as tx:
        state = queue.state(tx, board.project.id)
    reason = f"at most {left} audits by lot are to be answered, blind, among others"
    needed = left + max(_free(board, layout), -(-left // COMPANY))
    advice = Advice("audit", state.num_waiting, needed, reason)
    if asked or not board.project.settings.get("advice"):
        ws.store.write(
            lambda tx: records.change(tx, board.project.id, advice=pace.advised(tx, board.project.id, advice))
        )
    return advice


def cut_short(ws: Workspace, board: Board) -> bool:
    """Conclude a walk that waits for nothing but people who look again: what was said so far decides. False: it does not."""
    layout = kept(ws, board.project.settings["walk"]["blob"])
    waiting = asks(layout, codes_of(board, layout), len(layout.ordinals))
    now = codes_of(board, layout, jury_waits=False)
    if not waiting or not all(o in board.said for o in waiting) or asks(layout, now, 1):
        return False
    conclude(ws, board, layout, now)
    return True


def _ask(ws: Workspace, board: Board, layout: Layout, codes: Codes, circles: Iterable[frozenset[int]]) -> int:
    """Fill the queue with audits and as many others, shuffled, for people of these circles; how many.

    When and how many depends on how many questions wait, whatever they are for: so the queue's length tells nothing.
    """
    mixed: list[_Place] = []
    for circle in circles:
        mixed += _mixed(board, layout, codes, board.reading.by(circle), {o for o, _, _ in mixed})
    if not mixed:
        return 0
    _SHUFFLE.shuffle(mixed)
    now = int(board.project.settings.get("asked", 0))
    wanted = [Wanted(o, float(now + i), kind, blind=True, seat=seat) for i, (o, kind, seat) in enumerate(mixed)]

    def work(tx: Tx) -> None:
        records.ask(tx, board.project, wanted, "asked", {})

    ws.store.write(work)
    return len(wanted)


def _mixed(board: Board, layout: Layout, codes: Codes, reads: Bools, apart: set[int]) -> list[_Place]:
    """Audits among what people read (n,), and their company in the same languages: of each, audits are no plainer than of all.

    Where every audit is out already, and items are left that people answer in any case, those keep people busy.
    """
    pending, asked = asks(layout, codes, len(layout.ordinals)), board.queued | apart
    fresh = [o for o in pending if reads[o] and o not in asked][:AHEAD]
    first = [o for o in fresh if o not in board.said]
    mixed: list[_Place] = [(o, "audit", 0) for o in first]
    mixed += [(o, "second", len(board.said[o])) for o in fresh if o in board.said]
    for language in dict.fromkeys(board.reading.language(o) for o in fresh):
        same = board.reading.alike(language)
        n = _company(board, layout, same, first, pending)
        mixed += [(o, "decide", 0) for o in _others(board, layout, n, same, apart)]
    if not fresh:
        mixed += [(o, "decide", 0) for o in _others(board, layout, min(AHEAD, _free(board, layout)), reads, apart)]
    return mixed


def _free(board: Board, layout: Layout) -> int:
    """Items that are still expected to go to people in any case."""
    drawn = layout.ordinals[layout.drawn]
    apart = set(layout.ordinals.tolist()) - set(drawn.tolist())
    asked = sum(q.ordinal in apart and q.kind != "second" for q in board.queue)
    given = sum(o in board.said for o in apart) + asked
    return max(0, layout.deferred - given)


def _company(board: Board, layout: Layout, same: Bools, first: list[int], pending: list[int]) -> int:
    """How many other blind questions among the `same` items (n,) go out with those of the audits `first` that are of them.

    Of the `pending` audits each language takes its share; questions asked now count as earlier ones. Second opinions are
    nobody's company: whoever asks for many would make audits the plainer.
    """
    uses = [(o, row.used_for) for o, rows in board.said.items() for row in rows if row.blind]
    blind = [(o, use == "audit") for o, use in uses if use != "second"]
    blind += [(place.ordinal, place.kind == "audit") for place in board.queue if place.blind and place.kind != "second"]
    here = [audit for o, audit in blind if same[o]]
    moved = int(board.project.settings.get("moved", 0))  # audits of looks that granted nothing train now
    audits = sum(here) + math.ceil(moved * len(here) / max(1, len(blind)))
    fresh, left = int(same[first].sum()), int(same[pending].sum())
    free = math.ceil(_free(board, layout) * left / max(1, len(pending)))
    return company(fresh, left, free, audits, len(here) - audits)


def _others(board: Board, layout: Layout, n: int, same: Bools, apart: set[int]) -> list[int]:
    """The least sure open items among the `same` that were not drawn, that nobody was asked and that are not set `apart`.

    Older deferred ones first; none of a preset region, which is promised about as it is.
    """
    drawn = layout.drawn
    order = layout.ordinals[least_sure(layout.score)]
    taken = (
        board.queued
        | set(layout.ordinals[drawn | layout.inside].tolist())
        | set(board.said)
        | set(board.passed)
        | apart
    )
    free = board.open & same
    older = np.setdiff1d(np.flatnonzero(free), layout.ordinals)
    found = [int(o) for o in (*older.tolist(), *order.tolist()) if free[o] and int(o) not in taken]
    return found[:n]


def conclude(
    ws: Workspace, board: Board, layout: Layout, codes: Codes, decline: Decline | None = None
) -> Certificate | None:
    """End the walk: a certificate that names its items, or none and the reason on record."""
    read = granting.granted(ws, board, layout, codes, decline)
    found, chosen, certificate, reason = read.found, read.chosen, read.certificate, read.reason
    project, mark = board.project, board.project.settings["walk"]
    stream = mark["window"] == "stream"
    rows = [row for o in codes for row in board.said.get(o, [])]
    items_blob = granting.items_blob(ws, layout, chosen) if certificate is not None and not stream else ""

    def work(tx: Tx) -> Certificate | None:
        if opinions.mark(tx, project.id) != board.mark:
            return None  # an answer came in meanwhile: the next call reads it first
        queue.clear(tx, project.id, ("audit",))
        again = list(projects.by_id(tx, project.id).settings.get("again", []))
        ended: dict[str, Any] = {"advice": None, "last_reason": reason}
        ended |= {"walk": again[0] if again else None, "again": again[1:]}
        if certificate is None:
            ended |= {} if stream else {"fruitless": board.newest}
            if layout.version.startswith("stated-"):
                ended["stated"] = None  # from here on the answers train a candidate of our own
            records.change(tx, project.id, **ended, chosen=None)  # the next look is over what was learned since
            entry = {"blob": mark["blob"], "reason": reason, "audits": found.n_audited, "errors": found.n_errors}
            _to_training(tx, project, rows, entry)
            return None
        final = granting.named(tx, project.id, certificate, chosen)
        certificates.put(tx, project.id, final)
        if mark.get("shadow"):
            shade.promoted(tx, project, layout.version, final.id)
        opinions.use(tx, project.id, [row.id for row in rows if row.used_for == "none"], "audit")
        # A second opinion carries no mark: whoever gave it would learn that the item was an audit.
        opinions.certify(tx, project.id, [row.id for row in rows if row.used_for != "second"], final.id)
        ended |= {} if stream else granting.certified(project, layout, final.id, items_blob)
        records.change(tx, project.id, **ended)
        body = {**asdict(final), "details": {**final.details}, "threshold": granting.finite(final.threshold)}
        records.append(tx, project.id, "certified", {**body, "items_blob": items_blob})
        return final

    return ws.store.write(work)


def _to_training(tx: Tx, project: projects.Project, rows: list[OpinionRow], entry: dict[str, Any]) -> None:
    """A look that grants nothing is on record; the answers that only it used may train from now on."""
    standing = {c.certificate.id for c in certificates.valid(tx, project.id)}
    moved = [row.id for row in rows if row.used_for == "audit" and row.certificate not in standing]
    for i in range(0, len(moved), 200):
        opinions.use(tx, project.id, moved[i : i + 200], "train")
    before = int(projects.by_id(tx, project.id).settings.get("moved", 0))
    records.change(tx, project.id, moved=before + len(moved))
    records.append(tx, project.id, "ended without certificate", {**entry, "moved": len(moved)})

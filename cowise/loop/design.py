"""From what the machine says of the rest to a design: forecasts choose its size, lots choose its audits.

Every look draws lots of its own, after the model, the order and the size are fixed: so given the past, the audits are
a uniform sample of the rest, and each look holds at its own share of delta.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cowise.core.errors import GuaranteeError
from cowise.core.types import Floats, Indices, Promise
from cowise.guard import lots, ties
from cowise.loop.board import Board
from cowise.loop.brain import Said
from cowise.loop.layout import SUREST, Layout
from cowise.loop.shares import look_share
from cowise.loop.workspace import look_key
from cowise.team import binomial_cdf, design, group_delta, shared
from cowise.team.batch import b2_lots
from cowise.team.economy import COMPANY, KAPPAS, Outlook, Standing, best_walk
from cowise.team.tails import errors_that_break

_AS_GOOD_AS_SURE = 0.9999
__all__ = ["Draw", "Rest", "batch", "look_share", "region", "stream", "trivial"]


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Unanswered items of a batch: `ordinals`, content `ids`, what the machine `said`, and forecast `risk` (r,).

    `n_items` counts all that the promise is over, those that people have answered included. `parts`: how likely a wrong set
    is wrong in each of its labels.
    """

    ordinals: Indices
    ids: Sequence[str]
    said: Said
    risk: Floats
    n_items: int
    end: int
    parts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """Whose lots: the project's audit key, the number of the look and its share of delta.

    With a `jury` audits that differ from the machine are looked at again; `doubt` is people's own error, by what is known.
    `sets` counts the labels where answers are sets of them, else 0. `salt` is what a restored workspace draws with beside the key.
    """

    key: bytes
    look: int
    delta: float
    version: str
    promise: Promise
    jury: bool = False
    doubt: float = 0.0
    sets: int = 0
    salt: str = ""

    @property
    def each(self) -> int:
        """How many labels are promised at once over the same audits."""
        return each_of(self.promise, self.sets)


def each_of(promise: Promise, sets: int) -> int:
    """How many labels a promise is over at once, of sets that may hold so many; 1 for whole answers."""
    return max(1, sets) if promise.per_label and promise.of == "delivered" else 1


def sets_of(board: Board) -> int:
    """How many labels a set may hold, 0 where an answer is one label."""
    return len(board.project.task.labels) if board.project.task.sets else 0


def share(board: Board) -> float:
    """Delta of the next look."""
    return look_share(board.project.promise.delta, int(board.project.settings.get("looks", 0)))


def batch(rest: Rest, draw: Draw) -> Layout:
    """The design for a batch, as the promise asks: a walk, a walk for each predicted label, or a preset region."""
    promise = draw.promise
    if promise.of == "selective":
        if promise.per_label and not draw.sets:
            return _regions(rest, draw)
        # Of sets, an error in any label is one: kept for whole sets, it is kept for each label.
        threshold, count = region(rest.said.score, rest.risk, promise, draw.delta)
        return _layout(rest, draw, "b2", threshold=threshold, lots=count)
    if draw.each > 1:
        return _each(rest, draw)
    if not promise.per_label or draw.sets:
        ahead = _ahead(rest, draw, np.arange(len(rest.ordinals)), rest.n_items, draw.delta)
        plan = design(rest.n_items, len(rest.ordinals), promise.max_error, draw.delta, ahead.kappa, promise.missed)
        return _layout(rest, draw, "out", plans=(plan,), deferred=_deferred(ahead))
    labels, group = np.unique(rest.said.label, return_inverse=True)
    share = group_delta(draw.delta, max(1, len(labels)))  # kept for every label, it is kept overall
    plans, deferred = [], 0
    for g in range(len(labels)):
        rows = np.flatnonzero(group == g)
        ahead = _ahead(rest, draw, rows, len(rows), share)
        deferred += _deferred(ahead)
        plans.append(design(len(rows), len(rows), promise.max_error, share, ahead.kappa, promise.missed))
    return _layout(rest, draw, "out", plans=tuple(plans), group=group, deferred=deferred)


def _each(rest: Rest, draw: Draw) -> Layout:
    """One walk for each label of a set, all over the same audits."""
    ahead, promise = _ahead(rest, draw, np.arange(len(rest.ordinals)), rest.n_items, draw.delta), draw.promise
    plan = design(rest.n_items, len(rest.ordinals), promise.max_error, draw.delta, ahead.kappa, promise.missed)
    plan = shared(plan, draw.each)
    return _layout(rest, draw, "out", plans=(plan,) * draw.sets, each=True, deferred=_deferred(ahead))


def _regions(rest: Rest, draw: Draw) -> Layout:
    """A preset region for each predicted label; GuaranteeError when none of them is expected to pass."""
    labels, group = np.unique(rest.said.label, return_inverse=True)
    share, parts, fault = group_delta(draw.delta, max(1, len(labels))), [], None
    for g in range(len(labels)):
        rows = np.flatnonzero(group == g)
        try:
            parts.append(region(rest.said.score[rows], rest.risk[rows], draw.promise, share))
        except GuaranteeError as cause:
            parts.append((float("inf"), 0))
            fault = cause
    if fault is not None and not any(lots for _, lots in parts):
        raise fault
    return _layout(rest, draw, "b2", parts=tuple(parts), group=group)


def _ahead(rest: Rest, draw: Draw, rows: Indices, n_items: int, delta: float) -> Outlook:
    standing = Standing(
        n_items=n_items, answered=n_items - len(rows), confidence=rest.said.score[rows], risk=rest.risk[rows],
        promise=draw.promise, delta=delta, doubt=draw.doubt, labels=draw.each, parts=rest.parts,
    )  # fmt: skip
    return best_walk(standing)


def _deferred(ahead: Outlook) -> int:
    """Answers expected beside the audits: items that go to people in any case."""
    return max(0, int(ahead.answers - ahead.lots))


def _layout(
    rest: Rest, draw: Draw, method: str, *, threshold: float = -np.inf, lots: int = 0, **parts: object
) -> Layout:
    key = look_key(draw.key, draw.look, draw.salt)
    said = rest.said
    whole = {
        "method": method, "of": draw.promise.of, "max_error": draw.promise.max_error, "delta": draw.delta,
        "version": draw.version, "n_items": rest.n_items, "ordinals": rest.ordinals, "label": said.label, "p": said.p,
        "score": said.score, "tie": ties(key, rest.ids), "lot": _lots(key, rest.ids),
        "group": np.zeros(len(rest.ordinals), np.int64), "threshold": threshold, "lots": lots, "end": rest.end,
        "look": draw.look, "salt": draw.salt, "jury": draw.jury, "missed": draw.promise.missed,
    }  # fmt: skip
    return Layout(**{**whole, **parts})  # type: ignore[arg-type]


def _lots(key: bytes, ids: Sequence[str]) -> Floats:
    return lots(key, ids)


def region(score: Floats, risk: Floats, promise: Promise, delta: float, weight: float = 1.0) -> tuple[float, int]:
    """Threshold and number of audits by which most items are expected to go out under a selective promise (B2).

    Each entry stands for `weight` items; it leaves out as many as keep audits company. GuaranteeError when no region is expected to pass.
    """
    order = np.argsort(-score, kind="stable")
    mean = np.cumsum(risk[order]) / np.arange(1, len(order) + 1)
    best, found = 0.0, (float("inf"), 0)
    for share in np.linspace(0.1, 1.0, 19):
        place = max(0, int(share * len(order)) - 1)
        cut = float(score[order[place]]) if len(order) else 0.0
        surest = int((score >= cut).sum())
        inside = round(surest * weight)
        if best > 0 and mean[surest - 1] >= promise.max_error:
            continue  # it passes by luck alone
        for kappa in KAPPAS:
            need = b2_lots(inside, kappa, promise.max_error, delta, promise.missed)
            beside = -(-need // COMPANY)  # so many others at least keep its audits company, from outside of it
            if not inside or 2 * need > inside or inside + beside > len(order) * weight:
                break
            passes = float(binomial_cdf(kappa, need, float(mean[surest - 1])))
            worth = passes * (inside - need) - need * 0.1
            if worth > best:
                best, found = worth, (cut, need)
            if passes > _AS_GOOD_AS_SURE:
                break  # more tolerated errors only cost more audits
    if not found[1]:
        raise GuaranteeError(
            f"error <= {promise.max_error} of what the machine answers alone: no part of {len(order):,} items is expected to pass; "
            "answer more first, or promise it of everything delivered"
        )
    return found


def stream(rest: Rest, draw: Draw) -> Layout:
    """The design for texts still to come: every reserved item is audited; P1, or S2 for a selective promise.

    Where it is promised for each predicted label, each has a sample of its own; of sets, selective ones are kept whole.
    """
    method = "s2" if draw.promise.of == "selective" else "p1"
    if not draw.promise.per_label or draw.sets:
        return _layout(rest, draw, method, lots=len(rest.ordinals))
    _, group = np.unique(rest.said.label, return_inverse=True)
    return _layout(rest, draw, method, parts=tuple((float("-inf"), int(n)) for n in np.bincount(group)), group=group)


def lost(rest: Rest, gone: Indices, *, each: bool) -> Rest:
    """The sample with the texts that were drawn for it and erased since, as the surest of all: unanswered, they count as wrong.

    So nobody can erase a text to make a version look better. With `each` label promised they count under every one.
    """
    labels = np.unique(rest.said.label) if each else np.zeros(1, np.int64)
    rows, n = np.repeat(gone, len(labels)), len(gone) * len(labels)
    said = Said(
        np.concatenate([rest.said.label, np.tile(labels, len(gone))]), np.concatenate([rest.said.p, np.ones(n)]),
        np.concatenate([rest.said.score, np.full(n, SUREST)]),
    )  # fmt: skip
    return replace(
        rest, ordinals=np.concatenate([rest.ordinals, rows]), ids=[*rest.ids, *(f"erased {i}" for i in range(n))], said=said,
        risk=np.concatenate([rest.risk, np.zeros(n)]), n_items=rest.n_items + n,
    )  # fmt: skip


def trivial(n_rest: int, n_items: int, max_error: float) -> bool:
    """Whether so few items are left that even all of them wrong would keep a delivered promise.

    >>> trivial(5, 100, 0.05), trivial(6, 100, 0.05)
    (True, False)
    """
    return n_rest < errors_that_break(max_error, n_items)

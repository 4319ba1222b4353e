"""A certificate's design, laid down before its first audit is answered, and folded over the answers.

One walk (OUT) over everything, one for each predicted label, or of sets one for each label over the same audits; a sample
in a preset region (B2), or a sample for texts still to come (P1, S2), of each predicted label where it is promised so. Kept
as one file; the ledger names its digest.

Legend: r = items of the rest that the design is over.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Indices, Scope
from cowise.team import Plan, Sample, Verdict, Walk, automated, b2, begin, group_delta, p1, s2, verdict
from cowise.team.out import NO_ANSWER, PENDING, RIGHT, WRONG, ask

Method = Literal["out", "b2", "p1", "s2"]
Codes = Mapping[int, int]
"""Answers by ordinal: RIGHT, WRONG or NO_ANSWER; a drawn item that is absent waits for its answer.

Where each label of a set is walked by itself, WRONG_IN + a set: right but for these labels.
"""
WRONG_IN = 16
SUREST = 2.0
"""Above every score there is: of texts that were drawn for a sample and erased, which count as wrong."""
Part = tuple[float, int]
"""The lowest score of a sample's region, and how many audits are drawn from it."""

__all__ = [
    "NO_ANSWER", "PENDING", "RIGHT", "WRONG", "WRONG_IN", "Codes", "Layout", "Outcome", "asks", "outcome", "wrong_in"
]  # fmt: skip


def wrong_in(code: int, label: int) -> int:
    """What an audit's code says of one label of a set.

    >>> [wrong_in(WRONG_IN + 0b10, label) for label in (0, 1)], wrong_in(NO_ANSWER, 0)
    ([0, 1], 2)
    """
    return code if code < WRONG_IN else (code - WRONG_IN) >> label & 1


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """`ordinals`, `label`, `p`, `score`, `tie`, `lot`, `group` (r,) of the rest; `plans` one for each group of a walk.

    `drawn` (r,) are the items to audit. `end` is the first ordinal behind the batch; `deferred` items are expected to go
    to people in any case. With a `jury` audits that differ from the machine are looked at again; people are taken to miss
    at most the share `missed` of its errors. Of a sample `parts` has one for each group. With `each`, plan g is label g's of a
    set, and all of them walk over everything.
    """

    method: Method
    of: Scope
    max_error: float
    delta: float
    version: str
    n_items: int
    ordinals: Indices
    label: Indices
    p: Floats
    score: Floats
    tie: Floats
    lot: Floats
    group: Indices
    plans: tuple[Plan, ...] = ()
    lots: int = 0
    threshold: float = -np.inf
    end: int = 0
    look: int = 0
    deferred: int = 0
    jury: bool = False
    missed: float = 0.0
    parts: tuple[Part, ...] = ()
    each: bool = False
    salt: str = ""
    """What was drawn when the workspace was restored last, "" for never: lots that may have been looked at are not drawn again."""

    @property
    def max_found(self) -> float:
        """The error that people find in a stream whose error is the accepted one: they miss some."""
        return self.max_error * (1 - self.missed)

    @property
    def stream(self) -> bool:
        """Whether it is over texts still to come."""
        return self.method in ("p1", "s2")

    def walks(self, codes: Codes) -> list[tuple[Indices, Walk]]:
        """Each group's rows and its walk with the answers so far."""
        found = []
        for g, plan in enumerate(self.plans):
            rows = np.arange(len(self.ordinals)) if self.each else np.flatnonzero(self.group == g)
            walk = begin(plan, self.score[rows], self.tie[rows], self.lot[rows])
            marks = [codes.get(int(self.ordinals[rows[i]]), PENDING) for i in walk.order[walk.drawn]]
            if self.each:
                marks = [wrong_in(mark, g) for mark in marks]
            found.append((rows, _answered(walk, tuple(marks))))
        return found

    def samples(self) -> list[tuple[Indices, Part]]:
        """Each group's rows and its part, where audits are a sample."""
        if not self.parts:
            return [(np.arange(len(self.ordinals)), (self.threshold, self.lots))]
        return [(np.flatnonzero(self.group == g), part) for g, part in enumerate(self.parts)]

    @property
    def inside(self) -> Bools:
        """Which items a preset region holds, (r,); none where there is no such region.

        The promise is over what the machine answers of them: whoever takes more than the audits out lowers what it is
        over, and leaves its errors.
        """
        mask = np.zeros(len(self.ordinals), np.bool_)
        for rows, (threshold, lots) in self.samples() if self.method == "b2" else ():
            mask[rows] = (self.score[rows] >= threshold) & (lots > 0)
        return mask

    @property
    def drawn(self) -> Bools:
        """Which items were drawn for audit, (r,)."""
        mask = np.zeros(len(self.ordinals), dtype=np.bool_)
        if self.method == "out":
            for rows, walk in self.walks({}):
                mask[rows[walk.order[walk.drawn]]] = True
            return mask
        for rows, (threshold, lots) in self.samples():
            inside = rows[self.score[rows] >= threshold]
            mask[inside[np.argsort(self.lot[inside])[:lots]]] = True
        return mask

    def to_bytes(self) -> bytes:
        """One file."""
        buffer = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez(buffer, head=np.frombuffer(json.dumps(self.head()).encode("utf-8"), np.uint8), **arrays)
        return buffer.getvalue()

    def head(self) -> dict[str, Any]:
        """All but the arrays, as JSON."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        more: dict[str, Any] = {"parts": [[_plain(cut), lots] for cut, lots in self.parts]} if self.parts else {}
        more |= {"each": True} if self.each else {}
        more |= {"salt": self.salt} if self.salt else {}
        plans = [asdict(plan) for plan in self.plans]
        return {**plain, "threshold": _plain(self.threshold), "plans": plans, **more}

    @staticmethod
    def from_bytes(data: bytes) -> Layout:
        """Read what `to_bytes` wrote."""
        kept = np.load(io.BytesIO(data), allow_pickle=False)
        head = json.loads(kept["head"].tobytes())
        plans = tuple(Plan(**plan) for plan in head.pop("plans"))
        head["threshold"] = _number(head["threshold"])
        head["parts"] = tuple((_number(cut), lots) for cut, lots in head.get("parts", ()))
        return Layout(**head, **{name: kept[name] for name in _ARRAYS}, plans=plans)


_ARRAYS = ("ordinals", "label", "p", "score", "tie", "lot", "group")
_PLAIN = (
    "method",
    "of",
    "max_error",
    "delta",
    "version",
    "n_items",
    "lots",
    "end",
    "look",
    "deferred",
    "jury",
    "missed",
)


def _plain(cut: float) -> float | str | None:
    """A score as JSON takes it: None for all, "none" for nothing."""
    return cut if np.isfinite(cut) else None if cut < 0 else "none"


def _number(cut: float | str | None) -> float:
    return -np.inf if cut is None else np.inf if cut == "none" else float(cut)


def _answered(walk: Walk, marks: tuple[int, ...]) -> Walk:
    return Walk(walk.plan, walk.scores, walk.order, walk.drawn, marks, walk.cap)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the answers grant: `automated` (r,), counts, and why. A stream's `verdict` says which scores are accepted."""

    granted: bool
    automated: Bools
    n_audited: int
    n_errors: int
    threshold: float
    reason: str
    verdicts: tuple[Verdict, ...]


def asks(layout: Layout, codes: Codes, ahead: int) -> list[int]:
    """Ordinals to audit next, surest first; [] when the design has run its course."""
    if layout.method == "out":
        wanted = [[int(layout.ordinals[rows[i]]) for i in ask(walk, ahead)] for rows, walk in layout.walks(codes)]
        if layout.each:  # beyond where one walk has stopped, no other can grant anything
            return min(wanted, key=len)
        return [ordinal for part in wanted for ordinal in part][:ahead]
    order = np.argsort(-layout.score, kind="stable")
    drawn = layout.drawn
    return [int(o) for o in layout.ordinals[order[drawn[order]]] if int(o) not in codes][:ahead]


def outcome(layout: Layout, codes: Codes, gone: Bools | None = None) -> Outcome:
    """Read the design with the answers there are; an audit that waits counts as wrong.

    `gone` (r,) are items that were answered or erased since the design was laid down, audits aside: a preset region's promise is
    then over the others.
    """
    if layout.method == "out":
        return _walked(layout, codes)
    drawn, samples = layout.drawn, layout.samples()
    wrong = np.array([codes.get(int(o), PENDING) != RIGHT for o in layout.ordinals], np.bool_) & drawn
    left = np.zeros(len(drawn), np.bool_) if gone is None else gone & ~drawn
    delta = group_delta(layout.delta, max(1, len(samples)))
    mask, found, faults = np.zeros(len(drawn), np.bool_), list[Verdict](), list[str]()
    for rows, part in samples:
        try:
            one = _sampled(layout, (rows, part), (drawn[rows], wrong[rows], left[rows]), delta)
        except GuaranteeError as cause:  # too few of this label; the others stand by themselves
            if not layout.parts:
                raise
            faults.append(str(cause))
            one = None
        found.append(_refused(layout, delta) if one is None else one)
        if layout.method == "b2":
            mask[rows] = found[-1].accepts(layout.score[rows]) & ~drawn[rows] & ~left[rows]
    reasons = dict.fromkeys([*(v.reason for v in found if v.reason), *faults])
    cuts = [v.threshold for v in found if v.granted]
    return Outcome(
        bool(cuts),
        mask,
        int(drawn.sum()),
        int(wrong.sum()),
        min(cuts, default=np.inf),
        " | ".join(reasons),
        tuple(found),
    )


def _sampled(layout: Layout, part: tuple[Indices, Part], seen: tuple[Bools, Bools, Bools], delta: float) -> Verdict:
    (rows, (threshold, _)), (drawn, wrong, left) = part, seen
    score, tie = layout.score[rows], layout.tie[rows]
    if layout.method == "b2":
        n_items = len(rows) if layout.parts else layout.n_items
        sample = Sample(score, tie, drawn, wrong, n_items, left)
        return b2(sample, threshold, layout.max_error, delta, layout.missed)
    if layout.method == "p1":
        return _of_those_here(p1(score[drawn], wrong[drawn], layout.max_found, delta, tie[drawn]), score[drawn])
    return _of_those_here(s2(score[drawn], wrong[drawn], layout.max_found, delta), score[drawn])


def _of_those_here(found: Verdict, score: Floats) -> Verdict:
    """What share of the texts that were not erased the region covers: nothing where it holds none but erased ones."""
    gone = int((score >= SUREST).sum())
    if not gone:
        return found
    inside = round(found.coverage * len(score)) - gone if found.threshold < SUREST else 0
    return replace(found, coverage=max(0, inside) / max(1, len(score) - gone))


def _refused(layout: Layout, delta: float) -> Verdict:
    return Verdict(
        layout.method, layout.of, layout.max_error, delta, 0, 0, 0, 0, coverage=0.0, threshold=np.inf, p=1.0, level=delta,
        reason="",
    )  # fmt: skip


def _walked(layout: Layout, codes: Codes) -> Outcome:
    mask = np.full(len(layout.ordinals), layout.each)
    found = []
    for rows, walk in layout.walks(codes):
        # Of a set every label must be sure: what all walks grant keeps each of their promises.
        mask[rows] = automated(walk) & mask[rows] if layout.each else automated(walk)
        found.append(verdict(walk))
    threshold = float(layout.score[mask].min()) if mask.any() else float("inf")
    among = max if layout.each else sum
    return Outcome(
        bool(mask.any()), mask, among(v.n_audited for v in found), among(v.n_errors for v in found), threshold,
        " | ".join(dict.fromkeys(v.reason for v in found)), tuple(found),
    )  # fmt: skip

"""A certificate's design, laid down before its first audit is answered, and folded over the answers.

One walk (OUT) over everything, or one for each predicted label; a sample in a preset region (B2); or a sample for
texts still to come (P1, S2). Kept as one file; the ledger names its digest.

Legend: r = items of the rest that the design is over.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from cowise.core.types import Bools, Floats, Indices, Scope
from cowise.team import Plan, Sample, Verdict, Walk, automated, b2, begin, p1, s2, verdict
from cowise.team.out import NO_ANSWER, PENDING, RIGHT, WRONG, ask

Method = Literal["out", "b2", "p1", "s2"]
Codes = Mapping[int, int]
"""Answers by ordinal: RIGHT, WRONG or NO_ANSWER; a drawn item that is absent waits for its answer."""

__all__ = ["NO_ANSWER", "PENDING", "RIGHT", "WRONG", "Codes", "Layout", "Outcome", "asks", "outcome"]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """`ordinals`, `label`, `p`, `score`, `tie`, `lot`, `group` (r,) of the rest; `plans` one for each group of a walk.

    `drawn` (r,) are the items to audit. `end` is the first ordinal behind the batch; `deferred` items are expected to go
    to people in any case. With a `jury` audits that differ from the machine are looked at again; people are taken to miss
    at most the share `missed` of its errors.
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
            rows = np.flatnonzero(self.group == g)
            walk = begin(plan, self.score[rows], self.tie[rows], self.lot[rows])
            marks = [codes.get(int(self.ordinals[rows[i]]), PENDING) for i in walk.order[walk.drawn]]
            found.append((rows, _answered(walk, tuple(marks))))
        return found

    @property
    def drawn(self) -> Bools:
        """Which items were drawn for audit, (r,)."""
        mask = np.zeros(len(self.ordinals), dtype=np.bool_)
        if self.method == "out":
            for rows, walk in self.walks({}):
                mask[rows[walk.order[walk.drawn]]] = True
            return mask
        inside = np.flatnonzero(self.score >= self.threshold)
        mask[inside[np.argsort(self.lot[inside])[: self.lots]]] = True
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
        threshold = None if np.isinf(self.threshold) else self.threshold
        return {**plain, "threshold": threshold, "plans": [asdict(plan) for plan in self.plans]}

    @staticmethod
    def from_bytes(data: bytes) -> Layout:
        """Read what `to_bytes` wrote."""
        kept = np.load(io.BytesIO(data), allow_pickle=False)
        head = json.loads(kept["head"].tobytes())
        plans = tuple(Plan(**plan) for plan in head.pop("plans"))
        threshold = head.pop("threshold")
        cut = -np.inf if threshold is None else float(threshold)
        return Layout(**head, **{name: kept[name] for name in _ARRAYS}, plans=plans, threshold=cut)


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
        found: list[int] = []
        for rows, walk in layout.walks(codes):
            found += [int(layout.ordinals[rows[i]]) for i in ask(walk, ahead)]
        return found[:ahead]
    order = np.argsort(-layout.score, kind="stable")
    drawn = layout.drawn
    return [int(o) for o in layout.ordinals[order[drawn[order]]] if int(o) not in codes][:ahead]


def outcome(layout: Layout, codes: Codes) -> Outcome:
    """Read the design with the answers there are; an audit that waits counts as wrong."""
    if layout.method == "out":
        return _walked(layout, codes)
    drawn = layout.drawn
    wrong = np.array([codes.get(int(o), PENDING) != RIGHT for o in layout.ordinals]) & drawn
    if layout.method == "b2":
        found = b2(
            Sample(layout.score, layout.tie, drawn, wrong, layout.n_items),
            layout.threshold,
            layout.max_error,
            layout.delta,
            layout.missed,
        )
        mask = found.accepts(layout.score) & ~drawn
    elif layout.method == "p1":
        found = p1(layout.score[drawn], wrong[drawn], layout.max_found, layout.delta, layout.tie[drawn])
        mask = np.zeros(len(drawn), np.bool_)
    else:
        found = s2(layout.score[drawn], wrong[drawn], layout.score, layout.max_found, layout.delta)
        mask = np.zeros(len(drawn), np.bool_)
    return Outcome(found.granted, mask, int(drawn.sum()), int(wrong.sum()), found.threshold, found.reason, (found,))


def _walked(layout: Layout, codes: Codes) -> Outcome:
    mask = np.zeros(len(layout.ordinals), np.bool_)
    found = []
    for rows, walk in layout.walks(codes):
        mask[rows] = automated(walk)
        found.append(verdict(walk))
    threshold = float(layout.score[mask].min()) if mask.any() else float("inf")
    return Outcome(
        bool(mask.any()), mask, sum(v.n_audited for v in found), sum(v.n_errors for v in found), threshold,
        " | ".join(dict.fromkeys(v.reason for v in found)), tuple(found),
    )  # fmt: skip

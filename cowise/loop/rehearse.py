"""One project played from its first answer to its last delivery, in memory, with known answers in place of people.

The economy, pickers, learner, design and walk are those of the loop; only the store is left out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Indices, Pool, Promise, Step, Vectors32
from cowise.learn.pool import PoolLearner, PoolView
from cowise.loop.crew import Crew
from cowise.loop.design import look_share, region
from cowise.team import Sample, ask, automated, b2, begin, design, take, verdict
from cowise.team.economy import Standing, best_walk, next_step
from cowise.team.forecast import error_curve, learning_gain
from cowise.team.pick import CoveragePicker, MarginPicker
from cowise.team.verdict import Verdict

LOOK_BACK = 1.3
COMPANY = 4
"""Audits for each blind question beside them that is no audit, as in the loop."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is played: `vectors` (n, d), `texts` (n,), true labels `y` (n,), `given` items with imported labels."""

    vectors: Vectors32
    texts: Sequence[str]
    y: Indices
    n_labels: int
    promise: Promise
    crew: Crew
    seed: int
    given: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """One repetition. Shares are of the items delivered; `error` counts every wrong delivered item, people's too.

    `promise_kept` looks at wrong automated items alone: ÷ all items for a delivered promise, ÷ automated for selective.
    """

    seed: int
    items: int
    human_share: float
    training: float
    audit: float
    deferred: float
    error: float
    automated_error: float
    promise_kept: bool
    certificate: dict[str, Any]
    seconds: float
    history: list[dict[str, float]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


class Play:
    """State of one repetition; `run` plays it to its end."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rng: Generator = default_rng(case.seed)
        n = len(case.y)
        self.learner = PoolLearner(case.vectors, case.texts, case.n_labels)
        self.open: Bools = np.ones(n, dtype=np.bool_)
        self.said = np.full(n, -1, dtype=np.int64)
        self.counts = {"training": 0, "audit": 0, "deferred": 0}
        self.view: PoolView | None = None
        self.looks: list[tuple[int, Any]] = []
        self.history: list[dict[str, float]] = []

    def run(self) -> Played:
        """Train while it pays, then walk; people answer what is left."""
        begun = time.monotonic()
        self._given()
        step = self._train()
        auto, why = self._certify() if step.kind == "audit" else (np.zeros(len(self.open), dtype=np.bool_), _none(step))
        for item in np.flatnonzero(self.open & ~auto).tolist():
            self._answer(item, "deferred")
        return self._played(auto, why, time.monotonic() - begun)

    def _given(self) -> None:
        """Imported labels train and are no human share; their items are delivered with the label they came with."""
        chosen = self.rng.permutation(len(self.open))[: self.case.given]
        if len(chosen):
            self.said[chosen] = self.case.y[chosen]
            self._learn(chosen)

    def _answer(self, item: int, part: str) -> int | None:
        """Somebody answers in the end: a skip passes the item on to a second person, both count."""
        crew, case = self.case.crew, self.case
        self.counts[part] += 1
        said = crew.answer(int(case.y[item]), case.n_labels, sum(self.counts.values()), self.rng)
        if said is None and part != "audit":
            self.counts[part] += 1
            said = Crew(crew.accuracy, crew.fatigue, 0.0, crew.confusion).answer(
                int(case.y[item]), case.n_labels, sum(self.counts.values()), self.rng
            )
        if said is not None:
            self.said[item] = said
            self.open[item] = False
        return said

    def _learn(self, items: Indices) -> None:
        self.open[items] = False
        self.learner.learn(items, self.said[items])
        self.view = self.learner.look()

    def standing(self) -> Standing:
        """What the economy sees now."""
        case, view = self.case, self.view
        rest = np.flatnonzero(self.open)
        answered = len(self.learner.y)
        delta = look_share(case.promise.delta, 0)
        if view is None or not len(view.past_margin):
            zeros = np.zeros(len(rest))
            return Standing(len(self.open), min(answered, 59), zeros, zeros + 0.5, case.promise, delta=delta)
        curve = error_curve(view.past_margin, view.past_wrong)
        margin = view.margin[rest]
        self.looks.append((answered, view.margin))
        then = [look for look in self.looks if look[0] * LOOK_BACK <= answered]
        gain = learning_gain(curve, then[-1][1][rest], margin, answered / then[-1][0]) if then else 0.4
        return Standing(len(self.open), answered, margin, curve.risk(margin), case.promise, gain, delta)

    def _train(self) -> Step:
        while True:
            standing = self.standing()
            step = next_step(standing)
            self._note(standing)
            if step.kind in ("audit", "stop"):
                return step
            p = self.view.p if self.view is not None and len(self.learner.y) >= 60 else None
            picker = CoveragePicker() if p is None else MarginPicker()
            chosen = picker.pick(Pool(self.case.vectors, self.open, p), step.n, self.rng)
            part = "training" if step.kind == "train" else "deferred"
            done = [item for item in chosen.tolist() if self._answer(item, part) is not None]
            self._learn(np.array(done, dtype=np.int64))

    def _note(self, standing: Standing) -> None:
        view = self.view
        if view is None or len(view.past_margin) < 20:
            return
        ahead = best_walk(standing)
        recent = view.past_wrong[-200:]
        self.history.append(
            {
                "answers": float(len(self.learner.y)),
                "accuracy_before_learning": float(1 - recent.mean()),
                "foretold_automation": max(0.0, 1 - (standing.answered + ahead.answers) / standing.n_items),
                "foretold_error": float(standing.risk.sum() / standing.n_items),
            }
        )

    def _certify(self) -> tuple[Bools, dict[str, Any]]:
        case, rest = self.case, np.flatnonzero(self.open)
        view = self.learner.look()
        self.view = view
        predicted = view.p.argmax(axis=1)
        score, tie, lots = view.margin[rest], self.rng.random(len(rest)), self.rng.random(len(rest))
        found = self._selective(rest, predicted, score, tie) if case.promise.of == "selective" else None
        if found is None and case.promise.of == "delivered":
            standing = self.standing()
            delta = look_share(case.promise.delta, 0)
            plan = design(len(self.open), len(rest), case.promise.max_error, delta, best_walk(standing).kappa)
            walk = begin(plan, score, tie, lots)
            while open_now := ask(walk):
                item = int(rest[open_now[0]])
                said = self._answer(item, "audit")
                walk = take(walk, open_now[0], None if said is None else said != predicted[item])
            found = automated(walk), verdict(walk), plan.kappa
        auto: Bools = np.zeros(len(self.open), dtype=np.bool_)
        if found is None:
            return auto, {"method": "none", "reason": "no region is expected to pass"}
        mask, granted, kappa = found
        auto[rest[mask]] = True
        auto &= self.open
        auto[self._company(rest, score, auto)] = False
        self.said[auto] = predicted[auto]
        return auto, _grant(granted, kappa)

    def _company(self, rest: Indices, score: Floats, auto: Bools) -> Indices:
        """Items that go to people for no other reason than that audits need company: the least sure, one for four."""
        left = int((self.open & ~auto).sum())
        wanted = max(0, -(-self.counts["audit"] // COMPANY) - left)
        order = rest[np.argsort(score, kind="stable")]
        return np.asarray(order[auto[order]][:wanted], dtype=np.int64)

    def _selective(self, rest: Indices, predicted: Indices, score: Any, tie: Any) -> tuple[Bools, Verdict, int] | None:
        promise = self.case.promise
        delta = look_share(promise.delta, 0)
        try:
            cut, count = region(score, self.standing().risk, promise.max_error, delta)
        except GuaranteeError:
            return None
        inside = np.flatnonzero(score >= cut)
        drawn = self.rng.permutation(inside)[:count]
        audited, wrong = np.zeros(len(rest), np.bool_), np.zeros(len(rest), np.bool_)
        for row in drawn.tolist():
            item = int(rest[row])
            said = self._answer(item, "audit")
            audited[row], wrong[row] = True, said is None or said != predicted[item]
        sample = Sample(score[inside], tie[inside], audited[inside], wrong[inside], len(inside))
        granted = b2(sample, cut, promise.max_error, delta)
        mask = np.zeros(len(rest), np.bool_)
        if granted.granted:
            mask[inside] = True
            mask[drawn] = False
        return mask, granted, -1

    def _played(self, auto: Bools, why: dict[str, Any], seconds: float) -> Played:
        n, promise = len(self.open), self.case.promise
        wrong = self.said != self.case.y
        n_auto, bad = int(auto.sum()), int((wrong & auto).sum())
        base = n if promise.of == "delivered" else max(n_auto, 1)
        parts = {name: count / n for name, count in self.counts.items()}
        return Played(
            seed=self.case.seed, items=n, human_share=sum(parts.values()), training=parts["training"],
            audit=parts["audit"], deferred=parts["deferred"], error=float(wrong.mean()),
            automated_error=bad / max(n_auto, 1), promise_kept=bad <= promise.max_error * base + 1e-9,
            certificate={**why, "automated": n_auto}, seconds=round(seconds, 2), history=self.history,
        )  # fmt: skip


def _none(step: Step) -> dict[str, Any]:
    return {"method": "none", "reason": step.reason}


def _grant(granted: Verdict, kappa: int) -> dict[str, Any]:
    return {
        "method": granted.method, "of": granted.of, "kappa": kappa, "audited": granted.n_audited,
        "errors": granted.n_errors, "coverage": granted.coverage, "delta": granted.delta, "p": granted.p,
        "reason": granted.reason,
    }  # fmt: skip


def play(case: Case) -> Played:
    """One repetition of `case`, from the first answer to the last delivery."""
    return Play(case).run()

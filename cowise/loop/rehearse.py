"""One project played from its first answer to its last delivery, in memory, with known answers in place of people.

Economy, rules, learner, design and walk are those of the loop; only the store and the clock are left out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Indices, Pool, Promise, Step, Vectors32
from cowise.learn.pool import PoolLearner, PoolView
from cowise.loop import rules
from cowise.loop.brain import Said, said
from cowise.loop.crew import Crew
from cowise.loop.design import Draw, Rest, batch, each_of, look_share
from cowise.loop.ground import Facts, ground, of_walk
from cowise.loop.jury import wanted_pairs
from cowise.loop.layout import RIGHT, Layout, Outcome, asks, outcome
from cowise.loop.shares import RESERVED
from cowise.loop.shift import Shift, columns, most
from cowise.loop.skills import Skills, measured, one_more, wishes
from cowise.models.sets import bits
from cowise.team import votes
from cowise.team.conduct import FEW
from cowise.team.economy import FIRST_ANSWERS, Standing, another_look, batch_size, best_walk, next_step


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is played: `vectors` (n, d), `texts` (n,), true labels `y` (n,), `given` items with imported labels.

    `others` work beside the `crew`; with a `jury` several people are weighed against each other, else each answer stands.
    With a jury one more is asked wherever a mended error costs at most `repair` answers. With `sets` answers are sets of
    labels, as numbers. `told` (n, s, k) is what language models say, as evidence of `models.voices`; None for none. `route`:
    whom somebody best suits is asked first, as the loop does.
    """

    vectors: Vectors32
    texts: Sequence[str]
    y: Indices
    n_labels: int
    promise: Promise
    crew: Crew
    seed: int
    given: int = 0
    others: tuple[Crew, ...] = ()
    jury: bool = True
    repair: float = 0.0
    sets: bool = False
    told: Floats | None = None
    route: bool = True


@dataclass(frozen=True, slots=True)
class Played:
    """One repetition. Shares are of the items delivered; `error` counts every wrong delivered item, people's too.

    `promise_kept` looks at wrong automated items alone: ÷ all items for a delivered promise, ÷ automated for selective.
    `checks` hold the automation foretold (`low`, `middle`, `high`) of each look beside what it `granted`.
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
    checks: list[dict[str, float]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


class Play:
    """State of one repetition; `run` plays it to its end."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rng: Generator = default_rng(case.seed)
        n = len(case.y)
        self.learner = PoolLearner(case.vectors, case.texts, case.n_labels, case.told, sets=case.sets)
        self.open: Bools = np.ones(n, dtype=np.bool_)
        self.said = np.full(n, -1, dtype=np.int64)
        self.by = np.full(n, -1, dtype=np.int64)
        self.shift = Shift((case.crew, *case.others), case.n_labels, self.rng, jury=case.jury, sets=case.sets)
        self.counts = {"training": 0, "audit": 0, "deferred": 0}
        self.looks, self.n_look = rules.Looks(), 0
        self.told: dict[int, list[tuple[int, int]]] = {}
        self.skills: Skills | None = None
        self.history: list[dict[str, float]] = []
        self.checks: list[dict[str, float]] = []
        self.view: PoolView = self.learner.look()
        given = self.rng.permutation(n)[: case.given]
        self.said[given], self.open[given] = case.y[given], False
        self.promised = int(self.open.sum())
        self.reserved: Bools = self.open & (self.rng.random(n) < RESERVED)
        self._learn()

    def run(self) -> Played:
        """Train while it pays, then walk, and again where a walk grants nothing; people answer what is left."""
        begun = time.monotonic()
        auto: Bools = np.zeros(len(self.open), dtype=np.bool_)
        why: dict[str, Any] = {"method": "none", "reason": "no walk was expected to save an answer"}
        while not auto.any() and (layout := self._train()) is not None:
            found, audited = self._walk(layout)
            why = _grant(found, layout)
            auto[layout.ordinals[found.automated]] = True
            auto &= self.open
            self.checks[-1]["granted"] = float(auto.sum()) / len(self.open)
            if not auto.any() and not audited:
                break
            if self._again(found, audited, int(auto.sum())):
                auto[:] = False
                self._learn()
        self.said[auto] = self._told(np.flatnonzero(auto)).label
        left = np.flatnonzero(self.open & ~auto).tolist()
        whom = self._wishes(np.array(left, np.int64))
        for item in left:
            self._answer(item, "deferred", whom.get(item))
        self._ask_on(left, "deferred")
        return self._played(auto, why, time.monotonic() - begun)

    def _wishes(self, items: Indices) -> dict[int, int]:
        """Whom to ask these items first, once people are known: as the loop routes, for the fewest wrong answers at equal load."""
        crew = self.shift.jury and self.case.route and not self.case.sets and self.case.n_labels <= FEW
        known = crew and len(self.learner.y) >= FIRST_ANSWERS
        return wishes(self._skills(), items, self.view.p[items]) if known and len(items) else {}

    def _answer(self, item: int, part: str, wish: int | None = None) -> int:
        """Somebody answers in the end: a skip passes the item on to a second person, both count."""
        truth, shift = int(self.case.y[item]), self.shift
        who = shift.somebody() if wish is None else wish
        assert who is not None  # somebody always works  # noqa: S101
        self.counts[part] += 1
        told = shift.answer(who, truth)
        if told is None:
            self.counts[part] += 1
            other = shift.somebody(apart=(who,))
            who = who if other is None else other
            told = shift.surely(who, truth)
        self.said[item], self.by[item], self.open[item] = told, who, False
        self.told[item] = [(who, told)]
        return told

    def _ask_on(self, items: Sequence[int], part: str) -> None:
        """Ask others about answered items that are not learned yet, as long as it is worth it; most answers then stand."""
        shift, case = self.shift, self.case
        if not (shift.jury and case.repair > 0 and len(self.learner.y) >= FIRST_ANSWERS):
            return
        skills = self._skills()
        for item in items:
            said = self.told[item]
            while True:
                free = np.array([who not in {one for one, _ in said} for who in skills.members])
                p, stands = self.view.p[item], int(self.said[item])
                one = one_more(skills, p, said, free, case.repair, stands)
                if one.member < 0:
                    break
                self.counts[part] += 1
                said.append((one.member, shift.surely(one.member, int(case.y[item]))))
                self.said[item] = most([label for _, label in said])

    def _skills(self) -> Skills:
        """What people are good at, measured again once answers grew by a tenth."""
        if self.skills is None or self.skills.old(len(self.told)):
            rows, item, who, label = columns(self.told)
            members = tuple(range(len(self.shift.load)))
            said = votes(item, who, label, (len(rows), len(members), self.case.n_labels))
            self.skills = measured(members, said, members, self.view.p[rows], len(self.told))
        return self.skills

    def _twice(self, item: int) -> None:
        """A second person answers: it tells how often people err. The first answer stands."""
        shift = self.shift
        other = shift.somebody(apart=(int(self.by[item]),))
        assert other is not None  # a jury has more than one  # noqa: S101
        self.counts["training"] += 1
        shift.pairs += 1
        told = shift.surely(other, int(self.case.y[item]))
        shift.differ += told != self.said[item]
        self.told[item].append((other, told))

    def _learn(self) -> None:
        """Every answer that may train and was not learned yet."""
        fresh: Bools = (self.said >= 0) & ~self.reserved
        fresh[self.learner.answered] = False
        for items in rules.lessons(np.flatnonzero(fresh)):
            if len(self.learner.y):
                known = items[self.by[items] >= 0]
                self.shift.compare(self.by[known], self._told(known).label == self.said[known])
            self.learner.learn(items, self.said[items])
        self.view = self.learner.look()

    def _told(self, rows: Indices) -> Said:
        return said(self.view.p[rows], self.view.book)

    def standing(self) -> Standing:
        """What the economy sees now."""
        rest = np.flatnonzero(self.open)
        answered = len(self.learner.y)
        risk, gain = self._foresee(answered, rest)
        return Standing(
            n_items=self.promised, answered=answered, confidence=self.view.margin[rest], risk=risk,
            promise=self.case.promise, gain=gain, delta=look_share(self.case.promise.delta, self.n_look), labels=max(1, self.each),
            parts=self._parts(rest, risk),
            teaches=~self.reserved[rest], doubt=self.shift.doubt,
        )  # fmt: skip

    def _foresee(self, answered: int, rows: Indices) -> tuple[Floats, float]:
        risk, gain = self.looks.foresee(self.view, answered, rows)
        return rules.cleared(risk, self.shift.doubt, self.case.n_labels), gain

    def _parts(self, rows: Indices, risk: Floats) -> tuple[float, ...]:
        """How errors lie in labels, where each label of a set is promised."""
        each = self.each and self.view.book is not None and len(rows)
        return rules.parts(risk, self.view.p[rows], self.view.book) if each and self.view.book else ()

    def _train(self) -> Layout | None:
        """Ask what trains until a walk is due, and lay it down; None when people are to answer all that is left."""
        while self.open.any():
            standing = self.standing()
            step = next_step(standing)
            self._note(standing)
            if step.kind == "audit" and len(np.unique(self.learner.y)) > 1:
                try:
                    return self._design(standing)
                except GuaranteeError as cause:  # a selective promise that no region is expected to keep yet
                    step = Step("train", n=batch_size(standing.answered), reason=str(cause))
            if not self._ask(step):
                return None
        return None

    def _ask(self, step: Step) -> bool:
        """People answer the picker's items and the model learns; False where nothing is left to pick."""
        free = self.open if step.kind == "decide" else self.open & ~self.reserved
        if not free.any():
            return False
        p = rules.leads(self.view) if len(self.learner.y) >= FIRST_ANSWERS else None
        chosen = rules.pick(Pool(self.case.vectors, free, p), step.n, self.rng)
        whom = self._wishes(chosen)
        for item in chosen.tolist():
            self._answer(item, "deferred" if step.kind == "decide" else "training", whom.get(item))
            if self.shift.jury and step.kind != "decide" and self.shift.pairs < wanted_pairs(len(self.open)):
                self._twice(item)
        self._ask_on(chosen.tolist(), "deferred" if step.kind == "decide" else "training")
        self._learn()
        return True

    def _note(self, standing: Standing) -> None:
        view = self.view
        if len(view.past_margin) < 20:
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

    def _design(self, standing: Standing) -> Layout:
        rest = np.flatnonzero(self.open)
        told = self._told(rest)
        whole = Rest(
            rest, [str(i) for i in rest], Said(told.label, told.p, standing.confidence), standing.risk, self.promised,
            len(self.open), standing.parts,
        )  # fmt: skip
        draw = Draw(
            self.rng.bytes(32), self.n_look, look_share(self.case.promise.delta, self.n_look), "rehearsed",
            self.case.promise, self.shift.jury, self.shift.doubt, self.case.n_labels if self.case.sets else 0,
        )  # fmt: skip
        made = batch(whole, draw)
        self.n_look += 1
        facts = Facts(
            self.promised, len(rest), standing.answered, standing.gain, self.shift.doubt, self.case.n_labels, draw.look,
            draw.sets, list(standing.parts),
        )  # fmt: skip
        known = ground(facts, standing.confidence, told.label, (self.view.past_margin, self.view.past_wrong))
        self.checks.append(dict(of_walk(known, draw.promise, made.plans).get("automation", {})))
        return made

    def _again(self, found: Outcome, audited: list[int], granted: int) -> bool:
        """Whether what the walk grants is left unused for a later look."""
        standing = self.standing()
        foretold, _ = self._foresee(standing.answered, np.array(audited, dtype=np.int64))
        return another_look(replace(standing, risk=rules.sobered(standing.risk, foretold, found.n_errors)), granted)

    def _walk(self, layout: Layout) -> tuple[Outcome, list[int]]:
        """Audits by lot, a few at a time, with as many others beside them as the loop asks."""
        apart = layout.drawn | layout.inside
        beside = layout.ordinals[rules.least_sure(np.where(apart, np.inf, layout.score))]
        beside = beside[: len(beside) - int(apart.sum())]
        says, codes, given = (
            dict(zip(layout.ordinals.tolist(), layout.label.tolist(), strict=True)),
            dict[int, int](),
            0,
        )
        while fresh := asks(layout, codes, rules.AHEAD):
            counts = self.counts
            left = len(asks(layout, codes, len(layout.ordinals)))
            free = max(0, layout.deferred - given)
            n = rules.company(len(fresh), left, free, counts["audit"], counts["training"] + counts["deferred"])
            others = beside[given : given + n].tolist()
            for item in others:
                self._answer(item, "deferred")
            self._ask_on(others, "deferred")
            given += n
            for item in fresh:
                codes[item] = self._audit(item, says[item], each=layout.each)
                if codes[item] != RIGHT and not asks(layout, codes, 1):
                    break
        return outcome(layout, codes), list(codes)

    def _audit(self, item: int, machine: int, *, each: bool) -> int:
        code, said, num_asked = self.shift.judge(int(self.case.y[item]), machine, each=each)
        self.counts["audit"] += num_asked
        if said:
            self.by[item], self.said[item] = said[0][0], most([label for _, label in said])
            self.open[item] = False
        return code

    @property
    def each(self) -> int:
        """How many labels are promised one by one, 0 where whole answers are."""
        labels = each_of(self.case.promise, self.case.n_labels if self.case.sets else 0)
        return labels if labels > 1 else 0

    def _bad(self, auto: Bools) -> int:
        """Wrong automated answers; where each label of a set is promised, of the label that is wrong most often."""
        told, true = self.said[auto], self.case.y[auto]
        if not self.each:
            return int((told != true).sum())
        return int(bits(told ^ true, self.case.n_labels).sum(axis=0).max(initial=0))

    def _played(self, auto: Bools, why: dict[str, Any], seconds: float) -> Played:
        n, promise = len(self.open), self.case.promise
        wrong = self.said != self.case.y
        n_auto, bad = int(auto.sum()), self._bad(auto)
        base = n if promise.of == "delivered" else max(n_auto, 1)
        parts = {name: count / n for name, count in self.counts.items()}
        return Played(
            seed=self.case.seed, items=n, human_share=sum(parts.values()), training=parts["training"],
            audit=parts["audit"], deferred=parts["deferred"], error=float(wrong.mean()),
            automated_error=int((wrong & auto).sum()) / max(n_auto, 1), promise_kept=bad <= promise.max_error * base + 1e-9,
            certificate={**why, "automated": n_auto, "bound": _bound(n_auto, n, promise)}, seconds=round(seconds, 2), history=self.history,
            checks=self.checks,
        )  # fmt: skip


def _bound(n_auto: int, n: int, promise: Promise) -> float:
    """Error that the certificate allows: of everything delivered, where all automated ones wrong may be less."""
    return min(promise.max_error, n_auto / n) if promise.of == "delivered" else promise.max_error * (n_auto > 0)


def _grant(found: Outcome, layout: Layout) -> dict[str, Any]:
    one = len(found.verdicts) == 1
    return {
        "method": layout.method, "of": layout.of, "kappa": layout.plans[0].kappa if one and layout.plans else -1,
        "audited": found.n_audited, "errors": found.n_errors, "look": layout.look,
        "coverage": found.verdicts[0].coverage if one else float(found.automated.sum() / max(1, layout.n_items)),
        "delta": layout.delta, "p": max((v.p for v in found.verdicts), default=1.0), "reason": found.reason,
    }  # fmt: skip


def play(case: Case) -> Played:
    """One repetition of `case`, from the first answer to the last delivery."""
    return Play(case).run()

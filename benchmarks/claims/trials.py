"""One promise played many times: how often it breaks, and how much the machine answers alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.claims.profiles import Population, part
from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats
from cowise.team import out
from cowise.team.batch import Sample, b1
from cowise.team.prospective import p1
from cowise.team.selective import s1, s2
from cowise.team.tails import errors_that_break
from cowise.team.verdict import Verdict

Rng = np.random.Generator
Batch = Callable[[Floats, Bools, Rng], Bools]  # scores, wrong (N,) -> which items the machine answers alone
Stream = Callable[[Floats, Bools, Floats, float, float], Verdict]


@dataclass(frozen=True)
class Outcome:
    """Over `trials`: share of broken promises, its standard error at the level, mean share automated."""

    trials: int
    violation: float
    automated: float

    def slack(self, delta: float) -> float:
        """The level plus three standard errors."""
        return float(delta + 3 * np.sqrt(delta * (1 - delta) / self.trials))


def _outcome(broken: list[bool], share: list[float]) -> Outcome:
    return Outcome(len(broken), round(float(np.mean(broken)), 4), round(float(np.mean(share)), 4))


def batch_trials(population: Population, rule: Batch, max_error: float, trials: int, seed: int = 0) -> Outcome:
    """Deliver the whole population again and again under fresh lots and ties."""
    scores, wrong = population
    rng, limit = np.random.default_rng(seed), errors_that_break(max_error, len(scores))
    broken, share = [], []
    for _ in range(trials):
        auto = rule(scores, wrong, rng)
        broken.append(int((wrong & auto).sum()) >= limit)
        share.append(float(auto.mean()))
    return _outcome(broken, share)


def subset_trials(population: Population, rule: Batch, max_error: float, trials: int, size: int = 6000) -> Outcome:
    """As `batch_trials`, each time on another random part of a large set."""
    runs = [
        batch_trials(part(population, size, np.random.default_rng(t)), rule, max_error, 1, seed=t)
        for t in range(trials)
    ]
    return _outcome([bool(r.violation) for r in runs], [r.automated for r in runs])


design = cache(out.design)  # the same plan serves every trial
design_for_audits = cache(out.design_for_audits)


def out_rule(max_error: float, delta: float, kappa: int, cap: int | None = None) -> Batch:
    """OUT with a preset number of tolerated errors."""

    def rule(scores: Floats, wrong: Bools, rng: Rng) -> Bools:
        n = len(scores)
        plan = design(n, n, max_error, delta, kappa)
        walk = out.begin(plan, scores, rng.permutation(n), rng.permutation(n), cap)
        return out.automated(out.play(walk, wrong))

    return rule


def out_for(max_error: float, delta: float, audits: int) -> Batch:
    """OUT with a preset number of audits."""

    def rule(scores: Floats, wrong: Bools, rng: Rng) -> Bools:
        n = len(scores)
        try:
            plan = design_for_audits(n, n, max_error, delta, audits)
        except GuaranteeError:
            return np.zeros(n, bool)
        return out.automated(out.play(out.begin(plan, scores, rng.permutation(n), rng.permutation(n)), wrong))

    return rule


def b1_rule(max_error: float, delta: float, audits: int) -> Batch:
    """B1 after one uniform sample."""

    def rule(scores: Floats, wrong: Bools, rng: Rng) -> Bools:
        n = len(scores)
        audited = np.zeros(n, bool)
        audited[rng.choice(n, audits, replace=False)] = True
        sample = Sample(scores, rng.permutation(n).astype(float), audited, wrong, n)
        try:
            return b1(sample, max_error, delta).accepts(scores, sample.tie) & ~audited
        except GuaranteeError:
            return np.zeros(n, bool)

    return rule


def s2_stream(scores: Floats, wrong: Bools, _pool: Floats, max_error: float, delta: float) -> Verdict:
    return s2(scores, wrong, max_error, delta)


def p1_stream(scores: Floats, wrong: Bools, _pool: Floats, max_error: float, delta: float) -> Verdict:
    return p1(scores, wrong, max_error, delta)


STREAMS: dict[str, Stream] = {"s1": s1, "s2": s2_stream, "p1": p1_stream}


def stream_trials(
    population: Population, procedure: Stream, labels: int, rates: tuple[float, float], trials: int, seed: int = 0
) -> Outcome:
    """Labels drawn independently from the population; the promise is checked on the population itself."""
    scores, wrong = population
    max_error, delta = rates
    rng = np.random.default_rng(seed)
    broken, share = [], []
    for _ in range(trials):
        drawn = rng.integers(len(scores), size=labels)
        try:
            verdict = procedure(scores[drawn], wrong[drawn], scores, max_error, delta)
        except GuaranteeError:
            broken.append(False)
            share.append(0.0)
            continue
        auto = verdict.accepts(scores)
        among = len(scores) if verdict.of == "delivered" else max(1, int(auto.sum()))
        broken.append(int((wrong & auto).sum()) >= errors_that_break(max_error, among))
        share.append(float(auto.mean()))
    return _outcome(broken, share)

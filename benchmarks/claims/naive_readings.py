"""Rules of SCIENCE section 9 that read good answers wrongly: one trial of each beside ours, on the same draws.

A trial gives (naive broken, ours broken, share ours automates). Numbers are those of the section.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.claims import naive
from benchmarks.claims.naive_tools import Seen, delivered, late, tested, walked
from benchmarks.claims.profiles import Population, profile_a, profile_b
from benchmarks.claims.trials import Rng
from cowise.core.types import Bools, Floats
from cowise.loop.shares import look_share
from cowise.team.alarm import begin, see
from cowise.team.anytime import certified_path
from cowise.team.groups import group_delta
from cowise.team.prospective import p1
from cowise.team.selective import s2
from cowise.team.tails import errors_that_break
from cowise.team.verdict import Verdict

DELTA = 0.1


@cache
def profile(name: str) -> Population:
    made = {"a": lambda: profile_a(np.random.default_rng(1)), "b": lambda: profile_b(np.random.default_rng(2))}
    return late(0.0502, 20_000) if name == "late" else made[name]()


def confidence(rng: Rng) -> Seen:
    """1: automate while the model's own expected errors keep the promise; its logits are twice what they should be."""
    logit = rng.normal(3.0, 1.5, 2000)
    p = 1 / (1 + np.exp(-np.abs(logit)))
    wrong = rng.random(2000) < 1 / (1 + np.exp(np.abs(logit) / 2))
    order = np.argsort(-p)
    trusted = np.zeros(2000, bool)
    trusted[order[np.cumsum(1 - p[order]) <= 0.05 * 2000]] = True
    ours = walked(p, wrong, (0.05, DELTA), 5, rng)
    limit = errors_that_break(0.05, 2000)
    return int((trusted & wrong).sum()) >= limit, int((ours & wrong).sum()) >= limit, float(ours.mean())


def empirical(rng: Rng) -> Seen:
    """2: the loosest score whose labelled error is at most the accepted one, beside S2."""
    population, (scores, wrong) = profile("a"), tested(profile("a"), 300, rng)
    found = naive.empirical(scores, wrong, population[0], 0.05, DELTA)
    ours = s2(scores, wrong, 0.05, DELTA)
    return selective(found, population), selective(ours, population), ours.coverage


def best_of_many(rng: Rng) -> Seen:
    """3: the loosest of many thresholds whose own exact test passes, beside S2."""
    population, (scores, wrong) = profile("late"), tested(profile("late"), 1000, rng)
    found = naive.best_of_many(scores, wrong, population[0], 0.05, DELTA)
    ours = s2(scores, wrong, 0.05, DELTA)
    return selective(found, population), selective(ours, population), ours.coverage


def selective(verdict: Verdict, population: Population) -> bool:
    """Whether more than the accepted share of what it accepts is wrong, over the whole population."""
    auto = verdict.accepts(population[0])
    return int((auto & population[1]).sum()) >= errors_that_break(verdict.max_error, max(1, int(auto.sum())))


def peeking(rng: Rng) -> Seen:
    """4: an exact test of all texts every 20 answers, beside T over the surer half and over all."""
    scores = rng.random(3000)
    wrong = rng.random(3000) < np.where(scores >= 0.5, 0.02, 0.0802)
    looks = np.arange(20, 3001, 20)
    passes = naive.binomial_cdf(np.cumsum(wrong)[19::20], looks, 0.05) <= DELTA
    path = certified_path(scores, wrong, np.array([0.5, 0.0]), 0.05, DELTA)
    return bool(passes.any()), bool(path.max() == 2), (0.0, 0.5, 1.0)[int(path[-1])]


def normal_interval(rng: Rng) -> Seen:
    """9: mean + 1.28 standard errors below the accepted error, 120 answers at 2 %: two clean dozens look like proof."""
    scores, wrong = rng.random(120), rng.random(120) < 0.0201
    rate = wrong.mean()
    passes = rate + 1.2816 * np.sqrt(rate * (1 - rate) / 120) <= 0.02
    ours = p1(scores, wrong, 0.02, DELTA)
    return bool(passes), delivered(ours.threshold, 0.0201) > 0.02, ours.coverage


def expectation(rng: Rng) -> Seen:
    """10: a promise kept on average (CRC, (k + 1) / (n + 1) <= error) taken for one that is kept 9 times in 10."""
    scores, wrong = rng.random(300), rng.random(300) < 0.08
    bad = np.sort(scores[wrong])[::-1]
    allowed = int(0.05 * 301) - 1
    threshold = float(bad[allowed]) if len(bad) > allowed else -np.inf
    ours = p1(scores, wrong, 0.05, DELTA)
    return delivered(threshold, 0.08) > 0.05, delivered(ours.threshold, 0.08) > 0.05, ours.coverage


def delivered_for_selective(rng: Rng) -> Seen:
    """10: a promise of everything delivered read as one of what the machine answers alone, beside S2."""
    population, (scores, wrong) = profile("b"), tested(profile("b"), 500, rng)
    found = p1(scores, wrong, 0.05, DELTA)
    ours = s2(scores, wrong, 0.05, DELTA)
    return selective(found, population), selective(ours, population), ours.coverage


def changed_model(rng: Rng) -> Seen:
    """11: a certificate that goes on over a changed model; ours is void, the new version has its own answers and share."""
    first, changed = _risky(0.0, rng), _risky(0.05, rng)
    old = p1(*first, 0.03, look_share(DELTA, 0))
    new = p1(*changed, 0.03, look_share(DELTA, 1))
    ours = _lost(old.threshold, 0.0) > 0.03 or _lost(new.threshold, 0.05) > 0.03
    return _lost(old.threshold, 0.05) > 0.03, ours, new.coverage


def _risky(more: float, rng: Rng) -> tuple[Floats, Bools]:
    scores = rng.random(1000)
    return scores, rng.random(1000) < 0.25 * (1 - scores) ** 2 + more


def _lost(threshold: float, more: float) -> float:
    """Share of all texts that go out wrong above the threshold."""
    out = 1 - max(0.0, threshold)
    return 0.25 * out**3 / 3 + more * out


def bad_label(rng: Rng) -> Seen:
    """13: a promise over all texts taken to hold for each label; one label of six is wrong four times too often."""
    label, scores = rng.integers(6, size=1500), rng.random(1500)
    wrong = (label == 0) & (rng.random(1500) < 0.32)
    whole = p1(scores, wrong, 0.08, DELTA)
    share, each = group_delta(DELTA, 6), []
    for g in range(6):
        mine = label == g
        each.append(p1(scores[mine], wrong[mine], 0.08, share))
    cover = float(np.mean([one.coverage for one in each]))
    return delivered(whole.threshold, 0.32) > 0.08, delivered(each[0].threshold, 0.32) > 0.08, cover


def average_under_drift(rng: Rng) -> Seen:
    """15: "risk >= 5 % at every step" rejected, read as "5 % on average" while texts drift; ours watches and withdraws."""
    n, drifts = 6000, 1500
    audited = rng.random(n) < 0.25
    wrong = rng.random(n) < np.where(np.arange(n) < drifts, 0.01, 0.12)
    path = certified_path(np.ones(int(audited.sum())), wrong[audited], np.zeros(1), 0.05, DELTA)
    begun = int(np.argmax(path)) if path.any() else len(path)
    places = np.flatnonzero(audited)
    start = int(places[begun]) if begun < len(places) else n
    later = places[places > start]
    sounded = see(begin(0.05), wrong[later].tolist()).sounded
    stop = int(later[sounded - 1]) if sounded else n
    limit = errors_that_break(0.05, n)
    return int(wrong[start:].sum()) >= limit, int(wrong[start:stop].sum()) >= limit, (stop - start) / n

"""Rules of SCIENCE section 9 that take the wrong answers for a sample: one trial of each beside ours, on the same draws.

A trial gives (naive broken, ours broken, share ours automates). Numbers are those of the section.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.claims import naive
from benchmarks.claims.blindness import People, Rule, trial
from benchmarks.claims.naive_tools import Seen, delivered, late, walked
from benchmarks.claims.profiles import Population, flat, profile_a
from benchmarks.claims.trials import Rng, design, design_for_audits
from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats
from cowise.team import out
from cowise.team.batch import Sample, b2, b2_tail
from cowise.team.prospective import p1
from cowise.team.tails import binomial_cdf, errors_allowed, errors_that_break

DELTA = 0.1


@cache
def crowd() -> Population:
    return profile_a(np.random.default_rng(1))


def _neighbours(texts: Floats, known: Floats) -> tuple[Floats, Floats]:
    """Place of each text's nearest known one, and minus its distance: the surer, the nearer."""
    far = ((texts[:, None] - known[None]) ** 2).sum(axis=2)
    return far.argmin(axis=1), -far.min(axis=1)


def _lost(scores: Floats, wrong: Bools, threshold: float) -> float:
    return float((wrong & (scores > threshold)).mean())


def training_labels(rng: Rng) -> Seen:
    """5: a nearest-neighbour model certified on the labels it learned, a fifth of them noise; ours on fresh ones."""
    texts = rng.standard_normal((150, 4))
    given = (texts[:, 0] > 0) ^ (rng.random(150) < 0.2)
    fresh = rng.standard_normal((2300, 4))
    place, near = _neighbours(fresh, texts)
    wrong = given[place] != (fresh[:, 0] > 0)
    own, _ = _neighbours(texts, texts)
    passes = binomial_cdf(int((given[own] != given).sum()), 150, 0.05) <= DELTA
    ours = p1(near[:300], wrong[:300], 0.05, DELTA)
    lost = _lost(near[300:], wrong[300:], ours.threshold)
    return bool(passes) and float(wrong[300:].mean()) > 0.05, lost > 0.05, ours.coverage


def deferred_labels(rng: Rng) -> Seen:
    """6: answers to the least sure texts taken for a sample of all, where the model errs among the sure ones."""
    scores = np.arange(6000, 0, -1.0)
    wrong = np.zeros(6000, bool)
    wrong[rng.choice(4000, 300, replace=False)] = True
    limit = errors_that_break(0.02, 6000)
    found = naive.deferred_labels(0.02, DELTA, 300)(scores, wrong, rng)
    ours = walked(scores, wrong, (0.02, DELTA), 5, rng)
    return int((found & wrong).sum()) >= limit, int((ours & wrong).sum()) >= limit, float(ours.mean())


def anchored(rng: Rng) -> Seen:
    """7: people who would repeat three in ten of what they are shown, shown it; ours asks the same people blind."""
    seed, people, rates = int(rng.integers(2**31)), People(copies=0.3), (0.05, DELTA, 8)
    shown, blind = (
        trial(crowd(), 2, people, Rule(blind=hidden, allow=False), rates, np.random.default_rng(seed))
        for hidden in (False, True)
    )
    return shown[0], blind[0], blind[1]


def noisy_reference(rng: Rng) -> Seen:
    """8: people miss three errors in ten, and the plan takes their word; ours allows for what they miss."""
    scores, wrong = _even()
    tie, lots = rng.permutation(6000), rng.permutation(6000)
    found = wrong & (rng.random(6000) >= 0.3)
    broken, cover = [], 0.0
    for missed in (0.0, 0.3):
        plan = design(6000, 6000, 0.02, DELTA, 20, missed)
        auto = out.automated(out.play(out.begin(plan, scores, tie, lots), found))
        broken.append(int((auto & wrong).sum()) >= plan.breaking)
        cover = float(auto.mean())
    return broken[0], broken[1], cover


@cache
def _even() -> Population:
    return flat(0.1)


def learned_copies(rng: Rng) -> Seen:
    """12: four in five answers are of near-duplicates of what the model learned; texts to come are none. Ours leaves them out."""
    texts = rng.standard_normal((150, 4))
    given = (texts[:, 0] > 0) ^ (rng.random(150) < 0.2)
    copies = texts[rng.integers(150, size=400)] + 0.01 * rng.standard_normal((400, 4))
    fresh = rng.standard_normal((2100, 4))
    place, near = _neighbours(fresh, texts)
    wrong = given[place] != (fresh[:, 0] > 0)
    _, close = _neighbours(copies, texts)
    bad = np.concatenate([np.zeros(400, bool), wrong[:100]])  # what was learned is repeated, right or wrong
    found = p1(np.concatenate([close, near[:100]]), bad, 0.05, DELTA)
    ours = p1(near[:100], wrong[:100], 0.05, DELTA)
    lost = [_lost(near[100:], wrong[100:], one.threshold) for one in (found, ours)]
    return lost[0] > 0.05, lost[1] > 0.05, ours.coverage


def counted_copies(rng: Rng) -> Seen:
    """12: sixty conversations of twenty near-duplicates counted as 1,200 answers; ours counts one of each."""
    scores, wrong = rng.random(60), rng.random(60) < 0.0501
    found = p1(np.repeat(scores, 20), np.repeat(wrong, 20), 0.05, DELTA)
    ours = p1(scores, wrong, 0.05, DELTA)
    return delivered(found.threshold, 0.0501) > 0.05, delivered(ours.threshold, 0.0501) > 0.05, ours.coverage


def chosen_and_certified(rng: Rng) -> Seen:
    """14: of twenty models the one with the fewest errors in the audits, certified by them; ours splits them in two."""
    scores, wrong = rng.random(600), rng.random((20, 600)) < 0.0501
    best = int(wrong.sum(axis=1).argmin())
    passes = int(wrong[best].sum()) <= errors_allowed(0.05, DELTA, 600)
    first = int(wrong[:, :300].sum(axis=1).argmin())
    ours = p1(scores[300:], wrong[first, 300:], 0.05, DELTA)
    return passes, delivered(ours.threshold, 0.0501) > 0.05, ours.coverage


def skipping_picker(rng: Rng) -> Seen:
    """16: a picker, surest first, that passes over audited items: audits crowd where nothing is wrong. Ours picks them too."""
    n, picks, audits = 3000, 1500, 600
    scores, tie, lots = np.arange(n, 0, -1.0), rng.permutation(n), rng.permutation(n)
    wrong = np.zeros(n, bool)
    wrong[1500 + rng.choice(1500, 300, replace=False)] = True
    open_to_naive = np.flatnonzero(lots >= audits)
    broken, cover = [], 0.0
    for chosen in (open_to_naive[:picks], np.arange(picks)):
        rest = np.setdiff1d(np.arange(n), chosen)
        plan = design_for_audits(n, len(rest), 0.02, DELTA, int((lots[rest] < audits).sum()))
        walk = out.play(out.begin(plan, scores[rest], tie[rest], lots[rest]), wrong[rest])
        auto = out.automated(walk)
        broken.append(int((auto & wrong[rest]).sum()) >= plan.breaking)
        cover = float(auto.sum()) / n
    return broken[0], broken[1], cover


def skipped_audits(rng: Rng) -> Seen:
    """16: people skip half of the audits that the machine got wrong, hard as they are; ours counts what is skipped as wrong."""
    scores, wrong = rng.random(400), rng.random(400) < 0.08
    skipped = wrong & (rng.random(400) < 0.5)
    found = p1(scores[~skipped], wrong[~skipped], 0.05, DELTA)
    ours = p1(scores, wrong | skipped, 0.05, DELTA)
    return delivered(found.threshold, 0.08) > 0.05, delivered(ours.threshold, 0.08) > 0.05, ours.coverage


def threshold_by_labels(rng: Rng) -> Seen:
    """17: the loosest threshold that the audits themselves make look good, then its exact test; ours was preset."""
    scores, wrong = _late()
    n = len(scores)
    audited = np.zeros(n, bool)
    audited[rng.choice(n, 1000, replace=False)] = True
    m, k = np.cumsum(audited), np.cumsum(audited & wrong)
    places = np.flatnonzero(audited)[20::10]
    passed = [i for i in places.tolist() if b2_tail(i + 1, int(m[i]), int(k[i]), 0.05) <= DELTA]
    naive_auto = (np.arange(n) <= (passed[-1] if passed else -1)) & ~audited
    sample = Sample(scores, rng.permutation(n).astype(float), audited, wrong, n)
    try:
        ours: Bools = b2(sample, float(scores[n // 5]), 0.05, DELTA).accepts(scores) & ~audited
    except GuaranteeError:
        ours = np.zeros(n, bool)
    return _selective(naive_auto, wrong), _selective(ours, wrong), float(ours.mean())


@cache
def _late() -> Population:
    return late(0.0502, 6000)


def _selective(auto: Bools, wrong: Bools) -> bool:
    return int((auto & wrong).sum()) >= errors_that_break(0.05, max(1, int(auto.sum())))


def ties_by_lot(rng: Rng) -> Seen:
    """17: ties broken by the lots themselves; ours draws a rank of its own."""
    wrong, seed = _even()[1], int(rng.integers(2**31))
    equal = np.zeros(6000)
    found = naive.ties_by_lot(equal, wrong, np.random.default_rng(seed), (0.02, DELTA), 3)
    ours = walked(equal, wrong, (0.02, DELTA), 3, np.random.default_rng(seed))
    limit = errors_that_break(0.02, 6000)
    return int((found & wrong).sum()) >= limit, int((ours & wrong).sum()) >= limit, float(ours.mean())

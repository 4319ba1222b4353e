"""Claim 9: audits by people who err, or who would repeat the machine's answer if they saw it.

Three people; whoever differs from the machine is asked after (`team.ruling`). The promise is checked by true labels on
what the machine answers alone: people's own errors are counted apart. Blind, nobody can repeat what they do not see;
the same crew shown suggestions misses its share of the machine's errors, and the promise with them.

usage: COWISE_DATA=FOLDER python -m benchmarks.claims.blindness [--trials 1000]
Writes benchmarks/results/claims_blindness.json with the hardware named; one process, two minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.claims.profiles import Population, part, profile_a, profile_b, real
from benchmarks.claims.run import RESULTS, hardware
from benchmarks.claims.trials import Outcome, Rng, design
from cowise.core.types import Bools
from cowise.team import out
from cowise.team.ruling import JURY, error_bound, missed_by, ruling
from cowise.team.tails import errors_that_break

SIZE, PAIRS = 6000, 200
SPENT = 0.1  # of delta, on the bound on people's error


@dataclass(frozen=True)
class People:
    """`error`: how often each is wrong, in favour of every other label alike; `copies`: how often they repeat what they see."""

    error: float = 0.0
    copies: float = 0.0


@dataclass(frozen=True)
class Rule:
    """How audits are judged: by a `jury` or by the first answer; `blind`; with a plan that allows for `missed` errors."""

    jury: bool = True
    blind: bool = True
    allow: bool = True


def votes_against(wrong: Bools, k: int, people: People, rule: Rule, rng: Rng) -> Bools:
    """Which items the audit would find wrong, (n,), by answers that everybody has ready for every item."""
    n = len(wrong)
    differs = np.empty((n, JURY), bool)
    for j in range(JURY):
        errs = rng.random(n) < people.error
        same_wrong = errs & (rng.random(n) < 1 / (k - 1))  # their error is the machine's own
        differs[:, j] = np.where(wrong, ~same_wrong, errs)
        if not rule.blind:
            differs[:, j] &= rng.random(n) >= people.copies
    if not rule.jury:
        return differs[:, 0]
    return differs[:, 0] & (differs[:, 1] | differs[:, 2])


def by_ruling(differs: Bools) -> Bools:
    """The same from the package's own ruling, item by item: what `votes_against` does at once."""
    found = []
    for one in differs:
        said = [1 if against else 0 for against in one]
        code = next(c for i in range(1, JURY + 1) if (c := ruling(0, said[:i], JURY - i)) is not None)
        found.append(code == out.WRONG)
    return np.array(found)


def measured(people: People, k: int, delta: float, rng: Rng) -> float:
    """Bound on people's error from items that two of them answered."""
    err = rng.random((PAIRS, 2)) < people.error
    alike = rng.random(PAIRS) < 1 / (k - 1)  # two errors are the same one
    differ = err.any(axis=1) & ~(err.all(axis=1) & alike)
    return error_bound(PAIRS, int(differ.sum()), delta)


def trial(
    population: Population, k: int, people: People, rule: Rule, rates: tuple[float, float, int], rng: Rng
) -> tuple[bool, float, int]:
    """One delivery: whether the promise broke by true labels, the share automated, the audits asked."""
    scores, wrong = part(population, SIZE, rng)
    max_error, delta, kappa = rates
    missed, level = 0.0, delta
    if rule.allow:
        level = delta * (1 - SPENT)
        missed = round(missed_by(min(0.49, measured(people, k, delta * SPENT, rng)), k), 4)
    plan = design(len(scores), len(scores), max_error, level, kappa, missed)
    walk = out.begin(plan, scores, rng.permutation(len(scores)), rng.permutation(len(scores)))
    walk = out.play(walk, votes_against(wrong, k, people, rule, rng))
    auto: Bools = out.automated(walk)
    broken = int((auto & wrong).sum()) >= errors_that_break(max_error, len(scores))
    return broken, float(auto.mean()), sum(code != out.PENDING for code in walk.answers)


def play(
    population: Population, k: int, people: People, rule: Rule, rates: tuple[float, float, int], trials: int
) -> Outcome:
    rng = np.random.default_rng(9)
    runs = [trial(population, k, people, rule, rates, rng) for _ in range(trials)]
    return Outcome(
        trials, round(float(np.mean([r[0] for r in runs])), 4), round(float(np.mean([r[1] for r in runs])), 4)
    )


def settings() -> dict[str, tuple[Population, int]]:
    """Profiles with the number of labels that people choose among."""
    return {
        "binormal_a": (profile_a(np.random.default_rng(1)), 2),
        "binormal_b": (profile_b(np.random.default_rng(2)), 2),
        "20news_oof": (real("20news_oof"), 20),
        "imdb_oof": (real("imdb_oof"), 2),
    }


def figures(trials: int) -> list[dict[str, Any]]:
    rows = []
    for name, (population, k) in settings().items():
        for error in (0.0, 0.01, 0.03, 0.05):
            for title, rule in (
                ("jury, bound measured", Rule()), ("first answer, bound measured", Rule(jury=False)),
            ):  # fmt: skip
                seen = play(population, k, People(error=error), rule, (0.05, 0.1, 8), trials)
                rows.append(
                    {"profile": name, "error": error, "copies": 0.0, "rule": title, "delta": 0.1, **asdict(seen)}
                )
        for copies in (0.1, 0.3, 0.5):
            for title, rule in (("blind", Rule(allow=False)), ("shown the suggestion", Rule(blind=False, allow=False))):
                seen = play(population, k, People(copies=copies), rule, (0.05, 0.1, 8), trials)
                rows.append(
                    {"profile": name, "error": 0.0, "copies": copies, "rule": title, "delta": 0.1, **asdict(seen)}
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    trials, began = parser.parse_args().trials, time.perf_counter()
    found = figures(trials)
    record = {
        "hardware": hardware(),
        "trials": trials,
        "seconds": round(time.perf_counter() - began, 1),
        "figures": found,
    }
    (RESULTS / "claims_blindness.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    for row in found:
        print(row)


if __name__ == "__main__":
    main()

"""Claims 1 and 3 for T: versions that follow one another share delta, and the project's promise is ever false no more often.

Each version learns from what the answers under the earlier ones brought, and is better or worse than the last. Its regions are
fixed before its first answer, its evidence starts at 1, and it has its own share of delta. The loosest region is the worst
that nature could lay down: its risk is the accepted one or a hair above. Beside it the rule in use: each version is
certified anew at the full delta. (`benchmarks.claims.sequences` has versions of set risks, and evidence carried over.)

At exactly the accepted risk two ways to test versions, with exact chances: evidence looked at after every answer
(`team.anytime`), and one exact test of a number of fresh answers set beforehand, at the shares of the loop (`loop.shares`).

usage: python -m benchmarks.claims.versions [--trials 500] [--out FILE]
Writes benchmarks/results/claims_versions.json with the hardware named; one process, some minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims.looks import fit, world
from benchmarks.claims.run import RESULTS, hardware
from benchmarks.claims.trials import Rng
from cowise.core.types import Bools, Floats
from cowise.loop.shares import look_share
from cowise.team.anytime import certified_path, log_evidence, look_delta
from cowise.team.tails import binomial_cdf, errors_allowed

MAX_ERROR, DELTA, VERSIONS = 0.1, 0.1, 5
TEXTS, FIRST, ANSWERS, FIXED = 20_000, 60, 800, 400
"""Texts in the world, answers before the first version, under each version, and in an exact test."""
Share = Callable[[float, int], float]
PATHS: dict[str, tuple[float, ...]] = {
    "each better than the last": (0.0,) * VERSIONS,
    "each worse than the last": (0.0, 0.38, 0.44, 0.46, 0.475),
    "worse, then better again": (0.0, 0.44, 0.0, 0.44, 0.0),
}
"""Share of the answers that each version learns the wrong way round."""


@cache
def texts() -> tuple[Floats, Floats]:
    """The world: every text as features, and its right answer, -1 or 1."""
    return world(TEXTS, np.random.default_rng(21))


@dataclass(frozen=True, eq=False)
class Version:
    """`score` and `wrong` (t,) for every text of the world, and `cuts`: regions strict to loose, the last one at the edge."""

    score: Floats
    wrong: Bools
    cuts: Floats

    @property
    def risks(self) -> list[float]:
        """True risk in each region."""
        return [float(self.wrong[self.score >= cut].mean()) for cut in self.cuts]


def version(rows: Floats, spoiled: float, rng: Rng) -> Version:
    """What was learned from the answers to these `rows`, a share of them the wrong way round, with the regions nature picks."""
    x, y = texts()
    told = np.where(rng.random(len(rows)) < spoiled, -1.0, 1.0) * y[rows]
    raw = x @ fit(x[rows], told)
    score, wrong = np.abs(raw), np.where(raw > 0, 1.0, -1.0) != y
    ordered = np.argsort(-score)
    risk = np.cumsum(wrong[ordered]) / np.arange(1, TEXTS + 1)
    over = np.flatnonzero(risk >= MAX_ERROR)
    below = np.flatnonzero(risk < MAX_ERROR)
    edge = int(over[over > below[-1]][0]) if len(below) and below[-1] < TEXTS - 1 else int(over[0])
    return Version(score, wrong, score[ordered[[edge // 3, (2 * edge) // 3, edge]]])


def play(path: tuple[float, ...], share: Share, rng: Rng) -> tuple[bool, float]:
    """One project: whether a region of too much risk was ever certified, and the mean share that stood certified at last."""
    rows, ever, covers = rng.integers(TEXTS, size=FIRST), False, []
    for j, spoiled in enumerate(path):
        one = version(rows, spoiled, rng)
        fresh = rng.integers(TEXTS, size=ANSWERS)
        reached = certified_path(one.score[fresh], one.wrong[fresh], one.cuts, MAX_ERROR, share(DELTA, j))
        risks = np.array([0.0, *one.risks])
        ever |= bool((risks[reached] >= MAX_ERROR).any())
        covers.append(float((one.score >= one.cuts[reached[-1] - 1]).mean()) if reached[-1] else 0.0)
        rows = np.concatenate([rows, fresh])
    return ever, float(np.mean(covers))


def full(delta: float, _look: int) -> float:
    """The naive share: all of it, for every version."""
    return delta


def crossing_chance(max_error: float, risk: float, delta: float, labels: int) -> float:
    """Exact probability that one region's evidence ever reaches 1 / delta within so many answers."""
    k = np.arange(labels + 1)
    alive, crossed = np.zeros(labels + 1), 0.0
    alive[0] = 1.0
    for m in range(1, labels + 1):
        alive = alive * (1 - risk) + np.concatenate(([0.0], alive[:-1])) * risk
        top = min(m, int(2 * risk * m) + 40)  # more errors than that never certify, and hold no mass that matters
        over = np.zeros(labels + 1, bool)
        over[: top + 1] = log_evidence(m, k[: top + 1], max_error) >= -np.log(delta)
        crossed += alive[over].sum()
        alive[over] = 0.0
    return float(crossed)


def at_the_edge(share: Share, trials: int, seed: int = 4) -> tuple[float, float]:
    """(Exact, seen) chance that five versions of exactly the accepted risk ever certify, by evidence after every answer."""
    rng, missed, hits = np.random.default_rng(seed), 1.0, np.zeros(trials, bool)
    for j in range(VERSIONS):
        missed *= 1 - crossing_chance(MAX_ERROR, MAX_ERROR, share(DELTA, j), ANSWERS)
        k = np.cumsum(rng.random((trials, ANSWERS)) < MAX_ERROR, axis=1)
        for part in np.array_split(np.arange(trials), max(1, trials // 100)):
            found = log_evidence(np.arange(1, ANSWERS + 1), k[part], MAX_ERROR) >= -np.log(share(DELTA, j))
            hits[part] |= found.any(axis=1)
    return 1 - missed, float(hits.mean())


def one_test_each(share: Share, trials: int, seed: int = 5) -> tuple[float, float]:
    """(Exact, seen) chance that five versions of exactly the accepted risk ever pass one exact test each."""
    rng, missed, hits = np.random.default_rng(seed), 1.0, np.zeros(trials, bool)
    for j in range(VERSIONS):
        allowed = errors_allowed(MAX_ERROR, share(DELTA, j), FIXED)
        missed *= 1 - float(binomial_cdf(allowed, FIXED, MAX_ERROR)) if allowed >= 0 else 1.0
        hits |= rng.binomial(FIXED, MAX_ERROR, trials) <= allowed
    return 1 - missed, float(hits.mean())


def ever(path: tuple[float, ...], share: Share, trials: int, seed: int = 6) -> tuple[float, float]:
    """(Share of projects that were ever wrong, mean share of the texts that was certified)."""
    runs = [play(path, share, np.random.default_rng([seed, t])) for t in range(trials)]
    return float(np.mean([one[0] for one in runs])), float(np.mean([one[1] for one in runs]))


def figures(trials: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "max_error": MAX_ERROR, "delta": DELTA, "versions": VERSIONS, "answers_to_each": ANSWERS,
        "slack": round(DELTA + 3 * (DELTA * (1 - DELTA) / trials) ** 0.5, 4), "learning": {},
    }  # fmt: skip
    for name, path in PATHS.items():
        ours, naive = ever(path, look_delta, trials), ever(path, full, trials)
        found["learning"][name] = {
            "ever_wrong": ours[0], "certified": round(ours[1], 4), "naive_ever_wrong": naive[0],
            "naive_certified": round(naive[1], 4), "kept": ours[0] <= found["slack"] < naive[0],
        }  # fmt: skip
    many = 4 * trials
    for name, rule, shares in (
        ("looked at after every answer", at_the_edge, look_delta), ("one exact test each", one_test_each, look_share),
    ):  # fmt: skip
        ours, naive = rule(shares, many), rule(full, many)
        found[f"exactly at the accepted risk, {name}"] = {
            "exact": round(ours[0], 5), "seen": ours[1], "naive_exact": round(naive[0], 5), "naive_seen": naive[1],
            "trials": many,
        }  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--out", type=Path, default=RESULTS / "claims_versions.json")
    asked, began = parser.parse_args(), time.perf_counter()
    found = figures(asked.trials)
    record = {
        "hardware": hardware(), "command": f"python -m benchmarks.claims.versions --trials {asked.trials}",
        "trials": asked.trials, "seconds": round(time.perf_counter() - began, 1), "figures": found,
    }  # fmt: skip
    asked.out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

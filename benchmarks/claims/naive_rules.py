"""SCIENCE section 9: each rule that only looks like a guarantee, broken well above delta, beside ours on the same draws.

usage: python -m benchmarks.claims.naive_rules [--trials 1000] [--out FILE]
Writes benchmarks/results/claims_naive.json with the hardware named; one process, two minutes. Every promise is at delta 10 %.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims import naive_readings as readings
from benchmarks.claims import naive_samples as samples
from benchmarks.claims.naive_tools import Seen
from benchmarks.claims.run import RESULTS, hardware
from benchmarks.claims.trials import Rng

DELTA = 0.1


@dataclass(frozen=True)
class Naive:
    """Rule `number` of the section, in words, the procedure of ours beside it, and one trial of both."""

    number: int
    words: str
    ours: str
    once: Callable[[Rng], Seen]

    @property
    def name(self) -> str:
        """By which it is found in the results."""
        return f"{self.number} {self.once.__name__}"


RULES = (
    Naive(1, "trust the model's confidence", "OUT", readings.confidence),
    Naive(2, "labelled error at most the accepted one", "S2", readings.empirical),
    Naive(3, "best of many thresholds", "S2", readings.best_of_many),
    Naive(4, "test again every 20 answers", "T", readings.peeking),
    Naive(5, "calibrate on training labels", "P1 on fresh ones", samples.training_labels),
    Naive(6, "calibrate on the least sure answers", "OUT", samples.deferred_labels),
    Naive(7, "show reviewers the suggestion", "OUT, blind", samples.anchored),
    Naive(8, "take a noisy reference for the truth", "OUT with `missed`", samples.noisy_reference),
    Naive(9, "normal interval at rare errors", "P1", readings.normal_interval),
    Naive(10, "on average taken for with high probability", "P1", readings.expectation),
    Naive(10, "everything delivered taken for what is automated", "S2", readings.delivered_for_selective),
    Naive(11, "keep a certificate when the model changes", "P1 anew, shares of delta", readings.changed_model),
    Naive(12, "answers to near-duplicates of what was learned", "P1 without them", samples.learned_copies),
    Naive(12, "near-duplicates counted one by one", "P1, one of each", samples.counted_copies),
    Naive(13, "a good average for a bad label", "P1 per label", readings.bad_label),
    Naive(14, "one sample to choose and to certify", "P1 on the other half", samples.chosen_and_certified),
    Naive(15, "a per-step test read as an average under drift", "watch, withdraw", readings.average_under_drift),
    Naive(16, "a picker that skips audited items", "OUT, picker knows no lots", samples.skipping_picker),
    Naive(16, "skipped audits left out", "P1, skipped counts as wrong", samples.skipped_audits),
    Naive(17, "a threshold chosen by the calibration labels", "B2, preset", samples.threshold_by_labels),
    Naive(17, "ties broken by the lots", "OUT, own ranks", samples.ties_by_lot),
)


def play(rule: Naive, trials: int) -> dict[str, Any]:
    """How often each promise broke over so many seeded trials, and what share ours automated."""
    rng = np.random.default_rng(rule.number)
    broken, ours, cover = zip(*(rule.once(rng) for _ in range(trials)), strict=True)
    return {
        "rule": rule.number, "words": rule.words, "trials": trials, "delta": DELTA, "naive": round(float(np.mean(broken)), 4),
        "ours": rule.ours, "ours_broken": round(float(np.mean(ours)), 4), "ours_automated": round(float(np.mean(cover)), 4),
    }  # fmt: skip


def slack(trials: int) -> float:
    """Delta plus three standard errors."""
    return float(DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / trials))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=RESULTS / "claims_naive.json")
    asked = parser.parse_args()
    trials, began, found = asked.trials, time.perf_counter(), {}
    for rule in RULES:
        found[rule.name] = play(rule, trials)
        print(rule.name, found[rule.name], flush=True)
    record = {"hardware": hardware(), "trials": trials, "seconds": round(time.perf_counter() - began, 1), "figures": found}  # fmt: skip
    asked.out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Claim 4: a stream under watch. How long to a false alarm, how soon a true one, and the error after recovery.

Beside it rules that are in use: the last hundred audits above the accepted rate, and the alarm at the promise's own rate
where the promise is over everything delivered.

usage: python -m benchmarks.claims.drift [--trials 1000]
Writes benchmarks/results/claims_drift.json with the hardware named; one process, two minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from benchmarks.claims.run import RESULTS, hardware
from cowise.core.types import Bools, Floats, Indices, Promise
from cowise.team.alarm import RUN_LENGTH, accepted_rate, rates
from cowise.team.prospective import p1

ASKED = {0.04: 400, 0.06: 165, 0.10: 66}
NEVER = 40_000


def run_lengths(risk: float, accepted: float, trials: int, seed: int, most: int = NEVER) -> Indices:
    """Audits to the alarm in each trial, `most` where it did not sound: `team.alarm.see` over all trials at once."""
    rng, q = np.random.default_rng(seed), np.array(rates(accepted))
    bad, good = q / accepted, (1 - q) / (1 - accepted)
    weights, alive = np.zeros((trials, len(q))), np.arange(trials)
    found = np.full(trials, most, np.int64)
    for audit in range(1, most + 1):
        wrong = rng.random(len(alive)) < risk
        weights = (weights + 1) * np.where(wrong[:, None], bad, good)
        sounds = weights.mean(axis=1) >= RUN_LENGTH
        if sounds.any():
            found[alive[sounds]] = audit
            alive, weights = alive[~sounds], weights[~sounds]
            if not len(alive):
                break
    return found


def last_hundred(risk: float, accepted: float, trials: int, seed: int, audits: int = 5000) -> float:
    """Share of trials in which the mean of some hundred audits in a row is above the accepted rate."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(trials):
        run = np.cumsum(np.concatenate([[0], rng.random(audits) < risk]))
        hits += bool(((run[100:] - run[:-100]) / 100 > accepted).any())
    return hits / trials


def texts(n: int, rng: np.random.Generator, *, drifted: bool) -> tuple[Floats, Bools]:
    """Scores and errors of a stream: sure where right; after the drift sure and wrong more often."""
    scores = rng.random(n)
    risk = 0.25 * (1 - scores) ** 2 + (0.09 if drifted else 0.0)
    return scores, rng.random(n) < risk


def stream(seed: int, *, watched: bool, audit_rate: float = 0.05) -> dict[str, float]:
    """A stream that drifts half-way: certified by P1, watched, withdrawn at the alarm, certified again on fresh labels.

    Errors of automated texts ÷ all texts, before the drift and after the alarm (without a watch: after the drift).
    """
    promise, rng = Promise(0.03, 0.9), np.random.default_rng(seed)
    found = p1(*texts(1000, rng, drifted=False), promise.max_error, promise.delta)
    before = wrong_share(found.threshold, texts(20_000, rng, drifted=False))
    weights = np.zeros(len(q := np.array(rates(accepted := accepted_rate(promise, found.coverage)))))
    bad, good = q / accepted, (1 - q) / (1 - accepted)
    gone, threshold = 0, found.threshold
    while watched and weights.mean() < RUN_LENGTH and gone < 200_000:
        scores, wrong = texts(500, rng, drifted=True)
        for one in wrong[(scores > threshold) & (rng.random(500) < audit_rate)]:
            weights = (weights + 1) * (bad if one else good)
        gone += 500
    if watched:
        threshold = p1(*texts(1000, rng, drifted=True), promise.max_error, promise.delta).threshold
    after = wrong_share(threshold, texts(20_000, rng, drifted=True))
    return {"before": before, "after": after, "delay": float(gone)}


def wrong_share(threshold: float, of: tuple[Floats, Bools]) -> float:
    scores, wrong = of
    return float((wrong & (scores > threshold)).mean())


def recovery(trials: int) -> dict[str, Any]:
    runs = {name: [stream(seed, watched=name == "watched") for seed in range(trials)] for name in ("watched", "fixed")}
    return {
        name: {
            "max_error": 0.03, "delta": 0.1, "error_before": round(float(np.mean([r["before"] for r in some])), 4),
            "error_after": round(float(np.mean([r["after"] for r in some])), 4),
            "broken_after": round(float(np.mean([r["after"] > 0.03 for r in some])), 4),
            "texts_to_alarm": round(float(np.mean([r["delay"] for r in some])), 0),
        }
        for name, some in runs.items()
    }  # fmt: skip


def figures(trials: int) -> dict[str, Any]:
    at = run_lengths(0.02, 0.02, trials, 1)
    delays = {f"{risk:g}": run_lengths(risk, 0.02, trials, 2) for risk in ASKED}
    kept = accepted_rate(Promise(0.02, 0.9), 0.7)
    return {
        "declared": RUN_LENGTH,
        "run_length_at_the_accepted_rate": {"mean_at_least": float(at.mean()), "sounded_by_5000": float((at <= 5000).mean())},
        "delay": {
            risk: {"mean": float(some.mean()), "median": float(np.median(some)), "asked": ASKED[float(risk)]}
            for risk, some in delays.items()
        },
        "promise_of_everything_kept": {
            "accepted_rate": round(kept, 4),
            "run_length_mean_at_least": float(run_lengths(0.025, kept, trials // 2, 3).mean()),
            "naive_at_the_promises_own_rate_mean": float(run_lengths(0.025, 0.02, trials // 2, 3).mean()),
        },
        "naive_last_hundred_sounds_at_the_accepted_rate": last_hundred(0.02, 0.02, trials // 5, 4),
        "recovery": recovery(trials // 5),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    trials, began = parser.parse_args().trials, time.perf_counter()
    found = figures(trials)
    record = {
        "hardware": hardware(),
        "trials": trials,
        "seconds": round(time.perf_counter() - began, 1),
        "figures": found,
    }
    (RESULTS / "claims_drift.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

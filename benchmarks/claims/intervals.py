"""How often the intervals of `cw.evaluate` and `cw.compare` hold the truth: drawn again and again from worlds whose figures are known.

A world is 400,000 items with probabilities and a truth drawn by them; its own figures are the truth, and samples with
replacement are what is evaluated. Confidence is stated as it is (calibrated) or sharpened (overconfident); labels may be rare.
Beside the calibration error's interval stand those that are often used for it: percentiles of resamples, and these mirrored.

usage: python -m benchmarks.claims.intervals [--trials 1000] [--sizes 200 1000] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

import cowise as cw
from benchmarks.hardware import hardware
from cowise.measure.binned import equal_width
from cowise.measure.score import Score

RESULT = Path(__file__).parents[1] / "results" / "claims_intervals.json"
ITEMS = 400_000
WORLDS: dict[str, tuple[float, float, tuple[float, ...]]] = {
    "three labels, calibrated": (1.5, 1.0, (0, 0, 0)),
    "three labels, overconfident": (1.5, 2.0, (0, 0, 0)),
    "four labels, one rare": (1.8, 1.0, (2, 1, 0, -1.5)),
    "two labels, nine in ten right": (4.0, 1.0, (0, 0)),
    "ten labels, overconfident": (2.5, 1.3, (0,) * 10),
}
"""Spread of the scores, how much the probabilities are sharpened, and how common each label is, on the log scale."""
TERMS = cw.Terms(resamples=500)
NAIVE = ("naive: ece, percentiles of resamples", "naive: ece, resamples mirrored")
Drawn = tuple[Any, Any, Any]


def world(name: str, seed: int = 1) -> Drawn:
    """(truth (n,), probabilities stated (n, k), what a second model says (n,)): it errs on other items too."""
    spread, sharp, common = WORLDS[name]
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(ITEMS, len(common))) * spread + np.array(common)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    true = (p.cumsum(axis=1) < rng.random((ITEMS, 1))).sum(axis=1).clip(0, len(common) - 1)
    stated = p**sharp
    other = (z + rng.normal(size=z.shape)).argmax(axis=1)
    return true, stated / stated.sum(axis=1, keepdims=True), other


def figures(drawn: Drawn, seed: int) -> dict[str, Any]:
    """Every figure of one sample, by name."""
    true, p, other = drawn
    terms = cw.Terms(resamples=TERMS.resamples, seed=seed)
    found = cw.evaluate(true, probabilities=p, labels=range(p.shape[1]), terms=terms)
    beside = cw.compare(true, p.argmax(axis=1), other, labels=range(p.shape[1]), terms=terms)
    of_label = {f"{name} of a label": found[name, "0"] for name in ("precision", "recall", "f1")}
    return {one.name: one for one in (*found.scores, *beside.scores)} | of_label | naive(drawn, seed)


def naive(drawn: Drawn, seed: int) -> dict[str, Score]:
    """The calibration error of equal width, with intervals from items drawn anew."""
    true, p, _ = drawn
    n, sure = len(true), p.max(axis=1)
    table = np.zeros((n, TERMS.bins))
    table[np.arange(n), equal_width(sure, TERMS.bins)] = sure - (p.argmax(axis=1) == true)
    value = float(np.abs(table.sum(axis=0)).sum() / n)
    if n == ITEMS:  # the world itself: its value is the truth
        return {name: Score(name, value) for name in NAIVE}
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=TERMS.resamples)
    low, high = np.quantile(np.abs(weights @ table).sum(axis=1) / n, [TERMS.tail, 1 - TERMS.tail])
    ends = ((low, high), (max(0.0, 2 * value - high), 2 * value - low))
    return {name: Score(name, value, *map(float, span)) for name, span in zip(NAIVE, ends, strict=True)}


def covered(name: str, size: int, trials: int) -> dict[str, dict[str, float]]:
    """Of each figure: how often its interval held the world's own, lay above it, or below, and how wide it was."""
    whole = world(name)
    truth = {each: one.value for each, one in figures(whole, 0).items()}
    told: dict[str, list[tuple[bool, bool, float]]] = defaultdict(list)
    for trial in range(trials):
        at = np.random.default_rng(trial).integers(0, ITEMS, size)
        for each, one in figures(tuple(column[at] for column in whole), trial).items():  # type: ignore[arg-type]
            if one.low is not None:
                told[each].append((truth[each] < one.low, truth[each] > one.high, one.high - one.low))
    return {
        each: {
            "held": round(1 - float(np.mean([above or below for above, below, _ in rows])), 4),
            "above": round(float(np.mean([above for above, _, _ in rows])), 4),
            "below": round(float(np.mean([below for _, below, _ in rows])), 4),
            "width": round(float(np.mean([width for *_, width in rows])), 4),
        }
        for each, rows in told.items()
    }


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--trials", type=int, default=1000)
    asked.add_argument("--sizes", type=int, nargs="+", default=[200, 1000])
    asked.add_argument("--worlds", nargs="+", default=list(WORLDS))
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    found: dict[str, Any] = {"hardware": hardware(), "confidence": TERMS.confidence, "trials": args.trials}
    for name in args.worlds:
        for size in args.sizes:
            found[f"{name}, {size} items"] = one = covered(name, size, args.trials)
            print(name, size, {each: row["held"] for each, row in one.items()}, flush=True)
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

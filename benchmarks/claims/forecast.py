"""Claim 5: the automation foretold when a check begins, beside what it then grants, and how often that lies in the range.

The forecast is made from predictions before an item was learned and from leave-one-out margins; it knows no lot and no
audit. It plans and never automates: what goes out alone is what the check grants. For a promise of everything delivered
the last walk's forecast is held against what it grants; for each kind of promise every look counts for the range from
10 to 90 %, those that granted nothing too.

usage: COWISE_DATA=… python -m benchmarks.claims.forecast [--seeds 10] [--jobs 1] [--sets …]
Writes benchmarks/results/claims_forecast.json with the hardware named; some minutes for each set.
       python -m benchmarks.claims.forecast --range  plays the carried samples and two sets kept back, some minutes, and writes the row "range".
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims.run import RESULTS, hardware
from benchmarks.human_share import CONFIDENCE, POOL, SETS, files_of
from cowise.core.samples import sample
from cowise.core.settings import read as settings
from cowise.core.types import Promise, Vectors32
from cowise.loop.rehearse import Played
from cowise.loop.simulating import Gold, SimulateOptions, embed, gold, rehearse
from cowise.models import open_encoder

WITHIN, IN = 0.05, 0.8
KEPT_BACK = ("toutiao_zh", "sib200_en")
KINDS = {
    "delivered": Promise(0.05, 0.9), "selective": Promise(0.05, 0.9, "selective"),
    "each label": Promise(0.05, 0.9, per_label=True),
}  # fmt: skip


def both(one: Played) -> tuple[float, float]:
    """Share of the items foretold to go out alone when the last walk began, and what its certificate granted."""
    return one.history[-1]["foretold_automation"], one.certificate["automated"] / one.items


def compared(known: Gold, vectors: Vectors32, alpha: float, asked: tuple[int, int, int]) -> dict[str, Any]:
    """One set at one promise; `asked`: repetitions, pool, processes."""
    repeat, pool, jobs = asked
    options = SimulateOptions(
        (Path("labelled"),), promise=Promise(alpha, CONFIDENCE), pool=pool, repeat=repeat, jobs=jobs
    )
    played = rehearse(known, vectors, options)
    pairs = np.array([both(one) for one in played])
    off = pairs[:, 1] - pairs[:, 0]
    return {
        **coverage([check for one in played for check in one.checks]),
        "seeds": repeat, "foretold": round(float(pairs[:, 0].mean()), 4), "granted": round(float(pairs[:, 1].mean()), 4),
        "within_5_points": round(float((np.abs(off) <= WITHIN).mean()), 4), "off": [round(float(o), 4) for o in off],
    }  # fmt: skip


def coverage(checks: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """How many looks there were, and the share whose grant lies within what was foretold of it."""
    told = [one for one in checks if "low" in one]
    inside = [one["low"] - 1e-9 <= one["granted"] <= one["high"] + 1e-9 for one in told]
    width = [one["high"] - one["low"] for one in told]
    return {
        "looks": len(told), "in_range": round(float(np.mean(inside)), 4) if told else None,
        "range_width": round(float(np.mean(width)), 4) if told else None,
    }  # fmt: skip


def samples() -> Iterator[tuple[str, Gold]]:
    """The two carried samples, on which ranges were developed; and two sets that were not looked at before, where they are here."""
    for name in ("bank", "travel"):
        yield "samples", gold((sample(name),), "text", "label")
    for name in KEPT_BACK if os.environ.get("COWISE_DATA") else ():
        known = gold(files_of(name), "text", "label")
        rows = np.random.default_rng(0).permutation(len(known.y))[:6000]
        yield "kept back", replace(known, texts=[known.texts[i] for i in rows.tolist()], y=known.y[rows])


def ranges(seeds: int) -> dict[str, dict[str, Any]]:
    """For each kind of promise, how often what was granted lies in the range foretold."""
    found: dict[str, dict[str, list[Mapping[str, float]]]] = {}
    for where, known in samples():
        encoder = open_encoder("hashing" if where == "samples" else "use-multilingual", settings().models)
        vectors = embed(encoder, known.texts)
        for kind, promise in KINDS.items():
            options = SimulateOptions((Path("sample"),), promise=promise, pool=1500, repeat=seeds)
            checks = found.setdefault(where, {}).setdefault(kind, [])
            checks += [check for one in rehearse(known, vectors, options) for check in one.checks]
    return {where: {kind: coverage(checks) for kind, checks in kinds.items()} for where, kinds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--range", action="store_true", help="the range's coverage on the carried samples alone")
    asked = parser.parse_args()
    if asked.range:
        kept = json.loads((RESULTS / "claims_forecast.json").read_text("utf-8"))
        found = ranges(asked.seeds)
        kept["range"] = {
            "hardware": hardware(),
            "seeds": asked.seeds,
            **found["samples"],
            "kept back": found.get("kept back"),
        }
        print(json.dumps(kept["range"], indent=1))
        (RESULTS / "claims_forecast.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
        return
    if not os.environ.get("COWISE_DATA"):
        sys.exit("forecast: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    encoder, cases = open_encoder("use-multilingual", settings().models), dict[str, Any]()
    for name in asked.sets.split(","):
        known = gold(files_of(name), "text", "label")
        vectors = embed(encoder, known.texts)
        for alpha in (0.05, 0.02):
            cases[f"{name} {alpha:g}"] = compared(known, vectors, alpha, (asked.seeds, POOL, asked.jobs))
            print(name, alpha, cases[f"{name} {alpha:g}"], flush=True)
    whole = float(np.mean([one["within_5_points"] for one in cases.values()]))
    record = {"hardware": hardware(), "within_5_points": round(whole, 4), "asked": IN, "cases": cases}
    (RESULTS / "claims_forecast.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

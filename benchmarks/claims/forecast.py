"""Claim 5: the automation foretold when a walk begins, beside what its certificate then grants.

The forecast is made from predictions before an item was learned and from leave-one-out margins; it knows no lot and no
audit. It plans and never automates: what goes out alone is what the walk grants.

usage: COWISE_DATA=… python -m benchmarks.claims.forecast [--seeds 10] [--jobs 1] [--sets …]
Writes benchmarks/results/claims_forecast.json with the hardware named; some minutes for each set.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims.run import RESULTS, hardware
from benchmarks.human_share import CONFIDENCE, POOL, SETS, files_of
from cowise.core.settings import read as settings
from cowise.core.types import Promise, Vectors32
from cowise.loop.rehearse import Played
from cowise.loop.simulating import Gold, SimulateOptions, embed, gold, rehearse
from cowise.models import open_encoder

WITHIN, IN = 0.05, 0.8


def both(one: Played) -> tuple[float, float]:
    """Share of the items foretold to go out alone when the last walk began, and what its certificate granted."""
    return one.history[-1]["foretold_automation"], one.certificate["automated"] / one.items


def compared(known: Gold, vectors: Vectors32, alpha: float, asked: tuple[int, int, int]) -> dict[str, Any]:
    """One set at one promise; `asked`: repetitions, pool, processes."""
    repeat, pool, jobs = asked
    options = SimulateOptions(
        (Path("labelled"),), promise=Promise(alpha, CONFIDENCE), pool=pool, repeat=repeat, jobs=jobs
    )
    pairs = np.array([both(one) for one in rehearse(known, vectors, options)])
    off = pairs[:, 1] - pairs[:, 0]
    return {
        "seeds": repeat, "foretold": round(float(pairs[:, 0].mean()), 4), "granted": round(float(pairs[:, 1].mean()), 4),
        "within_5_points": round(float((np.abs(off) <= WITHIN).mean()), 4), "off": [round(float(o), 4) for o in off],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sets", default=",".join(SETS))
    asked = parser.parse_args()
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

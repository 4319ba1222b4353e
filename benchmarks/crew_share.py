"""The headline with people who err: five of stated reliability, each answer taken as it is, and weighed as a team.

The same pools, lots and people's errors by seed. *alone*: everybody in turn, and an answer stands, as if one person gave
them all. *team*: audits go to whom the model agrees with most, those that differ are looked at again by others, and the
economy knows how often people err. Human share counts every answer, second looks too; the promise is checked by true
labels on what the machine answers alone.

usage: COWISE_DATA=… python -m benchmarks.crew_share [--seeds 10] [--jobs 1] [--sets ag_news,…] [--alphas 0.05,0.02]
Figures are merged into benchmarks/results/crew_share.json after each case.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hardware import hardware
from benchmarks.human_share import CONFIDENCE, POOL, SETS, files_of, stats
from cowise.core.settings import read as settings
from cowise.core.types import Promise, Vectors32
from cowise.loop.crew import Crew
from cowise.loop.simulating import Gold, SimulateOptions, embed, gold, rehearse
from cowise.models import open_encoder

CREW = (0.98, 0.95, 0.92, 0.90, 0.85)
RESULT = Path(__file__).parent / "results" / "crew_share.json"


def played(known: Gold, vectors: Vectors32, options: SimulateOptions) -> dict[str, Any]:
    """Means over the repetitions: human share with its parts, all wrong items delivered, promises broken."""
    runs = rehearse(known, vectors, options, lambda what, i, n: print(f"  {what} {i}/{n}", file=sys.stderr, end="\r"))
    found: dict[str, Any] = stats([one.human_share for one in runs], [not one.promise_kept for one in runs])
    for part in ("training", "audit", "deferred", "error"):
        found[part] = round(float(np.mean([getattr(one, part) for one in runs])), 4)
    return found


def case(known: Gold, vectors: Vectors32, alpha: float, asked: argparse.Namespace) -> dict[str, Any]:
    """One set at one promise, both ways."""
    crew = tuple(Crew(accuracy) for accuracy in CREW)
    found: dict[str, Any] = {}
    for who, jury in (("alone", False), ("team", True)):
        options = SimulateOptions(
            (Path("labelled"),), promise=Promise(alpha, CONFIDENCE), pool=POOL, repeat=asked.seeds, jobs=asked.jobs,
            crew=crew[0], others=crew[1:], jury=jury,
        )  # fmt: skip
        found[who] = played(known, vectors, options)
    found["ratio"] = round(found["team"]["human_share"] / found["alone"]["human_share"], 4)
    return found


def save(name: str, found: dict[str, Any]) -> None:
    """Merge one case into the file."""
    record = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {"cases": {}}
    cases = record["cases"] | {name: found}
    mean = {
        who: round(float(np.mean([one[who]["human_share"] for one in cases.values()])), 4) for who in ("alone", "team")
    }
    mean["broken_team"] = round(float(np.mean([one["team"]["broken"] for one in cases.values()])), 4)
    mean["worst_ratio"] = max(one["ratio"] for one in cases.values())
    whole = {"hardware": hardware(), "crew": CREW, "confidence": CONFIDENCE, "mean": mean, "cases": cases}
    RESULT.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    print(json.dumps({name: found}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--alphas", default="0.05,0.02")
    asked = parser.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("crew_share: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    encoder = open_encoder("use-multilingual", settings().models)
    for name in asked.sets.split(","):
        known = gold(files_of(name), "text", "label")
        vectors = embed(encoder, known.texts)
        for alpha in (float(each) for each in asked.alphas.split(",")):
            save(f"{name} {alpha:g}", case(known, vectors, alpha, asked))


if __name__ == "__main__":
    main()

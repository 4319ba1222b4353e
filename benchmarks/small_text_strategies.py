"""Which strategy of small-text asks least of people? The best one is the peer in `human_share`: generous to it.

usage: COWISE_DATA=… python -m benchmarks.small_text_strategies [--seeds 3] [--strategies random,…] [--jobs 1]
Needs small-text: pip install -e '.[bench]'. Figures are merged into benchmarks/results/small_text_strategies.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import human_share
from benchmarks.hardware import hardware
from cowise.core.settings import read as settings
from cowise.engine import Local
from cowise.loop.simulating import embed, gold
from cowise.models import open_encoder

RESULT = Path(__file__).parent / "results" / "small_text_strategies.json"
ALPHAS = (0.05, 0.02)
Timed = tuple[dict[float, human_share.Run], float]


def main() -> None:
    if not human_share.SMALL_TEXT:  # no failure of `make bench`: the extra is optional
        print("small_text_strategies: left out, small-text is missing; pip install -e '.[bench]' installs it")
        return
    every = list(human_share.small_text_peer.STRATEGIES)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", default=",".join(human_share.SETS))
    parser.add_argument("--strategies", default=",".join(every))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("small_text_strategies: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    encoder = open_encoder("use-multilingual", settings().models)
    for name in asked.sets.split(","):
        known = gold(human_share.files_of(name), "text", "label")
        drawn = list(human_share.pools(known, embed(encoder, known.texts), ALPHAS, asked.seeds))
        for strategy in asked.strategies.split(","):
            runs = list(Local(min(asked.jobs, asked.seeds)).map(partial(timed, strategy=strategy), drawn))
            save(asked.out, name, strategy, runs)


def timed(pool: human_share.Pool, strategy: str) -> Timed:
    begun = time.perf_counter()
    return human_share.small_text(pool, strategy), time.perf_counter() - begun


def save(file: Path, name: str, strategy: str, runs: list[Timed]) -> None:
    record: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {"strategies": {}}
    held = record["strategies"].setdefault(strategy, {"cases": {}})
    for alpha in ALPHAS:
        each = [found[alpha] for found, _ in runs]
        figures = human_share.stats([float(share) for share, _ in each], [bool(error > alpha) for _, error in each])
        seconds = round(float(np.mean([took for _, took in runs])), 1)
        held["cases"][f"{name} {alpha:g}"] = {**figures, "seconds": seconds}
        print(strategy, f"{name} {alpha:g}", figures, seconds, flush=True)
    for figure in ("human_share", "broken", "seconds"):
        held[figure] = round(float(np.mean([case[figure] for case in held["cases"].values()])), 4)
    record["strategies"] = dict(sorted(record["strategies"].items(), key=lambda one: one[1]["human_share"]))
    # means over fewer cases than others have are no comparison
    most = max(len(one["cases"]) for one in record["strategies"].values())
    record["best"] = next(name for name, one in record["strategies"].items() if len(one["cases"]) == most)
    record["hardware"] = hardware() | {"small-text": version("small-text")}
    file.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

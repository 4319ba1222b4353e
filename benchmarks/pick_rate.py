"""Batches of 100 picked from 1,000,000 items: by coverage, by margins spread out, and with classes balanced.

usage: python -m benchmarks.pick_rate [--items 1000000] [--classes 20] [--rounds 5] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.hardware import hardware
from cowise.core.types import Pool
from cowise.team.pick import CoveragePicker, MarginPicker

RESULT = Path(__file__).parent / "results" / "pick_rate.json"
BATCH, DIM = 100, 64


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--items", type=int, default=1_000_000)
    asked.add_argument("--classes", type=int, default=20)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(args.items, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    p = rng.random((args.items, args.classes))
    p /= p.sum(axis=1, keepdims=True)
    free = rng.random(args.items) < 0.999
    pool = Pool(vectors, free, p, answers=rng.integers(1, 100, args.classes))
    found: dict[str, object] = {"hardware": hardware(), "items": args.items, "classes": args.classes, "batch": BATCH}
    for name, picker in (
        ("coverage", CoveragePicker()), ("margin", MarginPicker()), ("balanced", MarginPicker(balance=0.5)),
    ):  # fmt: skip
        seconds, cpu = [], []
        for _ in range(args.rounds):
            begun, used = time.perf_counter(), time.process_time()
            assert len(set(picker.pick(pool, BATCH, rng).tolist())) == BATCH
            seconds.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - used)
        found[name] = {"seconds": round(median(seconds), 4), "cpu_seconds": round(median(cpu), 4)}
    print({name: value for name, value in found.items() if name != "hardware"})
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

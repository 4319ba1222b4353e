"""Seconds from Enter to answer: `cowise --help`, `import cowise`, `cowise status` at a project of some size.

python -m benchmarks.cold_start [--items 100000] [--out benchmarks/results/cold_start.json]

Each reading is a new process and the figure is the median; files are in the system's cache after the first. `bare` is
Python starting and doing nothing, which no program can undercut.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.hardware import hardware

PROGRAM = str(Path(sys.executable).with_name("cowise"))
REPEAT = 7


def seconds(command: list[str], home: Path) -> dict[str, float]:
    """Median and extremes of wall time, and the median of processor time, over fresh processes."""
    walls, cpus = [], []
    environ = os.environ | {"COWISE_HOME": str(home)}
    for _ in range(REPEAT + 1):
        before, begun = os.times(), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environ)
        walls.append(time.perf_counter() - begun)
        after = os.times()
        cpus.append(after.children_user + after.children_system - before.children_user - before.children_system)
    walls, cpus = walls[1:], cpus[1:]  # the first fills the system's cache
    return {
        "median_s": round(statistics.median(walls), 3),
        "least_s": round(min(walls), 3),
        "most_s": round(max(walls), 3),
        "median_cpu_s": round(statistics.median(cpus), 3),
    }


def project(home: Path, items: int) -> None:
    """A workspace with one project of so many items."""
    rows = home.parent / "rows.csv"
    rows.write_text("text\n" + "".join(f"request number {n} about a card\n" for n in range(items)), "utf-8")
    for words in (
        ["new", "tickets", "--labels", "billing,bug,praise", "--encoder", "hashing"],
        ["add", "tickets", str(rows), "--text", "text"],
    ):
        subprocess.run([PROGRAM, "--home", str(home), *words, "--quiet"], check=True)


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "cold_start.json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "ws"
        project(home, args.items)
        found: dict[str, Any] = {
            "hardware": hardware(),
            "items": args.items,
            "readings": REPEAT,
            "load_before": round(os.getloadavg()[0], 2),
            "bare": seconds([sys.executable, "-c", "pass"], home),
            "import cowise": seconds([sys.executable, "-c", "import cowise"], home),
            "cowise --help": seconds([PROGRAM, "--help"], home),
            "cowise status": seconds([PROGRAM, "status", "tickets", "--json"], home),
            "asked": {"import cowise": 0.15, "cowise --help": 0.3, "cowise status": 0.5},
        }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

"""Rate, processor time and peak memory of adding 1,000,000 short texts of a CSV file to a project, without embedding.

Then 200,000 more into the project that holds them.

python -m benchmarks.import_million [--rows 1000000] [--out benchmarks/results/import_million.json]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.hardware import hardware
from benchmarks.import_rate import make
from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify

MARK = 100_000


def measure(ws: loop.Workspace, file: Path) -> dict[str, Any]:
    """One import from the file to the shown items; the figures by the way are taken at every 100,000 rows stored."""
    marks: list[dict[str, float]] = []
    start, busy = time.perf_counter(), time.process_time()

    def stored(_: str, n: int, __: int) -> None:
        if n >= MARK * (len(marks) + 1):
            marks.append({"rows": n, "seconds": round(time.perf_counter() - start, 2),
                          "processor_s": round(time.process_time() - busy, 2)})  # fmt: skip
            print(marks[-1], flush=True)

    added = loop.add(ws, "million", file, loop.Columns(text="text"), progress=stored)
    wall, used = time.perf_counter() - start, time.process_time() - busy
    return {
        "rows": added.rows,
        "items": added.items,
        "seconds": round(wall, 2),
        "rows_per_s": round(added.rows / wall),
        "processor_s": round(used, 2),
        "rows_per_processor_s": round(added.rows / used),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "by_the_way": marks,
    }


def main() -> None:
    """Make the file, import it, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "import_million.json")
    args = parser.parse_args()
    # Others may be using the machine: the load says how far the seconds are to be believed.
    report: dict[str, Any] = {"hardware": hardware(), "load": {"before": round(os.getloadavg()[0], 2)}}
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "texts.csv", Path(folder) / "more.csv"
        make(first, args.rows)
        make(second, args.rows // 5, seed=1)
        report["file_mb"] = round(first.stat().st_size / 2**20)
        with closing(loop.open_workspace(Settings(home=Path(folder) / "home"), create=True)) as ws:
            loop.create(ws, "million", classify("a", "b"), Promise())
            report["import"] = measure(ws, first)
            report["second_import"] = measure(ws, second)
    report["load"]["after"] = round(os.getloadavg()[0], 2)
    args.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()

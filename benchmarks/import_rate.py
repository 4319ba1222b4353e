"""Rate and peak memory of reading 1,000,000 short texts from CSV, with and without counting duplicates.

python benchmarks/import_rate.py [--rows 1000000] [--out benchmarks/results/import_rate.json]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cowise.data import Tally, counted, read

_WORDS = [
    "card",
    "payment",
    "lost",
    "when",
    "will",
    "my",
    "new",
    "arrive",
    "please",
    "help",
    "refund",
    "transfer",
    "cash",
    "pin",
    "code",
    "account",
    "top",
    "up",
    "failed",
    "fee",
]
_CHINESE = [
    "请问",
    "怎么",
    "酒店",
    "附近",
    "有没有",
    "地铁",
    "门票",
    "多少钱",
    "推荐",
    "餐馆",
    "预订",
    "房间",
    "明天",
    "电话",
    "地址",
]


def make(file: Path, rows: int, seed: int = 0) -> None:
    """A CSV of id, text and label; every tenth text is Chinese, one in fifty has quotes, commas or a line feed."""
    draw = random.Random(seed)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "label"])
        for number in range(rows):
            words = draw.choices(_CHINESE if number % 10 == 0 else _WORDS, k=draw.randint(4, 16))
            text = ("" if number % 10 == 0 else " ").join(words)
            text = f'{text}, he said "now"\nand left' if number % 50 == 0 else text
            writer.writerow([number, text, f"label {number % 7}"])


def measure(file: str, *, tally: bool) -> dict[str, float | int]:
    """Seconds, rows per second and growth of resident memory in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, busy = time.perf_counter(), time.process_time()
    rows = read(file, text="text", label="label")
    count = Tally()
    n = sum(1 for _ in counted(rows, count)) if tally else sum(1 for _ in rows)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"rows": n, "seconds": round(seconds, 2), "rows_per_s": round(n / seconds), "peak_mb": round(peak / 1024)}
    # The machine may be shared: processor time says what the reading itself takes.
    found |= {"processor_s": round(busy, 2), "rows_per_processor_s": round(n / busy)}
    return found | {"growth_mb": round((peak - before) / 1024)} | ({"distinct": count.distinct} if tally else {})


def hardware() -> dict[str, str | int | None]:
    """The machine, named."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    model = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}


def main() -> None:
    """Make the file, then measure each way in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "import_rate.json")
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "TALLY"), help="measure one way and print it")
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(args.measure[0], tally=args.measure[1] == "1")))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.csv"
        make(file, args.rows)
        runs = {}
        for name, tally in (("read", "0"), ("read_and_count_duplicates", "1")):
            command = [sys.executable, __file__, "--measure", str(file), tally]
            runs[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        report = {"hardware": hardware(), "file_mb": round(file.stat().st_size / 2**20), **runs}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()

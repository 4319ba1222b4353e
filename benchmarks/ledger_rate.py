"""Rates of sealing, verifying and proving ledger records, and of drawing lots.

python benchmarks/ledger_rate.py [--records 200000] [--out benchmarks/results/ledger_rate.json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cowise.guard import GENESIS, Checkpoint, inclusion, leaf, lots, seal, ties, verify


def record(number: int) -> dict[str, Any]:
    """A decision as the loop writes it: fourteen values, two levels, some Chinese."""
    return {
        "event": "decided",
        "project": "tickets",
        "seq_in_project": number,
        "item": f"{number:032x}",
        "answer": {"kind": "label", "value": "投诉" if number % 2 else "billing"},
        "route": "automated",
        "p": f"{0.9 + number % 97 / 1000:.6f}",
        "version": "v3",
        "certificate": "c" * 16,
        "by": None,
        "blind": False,
        "at": 1_767_225_600_000 + number,
        "reason": "score at or above the certified threshold",
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of processor time, so that other work on the machine does not count, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def chain(records: list[dict[str, Any]]) -> list[tuple[int, bytes, bytes]]:
    """Seal every record."""
    head, rows = GENESIS, []
    for number, entry in enumerate(records, 1):
        body, head = seal(head, entry)
        rows.append((number, body, head))
    return rows


def hardware() -> dict[str, str | int | None]:
    """The machine, named."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    model = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "ledger_rate.json")
    args = parser.parse_args()
    n = args.records
    records = [record(i) for i in range(n)]
    sealing, rows = timed(lambda: chain(records))
    plain, report = timed(lambda: verify(rows))
    mark = Checkpoint("bench", n, report.root, report.head)
    marked, checked = timed(lambda: verify(rows, marks=[mark]))
    assert checked.ok
    assert checked.marks == 1
    leaves = [leaf(body) for _, body, _ in rows]
    proving, path = timed(lambda: inclusion(leaves, n // 3))
    with_float = [{**entry, "p": 0.9 + i % 97 / 1000} for i, entry in enumerate(records)]
    floats, _ = timed(lambda: chain(with_float))
    ids = [f"{i:032x}" for i in range(1_000_000)]
    drawing, _ = timed(lambda: lots(bytes(32), ids))
    tying, _ = timed(lambda: ties(bytes(32), ids))
    found = {
        "hardware": hardware(),
        "clock": "processor time of one thread",
        "records": n,
        "bytes_per_record": round(sum(len(body) for _, body, _ in rows) / n),
        "seal_per_s": round(n / sealing),
        "seal_with_a_float_per_s": round(n / floats),
        "verify_per_s": round(n / plain),
        "verify_against_a_checkpoint_per_s": round(n / marked),
        "inclusion_proof": {"seconds": round(proving, 3), "hashes": len(path)},
        "lots_of_1000000_s": round(drawing, 2),
        "ties_of_1000000_s": round(tying, 2),
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

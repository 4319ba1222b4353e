"""The few measured figures that the package carries, taken from benchmarks/results: python -m benchmarks.shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.human_share import CONFIDENCE

HERE = Path(__file__).parent
SOURCE = HERE / "results" / "human_share.json"
TARGET = HERE.parent / "cowise" / "loop" / "measured.json"


def figures() -> dict[str, Any]:
    """The human share of each set at each promise, mean over seeds, as the page quotes it."""
    cases = json.loads(SOURCE.read_text("utf-8"))["cases"]
    found: dict[str, list[dict[str, Any]]] = {}
    for case, figure in cases.items():
        name, max_error = case.rsplit(" ", 1)
        found.setdefault(max_error, []).append(
            {"name": name, "human_share": figure["ours"]["human_share"], "items": figure["pool"]}
        )
    promises = [
        {"max_error": float(max_error), "sets": sorted(sets, key=lambda one: one["human_share"])}
        for max_error, sets in sorted(found.items(), key=lambda one: float(one[0]))
    ]
    return {"confidence": CONFIDENCE, "promises": promises}


def document() -> str:
    """The file as it stands in the package."""
    return json.dumps(figures(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(document(), "utf-8")

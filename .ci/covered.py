# ruff: noqa: INP001 (a script beside `run`, no package)
"""Which share of lines and branches the tests run, room by room; ends with 1 where a goal is missed.

python .ci/covered.py coverage.json; the file is what `coverage json` writes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOAL = 95.0
WHOLE = ("guard", "measure", "team")  # what a promise rests on: every line and every branch


@dataclass
class Share:
    """Lines and branches of a room, and how many of them ran."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def add(self, summary: dict[str, Any]) -> None:
        """Count a file too."""
        self.lines += summary["num_statements"]
        self.lines_run += summary["covered_lines"]
        self.branches += summary["num_branches"]
        self.branches_run += summary["covered_branches"]

    @property
    def of_lines(self) -> float:
        """Per cent of the lines."""
        return 100.0 * self.lines_run / self.lines if self.lines else 100.0

    @property
    def of_branches(self) -> float:
        """Per cent of the branches."""
        return 100.0 * self.branches_run / self.branches if self.branches else 100.0

    def meets(self, goal: float) -> bool:
        """Whether lines and branches both reach it; 100 is meant as it stands, not as it rounds."""
        return self.of_lines >= goal and self.of_branches >= goal


def rooms(measured: dict[str, Any]) -> dict[str, Share]:
    """Shares by room, and of the whole package under `cowise`."""
    found = {"cowise": Share()}
    for name, file in measured["files"].items():
        parts = Path(name).parts
        inside = parts[parts.index("cowise") + 1 :]
        if len(inside) > 1:
            found.setdefault(inside[0], Share()).add(file["summary"])
        found["cowise"].add(file["summary"])
    return found


def missed(shares: dict[str, Share]) -> Iterator[str]:
    """What to say about each goal that is not met; a room that was not measured at all meets none."""
    for name, goal in [("cowise", GOAL), *((room, 100.0) for room in WHOLE)]:
        share = shares.get(name, Share())
        if not share.lines:
            yield f"{name}: nothing was measured; run the tests with --cov"
        elif not share.meets(goal):
            yield f"{name}: {share.of_lines:.2f} % of lines and {share.of_branches:.2f} % of branches, asked {goal:g}"


def main(file: str) -> int:
    """Print the table and what is missing."""
    shares = rooms(json.loads(Path(file).read_text("utf-8")))
    print(f"{'':10} {'lines':>8} {'branches':>9}")
    for name in sorted(shares, key=lambda room: (room == "cowise", room)):
        print(f"{name:10} {shares[name].of_lines:8.2f} {shares[name].of_branches:9.2f}")
    short = list(missed(shares))
    for line in short:
        print(f"too little of {line}", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

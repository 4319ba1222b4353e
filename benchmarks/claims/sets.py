"""Claim 1 for sets of labels: walks over the same audits break any label's promise no more often than stated, delta undivided.

Four patterns of errors, each made to break the promise if it can: the same texts wrong in every label; each label wrong in
texts of its own; one label alone, at the very end; one label after the other, all but the last just short of breaking.
Beside the trials the audits of a plan for one label, of one for all, and of plans that share delta out.

usage: python -m benchmarks.claims.sets [--trials 1000] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.types import Indices, Promise
from cowise.loop.brain import Said
from cowise.loop.design import Draw, Rest, batch
from cowise.loop.jury import alone
from cowise.loop.layout import outcome
from cowise.team.out import design, lots_needed, shared
from cowise.team.tails import errors_that_break

RESULT = Path(__file__).parents[1] / "results" / "claims_sets.json"
CELLS = [(1500, 6, 0.03, 0.1), (600, 28, 0.05, 0.05), (3000, 4, 0.02, 0.1)]
"""Items, labels, accepted error, delta."""
PATTERNS = ("together", "apart", "one", "ahead")


def errors(pattern: str, n: int, k: int, breaking: int, rng: np.random.Generator) -> Indices:
    """Wrong labels of each text as a set, (n,), surest text first."""
    off = np.zeros(n, np.int64)
    if pattern == "together":
        off[rng.choice(n, breaking + 2, replace=False)] = (1 << k) - 1
    elif pattern == "apart":
        each = min(breaking + 3, n // k)
        for g, rows in enumerate(np.split(rng.choice(n, each * k, replace=False), k)):
            off[rows] = 1 << g
    elif pattern == "one":
        off[-(breaking + 4) :] = 1 << int(rng.integers(k))
    else:
        width = max(1, n // k)
        for g in range(k):
            more = breaking + 5 if g == k - 1 else breaking - 3
            off[g * width : g * width + min(more, width)] |= 1 << g
    return off


def trials(pattern: str, cell: tuple[int, int, float, float], n_trials: int) -> tuple[float, float]:
    """(Share of trials in which some label's promise broke, mean share automated)."""
    n, k, max_error, delta = cell
    breaking, rng, broken, out = errors_that_break(max_error, n), np.random.default_rng(11), 0, 0
    said = Said(np.zeros(n, np.int64), np.ones(n), np.linspace(1, 0, n))
    rest = Rest(np.arange(n), [str(i) for i in range(n)], said, np.full(n, max_error / 3), n, n)
    for _ in range(n_trials):
        off = errors(pattern, n, k, breaking, rng)
        layout = batch(rest, Draw(rng.bytes(32), 0, delta, "v", Promise(max_error, 1 - delta, per_label=True), sets=k))
        codes = {o: alone(0, int(off[o]), each=True) for o in layout.ordinals[layout.drawn].tolist()}
        mask = outcome(layout, codes).automated
        wrong = ((off[mask][:, None] >> np.arange(k)) & 1).sum(axis=0)
        broken += bool((wrong >= breaking).any())
        out += int(mask.sum())
    return broken / n_trials, out / n_trials / n


def audits(cell: tuple[int, int, float, float]) -> list[dict[str, int]]:
    """Audits by tolerated errors: of one label, of all at once, and of all with delta shared out."""
    n, k, max_error, delta = cell
    breaking = errors_that_break(max_error, n)
    return [
        {
            "kappa": kappa, "one": lots_needed(n, breaking, kappa, delta),
            "shared": shared(design(n, n, max_error, delta, kappa), k).lots,
            "delta_shared_out": lots_needed(n, breaking, kappa, delta / k),
        }
        for kappa in (0, 1, 2, 3, 5)
    ]  # fmt: skip


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--trials", type=int, default=1000)
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    found: dict[str, Any] = {"trials": args.trials, "cells": []}
    for cell in CELLS:
        row: dict[str, Any] = dict(zip(("items", "labels", "max_error", "delta"), cell, strict=True))
        row["audits"] = audits(cell)
        slack = 3 * (cell[3] * (1 - cell[3]) / args.trials) ** 0.5
        for pattern in PATTERNS:
            share, out = trials(pattern, cell, args.trials)
            row[pattern] = {"broken": share, "automated": out, "kept": share <= cell[3] + slack}
        print({name: value for name, value in row.items() if name != "audits"}, flush=True)
        found["cells"].append(row)
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

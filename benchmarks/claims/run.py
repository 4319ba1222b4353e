"""Claims 1, 2 and 3 in full: validity of every certificate, efficiency beside others, looking at any time.

usage: COWISE_DATA=FOLDER python -m benchmarks.claims.run [--trials 1000] [--only validity]
Writes benchmarks/results/claims_<name>.json with the hardware named. One process; about 40 minutes, most for `validity`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims import looks, naive
from benchmarks.claims.holm import holm
from benchmarks.claims.pac_labels import saved
from benchmarks.claims.profiles import NAMES, Population, block_last, confident_errors, flat, profile_a, profile_b, real
from benchmarks.claims.trials import (
    STREAMS,
    Outcome,
    b1_rule,
    batch_trials,
    design,
    out_for,
    out_rule,
    stream_trials,
    subset_trials,
)
from cowise.core.types import Bools, Floats
from cowise.team.anytime import certified_path
from cowise.team.selective import coverages, thresholds
from cowise.team.verdict import Verdict

RESULTS = Path(__file__).parents[1] / "results"
CELLS = [(n, a, d) for n in (100, 300, 1000) for a in (0.02, 0.05) for d in (0.05, 0.1)]


def hardware() -> dict[str, str]:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    name = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    return {"cpu": name, "cores_used": "1", "cores": str(os.cpu_count()), "python": platform.python_version(),
            "numpy": np.__version__}  # fmt: skip


def populations() -> dict[str, Population]:
    """Every profile that a promise is tried on."""
    made = {
        "binormal_a": profile_a(np.random.default_rng(1)),
        "binormal_b": profile_b(np.random.default_rng(2)),
        "errors_last": block_last(400),
        "errors_first": confident_errors(400),
        "flat_at_0.05": flat(0.05),
    }
    return made | {name: real(name) for name in NAMES}


def row(name: str, rule: str, cell: tuple[int, float, float], seen: Outcome) -> dict[str, Any]:
    n, max_error, delta = cell
    return {"profile": name, "rule": rule, "n": n, "max_error": max_error, "delta": delta, **asdict(seen),
            "kept": seen.violation <= seen.slack(delta)}  # fmt: skip


def validity(trials: int) -> list[dict[str, Any]]:
    """Claim 1: every procedure on every profile; n is audits for a batch, labels for a stream."""
    rows = []
    for name, population in populations().items():
        for cell in CELLS:
            n, max_error, delta = cell
            for rule, make in (("out", out_for), ("b1", b1_rule)):
                if n <= len(population[0]) // 2:
                    seen = subset_trials(population, make(max_error, delta, n), max_error, trials)
                    rows.append(row(name, rule, cell, seen))
            for rule, procedure in STREAMS.items():
                rows.append(row(name, rule, cell, stream_trials(population, procedure, n, (max_error, delta), trials)))
            if name.startswith("binormal"):
                seen = stream_trials(population, naive.empirical, n, (max_error, delta), trials)
                rows.append(row(name, "naive: empirical error", cell, seen))
    return rows


def exact_levels(trials: int) -> list[dict[str, Any]]:
    """Where the exact probability of a broken promise is known, beside how often it was seen."""
    rows = []
    for kappa in (0, 3, 8):
        plan = design(6000, 6000, 0.02, 0.1, kappa)
        seen = batch_trials(flat(0.1), out_rule(0.02, 0.1, kappa), 0.02, 2 * trials)
        rows.append({"rule": "out", "kappa": kappa, "lots": plan.lots, "exact": round(plan.p, 5), **asdict(seen)})
    return rows


def mapie_holm(scores: Floats, wrong: Bools, pool: Floats, max_error: float, delta: float) -> Verdict:
    """MAPIE's own controller with precision as the risk: right answers among the accepted."""
    from mapie.risk_control import BinaryClassificationController

    grid = thresholds(pool, 100)
    ranks = np.linspace(0, 0.99, 100)[: len(grid)]  # MAPIE wants thresholds in [0, 1): the same cuts by rank

    def proba(x: Floats) -> Floats:
        place = np.searchsorted(-grid, -np.asarray(x).ravel())
        p = np.append(ranks[::-1], -1.0)[place]
        return np.column_stack([1 - p, p])

    control = BinaryClassificationController(proba, "precision", 1 - max_error, 1 - delta, list_predict_params=ranks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        control.calibrate(scores[:, None], (~wrong).astype(int))
    valid = np.asarray(control.valid_predict_params, dtype=float).ravel()
    at = len(grid) - 1 - int(np.argmin(np.abs(ranks - valid.min()))) if len(valid) else 0
    cover = float(coverages(grid, pool)[at]) if len(valid) else 0.0
    return Verdict("mapie", "selective", max_error, delta, 0, 0, 0, 0, cover,
                   float(grid[at]) if len(valid) else np.inf, 0.0, delta, "MAPIE")  # fmt: skip


def efficiency(trials: int) -> dict[str, Any]:
    """Claim 2: S2 beside Holm, OUT beside PAC labels, OUT beside B1."""
    news = real("20news_oof")
    rules = {"s2": STREAMS["s2"], "holm": holm}
    if importlib.util.find_spec("mapie"):
        rules["mapie"] = mapie_holm
    result: dict[str, Any] = {"selective": {
        name: asdict(stream_trials(news, rule, 300, (0.05, 0.1), trials)) for name, rule in rules.items()
    }}  # fmt: skip
    for name, kappa in (("misinfo_gpt4o", 26), ("stance_gpt4o", 12)):
        ours = batch_trials(real(name), out_rule(0.05, 0.05, kappa, cap=500), 0.05, trials)
        even = batch_trials(real(name), out_for(0.05, 0.05, 500), 0.05, trials)
        b1 = batch_trials(real(name), b1_rule(0.05, 0.05, 500), 0.05, trials)
        share, broken = saved(name, trials)
        result[name] = {"out": asdict(ours), "out_kappa": kappa, "out_with_500_lots": asdict(even), "b1": asdict(b1),
                        "pac_labels": {"automated": share, "violation": broken}}  # fmt: skip
    for name in ("20news_oof", "imdb_oof"):
        for max_error, kappa in ((0.05, 8), (0.02, 5)):
            ours = subset_trials(real(name), out_rule(max_error, 0.1, kappa), max_error, trials)
            b1 = subset_trials(real(name), b1_rule(max_error, 0.1, 300), max_error, trials)
            ratio = (1 - ours.automated) / (1 - b1.automated)
            result[f"{name} {max_error}"] = {"out": asdict(ours), "out_kappa": kappa, "b1": asdict(b1),
                                            "human_share_ratio": round(ratio, 4)}  # fmt: skip
    return result


def any_time(trials: int) -> dict[str, Any]:
    """Claim 3: the share of runs that are ever wrong."""
    rng, cuts = np.random.default_rng(3), np.linspace(0.9, 0.0, 10)
    t = [
        bool(certified_path(rng.random(3000), rng.random(3000) < 0.0501, cuts, 0.05, 0.1)[19::20].any())
        for _ in range(trials)
    ]
    runs = [looks.run(6000, 600, (200, 500, 1200), (0.05, 0.1), rng) for _ in range(trials)]
    peeks = [naive.peeks_through(0.0501, 0.05, 0.1, 3000, rng) for _ in range(trials)]
    tops = [naive.tops_up(0.0501, 0.05, 0.1, rng) for _ in range(trials)]
    afterwards = batch_trials(flat(0.1), naive.kappa_afterwards(0.02, 0.1), 0.02, trials)
    return {
        "delta": 0.1,
        "trials": trials,
        "t_ever_wrong": float(np.mean(t)),
        "three_looks_ever_broken": float(np.mean([any(b for b, _ in run) for run in runs])),
        "three_looks_automated": [round(float(np.mean([run[j][1] for run in runs])), 4) for j in range(3)],
        "naive_peeking_ever_wrong": float(np.mean(peeks)),
        "naive_topping_up": float(np.mean(tops)),
        "naive_kappa_afterwards": afterwards.violation,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parts = {"efficiency": efficiency, "any_time": any_time, "exact": exact_levels, "validity": validity}
    parser.add_argument("--only", choices=parts, default="")
    asked = parser.parse_args()
    trials = asked.trials
    for name, part in parts.items():
        if asked.only not in ("", name):
            continue
        began = time.perf_counter()
        figures = part(trials)
        record = {"hardware": hardware(), "trials": trials, "seconds": round(time.perf_counter() - began, 1),
                  "figures": figures}  # fmt: skip
        (RESULTS / f"claims_{name}.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        print(f"{name}: {record['seconds']} s", flush=True)


if __name__ == "__main__":
    main()

"""The headline: what share of 6,000 texts must people answer while the promise is kept? Ours beside other procedures.

Sets and labels come from the folder that COWISE_DATA names (see benchmarks/README.md). All procedures get the same
embeddings and the same pools; ours also reads the words of the texts, which the encoder's user has at hand for free.

usage: COWISE_DATA=… python -m benchmarks.human_share [--seeds 20] [--sets ag_news,…] [--alphas 0.05,0.02]
Figures go to benchmarks/results/human_share.json after each case, so that a run can be cut short.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import fixed_recipe
from benchmarks.claims.pac_labels import pac_labels
from benchmarks.hardware import hardware
from cowise.core.settings import read as settings
from cowise.core.types import Promise, Vectors32
from cowise.loop.simulating import Gold, SimulateOptions, embed, gold, rehearse
from cowise.models import open_encoder

SETS = ("crosswoz_zh", "banking77", "ag_news", "trec6", "chnsenticorp", "sst2")
# What the reference implementation of the fixed recipe read, at 5 and 2 %: ours must be the same recipe.
REFERENCE = {
    "ag_news": (0.35, 0.67), "trec6": (0.39, 0.60), "sst2": (0.69, 0.85),
    "chnsenticorp": (0.46, 0.73), "crosswoz_zh": (0.26, 0.39), "banking77": (0.35, 0.55),
}  # fmt: skip
CONFIDENCE, POOL, PAC_AUDITS = 0.9, 6000, 500
RESULT = Path(__file__).parent / "results" / "human_share.json"


def ours(known: Gold, vectors: Vectors32, alpha: float, seeds: int, files: tuple[Path, ...]) -> dict[str, Any]:
    options = SimulateOptions(files, promise=Promise(alpha, CONFIDENCE), pool=POOL, repeat=seeds)
    played = rehearse(known, vectors, options, lambda what, i, n: print(f"  {what} {i}/{n}", file=sys.stderr, end="\r"))
    shares = [one.human_share for one in played]
    return {
        **stats(shares, [not one.promise_kept for one in played]),
        **{
            part: round(float(np.mean([getattr(one, part) for one in played])), 4)
            for part in ("training", "audit", "deferred")
        },
        "seconds": round(float(np.mean([one.seconds for one in played])), 1),
        "shares": [round(share, 4) for share in shares],
    }


def stats(shares: list[float], broken: list[bool]) -> dict[str, float]:
    n = len(shares)
    error = float(np.std(shares, ddof=1) / n**0.5) if n > 1 else 0.0
    return {
        "human_share": round(float(np.mean(shares)), 4),
        "se": round(error, 4),
        "broken": round(float(np.mean(broken)), 4),
    }


def peers(known: Gold, vectors: Vectors32, alphas: list[float], seeds: int) -> dict[float, dict[str, Any]]:
    found: dict[float, dict[str, list[Any]]] = {a: {"fixed": [], "pac": []} for a in alphas}
    for seed in range(seeds):
        rows = np.random.default_rng(seed).permutation(len(known.y))[:POOL]
        rng = np.random.default_rng(seed)
        with threadpool_limits(1):
            at = fixed_recipe.train(vectors[rows], known.y[rows], rng)
        for alpha in alphas:
            found[alpha]["fixed"].append(fixed_recipe.deliver(at, alpha, 1 - CONFIDENCE, rng))
            # its own promise is over the items it is given: the rest may hold alpha n / rest wrong
            epsilon = alpha * at.n / len(at.rest)
            auto = pac_labels(1 - at.score, at.wrong, PAC_AUDITS, epsilon, 1 - CONFIDENCE, rng)
            found[alpha]["pac"].append((1 - auto.sum() / at.n, (auto & at.wrong).sum() / at.n))
        print(f"  peers {seed + 1}/{seeds}", file=sys.stderr, end="\r")
    return {
        a: {name: stats([float(s) for s, _ in runs], [bool(e > a) for _, e in runs]) for name, runs in each.items()}
        for a, each in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--alphas", default="0.05,0.02")
    parser.add_argument("--out", type=Path, default=RESULT, help="cases are added to what this file holds")
    asked = parser.parse_args()
    folder = os.environ.get("COWISE_DATA")
    if not folder:
        sys.exit("human_share: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    alphas = [float(a) for a in asked.alphas.split(",")]
    record: dict[str, Any] = json.loads(asked.out.read_text("utf-8")) if asked.out.is_file() else {"cases": {}}
    encoder = open_encoder("use-multilingual", settings().models)
    for name in asked.sets.split(","):
        files = tuple(sorted(Path(folder, name).glob("*.jsonl.gz")))
        known = gold(files, "text", "label")
        vectors = embed(encoder, known.texts)
        others = peers(known, vectors, alphas, asked.seeds)
        for alpha in alphas:
            mine = ours(known, vectors, alpha, asked.seeds, files)
            case = {"ours": mine, **others[alpha], "seeds": asked.seeds, "pool": min(POOL, len(known.y))}
            case["ratio_to_fixed"] = round(mine["human_share"] / others[alpha]["fixed"]["human_share"], 4)
            case["fixed_reference"] = REFERENCE[name][(0.05, 0.02).index(alpha)] if alpha in (0.05, 0.02) else None
            record["cases"][f"{name} {alpha:g}"] = case
            save(record, asked.out)
            print(json.dumps({f"{name} {alpha:g}": case}), flush=True)


def save(record: dict[str, Any], file: Path) -> None:
    cases = list(record["cases"].values())
    record["hardware"] = hardware()
    record["mean"] = {
        who: round(float(np.mean([case[who]["human_share"] for case in cases])), 4) for who in ("ours", "fixed", "pac")
    }
    record["mean"]["ratio_to_fixed"] = round(float(np.mean([case["ratio_to_fixed"] for case in cases])), 4)
    record["mean"]["worst_ratio"] = max(case["ratio_to_fixed"] for case in cases)
    record["mean"]["broken_ours"] = round(float(np.mean([case["ours"]["broken"] for case in cases])), 4)
    file.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

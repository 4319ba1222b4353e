"""The headline: what share of 6,000 texts must people answer while the promise is kept? Ours beside other procedures.

Sets and labels come from the folder that COWISE_DATA names (see benchmarks/README.md). All procedures get the same
embeddings and the same pools; ours also reads the words of the texts, which the encoder's user has at hand for free.

usage: COWISE_DATA=… python -m benchmarks.human_share [--seeds 20] [--who ours|peers|all] [--jobs 1] [--resume]
       [--sets ag_news,…] [--alphas 0.05,0.02]
Figures are merged into benchmarks/results/human_share.json after each case, so that a run can be cut short, taken up
again with --resume, or split: ours and the peers may run at the same time.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import fixed_recipe
from benchmarks.claims.pac_labels import pac_labels
from benchmarks.hardware import hardware
from cowise.core.settings import read as settings
from cowise.core.types import Indices, Promise, Vectors32
from cowise.engine import Local
from cowise.loop.simulating import Gold, SimulateOptions, embed, gold, rehearse
from cowise.models import open_encoder

SMALL_TEXT = importlib.util.find_spec("small_text") is not None
if SMALL_TEXT:
    from benchmarks import small_text_peer

SETS = ("crosswoz_zh", "banking77", "ag_news", "trec6", "chnsenticorp", "sst2")
# What the reference implementation of the fixed recipe read at 5 and 2 %: ours must be the same recipe.
REFERENCE = {
    "ag_news": (0.35, 0.67), "trec6": (0.39, 0.60), "sst2": (0.69, 0.85),
    "chnsenticorp": (0.46, 0.73), "crosswoz_zh": (0.26, 0.39), "banking77": (0.35, 0.55),
}  # fmt: skip
CONFIDENCE, POOL, PAC_AUDITS = 0.9, 6000, 500
PEERS = ("fixed", "small_text", "pac") if SMALL_TEXT else ("fixed", "pac")
RESULT = Path(__file__).parent / "results" / "human_share.json"
Run = tuple[float, float]  # human share; wrong automated items of all


@dataclass(frozen=True)
class Pool:
    """One repetition: its texts as vectors, and their labels."""

    vectors: Vectors32
    y: Indices
    seed: int
    alphas: tuple[float, ...]


def files_of(name: str) -> tuple[Path, ...]:
    return tuple(sorted(Path(os.environ["COWISE_DATA"], name).glob("*.jsonl.gz")))


def pools(known: Gold, vectors: Vectors32, alphas: tuple[float, ...], seeds: int) -> Iterator[Pool]:
    """The texts that our rehearsals draw, seed by seed."""
    for seed in range(seeds):
        rows = np.random.default_rng(seed).permutation(len(known.y))[:POOL]
        yield Pool(vectors[rows], known.y[rows], seed, alphas)


def ours(known: Gold, vectors: Vectors32, options: SimulateOptions) -> dict[str, Any]:
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
        "seeds": n,
    }


def one_seed(pool: Pool) -> dict[str, dict[float, Run]]:
    """Every peer on one pool, at each promise."""
    found: dict[str, dict[float, Run]] = {who: {} for who in PEERS}
    rng = np.random.default_rng(pool.seed)
    with threadpool_limits(1):
        at = fixed_recipe.train(pool.vectors, pool.y, rng)
    for alpha in pool.alphas:
        found["fixed"][alpha] = fixed_recipe.deliver(at, alpha, 1 - CONFIDENCE, rng)
        # its own promise is over the items it is given: the rest may hold alpha n / rest wrong
        epsilon = alpha * at.n / len(at.rest)
        auto = pac_labels(1 - at.score, at.wrong, PAC_AUDITS, epsilon, 1 - CONFIDENCE, rng)
        found["pac"][alpha] = (1 - auto.sum() / at.n, (auto & at.wrong).sum() / at.n)
    if SMALL_TEXT:
        found["small_text"] = small_text(pool)
    return found


def small_text(pool: Pool, strategy: str | None = None) -> dict[float, Run]:
    """One strategy of small-text, its best one unless another is named; a generator of its own, the same first labels."""
    rng = np.random.default_rng(pool.seed)
    with threadpool_limits(1):
        at = small_text_peer.train(pool.vectors, pool.y, rng, strategy or small_text_peer.BEST)
    return {alpha: fixed_recipe.deliver(at, alpha, 1 - CONFIDENCE, rng) for alpha in pool.alphas}


def peers(
    known: Gold, vectors: Vectors32, alphas: tuple[float, ...], seeds: int, jobs: int
) -> dict[float, dict[str, Any]]:
    runs = []
    for one in Local(min(jobs, seeds)).map(one_seed, pools(known, vectors, alphas, seeds)):
        runs.append(one)
        print(f"  peers {len(runs)}/{seeds}", file=sys.stderr, end="\r")
    return {
        a: {
            who: stats([float(run[who][a][0]) for run in runs], [bool(run[who][a][1] > a) for run in runs])
            for who in PEERS
        }
        for a in alphas
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--alphas", default="0.05,0.02", help="peers draw in this order: another order, other draws")
    parser.add_argument("--who", choices=("ours", "peers", "all"), default="all")
    parser.add_argument(
        "--jobs", type=int, default=1, help="processes for the repetitions; figures do not depend on it"
    )
    parser.add_argument("--resume", action="store_true", help="leave out what the file holds at this number of seeds")
    parser.add_argument("--out", type=Path, default=RESULT, help="figures are merged into what this file holds")
    asked = parser.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("human_share: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    if asked.who != "ours" and not SMALL_TEXT:
        print("human_share: small-text is left out; pip install -e '.[bench]' installs it", file=sys.stderr)
    encoder = open_encoder("use-multilingual", settings().models)
    for name in asked.sets.split(","):
        due = {a: missing(asked, f"{name} {a:g}") for a in (float(each) for each in asked.alphas.split(","))}
        if any(due.values()):
            files = files_of(name)
            known = gold(files, "text", "label")
            measure(asked, name, due, (known, embed(encoder, known.texts)))


def missing(asked: argparse.Namespace, case: str) -> set[str]:
    """Who has to be measured in this case."""
    wanted = {"ours": {"ours"}, "peers": set(PEERS), "all": {"ours", *PEERS}}[asked.who]
    if not asked.resume or not asked.out.is_file():
        return wanted
    held = json.loads(asked.out.read_text("utf-8"))["cases"].get(case, {})
    return {who for who in wanted if held.get(who, {}).get("seeds") != asked.seeds}


def measure(asked: argparse.Namespace, name: str, due: dict[float, set[str]], data: tuple[Gold, Vectors32]) -> None:
    """The cases of one set, each saved as soon as it is there."""
    known, vectors = data
    pool = min(POOL, len(known.y))
    if any(who - {"ours"} for who in due.values()):
        # at all promises, also those that are there: what a peer draws depends on those before
        for alpha, found in peers(known, vectors, tuple(due), asked.seeds, asked.jobs).items():
            save(asked.out, f"{name} {alpha:g}", found, pool)
    for alpha in (a for a, who in due.items() if "ours" in who):
        options = SimulateOptions(
            files_of(name), promise=Promise(alpha, CONFIDENCE), pool=POOL, repeat=asked.seeds, jobs=asked.jobs
        )
        save(asked.out, f"{name} {alpha:g}", {"ours": ours(known, vectors, options)}, pool)


def save(file: Path, name: str, found: dict[str, Any], pool: int) -> None:
    """Merge figures of one case into the file, which another run may be writing as well."""
    with file.open("a+", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.seek(0)
        record: dict[str, Any] = json.loads(held.read() or '{"cases": {}}')
        record["cases"][name] = merged(record["cases"].get(name, {}), found, name, pool)
        record["hardware"] = hardware()
        record["mean"] = means(list(record["cases"].values()))
        held.truncate(0)
        held.write(json.dumps(record, indent=1) + "\n")
    print(json.dumps({name: record["cases"][name]}), flush=True)


def merged(case: dict[str, Any], found: dict[str, Any], name: str, pool: int) -> dict[str, Any]:
    """A case with new figures of some, the old ones of others, and the ratios of what is there."""
    parts = {who: found.get(who, case.get(who)) for who in ("ours", "fixed", "small_text", "pac")}
    parts = {who: {"seeds": case.get("seeds"), **part} for who, part in parts.items() if part is not None}
    made = {**parts, "seeds": min(part["seeds"] for part in parts.values()), "pool": pool}
    for who in ("fixed", "small_text"):
        if "ours" in parts and who in parts:
            made[f"ratio_to_{who}"] = round(parts["ours"]["human_share"] / parts[who]["human_share"], 4)
    of, alpha = name.rsplit(" ", 1)
    made["fixed_reference"] = REFERENCE[of][("0.05", "0.02").index(alpha)] if alpha in ("0.05", "0.02") else None
    return made


def means(cases: list[dict[str, Any]]) -> dict[str, float]:
    """Over the cases that have the figure."""
    figures = {
        **{who: [c[who]["human_share"] for c in cases if who in c] for who in ("ours", "fixed", "small_text", "pac")},
        **{r: [c[r] for c in cases if r in c] for r in ("ratio_to_fixed", "ratio_to_small_text")},
        "broken_ours": [c["ours"]["broken"] for c in cases if "ours" in c],
    }
    found = {name: round(float(np.mean(each)), 4) for name, each in figures.items() if each}
    return {**found, **({"worst_ratio": max(figures["ratio_to_fixed"])} if figures["ratio_to_fixed"] else {})}


if __name__ == "__main__":
    main()

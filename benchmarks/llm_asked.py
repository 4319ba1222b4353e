"""Whom a language model is asked about: what its opinions let out alone, by how many it gives and on which texts.

A candidate has learned 150 answers by the loop's own turns; then a simulated language model joins, right with a stated chance,
ever sure by .9. `open`: it speaks of every open text and of none that people answered, so that nobody knows what it is worth;
`all`: of 60 answered ones first. With so many opinions in all, 60 of them on answered texts, the rest are of open texts drawn by
lot (`lot`), with the greatest value of information under 0-1 loss (`gain`), or just beyond what may go out alone (`edge`,
`team.opinion.edge_first`, as the loop asks). Shown is the share of the pool that could go out alone at most, by true labels,
while wrong ones are at most 5 and 2 % of the pool; and how often the likeliest label of open texts is right.

usage: COWISE_DATA=FOLDER python -m benchmarks.llm_asked [--seeds 12] [--sets trec6,crosswoz_zh,sst2] [--out FILE]
Chosen on AG News and ChnSentiCorp; those in the file were looked at afterwards.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import default_rng

from benchmarks.claims.estimates import played
from benchmarks.hardware import hardware
from benchmarks.human_share import files_of
from cowise.core.settings import read as settings
from cowise.core.types import Floats, Indices, Vectors32
from cowise.learn.pool import PoolLearner, PoolView
from cowise.loop import rules
from cowise.loop.simulating import Gold, embed, gold
from cowise.loop.voicing import PROOF
from cowise.models import open_encoder
from cowise.models.voices import evidence
from cowise.team.forecast import error_curve
from cowise.team.opinion import edge_first, gain

RESULT = Path(__file__).parent / "results" / "llm_asked.json"
SETS, POOL, LEARNED, BUDGETS, ALPHAS = ("trec6", "crosswoz_zh", "sst2"), 1500, 150, (200, 400), (0.05, 0.02)


def orders(view: PoolView, waits: Indices, right: float, rng: np.random.Generator) -> dict[str, Indices]:
    """Open texts in the order in which each way asks about them."""
    k, p = view.p.shape[1], view.p[waits]
    rows = np.full((k, k), (1 - right) / (k - 1))
    np.fill_diagonal(rows, right)
    margin = view.margin[waits]
    risk = error_curve(view.past_margin, view.past_wrong).risk(margin)
    found = {"lot": rng.permutation(waits), "gain": waits[np.argsort(-gain(p, rows[None])[:, 0], kind="stable")]}
    for alpha in ALPHAS:
        found[f"edge {alpha:g}"] = waits[edge_first(margin, risk, np.full(len(waits), alpha * len(view.p)))]
    return found


def out(view: PoolView, y: Indices, waits: Indices) -> list[float]:
    """Share that may go out alone at each error, and how often the likeliest label is right."""
    order = waits[np.argsort(-view.margin[waits], kind="stable")]
    wrong = np.cumsum(view.p[order].argmax(axis=1) != y[order])
    shares = [float((wrong <= alpha * len(y)).sum()) / len(y) for alpha in ALPHAS]
    return [*shares, float((view.p[waits].argmax(axis=1) == y[waits]).mean())]


def on_draw(world: tuple[Vectors32, list[str], Indices, int], right: float, seed: int) -> dict[str, list[float]]:
    """Every way of asking in one pool."""
    vectors, texts, y, k = world
    [(learner, _, rows)] = list(played(vectors, texts, y, k, seed, at=(LEARNED,)))
    rng = default_rng(seed + 1000)
    label = np.where(rng.random(len(y)) < right, y, (y + rng.integers(1, k, len(y))) % k)
    told = evidence(np.where(np.eye(k)[label] > 0, 0.9, 0.1 / (k - 1)))[:, None, :]
    waits, proof = np.setdiff1d(np.arange(len(y)), rows), rng.permutation(rows)[:PROOF]

    def heard(asked: Indices) -> list[float]:
        some = np.full_like(told, np.nan)
        some[asked] = told[asked]
        again = PoolLearner(vectors, texts, k, some)
        for part in rules.lessons(rows):
            again.learn(part, y[part])
        return out(again.look(), y, waits)

    found = {"none": heard(waits[:0]), "open": heard(waits), "all": heard(np.concatenate([proof, waits]))}
    for way, order in orders(learner.look(), waits, right, rng).items():
        for budget in BUDGETS:
            found[f"{way}, {budget}"] = heard(np.concatenate([proof, order[: budget - PROOF]]))
    return found


def compared(known: Gold, vectors: Vectors32, right: float, seeds: int) -> dict[str, Any]:
    """Means over draws."""
    found: dict[str, list[list[float]]] = defaultdict(list)
    for seed in range(seeds):
        part = default_rng(seed).permutation(len(known.y))[:POOL]
        world = (vectors[part], [known.texts[i] for i in part.tolist()], known.y[part], len(known.labels))
        for name, row in on_draw(world, right, seed).items():
            found[name].append(row)
    names = [*(f"out at {alpha:g}" for alpha in ALPHAS), "likeliest right"]
    means = {name: np.mean(rows, axis=0) for name, rows in found.items()}
    return {name: dict(zip(names, [round(float(x), 4) for x in row], strict=True)) for name, row in means.items()}


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=12)
    asked.add_argument("--sets", default=",".join(SETS))
    asked.add_argument("--rights", default="0.85,0.7")
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    encoder = open_encoder("use-multilingual", settings().models)
    cases: dict[str, Any] = {}
    for name in args.sets.split(","):
        known = gold(files_of(name), "text", "label")
        vectors: Floats | Vectors32 = embed(encoder, known.texts)
        for right in (float(one) for one in args.rights.split(",")):
            cases[f"{name} {right:g}"] = compared(known, vectors, right, args.seeds)
            print(name, right, json.dumps(cases[f"{name} {right:g}"], indent=1), flush=True)
    args.out.write_text(
        json.dumps({"hardware": hardware(), "seeds": args.seeds, "cases": cases}, indent=1) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()

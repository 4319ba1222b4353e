"""Estimates of label shares and of the model's accuracy: how often their 90 % interval holds the truth, how wide, beside naive ones.

The loop's own turns on real texts: first 60 questions by coverage, half of them drawn by lot, then 40 at a time by doubt, a
tenth by lot. After 100, 200 and 400 answers each label's share of the pool is estimated, and how often the model as it is
now is right about the pool's texts. Beside it, as errors in points: the share among all that was answered (`answered`, bent by
the model's doubt), the model's own count (`model`), and for the width an exact interval over the same lots (`lots`).

usage: COWISE_DATA=FOLDER python -m benchmarks.claims.estimates [--seeds 60] [--pool 2000] [--sets …] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import default_rng
from scipy.stats import binomtest

from benchmarks.claims.run import RESULTS, hardware
from benchmarks.human_share import files_of
from cowise.core.settings import read as settings
from cowise.core.types import Indices, Pool, Vectors32
from cowise.learn.pool import PoolLearner
from cowise.loop import rules
from cowise.loop.estimating import CONFIDENCE, Estimate, shares
from cowise.loop.simulating import Gold, embed, gold
from cowise.measure.powered import Drawn
from cowise.models import open_encoder
from cowise.team.economy import FIRST_ANSWERS

SETS = ("ag_news", "chnsenticorp", "trec6", "crosswoz_zh")
AT, BATCH = (100, 200, 400), 40


def played(
    vectors: Vectors32, texts: list[str], y: Indices, k: int, seed: int, *, at: tuple[int, ...] = AT
) -> Iterator[tuple[PoolLearner, Drawn, Indices]]:
    """The learner, what was drawn how, and of which rows, each time so many answers are given."""
    rng, learner = default_rng(seed), PoolLearner(vectors, texts, k)
    free, turn, lot, rows = np.ones(len(y), np.bool_), list[int](), list[bool](), list[int]()
    for due in at:
        while len(rows) < due:
            leads = rules.leads(learner.look()) if rows else None
            n = min(BATCH if rows else FIRST_ANSWERS, due - len(rows))
            chosen = rules.pick(Pool(vectors, free, leads), n, rng)
            number = 1 + max(turn, default=-1)
            for lots, others in rules.turns(leads, int(free.sum()), n, chosen.tolist()):
                rows += [*lots, *others]
                turn += [number] * (len(lots) + len(others))
                lot += [True] * len(lots) + [False] * len(others)
                number += 1
            free[chosen] = False
            learner.learn(chosen, y[chosen])
        yield learner, Drawn(len(y), np.array(turn), np.array(lot)), np.array(rows)


def compared(known: Gold, vectors: Vectors32, asked: tuple[int, int]) -> dict[str, Any]:
    """One set; `asked`: seeds, pool. Label shares and accuracy, at each number of answers."""
    seeds, pool = asked
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seed in range(seeds):
        part = default_rng(1000 + seed).choice(len(known.y), min(pool, len(known.y)), replace=False)
        y, texts = known.y[part], [known.texts[i] for i in part]
        for learner, drawn, rows in played(vectors[part], texts, y, len(known.labels), seed):
            view = learner.look()
            right, each = shares(view, rows, y[rows], drawn, np.ones(len(y), np.bool_))
            said = view.p.argmax(axis=1)
            key = f"{len(rows)} answers"
            for j, one in each.items():
                add(found[f"labels, {key}"], one, y == j, (rows, drawn.lot), float((said == j).mean()))
            add(found[f"model right, {key}"], right, said == y, (rows, drawn.lot), float(view.p.max(axis=1).mean()))
    return {key: {name: round(float(np.mean(values)), 4) for name, values in one.items()} for key, one in found.items()}


def add(
    into: dict[str, list[float]], one: Estimate, truth: Indices, asked: tuple[Indices, Indices], model: float
) -> None:
    """One estimate beside the truth and the naive ones."""
    rows, lot = asked
    share, lots = float(truth.mean()), truth[rows[lot]]
    plain = binomtest(int(lots.sum()), len(lots)).proportion_ci(CONFIDENCE, "exact")
    into["covered"].append(one.low <= share <= one.high)
    into["width"].append(one.high - one.low)
    into["width_lots"].append(plain.high - plain.low)
    into["off"].append(abs(one.share - share))
    into["off_answered"].append(abs(float(truth[rows].mean()) - share))
    into["off_model"].append(abs(model - share))
    into["bias"].append(one.share - share)
    into["exact"].append(one.exact)


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=60)
    asked.add_argument("--pool", type=int, default=2000)
    asked.add_argument("--sets", nargs="+", default=list(SETS))
    asked.add_argument("--out", type=Path, default=RESULTS / "claims_estimates.json")
    args = asked.parse_args()
    found: dict[str, Any] = {"hardware": hardware(), "seeds": args.seeds, "pool": args.pool, "confidence": CONFIDENCE}
    encoder = open_encoder("use-multilingual", settings().models)
    for name in args.sets:
        known = gold(files_of(name), "text", "label")
        vectors: Vectors32 = embed(encoder, known.texts)
        found[name] = compared(known, vectors, (args.seeds, args.pool))
        print(name, json.dumps(found[name], indent=1))
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

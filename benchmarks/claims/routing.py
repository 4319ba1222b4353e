"""Claim 7, who is asked: 10,000 items to 20 people by the transportation problem, beside taking turns at equal load.

People differ by label: each is good at some. Beliefs about an item are a model's probabilities, and the label is drawn
from them; what people are like is known from 200 answers each, not exactly. Errors are counted by playing the answers.

usage: python -m benchmarks.claims.routing [--seeds 5]
Writes benchmarks/results/claims_routing.json with the hardware named.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from benchmarks.claims.run import RESULTS, hardware
from cowise.core.types import Floats, Indices
from cowise.team import assign, chance_of_error

ITEMS, PEOPLE, LABELS, KNOWN = 10_000, 20, 8, 200


def confusions(rng: np.random.Generator, m: int, k: int) -> Floats:
    """Rows of answer probabilities, (m, k, k): right with .6 to .98 on each label."""
    right = rng.uniform(0.6, 0.98, (m, k))
    rows = np.repeat(((1 - right) / (k - 1))[:, :, None], k, axis=2)
    rows[:, np.arange(k), np.arange(k)] = right
    return np.asarray(rows, np.float64)


def estimated(rows: Floats, answers: int, rng: np.random.Generator) -> Floats:
    """The same rows as they look after so many answers of each person, with two answers of doubt."""
    m, k, _ = rows.shape
    seen = np.stack([[rng.multinomial(answers // k, rows[j, true]) for true in range(k)] for j in range(m)])
    alpha = seen + 2 / k
    return np.asarray(alpha / alpha.sum(axis=2, keepdims=True), np.float64)


def play(seed: int, items: int = ITEMS, people: int = PEOPLE) -> dict[str, float]:
    """Errors of both ways and the seconds that the assignment took."""
    rng = np.random.default_rng(seed)
    rows = confusions(rng, people, LABELS)
    beliefs = rng.dirichlet(np.full(LABELS, 0.3), items)
    begun, wall = time.process_time(), time.perf_counter()
    chosen = assign(chance_of_error(beliefs, estimated(rows, KNOWN, rng)), np.full(people, items // people))
    spent, waited = time.process_time() - begun, time.perf_counter() - wall
    truth = np.array([rng.choice(LABELS, p=p) for p in beliefs])
    lucky = rng.random(items)

    def wrong(who: Indices) -> float:
        return float((lucky > rows[who, truth, truth]).mean())

    turns = rng.permutation(np.arange(items) % people)
    assert np.bincount(chosen, minlength=people).max() <= items // people
    return {"routed": wrong(chosen), "in_turn": wrong(turns), "cpu_s": spent, "wall_s": waited}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    runs = [play(seed) for seed in range(parser.parse_args().seeds)]
    found: dict[str, Any] = {name: round(float(np.median([run[name] for run in runs])), 4) for name in runs[0]}
    record = {
        "hardware": hardware(),
        "items": ITEMS,
        "people": PEOPLE,
        "seeds": len(runs),
        "asked_s": 2,
        "median": found,
    }
    print(json.dumps(record["median"]))
    (RESULTS / "claims_routing.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

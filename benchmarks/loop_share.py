"""What the loop over the store costs people, beside the rehearsal of the same pools: the headline is measured by rehearsal.

usage: COWISE_DATA=… python -m benchmarks.loop_share [--pools 6] [--size 1500] [--sets trec6,crosswoz_zh] [--out FILE]
Every answer of the loop goes through the review session, the ledger and the database; lots are drawn anew each time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hardware import hardware
from benchmarks.human_share import files_of
from cowise import loop
from cowise.core.settings import Settings
from cowise.core.settings import read as settings
from cowise.core.types import Answer, Promise, Task, content_id
from cowise.loop.crew import Crew
from cowise.loop.rehearse import Case, play
from cowise.loop.simulating import Gold, embed, gold
from cowise.models import open_encoder
from cowise.store import decisions, projects

RESULT = Path(__file__).parent / "results" / "loop_share.json"
PROMISE = Promise(0.05, 0.9)
REHEARSALS = 3
"""Of each pool: they are quick, and their mean is steadier than one."""


def by_loop(known: Gold, rows: list[int]) -> dict[str, float]:
    """One pool through the store: share that people answered, wrong automated items of all."""
    right = {content_id(known.texts[i]): known.labels[known.y[i]] for i in rows}
    with tempfile.TemporaryDirectory() as home:
        place = Settings(home=Path(home), models=settings().models)
        with loop.open_workspace(place, create=True) as ws:
            loop.create(ws, "p", Task(known.labels), PROMISE, encoder="use-multilingual")
            loop.add(ws, "p", [known.texts[i] for i in rows])
            with loop.session(ws, "p", "known") as review:
                while asked := review.ask(1):
                    review.take(asked[0], Answer.of(right[asked[0].item]), 1.0)
            human, n = loop.status(ws, "p").human, len(rows)
            items = {view.ordinal: view.id for view in loop.items(ws, "p", limit=n)}
            with ws.store.read() as tx:
                made = [d for d in decisions.each(tx, projects.get(tx, "p").id) if d.route == "automated"]
    wrong = sum(d.answer.value != right[items[d.ordinal]] for d in made)
    return {"human_share": human.share, "automated": len(made) / n, "wrong": wrong / n}


def one_set(name: str, pools: int, size: int) -> list[dict[str, Any]]:
    """Every pool of a set, by the loop and by rehearsal."""
    known = gold(files_of(name), "text", "label")
    vectors = embed(open_encoder("use-multilingual", settings().models), known.texts)
    found = []
    for seed in range(pools):
        rows = np.random.default_rng(1000 + seed).permutation(len(known.y))[:size]
        texts, y = [known.texts[i] for i in rows.tolist()], known.y[rows]
        looped = by_loop(known, rows.tolist())
        played = [
            play(Case(vectors[rows], texts, y, len(known.labels), PROMISE, Crew(), REHEARSALS * seed + i)).human_share
            for i in range(REHEARSALS)
        ]
        found.append({"set": name, "pool": seed, "loop": looped, "rehearsal": float(np.mean(played))})
        print(json.dumps(found[-1]), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pools", type=int, default=6)
    parser.add_argument("--size", type=int, default=1500)
    parser.add_argument("--sets", default="trec6,crosswoz_zh")
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("loop_share: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    each = [one for name in asked.sets.split(",") for one in one_set(name, asked.pools, asked.size)]
    gap = np.array([one["loop"]["human_share"] - one["rehearsal"] for one in each])
    mean = {
        "loop": round(float(np.mean([one["loop"]["human_share"] for one in each])), 4),
        "rehearsal": round(float(np.mean([one["rehearsal"] for one in each])), 4),
        "gap": round(float(gap.mean()), 4),
        "gap_se": round(float(gap.std(ddof=1) / len(gap) ** 0.5), 4) if len(gap) > 1 else None,
        "broken": sum(one["loop"]["wrong"] > PROMISE.max_error for one in each),
    }
    found = {"mean": mean, "size": asked.size, "promise": [0.05, 0.9], "pools": each, "hardware": hardware()}
    asked.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(mean))


if __name__ == "__main__":
    main()

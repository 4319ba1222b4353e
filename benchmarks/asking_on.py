"""What it costs and mends to ask one more person wherever that pays: a crew of five through the whole loop over the store.

The same pools with `cowise again --worth` at 0 (nobody is asked on), 5 and 20 answers for a mended error. Human share counts
every answer; `delivered` is the share of all items whose label is wrong in the end, by machine or people; the promise is
checked on what the machine answers alone.

usage: COWISE_DATA=… python -m benchmarks.asking_on [--pools 3] [--size 1500] [--sets trec6,crosswoz_zh,clinc150] [--out FILE]
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

from benchmarks.crew import CREW
from benchmarks.hardware import hardware
from benchmarks.human_share import files_of
from cowise import loop
from cowise.core.settings import Settings
from cowise.core.settings import read as settings
from cowise.core.types import Answer, Promise, Task, content_id
from cowise.loop.crew import Crew
from cowise.loop.simulating import Gold, gold
from cowise.loop.workspace import Workspace
from cowise.store import decisions, projects

RESULT = Path(__file__).parent / "results" / "asking_on.json"
PROMISE = Promise(0.05, 0.9)
WORTHS = (0.0, 5.0, 20.0)
AT_ONCE = 5


def turns(ws: Workspace, truth: dict[str, int], labels: tuple[str, ...], seed: int) -> None:
    """Five people take turns, a few questions each, until nobody is asked anything."""
    rng, given = np.random.default_rng(seed), dict.fromkeys(range(len(CREW)), 0)
    crew = [Crew(accuracy) for accuracy in CREW]
    before = -1
    while sum(given.values()) > before:
        before = sum(given.values())
        for i, one in enumerate(crew):
            with loop.session(ws, "p", f"person{i}") as review:
                for _ in range(AT_ONCE):
                    asked = review.ask(1)
                    if not asked:
                        break
                    told = one.answer(truth[asked[0].item], len(labels), given[i], rng)
                    assert told is not None  # nobody in this crew skips
                    review.take(asked[0], Answer.of(labels[told]), 1.0)
                    given[i] += 1


def one_pool(known: Gold, rows: list[int], worth: float, seed: int) -> dict[str, float]:
    """One pool played to its end."""
    truth = {content_id(known.texts[i]): int(known.y[i]) for i in rows}
    with (
        tempfile.TemporaryDirectory() as home,
        loop.open_workspace(Settings(home=Path(home), models=settings().models), create=True) as ws,
    ):
        loop.create(ws, "p", Task(known.labels), PROMISE, encoder="use-multilingual")
        loop.add(ws, "p", [known.texts[i] for i in rows])
        loop.ask_where_it_pays(ws, "p", worth)
        turns(ws, truth, known.labels, seed)
        human, n = loop.status(ws, "p").human, len(rows)
        items = {view.ordinal: view.id for view in loop.items(ws, "p", limit=n)}
        with ws.store.read() as tx:
            made = list(decisions.each(tx, projects.get(tx, "p").id))
    wrong = [d for d in made if d.answer is None or d.answer.value != known.labels[truth[items[d.ordinal]]]]
    alone = [d for d in wrong if d.route == "automated"]
    return {
        "human_share": human.share, "automated": sum(d.route == "automated" for d in made) / n,
        "delivered": len(wrong) / n, "by_machine": len(alone) / n, "by_people": (len(wrong) - len(alone)) / n,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pools", type=int, default=3)
    parser.add_argument("--size", type=int, default=1500)
    parser.add_argument("--sets", default="trec6,crosswoz_zh,clinc150")
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("asking_on: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    each: list[dict[str, Any]] = []
    for name in asked.sets.split(","):
        known = gold(files_of(name), "text", "label")
        for seed in range(asked.pools):
            rows = np.random.default_rng(2000 + seed).permutation(len(known.y))[: asked.size].tolist()
            for worth in WORTHS:
                found = one_pool(known, rows, worth, seed)
                each.append({"set": name, "pool": seed, "worth": worth, **{k: round(v, 4) for k, v in found.items()}})
                print(json.dumps(each[-1]), flush=True)
    mean = {
        f"{worth:g}": {
            key: round(float(np.mean([one[key] for one in each if one["worth"] == worth])), 4)
            for key in ("human_share", "delivered", "by_machine", "by_people")
        } | {"broken": sum(one["by_machine"] > PROMISE.max_error for one in each if one["worth"] == worth)}
        for worth in WORTHS
    }  # fmt: skip
    record = {
        "crew": CREW,
        "promise": [0.05, 0.9],
        "size": asked.size,
        "mean": mean,
        "pools": each,
        "hardware": hardware(),
    }
    asked.out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(json.dumps(mean))


if __name__ == "__main__":
    main()

"""The headline with people who err: five of stated reliability, each answer taken as it is, and weighed as a team.

The same pools, lots and people's errors by seed. *alone*: everybody in turn, and an answer stands, as if one person gave
them all. *team*: audits go to whom the model agrees with most, those that differ are looked at again by others, and the
economy knows how often people err. Human share counts every answer, second looks too; the promise is checked by true
labels on what the machine answers alone. *everything*: the same team, questions routed to whom they suit, and a language
model beside them that is right in 7 of 10 texts, ever sure by .9 and silent on a tenth: simulated, as good as the real one of
0.5 billion weights was on AG News (`benchmarks.llm_share`), for on these 6,000 texts a set a processor would speak for days.

usage: COWISE_DATA=… python -m benchmarks.crew_share [--seeds 10] [--jobs 1] [--sets ag_news,…] [--alphas 0.05,0.02]
       [--ways alone,team,everything]
Figures are merged into benchmarks/results/crew_share.json after each case.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.crew import CREW
from benchmarks.hardware import hardware
from benchmarks.human_share import CONFIDENCE, POOL, SETS, files_of, stats
from benchmarks.llm_share import simulated
from cowise.core.settings import read as settings
from cowise.core.types import Promise, Vectors32
from cowise.loop.crew import Crew
from cowise.loop.rehearse import Played, play
from cowise.loop.simulating import Gold, SimulateOptions, case_of, embed, gold, rehearse
from cowise.models import open_encoder

LLM = 0.7
RESULT = Path(__file__).parent / "results" / "crew_share.json"


def with_llm(known: Gold, vectors: Vectors32, options: SimulateOptions) -> list[Played]:
    """The repetitions with a language model on board."""
    found = []
    for number in range(options.repeat):
        one = case_of(known, vectors, options, number)
        found.append(play(replace(one, told=simulated(one.y, one.n_labels, LLM))))
        print(f"  playing {number + 1}/{options.repeat}", file=sys.stderr, end="\r")
    return found


def played(known: Gold, vectors: Vectors32, options: SimulateOptions, *, llm: bool) -> dict[str, Any]:
    """Means over the repetitions: human share with its parts, all wrong items delivered, promises broken."""
    runs = with_llm(known, vectors, options) if llm else rehearse(known, vectors, options)
    found: dict[str, Any] = stats([one.human_share for one in runs], [not one.promise_kept for one in runs])
    for part in ("training", "audit", "deferred", "error"):
        found[part] = round(float(np.mean([getattr(one, part) for one in runs])), 4)
    return found


def case(known: Gold, vectors: Vectors32, alpha: float, asked: argparse.Namespace) -> dict[str, Any]:
    """One set at one promise, both ways."""
    crew = tuple(Crew(accuracy) for accuracy in CREW)
    found: dict[str, Any] = {}
    for who in asked.ways.split(","):
        options = SimulateOptions(
            (Path("labelled"),), promise=Promise(alpha, CONFIDENCE), pool=POOL, repeat=asked.seeds, jobs=asked.jobs,
            crew=crew[0], others=crew[1:], jury=who != "alone",
        )  # fmt: skip
        found[who] = played(known, vectors, options, llm=who == "everything")
    return found


def save(name: str, found: dict[str, Any]) -> None:
    """Merge one case into the file."""
    record = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {"cases": {}}
    one = {**record["cases"].get(name, {}), **found}
    if {"team", "alone"} <= one.keys():
        one["ratio"] = round(one["team"]["human_share"] / one["alone"]["human_share"], 4)
    cases = record["cases"] | {name: one}
    mean = {}
    for who in ("alone", "team", "everything"):
        there = [each[who] for each in cases.values() if who in each]
        if there:
            mean[who] = round(float(np.mean([each["human_share"] for each in there])), 4)
            mean[f"broken_{who}"] = round(float(np.mean([each["broken"] for each in there])), 4)
    mean["worst_ratio"] = max(each.get("ratio", 0.0) for each in cases.values())
    whole = {"hardware": hardware(), "crew": CREW, "confidence": CONFIDENCE, "mean": mean, "cases": cases}
    RESULT.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    print(json.dumps({name: one}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--alphas", default="0.05,0.02")
    parser.add_argument("--ways", default="alone,team,everything")
    asked = parser.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("crew_share: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    encoder = open_encoder("use-multilingual", settings().models)
    for name in asked.sets.split(","):
        known = gold(files_of(name), "text", "label")
        vectors = embed(encoder, known.texts)
        for alpha in (float(each) for each in asked.alphas.split(",")):
            save(f"{name} {alpha:g}", case(known, vectors, alpha, asked))


if __name__ == "__main__":
    main()

"""Human share where answers are sets of labels: promised for whole sets and for each label, with the promise looked at.

Cases: GoEmotions by sentiment (four labels; grouped as Demszky et al., ACL 2020, table of their taxonomy) and by emotion
(28), and CrossWOZ messages joined two by two (a text's set is that of the domains of its parts). Nobody errs. `broken`
counts, for whole sets, texts whose set is wrong; for each label, the texts wrong in the label that is wrong most often.
Beside it the naive model that asks of each label whether it is likelier than not, and never what labels come together.

usage: COWISE_DATA=… python -m benchmarks.sets_share [--size 3000] [--repeat 5] [--cases sentiment,messages] [--out FILE]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hardware import hardware
from cowise.core.settings import read as settings
from cowise.core.types import Indices, Promise, Vectors32
from cowise.learn.pool import PoolLearner
from cowise.loop.crew import Crew
from cowise.loop.rehearse import Case, play
from cowise.loop.simulating import embed
from cowise.models import open_encoder
from cowise.models.sets import codes

RESULT = Path(__file__).parent / "results" / "sets_share.json"
EMOTIONS = [
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
]
SENTIMENTS = {
    "positive": "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief",
    "negative": "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness",
    "ambiguous": "confusion curiosity realization surprise",
    "neutral": "neutral",
}
CASES = {"sentiment": (0.1, 0.05), "emotions": (0.2, 0.02), "messages": (0.05, 0.05)}
"""The accepted error for whole sets, and for each label."""
Texts = tuple[list[str], Indices, int]
"""Texts, their sets as numbers, and how many labels there are."""


def _rows(name: str, splits: tuple[str, ...]) -> list[dict[str, Any]]:
    folder = Path(os.environ["COWISE_DATA"]) / name
    found = []
    for split in splits:
        with gzip.open(folder / f"{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
            found += [json.loads(line) for line in lines]
    return found


def emotions(*, grouped: bool) -> Texts:
    """GoEmotions: the splits that nothing here was tried on."""
    place = {emotion: i for i, emotion in enumerate(EMOTIONS)}
    if grouped:
        place = {emotion: i for i, group in enumerate(SENTIMENTS.values()) for emotion in group.split()}
    rows = _rows("goemotions", ("dev", "test"))
    sets = [{place[EMOTIONS[int(each)]] for each in row["labels"]} for row in rows]
    return [row["text"] for row in rows], np.array([sum(1 << i for i in one) for one in sets]), len(set(place.values()))


def messages() -> Texts:
    """CrossWOZ: each text is two messages of travellers."""
    rows = _rows("crosswoz_zh", ("train", "test"))
    place = {label: i for i, label in enumerate(sorted({row["label"] for row in rows}))}
    order = np.random.default_rng(0).permutation(len(rows))
    texts, sets = [], []
    for a, b in zip(order[::2].tolist(), order[1::2].tolist(), strict=False):
        texts.append(f"{rows[a]['text']} {rows[b]['text']}")
        sets.append(1 << place[rows[a]["label"]] | 1 << place[rows[b]["label"]])
    return texts, np.array(sets), len(place)


def texts_of(case: str) -> Texts:
    """The texts of a case."""
    return messages() if case == "messages" else emotions(grouped=case == "sentiment")


def exact(vectors: Vectors32, texts: list[str], y: Indices, k: int) -> dict[str, float]:
    """Exact answers on what 600 others taught: by the book of sets, and label by label."""
    learner = PoolLearner(vectors, texts, k, sets=True)
    for part in np.split(np.arange(600), 12):
        learner.learn(part, y[part])
    view = learner.look()
    assert view.book is not None  # answers are sets
    rest = np.arange(600, len(y))
    together, apart = view.book.said(view.p[rest])[0], codes(view.p[rest] > 0.5)
    return {"book": float((together == y[rest]).mean()), "label_by_label": float((apart == y[rest]).mean())}


def measure(case: str, size: int, repeat: int) -> dict[str, Any]:
    """All repetitions of a case."""
    texts, y, k = texts_of(case)
    there = settings()
    vectors = embed(open_encoder("use-multilingual", there.models, threads=1), texts)
    found: dict[str, Any] = {
        "texts": len(texts),
        "labels": k,
        "sets": len(np.unique(y)),
        "exact": [],
        "each": [],
        "whole": [],
    }
    for seed in range(repeat):
        rows = np.random.default_rng(seed).permutation(len(y))[:size]
        part = [texts[i] for i in rows.tolist()]
        found["exact"].append(exact(vectors[rows], part, y[rows], k))
        for name, error, each in (("whole", CASES[case][0], False), ("each", CASES[case][1], True)):
            promise = Promise(error, 0.9, per_label=each)
            one = play(Case(vectors[rows], part, y[rows], k, promise, Crew(), seed, sets=True))
            found[name].append(
                {"human_share": one.human_share, "automated": one.certificate["automated"] / one.items,
                 "kept": one.promise_kept, "error_automated": one.automated_error, "seconds": one.seconds}
            )  # fmt: skip
    for name in ("whole", "each"):
        shares = [one["human_share"] for one in found[name]]
        found[f"{name}_mean"] = {"human_share": float(np.mean(shares)), "kept": sum(one["kept"] for one in found[name])}
    return found


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--size", type=int, default=3000)
    asked.add_argument("--repeat", type=int, default=5)
    asked.add_argument("--cases", default=",".join(CASES))
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    if not os.environ.get("COWISE_DATA"):
        sys.exit("sets_share: COWISE_DATA names no folder of benchmark sets; see benchmarks/README.md")
    found: dict[str, Any] = {
        "hardware": hardware(),
        "size": args.size,
        "confidence": 0.9,
        "accepted": CASES,
        "cases": {},
    }
    for case in args.cases.split(","):
        one = found["cases"][case] = measure(case, args.size, args.repeat)
        book = {
            name: round(float(np.mean([each[name] for each in one["exact"]])), 3) for name in ("book", "label_by_label")
        }
        print(case, "exact", book, "whole", one["whole_mean"], "each", one["each_mean"], flush=True)
        args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

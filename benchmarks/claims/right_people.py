"""Claims 6 and 7: a team that is better than its members, and labels from several people's answers.

usage: COWISE_DATA=FOLDER python -m benchmarks.claims.right_people [--seeds 5] [--encoder NAME] [--out FILE]

D_Product: three workers a pair, against its gold labels. MD-Agreement, right people: two of the five answers of each
text, drawn by lot, against the majority of the other three; the model learns from the training texts' estimated labels
alone. MD-Agreement, team: the model learns from the training texts' majorities of three, one more person answers the
30 % of which it is least sure, and the two are combined. Beside ours majority vote, and crowd-kit's Dawid-Skene where
it is installed (pip install crowd-kit). The encoder is fetched by: cowise models pull mpnet-en
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from benchmarks.hardware import hardware
from cowise.core.settings import read
from cowise.core.types import Floats, Indices
from cowise.learn.logistic import LogisticLearner
from cowise.models import open_encoder
from cowise.team.combine import fit
from cowise.team.reliability import choose, estimate
from cowise.team.votes import Votes, votes

RESULT = Path(__file__).parents[1] / "results" / "claims_right_people.json"
ENCODER = "mpnet-en"
FOLDS = 5
DEFERRED = 0.3


def rows(name: str) -> list[dict[str, Any]]:
    """Lines of a set's file, as NAME/FILE."""
    file = Path(os.environ["COWISE_DATA"]) / f"{name}.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def numbered(names: list[str]) -> tuple[Indices, int]:
    """Names as numbers in the order in which they first come, and how many there are."""
    known = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([known[name] for name in names], np.int64), len(known)


def product() -> tuple[Votes, Indices]:
    """D_Product and its gold labels."""
    gold, said = rows("crowd_product/gold"), rows("crowd_product/answers")
    place = {one["item"]: i for i, one in enumerate(gold)}
    worker, m = numbered([one["worker"] for one in said])
    found = votes([place[one["item"]] for one in said], worker, [int(one["label"]) for one in said], (len(place), m, 2))
    return found, np.array([int(one["label"]) for one in gold], np.int64)


class Agreement:
    """MD-Agreement: texts to learn from, then those that are judged."""

    def __init__(self, encoder: str) -> None:
        train, test = rows("md_agreement/train"), rows("md_agreement/test")
        self.texts, self.first = [one["text"] for one in (*train, *test)], len(train)
        all_of = [answer for one in (*train, *test) for answer in one["answers"]]
        worker, self.m = numbered([answer["worker"] for answer in all_of])
        self.worker = worker.reshape(-1, 5)
        self.label = np.array([int(answer["label"]) for answer in all_of], np.int64).reshape(-1, 5)
        self.vectors = open_encoder(encoder, read().models).encode(self.texts)

    def drawn(self, rng: Generator, n: int = 2) -> tuple[Votes, Indices]:
        """`n` answers of each text by lot, and the majority of the others."""
        order = rng.random(self.label.shape).argsort(axis=1)
        worker, label = (np.take_along_axis(one, order, axis=1) for one in (self.worker, self.label))
        item = np.repeat(np.arange(len(label)), n)
        shape = (len(label), self.m, 2)
        return votes(item, worker[:, :n].ravel(), label[:, :n].ravel(), shape), (
            label[:, n:].mean(axis=1) > 0.5
        ).astype(np.int64)

    def model(self, told: Indices) -> Floats:
        """Out-of-fold probabilities of the training texts, and those of the others, from labels of the former."""
        fold, p = np.arange(len(self.texts)) % FOLDS, np.zeros((len(self.texts), 2))
        fold[self.first :] = -1
        for part in range(-1, FOLDS):
            kept = (np.arange(len(fold)) < self.first) & (fold != part)
            head = LogisticLearner().fit(self.vectors[kept], told[kept[: self.first]], 2)
            p[fold == part] = head.predict(self.vectors[fold == part])
        return p


def majority(said: Votes, rng: Generator) -> Indices:
    """The most frequent answer; ties by lot."""
    shares = said.shares
    return np.asarray((shares + 1e-6 * rng.random(shares.shape)).argmax(axis=1), np.int64)


def crowd_kit(said: Votes) -> tuple[Indices, float]:
    """Its Dawid-Skene at its defaults: labels and processor seconds."""
    frame = import_module("pandas").DataFrame({"task": said.item, "worker": said.member, "label": said.label})
    begun = time.process_time()
    found = import_module("crowdkit.aggregation").DawidSkene(n_iter=100).fit_predict(frame)
    return found.reindex(range(said.n_items)).to_numpy(np.int64), round(time.process_time() - begun, 2)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and processor seconds."""
    begun = time.process_time()
    return work(), round(time.process_time() - begun, 2)


def on_product() -> dict[str, Any]:
    """Accuracies, seconds, and the kind of members that held-out answers prefer."""
    said, gold = product()
    found, seconds = timed(lambda: estimate(said))
    kind, _ = choose(said, default_rng(0))
    record: dict[str, Any] = {
        "majority": float((majority(said, default_rng(0)) == gold).mean()),
        "ours": float((found.label == gold).mean()), "ours_cpu_s": seconds, "chosen": kind,
    }  # fmt: skip
    if find_spec("crowdkit") is not None:
        label, record["crowd_kit_cpu_s"] = crowd_kit(said)
        record["crowd_kit"] = float((label == gold).mean())
    return record


def on_agreement(world: Agreement, seeds: int) -> dict[str, Any]:
    """Means over draws of two answers a text, on the texts that no model learned from."""
    readings, rest = list[dict[str, float]](), slice(world.first, None)
    for seed in range(seeds):
        rng = default_rng(seed)
        said, gold = world.drawn(rng)
        p = world.model(estimate(said).label[: world.first])
        one, _ = world.drawn(default_rng(seed), 1)
        labels = {
            "one_person": majority(one, rng), "majority": majority(said, rng), "dawid_skene": estimate(said).label,
            "model": p.argmax(axis=1), "ours_with_model": estimate(said, p).label,
        }  # fmt: skip
        if find_spec("crowdkit") is not None:
            labels["crowd_kit"] = crowd_kit(said)[0]
        readings.append({name: float((label[rest] == gold[rest]).mean()) for name, label in labels.items()})
    return means(readings)


def on_team(world: Agreement, seeds: int) -> dict[str, Any]:
    """Accuracies of one person, of the model, and of both together on the deferred part and on all."""
    readings, rest = list[dict[str, float]](), slice(world.first, None)
    for seed in range(seeds):
        two, gold = world.drawn(default_rng(seed))
        said = two.only(np.arange(len(two)) % 2 == 0)
        p = world.model(gold[: world.first])
        known = np.where(np.arange(len(gold)) < world.first, gold, -1)
        team = fit(p, said, known)
        unsure = p.max(axis=1)
        cut = np.quantile(unsure[rest], DEFERRED)
        asked = said.only(unsure[said.item] <= cut)
        labels = {
            "one_person": said.shares, "model": p, "model_and_person_on_all": team.combine(p, said),
            "deferred_and_combined": team.combine(p, asked),
        }  # fmt: skip
        found = {name: float((one.argmax(axis=1) == gold)[rest].mean()) for name, one in labels.items()}
        readings.append({**found, "deferred": float((unsure[rest] <= cut).mean())})
    return means(readings)


def means(readings: list[dict[str, float]]) -> dict[str, float]:
    """Over all draws."""
    return {name: round(float(np.mean([one[name] for one in readings])), 4) for name in readings[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--encoder", default=ENCODER)
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if find_spec("crowdkit") is None:
        print("crowd-kit: left out, it is not installed")
    world = Agreement(asked.encoder)
    found = {
        "hardware": hardware(), "asked": {"product": 0.939, "product_cpu_s": 2, "md_agreement": 0.78, "team": 0.763},
        "product": on_product(), "md_agreement": on_agreement(world, asked.seeds), "team": on_team(world, asked.seeds),
        "encoder": asked.encoder, "seeds": asked.seeds,
    }  # fmt: skip
    print(json.dumps({name: found[name] for name in ("product", "md_agreement", "team")}))
    asked.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

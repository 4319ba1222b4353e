"""Which labels are looked at first: ours beside cleanlab, on the same labels and the same probabilities.

usage: COWISE_DATA=FOLDER python -m benchmarks.label_errors [--seeds 10] [--sets 20news,imdb,md_agreement] [--choose]

20 Newsgroups and IMDB: cross-validated probabilities (`scores`), 5 and 10 % of the labels replaced by another one drawn
evenly; k = labels replaced. Labels of these sets that were wrong before count as right, for everybody alike. MD-Agreement, as
in CROWDLAB: two of the five answers of each text, drawn by lot, are there; what most of them say is judged against the majority
of the other three, k = labels that differ; probabilities are out-of-fold on the labels judged. cleanlab: its default ranking
(self-confidence over all items), its two others, its default filter with the rest appended, and for several annotators its
CROWDLAB; pip install cleanlab==2.9.0. Processor seconds of one process; ours finds thresholds, flags and estimate in them too.

The ranking was chosen beforehand on AG News, TREC, CR and TNEWS (`--choose`), none of which is reported here.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from benchmarks.claims.right_people import numbered, rows
from benchmarks.hardware import hardware
from cowise.core.settings import read
from cowise.core.types import Bools, Floats, Indices
from cowise.learn.logistic import LogisticLearner
from cowise.models import open_encoder
from cowise.team.label_errors import label_errors

RESULT = Path(__file__).parent / "results" / "label_errors.json"
RATES = (0.05, 0.1)
FOLDS, ENCODER = 5, "use-multilingual"
PEER = find_spec("cleanlab") is not None
CHOSEN = {"ag_news": "train", "trec6": "train", "cr": "all", "tnews_zh": "train"}
Ranked = tuple[Indices, float]
"""Rows, the most doubtful first, and the processor seconds they took."""


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and processor seconds."""
    begun = time.process_time()
    return work(), time.process_time() - begun


def quality(order: Indices, wrong: Bools) -> dict[str, float]:
    """Precision at as many as are wrong, and average precision."""
    hit = wrong[order]
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    return {"p_at_k": float(hit[: int(wrong.sum())].mean()), "auprc": float(precision[hit].mean())}


def noisy(label: Indices, k: int, rate: float, rng: Generator) -> tuple[Indices, Bools]:
    """Labels with a share replaced by another one, drawn evenly, and which those are."""
    found, at = label.copy(), rng.permutation(len(label))[: round(rate * len(label))]
    found[at] = (label[at] + rng.integers(1, k, len(at))) % k
    return found, found != label


def ours(label: Indices, p: Floats) -> Ranked:
    found, seconds = timed(lambda: label_errors(label, p))
    return found.order, seconds


def peers(label: Indices, p: Floats) -> Iterator[tuple[str, Ranked]]:
    """cleanlab's rankings."""
    rank, filtered = import_module("cleanlab.rank"), import_module("cleanlab.filter")
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        yield (
            f"cleanlab_{method}",
            timed(
                lambda method=method: np.argsort(rank.get_label_quality_scores(label, p, method=method), kind="stable")
            ),
        )
    found, seconds = timed(
        lambda: filtered.find_label_issues(label, p, return_indices_ranked_by="self_confidence", n_jobs=1)
    )
    rest = np.argsort(rank.get_label_quality_scores(label, p), kind="stable")
    yield "cleanlab_find_label_issues", (np.concatenate([found, rest[~np.isin(rest, found)]]), seconds)


def injected(name: str, seeds: int) -> dict[str, Any]:
    """Means over seeds at each rate of noise."""
    table = rows(f"scores/{name}_oof")
    p = np.array([one["probabilities"] for one in table])
    p /= p.sum(axis=1, keepdims=True)
    label = np.array([one["label"] for one in table], np.int64)
    found: dict[str, Any] = {}
    for rate in RATES:
        readings = list[dict[str, dict[str, float]]]()
        for seed in range(seeds):
            given, wrong = noisy(label, p.shape[1], rate, default_rng(seed))
            ranked = {"ours": ours(given, p), **(dict(peers(given, p)) if PEER else {})}
            readings.append({who: {**quality(order, wrong), "cpu_s": s} for who, (order, s) in ranked.items()})
        found[f"{rate:g}"] = {
            "k": int(wrong.sum()),
            "estimated": round(label_errors(given, p).errors),
            **means(readings),
        }
    return found


def means(readings: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Of each ranking over all seeds, and in how many its precision at k was below ours."""
    found = {}
    for who in readings[0]:
        found[who] = {name: round(float(np.mean([one[who][name] for one in readings])), 4) for name in readings[0][who]}
        lower = sum(one[who]["p_at_k"] < one["ours"]["p_at_k"] for one in readings)
        higher = sum(one[who]["p_at_k"] > one["ours"]["p_at_k"] for one in readings)
        found[who] |= {} if who == "ours" else {"seeds_below_ours": lower, "seeds_above_ours": higher}
    return found


def out_of_fold(vectors: Any, label: Indices, k: int) -> Floats:
    """Probabilities from models that did not learn the item."""
    fold, p = np.arange(len(label)) % FOLDS, np.zeros((len(label), k))
    for part in range(FOLDS):
        p[fold == part] = (
            LogisticLearner().fit(vectors[fold != part], label[fold != part], k).predict(vectors[fold == part])
        )
    return p


def several(seeds: int) -> dict[str, Any]:
    """MD-Agreement, means over draws of two answers a text."""
    table = [*rows("md_agreement/train"), *rows("md_agreement/test")]
    worker, m = numbered([answer["worker"] for one in table for answer in one["answers"]])
    label = np.array([int(answer["label"]) for one in table for answer in one["answers"]], np.int64).reshape(-1, 5)
    worker, readings, k = worker.reshape(-1, 5), list[dict[str, dict[str, float]]](), list[int]()
    vectors = open_encoder(ENCODER, read().models).encode([one["text"] for one in table])
    for seed in range(seeds):
        rng = default_rng(seed)
        order = rng.random(label.shape).argsort(axis=1)
        who, said = (np.take_along_axis(one, order, axis=1) for one in (worker, label))
        gold = (said[:, 2:].mean(axis=1) > 0.5).astype(np.int64)
        given = np.full((len(label), m), -1, np.int64)
        np.put_along_axis(given, who[:, :2], said[:, :2], axis=1)
        first = np.where(said[:, 0] == said[:, 1], said[:, 0], rng.integers(0, 2, len(said)))
        p = out_of_fold(vectors, first, 2)
        found, seconds = timed(lambda given=given, p=p: label_errors(given, p))
        wrong = found.given != gold
        k.append(int(wrong.sum()))
        scored = {"ours": {**quality(found.order, wrong), "cpu_s": seconds}}
        alone, seconds = ours(found.given, p)
        scored["ours_without_people"] = {**quality(alone, wrong), "cpu_s": seconds}
        if PEER:
            scored["cleanlab_crowdlab"] = crowdlab(given, p, gold)
        readings.append(scored)
    return {"k": round(float(np.mean(k))), "texts": len(table), "people": m, **means(readings)}


def crowdlab(given: Indices, p: Floats, gold: Indices) -> dict[str, float]:
    """cleanlab's quality of what most said, over its own labels."""
    frame = import_module("pandas").DataFrame(np.where(given < 0, np.nan, given))
    frame = frame.dropna(axis=1, how="all")
    judge = import_module("cleanlab.multiannotator").get_label_quality_multiannotator
    found, seconds = timed(
        lambda: judge(frame, p, consensus_method="majority_vote", return_detailed_quality=False, return_annotator_stats=False, verbose=False)
    )  # fmt: skip
    table = found["label_quality"]
    order = np.argsort(table["consensus_quality_score"].to_numpy(), kind="stable")
    return {**quality(order, table["consensus_label"].to_numpy(np.int64) != gold), "cpu_s": seconds}


def rankings(label: Indices, p: Floats) -> dict[str, Indices]:
    """What was tried: each ranking that the choice was made among."""
    at, found = np.arange(len(label)), label_errors(label, p)
    own, others = p[at, label], p.copy()
    others[at, label] = -1.0
    other = others.max(axis=1)
    tried = {
        "self_confidence": own, "margin": own - other, "log_odds": np.log(own + 1e-6) - np.log(other + 1e-6),
        "over_threshold": own / found.thresholds[label] - (others / found.thresholds).max(axis=1),
        "flagged_first": own - 10 * found.flagged,
    }  # fmt: skip
    return {"taken": found.order, **{name: np.argsort(one, kind="stable") for name, one in tried.items()}}


def choose(seeds: int = 2, size: int = 2000) -> dict[str, Any]:
    """Means of each ranking on sets that are not reported: models that learned right labels, and models that learned the noisy ones."""
    readings = list[dict[str, dict[str, float]]]()
    for name, part in CHOSEN.items():
        table = rows(f"{name}/{part}")[:size]
        label, k = numbered([one["label"] for one in table])
        vectors = open_encoder(ENCODER, read().models).encode([one["text"] for one in table])
        clean = out_of_fold(vectors, label, k)
        for rate, seed in ((rate, seed) for rate in RATES for seed in range(seeds)):
            given, wrong = noisy(label, k, rate, default_rng(seed))
            for p in (clean, out_of_fold(vectors, given, k)):
                readings.append({who: quality(order, wrong) for who, order in rankings(given, p).items()})
    return {
        who: {name: round(float(np.mean([one[who][name] for one in readings])), 4) for name in readings[0][who]}
        for who in readings[0]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sets", default="20news,imdb,md_agreement")
    parser.add_argument(
        "--choose", action="store_true", help="compare rankings on the sets that the choice was made on"
    )
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if not PEER:
        print("cleanlab: left out, it is not installed (pip install cleanlab==2.9.0)")
    found: dict[str, Any] = {
        "hardware": hardware(), "cleanlab": version("cleanlab") if PEER else "not measured: not installed", "seeds": asked.seeds,
        "encoder_of_md_agreement": ENCODER,
    }  # fmt: skip
    if asked.choose:
        found["chosen_on"] = {"sets": list(CHOSEN), **choose()}
    for name in asked.sets.split(","):
        found[name] = several(asked.seeds) if name == "md_agreement" else injected(name, asked.seeds)
        print(name, json.dumps(found[name]), flush=True)
    asked.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Human share with a language model on board and without it: the same pools, lots and people's errors by seed.

Five people of stated reliability, weighed as a team (see `benchmarks.crew_share`). The language model's opinions are those
that it gave (--replies DIR of `benchmarks.claims.llm_team`, on as many texts as --texts), or, with --simulate ACCURACY,
those of a seeded member that is right with this chance, ever sure by .9, and silent on a tenth. The promise is checked
by true labels on what the machine answers alone.

usage: COWISE_DATA=… python -m benchmarks.llm_share [--replies DIR | --simulate 0.85,guess] [--texts 229] [--seeds 10]
       [--sets ag_news,chnsenticorp] [--alphas 0.1,0.05] [--out FILE]
`guess` is a member that is right by chance. Figures are merged into benchmarks/results/llm_share.json after each case.
The simulated cases there: --simulate 0.85,guess --texts 1000 --alphas 0.05 --seeds 20, which is what `python -m benchmarks llm-share`
runs; the others need what the model said, and are --replies DIR --seeds 20.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims.llm_team import ASKED
from benchmarks.crew import CREW
from benchmarks.hardware import hardware
from benchmarks.human_share import CONFIDENCE, files_of, stats
from cowise.core.settings import read as settings
from cowise.core.types import Floats, Indices, Promise, Task, Vectors32
from cowise.loop.crew import Crew
from cowise.loop.rehearse import Case, play
from cowise.loop.simulating import embed, gold
from cowise.models import open_encoder
from cowise.models.llm import LanguageModel, Recipe
from cowise.models.local_llm import LocalModel
from cowise.models.replies import Replies
from cowise.models.voices import evidence
from cowise.models.weights import language_model

RESULT = Path(__file__).parent / "results" / "llm_share.json"
SILENT = 0.1


def spoken(name: str, model: str, texts: list[str], folder: Path) -> Floats:
    """What the model says of each text, (n, 1, k), no example shown; NaN where it has no answer."""
    question, labels, language = ASKED[name]
    recipe = Recipe(model, language_model(model).parts[0].sha256, shots=0)
    chat = LocalModel(model, settings().models, threads=settings().threads)
    told, kept = LanguageModel(chat, Task(labels, "classify", question, language), recipe), Replies(folder)
    found = np.full((len(texts), 1, len(labels)), np.nan)
    for i, text in enumerate(texts):
        p = told.ask(text, replies=kept, payer="benchmark").p
        if p is not None:
            found[i, 0] = evidence(np.asarray(p)[None])[0]
        print(f"  {name} {i + 1}/{len(texts)}", file=sys.stderr, end="\r")
    return found


def simulated(y: Indices, k: int, accuracy: float) -> Floats:
    """A member right with this chance, (n, 1, k)."""
    rng = np.random.default_rng(1)
    label = np.where(rng.random(len(y)) < accuracy, y, (y + rng.integers(1, k, len(y))) % k)
    found = evidence(np.where(np.eye(k)[label] > 0, 0.9, 0.1 / (k - 1)))
    found[rng.random(len(y)) < SILENT] = np.nan
    return found[:, None, :]


def case(data: tuple[Vectors32, list[str], Indices, int], told: Floats, alpha: float, seeds: int) -> dict[str, Any]:
    """One set at one promise, without and with the language model."""
    vectors, texts, y, k = data
    crew = tuple(Crew(accuracy) for accuracy in CREW)
    found: dict[str, Any] = {}
    for who, heard in (("without", None), ("with", told)):
        runs = [
            play(Case(vectors, texts, y, k, Promise(alpha, CONFIDENCE), crew[0], seed, others=crew[1:], told=heard))
            for seed in range(seeds)
        ]
        found[who] = stats([one.human_share for one in runs], [not one.promise_kept for one in runs])
        for part in ("training", "audit", "deferred", "error"):
            found[who][part] = round(float(np.mean([getattr(one, part) for one in runs])), 4)
    there = ~np.isnan(told[:, 0, 0])
    right = told[there, 0].argmax(axis=1) == y[there]
    found |= {"texts": len(y), "spoken_of": int(there.sum()), "llm_right": round(float(right.mean()), 4)}
    return found


def save(name: str, found: dict[str, Any], file: Path) -> None:
    """Merge one case into the file."""
    record = json.loads(file.read_text("utf-8")) if file.is_file() else {"cases": {}}
    cases = record["cases"] | {name: found}
    whole = {
        "hardware": hardware(),
        "crew": CREW,
        "confidence": CONFIDENCE,
        "note": __doc__.split("\n\n")[1],
        "cases": cases,
    }
    file.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    print(json.dumps({name: found}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--replies", type=Path)
    source.add_argument("--simulate", default="")
    parser.add_argument("--texts", type=int, default=229)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sets", default=",".join(ASKED))
    parser.add_argument("--alphas", default="0.1,0.05")
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    encoder = open_encoder("use-multilingual", settings().models)
    for name in asked.sets.split(","):
        known = gold(files_of(name), "text", "label")
        rows = np.random.default_rng(7).permutation(len(known.y))[: asked.texts]
        texts, y, k = [known.texts[i] for i in rows.tolist()], known.y[rows], len(known.labels)
        vectors = embed(encoder, texts)
        for who, told in opinions(asked, name, texts, (y, k)):
            for alpha in (float(each) for each in asked.alphas.split(",")):
                found = case((vectors, texts, y, k), told, alpha, asked.seeds)
                save(f"{name} {len(y)} {alpha:g} {who}", found, asked.out)


def opinions(
    asked: argparse.Namespace, name: str, texts: list[str], known: tuple[Indices, int]
) -> Iterator[tuple[str, Floats]]:
    """Each member that is asked for, by name, and what it says of the texts."""
    y, k = known
    if asked.replies:
        yield asked.model, spoken(name, asked.model, texts, asked.replies)
        return
    for one in asked.simulate.split(","):
        accuracy = 1 / k if one == "guess" else float(one)
        yield f"simulated {accuracy:g}", simulated(y, k, accuracy)


if __name__ == "__main__":
    main()

"""Claim 6 with a language model: an encoder's head and a language model together are at least as good as the better one.

A pool of texts of which sixty, drawn anew each time, are labelled. The head learns them; what it says of each is without
that text's own label. The language model labels every text with no example. Both are combined by the rows of answer
probabilities that the labelled texts show (`team.combine`), and judged on all others.

usage: COWISE_DATA=… python -m benchmarks.claims.llm_team [--model qwen2.5-coder-0.5b] [--texts 130] [--sets ag_news,chnsenticorp]
Needs the extra llm and the model (cowise models pull NAME). --replies DIR keeps what the model said: it is the slow part,
seconds for each text. Writes benchmarks/results/claims_llm_team.json with the hardware named.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims.run import RESULTS, hardware
from benchmarks.human_share import files_of
from cowise.core.settings import read as settings
from cowise.core.types import Floats, Indices, Task, Vectors32
from cowise.learn.pool import PoolLearner
from cowise.loop.simulating import Gold, embed, gold
from cowise.models import open_encoder
from cowise.models.llm import LanguageModel, Recipe
from cowise.models.local_llm import LocalModel
from cowise.models.replies import Replies
from cowise.models.weights import language_model
from cowise.team.combine import fit
from cowise.team.votes import votes

LABELLED, DRAWS = 60, 20
ASKED = {
    "ag_news": ("What is this news about?", ("business", "sports", "science and technology", "world politics"), "en"),
    "chnsenticorp": ("这条评论是正面的还是负面的？", ("负面", "正面"), "zh"),
}
"""The question, names of the labels in the order of their numbers, the language."""


def spoken(name: str, model: str, texts: list[str], folder: Path | None) -> tuple[Indices, float, int]:
    """The language model's label of each text (n,), seconds for each text asked now, and how many have none (-1)."""
    question, labels, language = ASKED[name]
    entry = language_model(model)
    recipe = Recipe(model, entry.parts[0].sha256, shots=0)
    told = LanguageModel(
        LocalModel(model, settings().models, threads=settings().threads),
        Task(labels, "classify", question, language),
        recipe,
    )
    kept = Replies(folder) if folder else None
    begun, asked, said = time.perf_counter(), 0, []
    for i, text in enumerate(texts):
        reply = told.ask(text, replies=kept, payer="benchmark")
        asked += not reply.kept
        said.append(-1 if reply.p is None else int(reply.p.argmax()))
        print(f"  {name} {i + 1}/{len(texts)}", file=sys.stderr, end="\r")
    return np.array(said, np.int64), (time.perf_counter() - begun) / max(1, asked), sum(one < 0 for one in said)


def together(vectors: Vectors32, texts: list[str], y: Indices, llm: Indices, k: int, seed: int) -> dict[str, float]:
    """Accuracy of head, language model and team on what was not labelled."""
    labelled = np.random.default_rng(seed).permutation(len(y))[:LABELLED]
    learner = PoolLearner(vectors, texts, k)
    learner.learn(labelled, y[labelled])
    p: Floats = learner.look().p
    known = np.full(len(y), -1, np.int64)
    known[labelled] = y[labelled]
    told = np.flatnonzero(llm >= 0)
    said = votes(told, np.zeros(len(told), np.int64), llm[told], (len(y), 1, k))
    team = fit(p, said, known).combine(p, said)
    rest = known < 0
    return {
        "head": float((p.argmax(axis=1) == y)[rest].mean()),
        "llm": float((llm == y)[rest].mean()),
        "team": float((team.argmax(axis=1) == y)[rest].mean()),
    }


def one_set(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """One set: means over the draws, and how often the team was below the better of the two."""
    known: Gold = gold(files_of(name), "text", "label")
    rows = np.random.default_rng(7).permutation(len(known.y))[: asked.texts]
    texts, y = [known.texts[i] for i in rows.tolist()], known.y[rows]
    vectors = embed(open_encoder("use-multilingual", settings().models), texts)
    llm, seconds, silent = spoken(name, asked.model, texts, asked.replies)
    draws = [together(vectors, texts, y, llm, len(known.labels), seed) for seed in range(DRAWS)]
    mean = {who: round(float(np.mean([one[who] for one in draws])), 4) for who in ("head", "llm", "team")}
    gap = np.array([one["team"] - max(one["head"], one["llm"]) for one in draws])
    return {
        "labels_of_the_set": list(known.labels), **mean, "team_minus_best": round(mean["team"] - max(mean["head"], mean["llm"]), 4),
        "gap_se": round(float(gap.std(ddof=1) / len(gap) ** 0.5), 4), "draws": DRAWS, "labelled": LABELLED,
        "texts": len(y), "seconds_a_text": round(seconds, 2), "without_an_answer": silent,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--texts", type=int, default=130)
    parser.add_argument("--sets", default=",".join(ASKED))
    parser.add_argument("--replies", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS / "claims_llm_team.json")
    asked = parser.parse_args()
    found = {"model": asked.model, "sets": {}, "hardware": hardware()}
    for name in asked.sets.split(","):
        found["sets"][name] = one_set(name, asked)
        print(name, json.dumps(found["sets"][name], ensure_ascii=False), flush=True)
        asked.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()

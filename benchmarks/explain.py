"""Explanations of a head on `use-multilingual`: CPU seconds a text, whether they are true of the model, and how near exact.

    COWISE_DATA=… python -m benchmarks.explain

Writes benchmarks/results/explain.json. Fresh texts of 30 to 38 words (SST-2) and characters (ChnSentiCorp): the areas under
20-step deletion and insertion curves, words deleted, of the likeliest class. Texts of 8 to 12 words: correlation with Shapley
values by enumeration, mean and worst. One thread; seconds are processor seconds. `spread` is what the int8 encoder moves a
probability by the texts that stand beside it in its batch. The packages lime and shap are measured where they are installed.
"""

import argparse
import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hardware import hardware
from cowise.core.explanation import Ask, Explanation
from cowise.core.settings import read
from cowise.explain import METHODS, explainer, faithfulness
from cowise.explain.game import Game, Reader, singles
from cowise.explain.words import words_of
from cowise.learn import TextClassifier
from cowise.models import TextModel, open_encoder

RESULT = Path(__file__).parent / "results" / "explain.json"
SETS = {"sst2": (30, 38), "chnsenticorp": (30, 38)}
SHORT = (8, 12)
TRAINED = 2000
CAP = 1500
"""Readings at most, for the random orders: without it one text of 34 words may take five seconds."""


def rows(name: str) -> list[tuple[str, str]]:
    found = {}
    for file in sorted((read().data / name).glob("*.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            found.update((record["text"], str(record["label"])) for record in map(json.loads, stream))
    texts = list(found.items())
    return [texts[i] for i in np.random.default_rng(0).permutation(len(texts))]


def trained(part: list[tuple[str, str]]) -> TextModel:
    encoder = open_encoder("use-multilingual", read().models, threads=1)
    clf = TextClassifier(encoder=encoder).fit([text for text, _ in part], [label for _, label in part])
    labels = tuple(str(label) for label in clf.classes_)
    return TextModel(encoder, clf.head_, labels, "use-multilingual", clf.metrics_)


def chosen(texts: list[str], least: int, most: int, n: int) -> list[str]:
    return [text for text in texts if text.strip() and least <= len(words_of(text)) <= most][:n]


def at_random(found: Explanation, seed: int) -> Explanation:
    scores = np.random.default_rng(seed).permutation(len(found.words))
    return replace(
        found, words=tuple(replace(word, score=float(s)) for word, s in zip(found.words, scores, strict=True))
    )


def curves(model: TextModel, texts: list[str]) -> dict[str, Any]:
    """Per method, means over the same texts."""
    out: dict[str, list[list[float]]] = {}
    for i, text in enumerate(texts):
        for name in (*METHODS, "random"):
            if name == "exact":
                continue
            start = time.process_time()
            found = explainer("ends" if name == "random" else name).explain(model, text, Ask(cap=CAP, seed=i))
            spent = time.process_time() - start
            found = at_random(found, i) if name == "random" else found
            f = faithfulness(model, text, found)
            figures = [spent, found.cost.texts, f.deletion, f.insertion, f.comprehensiveness[1], f.sufficiency[1]]
            out.setdefault(name, []).append([*figures, float(found.complete)])
    keys = ("cpu_s", "texts_read", "deletion", "insertion", "comprehensiveness_20", "sufficiency_20", "complete")
    means = {name: dict(zip(keys, np.mean(all_, axis=0).round(4).tolist(), strict=True)) for name, all_ in out.items()}
    for name, all_ in out.items():
        means[name]["cpu_s_median"] = round(float(np.median([one[0] for one in all_])), 4)
    for key in ("cpu_s", "cpu_s_median", "texts_read", "complete"):
        means["random"].pop(key)
    return means


def exactness(model: TextModel, texts: list[str]) -> dict[str, Any]:
    """Correlation and mean distance of the scores from Shapley values by enumeration."""
    out: dict[str, list[tuple[float, float]]] = {}
    for i, text in enumerate(texts):
        exact = scores(explainer("exact").explain(model, text))
        for name in METHODS:
            if name != "exact":
                phi = scores(explainer(name).explain(model, text, Ask(seed=i)))
                out.setdefault(name, []).append((np.corrcoef(phi, exact)[0, 1], np.abs(phi - exact).mean()))
    return {
        name: {
            "r": round(float(np.mean([r for r, _ in all_])), 4),
            "r_worst": round(float(np.min([r for r, _ in all_])), 4),
            "distance": round(float(np.mean([d for _, d in all_])), 4),
        }
        for name, all_ in out.items()
    }


def scores(found: Explanation) -> np.ndarray:
    return np.array([word.score for word in found.words])


def spread(model: TextModel, texts: list[str]) -> Iterator[float]:
    """How far the whole text's probability is, read alone, from what it is among the texts with a word less."""
    for text in texts:
        alone, among = (Game(Reader(model, words_of(text)), len(words_of(text))) for _ in range(2))
        n = alone.n
        whole = np.ones((1, n), bool)
        yield abs(float(alone(whole)[0]) - float(among(np.concatenate([whole, ~singles(n)]))[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=40)
    parser.add_argument("--short-texts", type=int, default=20)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    asked = parser.parse_args()
    result: dict[str, Any] = {
        "hardware": hardware(),
        "cap": CAP,
        "peers": {name: "not measured: not installed" for name in ("lime", "shap") if find_spec(name) is None},
        "sets": {},
    }
    for name in asked.sets:
        known = rows(name)
        model = trained(known[:TRAINED])
        fresh = [text for text, _ in known[TRAINED:]]
        long, short = chosen(fresh, *SETS[name], asked.texts), chosen(fresh, *SHORT, asked.short_texts)
        result["sets"][name] = {
            "texts": len(long),
            "short_texts": len(short),
            "accuracy": round(float(model.metrics["accuracy"]), 4),
            "spread": round(float(np.mean(list(spread(model, long)))), 4),
            "curves": curves(model, long),
            "exactness": exactness(model, short),
        }
        print(name, json.dumps(result["sets"][name]), flush=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

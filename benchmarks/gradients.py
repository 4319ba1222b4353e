"""Integrated gradients of a head on `minilm-en`, against captum's of the same model: CPU seconds, and whether they say the same.

    COWISE_DATA=… python -m benchmarks.gradients

Writes benchmarks/results/gradients.json. Needs the packages torch, transformers and captum, which cowise does not bring.
Fresh texts of 30 to 38 words (SST-2), one thread, processor seconds, both for every text one after the other; `faster` is
the median over texts of the peer's seconds ÷ ours. The peer is LayerIntegratedGradients on the embeddings with its own
default, 50 Gauss-Legendre steps, no slopes of weights, the same blanks, head and target. Rank correlations are of tokens,
with the peer's at 64 steps. Areas are under 20-step deletion and insertion curves, words deleted. The first texts, by which
the places of the steps were chosen, are left out.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from benchmarks.explain import chosen, rows
from benchmarks.hardware import hardware
from cowise.core.explanation import Ask
from cowise.core.settings import read
from cowise.explain import GRADIENTS, explainer, faithfulness
from cowise.learn import TextClassifier
from cowise.models import TextModel, open_encoder

RESULT = Path(__file__).parent / "results" / "gradients.json"
TRAINED, SEEN, LENGTH = 2000, 40, (30, 38)
TOLERANCES = (0.02, 0.001)
PEER_STEPS, REFERENCE_STEPS = 50, 64
NEEDED = ("torch", "transformers", "captum")


def trained(part: list[tuple[str, str]]) -> TextModel:
    encoder = open_encoder("minilm-en", read().models, threads=1)
    clf = TextClassifier(encoder=encoder, head="kernel").fit([text for text, _ in part], [label for _, label in part])
    return TextModel(encoder, clf.head_, tuple(map(str, clf.classes_)), "minilm-en", clf.metrics_)


def peer(model: TextModel) -> Callable[[str, int, int], tuple[np.ndarray, float]]:
    """Scores of the tokens by captum, and its seconds, of a text, a target and so many steps."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from captum.attr import LayerIntegratedGradients
    from transformers import AutoModel

    torch.set_num_threads(1)
    encoder: Any = model.encoder
    net = AutoModel.from_pretrained(encoder.folder).eval().requires_grad_(requires_grad=False)
    head: Any = model.head
    anchors, weights, bias = (torch.from_numpy(np.array(a)) for a in (head.anchors, head.weights, head.bias))
    assert head.words is None
    assert head.seen.all()

    def forward(ids: Any, mask: Any) -> Any:
        hidden = net(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        unit = torch.nn.functional.normalize(pooled, dim=1)
        scores = torch.exp(2 * head.gamma * (unit @ anchors.T - 1)) @ weights + bias
        scores = scores.clamp(min=head.floor).log() if head.floor > 0 else scores
        return (scores / head.temperature).softmax(1)

    method = LayerIntegratedGradients(forward, net.embeddings)

    def attribute(text: str, target: int, steps: int) -> tuple[np.ndarray, float]:
        start = time.process_time()
        found = encoder.tokens(text)
        ids = torch.from_numpy(found.ids)[None]
        blank = torch.from_numpy(np.where(found.own, found.blank, found.ids))[None]
        mask = torch.ones_like(ids)
        scores = method.attribute(ids, blank, target=target, additional_forward_args=(mask,), n_steps=steps)
        return scores[0].sum(-1).numpy()[found.own], time.process_time() - start

    return attribute


def ours(model: TextModel, text: str, name: str, ask: Ask) -> tuple[Any, float]:
    start = time.process_time()
    found = explainer(name).explain(model, text, ask)
    return found, time.process_time() - start


def areas(model: TextModel, text: str, found: Any, tokens: np.ndarray) -> list[float]:
    """Deletion and insertion with the words' scores summed from those of the tokens."""
    starts = [word.start for word in found.words]
    at = np.maximum(np.searchsorted(starts, [token.start for token in found.tokens], side="right") - 1, 0)
    sums = np.bincount(at, weights=tokens, minlength=len(starts))
    kind = type(found)
    words = tuple(type(w)(w.start, w.end, w.text, float(s)) for w, s in zip(found.words, sums, strict=True))
    fields = {name: getattr(found, name) for name in kind.__slots__} | {"words": words}
    true = faithfulness(model, text, kind(**fields))
    return [true.deletion, true.insertion]


def measured(model: TextModel, texts: list[str]) -> dict[str, Any]:
    attribute = peer(model)
    attribute(texts[0], 0, 4)
    ours(model, texts[0], "integrated-gradients", Ask())
    mine: dict[float, list[list[float]]] = {tolerance: [] for tolerance in TOLERANCES}
    others: dict[str, list[list[float]]] = {name: [] for name in GRADIENTS if name != "integrated-gradients"}
    theirs = []
    for i, text in enumerate(texts):
        first, _ = ours(model, text, "saliency", Ask())
        target = model.labels.index(first.target)
        exact, _ = attribute(text, target, REFERENCE_STEPS)
        scores, spent = attribute(text, target, PEER_STEPS)
        gap = abs(float(scores.sum()) - (first.value - first.base))
        theirs.append([spent, gap, spearmanr(scores, exact)[0], *areas(model, text, first, scores)])
        for tolerance in TOLERANCES:
            found, seconds = ours(model, text, "integrated-gradients", Ask(tolerance=tolerance))
            tokens = np.array([token.score for token in found.tokens])
            same = [spearmanr(tokens, exact)[0], np.corrcoef(tokens, exact)[0, 1]]
            row = [seconds, spent / seconds, found.cost.texts, found.gap, float(found.complete), *same]
            mine[tolerance].append([*row, *areas(model, text, found, tokens)])
        for name, all_ in others.items():
            found, seconds = ours(model, text, name, Ask())
            true = faithfulness(model, text, found)
            all_.append([seconds, true.deletion, true.insertion])
        if i % 10 == 9:
            print(i + 1, [round(float(np.median(np.array(all_)[:, 1])), 2) for all_ in mine.values()], flush=True)
    return {
        "captum": summary(theirs, ("cpu_s", "gap", "rank_r_64", "deletion", "insertion")),
        "integrated-gradients": {f"tolerance {tolerance:g}": _mine(all_) for tolerance, all_ in mine.items()},
        **{name: summary(all_, ("cpu_s", "deletion", "insertion")) for name, all_ in others.items()},
    }


def _mine(all_: list[list[float]]) -> dict[str, float]:
    keys = ("cpu_s", "faster", "texts_read", "gap", "complete", "rank_r_64", "r_64", "deletion", "insertion")
    worst = np.array(all_)
    return summary(all_, keys) | {
        "rank_r_64_worst": round(float(worst[:, 5].min()), 5),
        "gap_worst": round(float(worst[:, 3].max()), 6),
    }


def summary(all_: list[list[float]], keys: tuple[str, ...]) -> dict[str, float]:
    """Means; of seconds and of what is made of them, medians."""
    values = np.array(all_)
    return {
        key: round(float((np.median if key in ("cpu_s", "faster") else np.mean)(values[:, i])), 6)
        for i, key in enumerate(keys)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=100)
    asked = parser.parse_args()
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(f"not measured: {', '.join(missing)} not installed")
        return
    known = rows("sst2")
    model = trained(known[:TRAINED])
    texts = chosen([text for text, _ in known[TRAINED:]], *LENGTH, SEEN + asked.texts)[SEEN:]
    versions = {name: __import__(name).__version__ for name in NEEDED}
    result = {
        "hardware": hardware(),
        "peers": versions,
        "texts": len(texts),
        "accuracy": round(float(model.metrics["accuracy"]), 4),
        "methods": measured(model, texts),
    }
    print(json.dumps(result, indent=1))
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

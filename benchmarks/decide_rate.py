"""Whole decisions per second, text to probabilities, beside the bare ONNX Runtime session on batches of 64.

    COWISE_DATA=… python -m benchmarks.decide_rate

Writes benchmarks/results/decide_rate.json. The model is the one that projects train: the default encoder under a
kernel head with words, fitted on 1,500 labelled texts. It predicts texts that it never saw, as `decide` does; the
session embeds the same texts as they come and decides nothing. Both run with the same number of threads, in turn,
and the median of the rounds counts, so that another process on the machine weighs on both. The target is a ratio
of 0.90: all that cowise adds to the network may cost a tenth.
"""

import argparse
import gzip
import json
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.encode_rate import bare_session, rate
from benchmarks.hardware import hardware
from cowise.core.settings import read
from cowise.learn.pool import PoolLearner
from cowise.models import KernelHead, TextModel, open_encoder
from cowise.models.encoder import MAX_CHARS
from cowise.models.session import thread_count
from cowise.models.words import count_words

RESULT = Path(__file__).parent / "results" / "decide_rate.json"
ENCODER = "use-multilingual"
TARGET = 0.90
TRAIN = 1500
SETS = {"banking77": 2048, "chnsenticorp": 512}


def records(folder: Path, name: str, seed: int = 0) -> tuple[list[str], list[str]]:
    """Distinct texts with their labels, shuffled."""
    rows = {}
    for file in sorted((folder / name).glob("*.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            rows.update((each["text"], str(each["label"])) for each in map(json.loads, stream))
    texts = list(rows)
    order = np.random.default_rng(seed).permutation(len(texts))
    return [texts[i] for i in order], [rows[texts[i]] for i in order]


def trained(texts: list[str], labels: list[str]) -> TextModel:
    """What a project would have after these answers."""
    encoder = open_encoder(ENCODER, read().models)
    names, y = np.unique(labels, return_inverse=True)
    learner = PoolLearner(encoder.encode(texts), texts, len(names))
    learner.learn(np.arange(len(texts), dtype=np.int64), y)
    return TextModel(encoder, learner.head(), tuple(names), ENCODER)


def parts_ms(model: TextModel, texts: list[str]) -> dict[str, float]:
    """Milliseconds a text: the network, counting words, the kernel with the words' product."""
    begun = time.perf_counter()
    vectors = model.encoder.encode(texts)
    encoded = time.perf_counter()
    counts = count_words(texts)
    counted = time.perf_counter()
    model.head.predict(vectors, counts)
    spent = {"encode": encoded - begun, "count_words": counted - encoded, "head": time.perf_counter() - counted}
    return {name: round(1e3 * seconds / len(texts), 4) for name, seconds in spent.items()}


def measure(name: str, rounds: int) -> dict:
    settings = read()
    texts, labels = records(settings.data, name)
    asked = SETS[name]
    model = trained(texts[:TRAIN], labels[:TRAIN])
    assert isinstance(model.head, KernelHead)
    new, answers = texts[TRAIN : TRAIN + asked], labels[TRAIN : TRAIN + asked]
    bare = bare_session(settings.models / ENCODER / "model.onnx")
    cut = [text[:MAX_CHARS] for text in new]

    def naive() -> None:
        for i in range(0, len(cut), 64):
            bare.run(None, {"inputs": np.array(cut[i : i + 64], dtype=object)})

    said = model.predict(new).argmax(axis=1)  # both are warm before the clock runs
    bare.run(None, {"inputs": np.array(cut[:64], dtype=object)})
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(rate(lambda: model.predict(new), len(new)))
        theirs.append(rate(naive, len(new)))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return {
        "texts": len(new),
        "classes": len(model.labels),
        "words": model.head.words is not None,
        "accuracy": round(float(np.mean([model.labels[i] == y for i, y in zip(said, answers, strict=True)])), 4),
        "decide_texts_per_s": round(statistics.median(ours), 1),
        "bare_batches_of_64_texts_per_s": round(statistics.median(theirs), 1),
        "ratio": round(ratio, 3),
        "target_met": ratio >= TARGET,
        "ms_per_text": parts_ms(model, new),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found = {name: measure(name, rounds) for name in SETS}
    result = {
        "hardware": hardware(), "threads": thread_count(0), "rounds": rounds, "trained_on": TRAIN, "target": TARGET,
        "sets": found,
    }  # fmt: skip
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

"""Texts per second of the default encoder beside the bare ONNX Runtime session on batches of 64 as they come.

    COWISE_DATA=… python -m benchmarks.encode_rate

Writes benchmarks/results/encode_rate.json. Both run with the same number of threads, in turn, and the median of
the rounds counts, so that another process on the machine weighs on both.
"""

import argparse
import gzip
import json
import statistics
import time
from pathlib import Path

import numpy as np
import onnxruntime
import onnxruntime_extensions

from benchmarks.hardware import hardware
from cowise.core.settings import read
from cowise.models import open_encoder
from cowise.models.encoder import MAX_CHARS
from cowise.models.session import thread_count

RESULT = Path(__file__).parent / "results" / "encode_rate.json"
SETS = {"banking77": 2048, "chnsenticorp": 512}


def texts_of(folder: Path, name: str, n: int, seed: int = 0) -> list[str]:
    rows = []
    for file in sorted((folder / name).glob("*.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            rows += [json.loads(line)["text"] for line in stream]
    distinct = list(dict.fromkeys(rows))
    return [distinct[i] for i in np.random.default_rng(seed).permutation(len(distinct))[:n]]


def bare_session(file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(onnxruntime_extensions.get_library_path())
    options.intra_op_num_threads = thread_count(0)
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def rate(work, n: int) -> float:
    start = time.perf_counter()
    work()
    return n / (time.perf_counter() - start)


def measure(texts: list[str], rounds: int) -> dict:
    settings = read()
    encoder = open_encoder("use-multilingual", settings.models)
    bare = bare_session(settings.models / "use-multilingual" / "model.onnx")
    cut = [text[:MAX_CHARS] for text in texts]

    def naive() -> None:
        for i in range(0, len(cut), 64):
            bare.run(None, {"inputs": np.array(cut[i : i + 64], dtype=object)})

    encoder.encode(texts[:64])
    bare.run(None, {"inputs": np.array(cut[:64], dtype=object)})
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(rate(lambda: encoder.encode(texts), len(texts)))
        theirs.append(rate(naive, len(texts)))
    alone = np.vstack([encoder.encode([text]) for text in texts[:256]])
    beside = (alone * encoder.encode(texts)[:256]).sum(axis=1)
    return {
        "texts": len(texts),
        "mean_chars": round(statistics.mean(len(text) for text in texts), 1),
        "encode_texts_per_s": round(statistics.median(ours), 1),
        "bare_batches_of_64_texts_per_s": round(statistics.median(theirs), 1),
        "ratio": round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 3),
        "cosine_with_the_vector_of_the_text_alone": {
            "least": round(float(beside.min()), 4),
            "mean": round(float(beside.mean()), 4),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    data = read().data
    found = {name: measure(texts_of(data, name, n), rounds) for name, n in SETS.items()}
    result = {"hardware": hardware(), "threads": thread_count(0), "rounds": rounds, "sets": found}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

"""Seconds and quality of the heads: refits with out-of-fold predictions, single answers, predictions.

    COWISE_DATA=… python -m benchmarks.head_rate

Writes benchmarks/results/head_rate.json. Fits use one BLAS thread; times are processor seconds, which another
process on the machine does not lengthen. scikit-learn's logistic regression (C = 20) stands beside ours.
`automated_5` is the share of test texts that could be left to the head, surest first, before one in twenty of all
would be delivered wrong: the figure that saves people work.
"""

import argparse
import gzip
import json
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.hardware import hardware
from cowise.core.settings import read
from cowise.learn import KernelLearner, LogisticLearner, RidgeLearner, RidgeStream
from cowise.measure.calibration import calibration_error, log_loss
from cowise.models import open_encoder

RESULT = Path(__file__).parent / "results" / "head_rate.json"
SETS = ("trec6", "crosswoz_zh", "banking77")
LEARNERS = {"kernel": KernelLearner(), "ridge": RidgeLearner(), "logistic": LogisticLearner()}


def load(folder: Path, name: str, most: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    rows = {}
    for file in sorted((folder / name).glob("*.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as stream:
            rows.update((record["text"], record["label"]) for record in map(json.loads, stream))
    texts = list(rows)
    chosen = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))[:most]]
    labels = np.unique([str(rows[text]) for text in texts], return_inverse=True)[1]
    number = dict(zip(texts, labels, strict=True))
    vectors = open_encoder("use-multilingual", read().models).encode(chosen)
    return vectors, np.array([number[text] for text in chosen])


def automated(p: np.ndarray, y: np.ndarray, error: float) -> float:
    order = np.argsort(-p.max(axis=1), kind="stable")
    wrong = np.cumsum((p.argmax(axis=1) != y)[order])
    return float((wrong <= error * len(y)).mean())


def figures(p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    found = {
        "error": (p.argmax(axis=1) != y).mean(),
        "log_loss": log_loss(p, y),
        "calibration_error": calibration_error(p, y),
        "automated_5": automated(p, y, 0.05),
        "automated_2": automated(p, y, 0.02),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def sklearn_fit(x: np.ndarray, y: np.ndarray, k: int):
    model = LogisticRegression(C=20, max_iter=200).fit(x, y)

    def predict(vectors: np.ndarray) -> np.ndarray:
        p = np.full((len(vectors), k), 1e-4)
        p[:, model.classes_] = model.predict_proba(vectors)
        return p / p.sum(axis=1, keepdims=True)

    return predict


def quality(name: str, folder: Path, seeds: int) -> dict:
    x, y = load(folder, name)
    k = int(y.max()) + 1
    out: dict = {}
    for n in (500, 1200):
        for head in (*LEARNERS, "scikit-learn"):
            runs = []
            for seed in range(seeds):
                order = np.random.default_rng(seed).permutation(len(y))
                train, test = order[:n], order[n:]
                start = time.process_time()
                if head == "scikit-learn":
                    with threadpool_limits(1):
                        predict = sklearn_fit(x[train], y[train], k)
                else:
                    predict = LEARNERS[head].fit(x[train], y[train], k).predict
                spent = time.process_time() - start
                runs.append({**figures(predict(x[test]), y[test]), "fit_cpu_s": round(spent, 3)})
            out[f"{head} {n}"] = {key: round(float(np.mean([run[key] for run in runs])), 4) for key in runs[0]}
        print(name, n, json.dumps({key: value for key, value in out.items() if key.endswith(f" {n}")}), flush=True)
    return out


def speed(seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    n, d, k = 2000, 512, 77
    y = rng.integers(k, size=n)
    x = (rng.normal(size=(k, d))[y] + 2 * rng.normal(size=(n, d))).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    out = {}
    for name, learner in LEARNERS.items():
        start = time.process_time()
        head = learner.fit(x, y, k)
        middle = time.process_time()
        head.predict(np.tile(x, (3, 1)))
        out[name] = {
            "refit_cpu_s": round(middle - start, 3),
            "predict_6000_cpu_s": round(time.process_time() - middle, 3),
        }
    stream = RidgeStream(d, k)
    spent = []
    for row, label in zip(x[:300], y, strict=False):
        start = time.process_time()
        stream.add(row, int(label))
        spent.append(time.process_time() - start)
    out["stream"] = {
        "answer_cpu_ms_median": round(1e3 * float(np.median(spent)), 3),
        "answer_cpu_ms_p99": round(1e3 * float(np.quantile(spent, 0.99)), 3),
    }
    return {"answers": n, "dimensions": d, "classes": k, "heads": out}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    result = {"hardware": hardware(), "seeds": seeds, "speed": speed()}
    result["quality"] = {name: quality(name, read().data, seeds) for name in SETS}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

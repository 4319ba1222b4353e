"""1,000,000 predictions evaluated with 1,000 resamples: CPU seconds and peak memory, beside scikit-learn's figures alone.

Labels and probabilities of ten classes, slices too, each run in a process of its own. scikit-learn computes the figures that
both have, once, without an interval: a bootstrap of them would take 1,000 times as long. Targets: 10 s of CPU, 1 GB at the peak,
the million texts of labels and the table of probabilities among them.

usage: python -m benchmarks.evaluate_rate [--items 1000000] [--classes 10] [--rounds 3] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sklearn import metrics

import cowise as cw
from benchmarks.hardware import hardware

RESULT = Path(__file__).parent / "results" / "evaluate_rate.json"
CPU_S, PEAK_MB, RESAMPLES = 10.0, 1000.0, 1000


def world(n: int, k: int, seed: int = 0) -> dict[str, Any]:
    """Truth, what two models say, and probabilities of the first."""
    rng = np.random.default_rng(seed)
    p = rng.random((n, k))
    true = rng.integers(0, k, n)
    p[np.arange(n), true] += 0.6
    p /= p.sum(axis=1, keepdims=True)
    names = [f"label {i:03}" for i in range(k)]
    other = np.where(rng.random(n) < 0.7, true, rng.integers(0, k, n))
    said = {
        name: [names[i] for i in each.tolist()]
        for name, each in (("true", true), ("a", p.argmax(axis=1)), ("b", other))
    }
    return {**said, "p": p, "names": names, "length": rng.integers(1, 500, n), "codes": true}


def evaluated(one: dict[str, Any]) -> None:
    found = cw.evaluate(
        one["true"], one["a"], probabilities=one["p"], labels=one["names"], slices={"length": one["length"]},
        terms=cw.Terms(resamples=RESAMPLES),
    )  # fmt: skip
    assert all(each.low is not None for each in found.scores)


def labels_alone(one: dict[str, Any]) -> None:
    cw.evaluate(one["true"], one["a"], terms=cw.Terms(resamples=RESAMPLES))


def compared(one: dict[str, Any]) -> None:
    assert cw.compare(one["true"], one["a"], one["b"], terms=cw.Terms(resamples=RESAMPLES)).p < 1


def scikit_learn(one: dict[str, Any]) -> None:
    """The figures that both have, from codes, which it is fastest with."""
    true, p = one["codes"], one["p"]
    said = p.argmax(axis=1)
    metrics.precision_recall_fscore_support(true, said)
    metrics.matthews_corrcoef(true, said)
    metrics.balanced_accuracy_score(true, said)
    metrics.top_k_accuracy_score(true, p, k=2)
    metrics.log_loss(true, p)
    hot = true[:, None] == np.arange(p.shape[1])
    metrics.roc_auc_score(hot, p)
    metrics.average_precision_score(hot, p)


def timed(work: Callable[[dict[str, Any]], None], n: int, k: int, queue: Any) -> None:
    """CPU seconds of the work, and the most memory that the process ever held, the data among it."""
    one = world(n, k)
    begun = time.process_time()
    work(one)
    queue.put((time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measured(work: Callable[[dict[str, Any]], None], n: int, k: int, rounds: int) -> dict[str, float]:
    context, runs = multiprocessing.get_context("spawn"), []
    for _ in range(rounds):
        queue = context.Queue()
        process = context.Process(target=timed, args=(work, n, k, queue))
        process.start()
        runs.append(queue.get(timeout=600))
        process.join()
    return {"cpu_seconds": round(median(cpu for cpu, _ in runs), 3), "peak_mb": round(max(mb for _, mb in runs), 1)}


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--items", type=int, default=1_000_000)
    asked.add_argument("--classes", type=int, default=10)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    found: dict[str, Any] = {
        "hardware": hardware(), "items": args.items, "classes": args.classes, "resamples": RESAMPLES, "rounds": args.rounds,
    }  # fmt: skip
    for name, work in (
        ("evaluate", evaluated), ("labels_alone", labels_alone), ("compare", compared), ("scikit_learn_once", scikit_learn),
    ):  # fmt: skip
        found[name] = measured(work, args.items, args.classes, args.rounds)
    found["targets"] = {"cpu_seconds": CPU_S, "peak_mb": PEAK_MB}
    found["target_met"] = all(found["evaluate"][name] < most for name, most in found["targets"].items())
    print({name: value for name, value in found.items() if name != "hardware"})
    args.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

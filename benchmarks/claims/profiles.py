"""Populations on which promises are put to the test: synthetic, adversarial and real.

A population is (scores, wrong): what the model is sure of, and where it errs.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from cowise.core.types import Bools, Floats

Population = tuple[Floats, Bools]
SIZE = 6000
NAMES = ("20news_oof", "imdb_oof", "misinfo_gpt4o", "stance_gpt4o")


def binormal(accuracy: float, auroc: float, size: int, rng: np.random.Generator) -> Population:
    """Normal scores, those of right answers shifted up by what gives the area under the curve."""
    wrong = rng.random(size) > accuracy
    return rng.standard_normal(size) + np.where(wrong, 0.0, np.sqrt(2) * ndtri(auroc)), wrong


def profile_a(rng: np.random.Generator, size: int = SIZE) -> Population:
    return binormal(0.93, 0.89, size, rng)


def profile_b(rng: np.random.Generator, size: int = SIZE) -> Population:
    return binormal(0.81, 0.85, size, rng)


def block_last(errors: int, size: int = SIZE) -> Population:
    """Every error below every right answer: nothing warns a walk before it is among them."""
    return np.arange(size, 0, -1.0), np.arange(size) >= size - errors


def confident_errors(errors: int, size: int = SIZE) -> Population:
    """Every error above every right answer: confidence is worth less than nothing."""
    return np.arange(size, 0, -1.0), np.arange(size) < errors


def flat(risk: float, size: int = SIZE) -> Population:
    """The same risk at every score, spread evenly, a hair above `risk`: the score says nothing."""
    errors = int(risk * size) + 1
    wrong = np.zeros(size, bool)
    wrong[(np.arange(errors) * size) // errors] = True
    return np.arange(size, 0, -1.0), wrong


def real(name: str, folder: Path | None = None) -> Population:
    """One of the published score sets: confidence of the predicted label, and whether it is wrong."""
    root = folder or Path(os.environ["COWISE_DATA"])
    with gzip.open(root / "scores" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if "confidence" in rows[0]:
        return np.array([float(r["confidence"]) for r in rows]), np.array([r["predicted"] != r["label"] for r in rows])
    p = np.array([r["probabilities"] for r in rows])
    return p.max(axis=1), p.argmax(axis=1) != np.array([r["label"] for r in rows])


def part(population: Population, size: int, rng: np.random.Generator) -> Population:
    """A random part without repetition; the whole when it is no larger."""
    scores, wrong = population
    if len(scores) <= size:
        return population
    chosen = rng.choice(len(scores), size, replace=False)
    return scores[chosen], wrong[chosen]

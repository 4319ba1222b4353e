"""Do new texts look like those a project was made of? A warning only: it neither voids nor renews a certificate.

Legend: n, m = items before and now, d = dimensions, k = labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices

LEAST = 20
FEATURES = 64
WORST_CONDITION = 100.0


@dataclass(frozen=True, slots=True)
class InputShift:
    """The distance between two samples of texts, and the chance of one as large without a shift."""

    distance: float
    p: float


@dataclass(frozen=True, slots=True)
class LabelShift:
    """How many times as frequent each label is now, and the chance of shares so different without a shift."""

    weights: tuple[float, ...]
    p: float


def input_shift(before_nd: Floats, now_md: Floats, *, seed: int, permutations: int = 999) -> InputShift:
    """Whether two samples of vectors differ: MMD with a Gaussian kernel, in random features, by permutation.

    Without a shift P(p <= a) <= a for every a. The kernel's width is the mean squared distance of all pairs, which no
    permutation changes. The least p is 1 / (permutations + 1).

    Source: Gretton et al., JMLR 2012; features: Rahimi & Recht, NIPS 2007.
    """
    before, now = _vectors(before_nd), _vectors(now_md)
    if before.shape[1] != now.shape[1]:
        raise InputError(f"shift: vectors of {before.shape[1]} and {now.shape[1]} dimensions; give the same of both")
    if permutations < 1:
        raise InputError(f"shift: asked for {permutations} permutations; give at least 1")
    rng = np.random.default_rng(seed)
    n, m = len(before), len(now)
    features = _features(np.vstack([before, now]), rng)
    chosen = np.zeros((permutations + 1, n + m), dtype=np.float32)
    chosen[:, :n] = 1
    rng.permuted(chosen[1:], axis=1, out=chosen[1:])
    distances = np.square(chosen @ features).sum(axis=1) * ((n + m) / (n * m)) ** 2
    larger = int((distances[1:] >= distances[0] * (1 - 1e-5)).sum())
    return InputShift(float(np.sqrt(distances[0])), (1 + larger) / (permutations + 1))


def label_shift(true_n: Indices, predicted_n: Indices, predicted_m: Indices, *, labels: int) -> LabelShift:
    """Weights of labels by BBSE from held-out answers with predictions, and new predictions alone.

    Right where labels change their shares and texts of a label stay the same. A confusion matrix that cannot be
    inverted well is refused. p: chi-squared test that predicted labels have the same shares before and now.

    >>> true = np.repeat([0, 1], 50)
    >>> label_shift(true, true, np.repeat([0, 1], [25, 75]), labels=2).weights
    (0.5, 1.5)

    Source: Lipton, Wang & Smola, ICML 2018.
    """
    if len(true_n) != len(predicted_n):
        raise InputError(
            f"shift: {len(true_n)} answers for {len(predicted_n)} predictions; give one of each for an item"
        )
    true, before, now = (_indices(each, labels) for each in (true_n, predicted_n, predicted_m))
    joint = np.zeros((labels, labels))
    np.add.at(joint, (before, true), 1 / len(true))
    if not np.linalg.cond(joint) <= WORST_CONDITION:
        raise InputError("shift: predictions tell some labels too badly apart; give more answers, or a better model")
    shares = np.bincount(now, minlength=labels) / len(now)
    weights = np.maximum(np.linalg.solve(joint, shares), 0)
    return LabelShift(tuple(float(round(each, 12)) for each in weights), _same_shares(before, now, labels))


def _same_shares(before: Indices, now: Indices, labels: int) -> float:
    """The p-value of the chi-squared test of homogeneity."""
    counts = np.array([np.bincount(each, minlength=labels) for each in (before, now)], dtype=np.float64)
    counts = counts[:, counts.sum(axis=0) > 0]
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float(chdtrc(counts.shape[1] - 1, (np.square(counts - expected) / expected).sum()))


def _features(x: Floats, rng: np.random.Generator) -> Floats:
    """Random features of a Gaussian kernel around their mean, (n, d) -> (n, 2 FEATURES)."""
    width = 2 * float(np.square(x - x.mean(axis=0)).sum(axis=1).mean())
    angles = x @ rng.normal(size=(x.shape[1], FEATURES)) / np.sqrt(max(width, 1e-12))
    features = np.hstack([np.cos(angles), np.sin(angles)]) / np.sqrt(FEATURES)
    return np.asarray(features - features.mean(axis=0), dtype=np.float32)


def _vectors(values: Floats) -> Floats:
    """A finite matrix with enough rows, or InputError."""
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or len(x) < LEAST or not x.shape[1] or not np.isfinite(x).all():
        raise InputError(f"shift: vectors of shape {x.shape}; give finite rows, at least {LEAST}")
    return x


def _indices(values: Indices, labels: int) -> Indices:
    """A column of label numbers, long enough, or InputError."""
    y = np.asarray(values)
    if y.ndim != 1 or len(y) < LEAST or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= labels:
        raise InputError(
            f"shift: labels of shape {y.shape}; give at least {LEAST} whole numbers from 0 to below {labels}"
        )
    return y

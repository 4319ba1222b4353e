"""Multinomial logistic regression, fitted in the basis where its curvature is nearly round.

Legend: n = answers, d = vector size, k = classes, r = rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from cowise.core.types import Floats, Indices, Vectors32
from cowise.learn.fitted import Answers, Fitted, answers, constant, scored
from cowise.learn.ridge import spectrum
from cowise.learn.threads import one_thread
from cowise.measure.calibration import log_loss, softmax, temperature
from cowise.models.head_files import AnyHead
from cowise.models.heads import LinearHead

STRENGTHS = (20.0,)
FINE = 3e-4  # a tenth of the steps later the loss is lower by one part in ten thousand
COARSE = 1e-3


@dataclass(frozen=True, slots=True)
class Solution:
    """Weights (d, k) and bias (k,) in the space of the vectors."""

    weights: Floats
    bias: Floats


def solve(
    x_nd: Floats, y_n: Indices, k: int, *, c: float = 20.0, start: Solution | None = None, tolerance: float = 1e-5
) -> Solution:
    """The minimum of sum(log loss) + |W|² / (2 c), the bias unpenalised; the same problem as scikit-learn's.

    The change of variable W = v diag(s) Z, with s from Böhning's bound on the Hessian, ½ XᵀX + I / c, makes
    L-BFGS take a third of the steps. Classes must all occur in `y_n`.

    Source: Böhning, Ann. Inst. Statist. Math. 1992; Liu & Nocedal, Math. Programming 1989.
    """
    parts = spectrum(x_nd)
    root = np.sqrt(parts.g)
    half = 0.25 if k == 2 else 0.5 * (1 - 1 / k) if k < 4 else 0.5 * max(1 / k, 0.1)
    scale = 1 / np.sqrt(half * parts.g + 1 / c)
    rows = np.ascontiguousarray((parts.u * (root * scale)).astype(np.float32))
    columns = np.ascontiguousarray(rows.T)
    n, r = rows.shape
    penalty = (scale**2 / c)[:, None]
    bend = np.sqrt(half * n)
    onehot = np.zeros((n, k), dtype=np.float32)
    onehot[np.arange(n), y_n] = 1

    def objective(flat: Floats) -> tuple[float, Floats]:
        z = flat[: r * k].reshape(r, k)
        bias = flat[r * k :] / bend
        scores = rows @ z.astype(np.float32)
        scores += bias.astype(np.float32)
        loss, error = _loss(scores, y_n, onehot)
        shrunk = penalty * z
        grad = np.concatenate([((columns @ error) + shrunk).ravel(), error.sum(axis=0, dtype=np.float64) / bend])
        return loss + 0.5 * float((shrunk * z).sum()), grad

    first = np.zeros((r + 1) * k)
    if start is not None:
        first[: r * k] = ((parts.v.T @ start.weights) / scale[:, None]).ravel()
        first[r * k :] = (start.bias + parts.mean @ start.weights) * bend
    found = minimize(
        objective,
        first,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 300, "maxcor": 10, "ftol": tolerance * 1e-2, "gtol": tolerance * np.sqrt(n)},
    )
    weights = parts.v @ (scale[:, None] * found.x[: r * k].reshape(r, k))
    bias = found.x[r * k :] / bend - parts.mean @ weights
    return Solution(weights, bias - bias.mean())


def _loss(
    scores: npt.NDArray[np.float32], y_n: Indices, onehot: npt.NDArray[np.float32]
) -> tuple[float, npt.NDArray[np.float32]]:
    """Sum of log losses, and its gradient by the scores; the scores are overwritten."""
    scores -= scores.max(axis=1, keepdims=True)
    true = scores[np.arange(len(y_n)), y_n].astype(np.float64)
    np.exp(scores, out=scores)
    total = scores.sum(axis=1, keepdims=True)
    loss = float(np.log(total[:, 0].astype(np.float64)).sum() - true.sum())
    scores /= total
    scores -= onehot
    return loss, scores


def fold_of(y_n: Indices, folds: int, seed: int) -> Indices:
    """A fold for each answer, classes spread evenly, the same for the same seed.

    >>> fold_of(np.array([0, 0, 1, 1]), 2, 0).reshape(2, 2).sum(axis=1)
    array([1, 1])
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(y_n))
    order = shuffled[np.argsort(y_n[shuffled], kind="stable")]
    fold = np.empty(len(y_n), dtype=np.int64)
    fold[order] = np.arange(len(y_n)) % folds
    return fold


@dataclass(frozen=True, slots=True)
class LogisticLearner:
    """Logistic regression; strength and temperature by out-of-fold log loss."""

    strengths: tuple[float, ...] = STRENGTHS
    folds: int = 4
    seed: int = 0

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> AnyHead:
        """A head frozen at these answers; classes never seen get a small probability."""
        return self.fit_scored(vectors, y, n_classes).head

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The head with out-of-fold probabilities of its training answers."""
        known = answers(vectors, y, n_classes)
        if known.k < 2 or len(known.y) < 3:
            return constant(known)
        with one_thread():
            best = min((self._left_out(known, c) for c in self.strengths), key=lambda found: found[0])
            _, c, heat, p, start = best
            full = solve(known.x, known.y, known.k, c=c, start=start, tolerance=FINE)
        head = LinearHead(
            weights=full.weights.astype(np.float32),
            bias=full.bias.astype(np.float32),
            seen=known.seen,
            temperature=heat,
            share=known.share,
            kind="logistic",
        )
        return scored(head, known, p, f"logistic C {c:g}")

    def _left_out(self, known: Answers, c: float) -> tuple[float, float, float, Floats, Solution]:
        """Loss, strength, temperature, out-of-fold probabilities, and the mean of the folds' solutions."""
        n, d = known.x.shape
        folds = min(self.folds, n)
        fold = fold_of(known.y, folds, self.seed)
        scores = np.zeros((n, known.k))
        weights, bias = np.zeros((d, known.k)), np.zeros(known.k)
        for number in range(folds):
            inside = fold != number
            there, y = np.unique(known.y[inside], return_inverse=True)
            if len(there) < 2:
                continue
            part = solve(known.x[inside], y.astype(np.int64), len(there), c=c, tolerance=COARSE)
            out = known.x[~inside] @ part.weights + part.bias
            wide = np.repeat(out.min(axis=1, keepdims=True), known.k, axis=1)
            wide[:, there] = out
            scores[~inside] = wide
            weights[:, there] += part.weights / folds
            bias[there] += part.bias / folds
        heat = temperature(scores, known.y)
        p = softmax(scores / heat)
        return log_loss(p, known.y), c, heat, p, Solution(weights, bias)

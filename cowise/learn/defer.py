"""Learning to defer: one classifier that also learns when to leave an item to a person. Peers to compare ours with.

They lower the expected error of model and person together, and promise nothing: who needs a promise takes a certificate.

Legend: n = items, d = vector size, k = classes; column k is "leave it to the person".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices, Vectors32
from cowise.learn.threads import one_thread

Loss = Literal["softmax", "one_vs_all"]


@dataclass(frozen=True, slots=True, eq=False)
class Deferral:
    """Linear scores of k classes and of deferring, by `loss`: `weights` (d + 1, k + 1), the last row a bias."""

    weights: Floats
    loss: Loss

    def scores(self, vectors: Vectors32) -> Floats:
        """Raw scores (n, k + 1)."""
        return np.asarray(vectors @ self.weights[:-1] + self.weights[-1], np.float64)

    def predict(self, vectors: Vectors32) -> Indices:
        """The classes that the model gives, (n,), deferred or not."""
        return np.asarray(self.scores(vectors)[:, :-1].argmax(axis=1), np.int64)

    def worth(self, vectors: Vectors32) -> Floats:
        """How much likelier the person is right than the model, (n,): above 0 the loss itself would defer."""
        found = self.scores(vectors)
        p = softmax(found, axis=1) if self.loss == "softmax" else expit(found)
        return np.asarray(p[:, -1] - p[:, :-1].max(axis=1), np.float64)


def fit_defer(
    vectors: Vectors32, y: Indices, right: Bools, loss: Loss = "softmax", *, penalty: float = 1e-3
) -> Deferral:  # fmt: skip
    """Learn classes `y` (n,) and where a person is `right` (n,), from vectors (n, d), by L-BFGS with an L2 `penalty`.

    `softmax`: -log p(y) - right · log p(defer), Mozannar & Sontag, ICML 2020. `one_vs_all`: a logistic question for each
    class and one for deferring, with target `right`, Verma & Nalisnick, ICML 2022, whose scores are calibrated.

    >>> x = np.eye(2, dtype=np.float32).repeat(20, axis=0)
    >>> found = fit_defer(x, np.arange(40) % 2, np.arange(40) < 20)
    >>> bool(found.worth(x[:1])[0] > found.worth(x[-1:])[0])
    True
    """
    if vectors.ndim != 2 or y.shape != (len(vectors),) or right.shape != y.shape:
        raise InputError(
            f"defer: got {vectors.shape} vectors, {y.shape} classes and {right.shape} answers; give one of each"
        )
    if not len(y) or y.min() < 0:
        raise InputError("defer: needs items, and class numbers from 0 on")
    if loss not in ("softmax", "one_vs_all"):
        raise InputError(f"defer: asked for the loss {loss!r}; use softmax or one_vs_all")
    rows = np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
    k = int(y.max()) + 1
    targets = np.hstack([np.eye(k)[y], right[:, None].astype(np.float64)])
    value = _softmax if loss == "softmax" else _one_vs_all

    def cost(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(rows.shape[1], k + 1)
        found, slope = value(rows @ weights, targets)
        shrunk = np.vstack([weights[:-1], np.zeros((1, k + 1))])
        return found + 0.5 * penalty * float((shrunk**2).sum()), (rows.T @ slope + penalty * shrunk).ravel()

    with one_thread():
        best = minimize(cost, np.zeros(rows.shape[1] * (k + 1)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return Deferral(np.asarray(best.x.reshape(rows.shape[1], k + 1), np.float64), loss)


def _softmax(scores: Floats, targets: Floats) -> tuple[float, Floats]:
    """Mean loss and its slope by the scores; each target counts as a class that should be said."""
    logs = log_softmax(scores, axis=1)
    slope = targets.sum(axis=1, keepdims=True) * np.exp(logs) - targets
    return float(-(targets * logs).sum() / len(scores)), np.asarray(slope / len(scores))


def _one_vs_all(scores: Floats, targets: Floats) -> tuple[float, Floats]:
    """Mean loss and its slope by the scores: a logistic question for each column."""
    loss = np.logaddexp(0, scores) - targets * scores
    return float(loss.sum() / len(scores)), np.asarray((expit(scores) - targets) / len(scores))

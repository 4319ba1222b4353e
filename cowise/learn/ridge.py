"""Ridge regression on one-hot answers: leave-one-out predictions for the price of one fit.

Legend: n = answers, d = vector size, k = classes, r = rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.types import Floats, Indices, Vectors32
from cowise.learn.fitted import Answers, Fitted, answers
from cowise.learn.threads import one_thread
from cowise.measure.calibration import log_loss, softmax, temperature
from cowise.models.heads import LinearHead

PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Centred vectors taken apart once for every penalty: x - mean = u diag(sqrt(g)) vᵀ."""

    mean: Floats
    u: Floats
    g: Floats
    v: Floats

    def weights(self, targets_nk: Floats, penalty: float) -> Floats:
        """Ridge weights, (d, k), for centred targets."""
        scale = np.sqrt(self.g) / (self.g + penalty)
        return np.asarray(self.v @ (scale[:, None] * (self.u.T @ targets_nk)))

    def left_out(self, targets_nk: Floats, penalty: float) -> Floats:
        """Exact predictions for each answer from all the others, (n, k), intercept refitted too.

        f^(-i) = y_i - (y - Hy)_i / (1 - H_ii), H = Xc (XcᵀXc + penalty I)⁻¹ Xcᵀ + 1/n.
        """
        n = len(targets_nk)
        shrink = self.g / (self.g + penalty)
        centre = targets_nk.mean(axis=0)
        fitted = self.u @ (shrink[:, None] * (self.u.T @ (targets_nk - centre))) + centre
        lever = (self.u**2) @ shrink + 1 / n
        rest = np.maximum(1 - lever, 1e-12)[:, None]
        return np.asarray(targets_nk - (targets_nk - fitted) / rest)


def spectrum(x_nd: Floats) -> Spectrum:
    """Take vectors apart by the smaller of XXᵀ and XᵀX."""
    mean = x_nd.mean(axis=0)
    centred = x_nd - mean
    n, d = x_nd.shape
    g, basis = np.linalg.eigh(centred @ centred.T if n <= d else centred.T @ centred)
    keep = g > max(float(g[-1]), 1e-30) * 1e-10 if len(g) else np.zeros(0, dtype=np.bool_)
    g, basis = g[keep], basis[:, keep]
    root = np.sqrt(g)
    other = (centred.T @ basis if n <= d else centred @ basis) / root
    return Spectrum(mean, basis, g, other) if n <= d else Spectrum(mean, other, g, basis)


@dataclass(frozen=True, slots=True)
class RidgeLearner:
    """Ridge with an unpenalised intercept; penalty and temperature by exact leave-one-out log loss.

    Source: Allen, Technometrics 1974 (PRESS); Golub, Heath & Wahba, Technometrics 1979.
    """

    penalties: tuple[float, ...] = PENALTIES

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> LinearHead:
        """A head frozen at these answers; classes never seen get a small probability."""
        head = self.fit_scored(vectors, y, n_classes).head
        assert isinstance(head, LinearHead)
        return head

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The head with leave-one-out probabilities of its training answers."""
        known = answers(vectors, y, n_classes)
        if known.k < 2 or len(known.y) < 3:
            return constant(known)
        with one_thread():
            return self._fit(known)

    def _fit(self, known: Answers) -> Fitted:
        targets = np.eye(known.k)[known.y]
        parts = spectrum(known.x)
        best: tuple[float, float, float, Floats] | None = None
        for penalty in self.penalties:
            scores = parts.left_out(targets, penalty)
            heat = temperature(scores, known.y)
            p = softmax(scores / heat)
            loss = log_loss(p, known.y)
            if best is None or loss < best[0]:
                best = (loss, penalty, heat, p)
        assert best is not None
        loss, penalty, heat, p = best
        centre = targets.mean(axis=0)
        weights = parts.weights(targets - centre, penalty)
        head = LinearHead(
            weights=weights.astype(np.float32),
            bias=(centre - parts.mean @ weights).astype(np.float32),
            seen=known.seen,
            temperature=heat,
            share=known.share,
            kind="ridge",
        )
        return scored(head, known, p, f"ridge penalty {penalty:g}")


def scored(head: LinearHead, known: Answers, p_seen: Floats, name: str) -> Fitted:
    """A fit with its out-of-fold figures, over all classes."""
    accuracy = float((p_seen.argmax(axis=1) == known.y).mean())
    return Fitted(head, known.widen(p_seen), log_loss(p_seen, known.y), accuracy, name)


def constant(known: Answers) -> Fitted:
    """What can be said with one seen class or next to no answers: the shares, smoothed by one answer per class."""
    n, d = known.x.shape
    counts = np.bincount(known.y, minlength=known.k).astype(np.float64) + 1
    head = LinearHead(
        weights=np.zeros((d, known.k), dtype=np.float32),
        bias=np.log(counts / counts.sum()).astype(np.float32),
        seen=known.seen,
        share=known.share,
        kind="constant",
    )
    own = np.eye(known.k)[known.y]
    left = np.maximum(counts - own, 1e-9) if n else np.empty((0, known.k))
    p = left / left.sum(axis=1, keepdims=True) if n else left
    if not n:
        return Fitted(head, known.widen(p), float("nan"), float("nan"), "constant")
    return scored(head, known, p, "constant")

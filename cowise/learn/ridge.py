"""Ridge regression on one-hot answers: leave-one-out predictions for the price of one fit.

Legend: n = answers, d = vector size, k = classes, r = rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.types import Floats, Indices, Vectors32
from cowise.learn.descend import descend
from cowise.learn.fitted import Answers, Fitted, answers, constant, scored
from cowise.learn.honest import Honest, honest
from cowise.learn.threads import one_thread
from cowise.models.head_files import AnyHead
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
class Ridge:
    """A solution: weights (d, k), bias (k,), the penalty, and what makes its scores honest."""

    weights: Floats
    bias: Floats
    penalty: float
    honest: Honest


@dataclass(frozen=True, slots=True)
class RidgeLearner:
    """Ridge with an unpenalised intercept; penalty and temperature by exact leave-one-out log loss.

    Source: Allen, Technometrics 1974 (PRESS); Golub, Heath & Wahba, Technometrics 1979.
    """

    penalties: tuple[float, ...] = PENALTIES

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> AnyHead:
        """A head frozen at these answers; classes never seen get a small probability."""
        return self.fit_scored(vectors, y, n_classes).head

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The head with leave-one-out probabilities of its training answers."""
        known = answers(vectors, y, n_classes)
        if known.k < 2 or len(known.y) < 3:
            return constant(known)
        with one_thread():
            found = self.solve(known.x, known)
        head = LinearHead(
            weights=found.weights.astype(np.float32),
            bias=found.bias.astype(np.float32),
            seen=known.seen,
            temperature=found.honest.heat,
            share=known.share,
            floor=found.honest.floor,
            kind="ridge",
        )
        return scored(head, known, found.honest.p, f"ridge penalty {found.penalty:g}")

    def solve(self, x_nd: Floats, known: Answers) -> Ridge:
        """The best ridge fit of these answers on the features `x_nd`."""
        targets = np.eye(known.k)[known.y]
        parts = spectrum(x_nd)

        def attempt(penalty: float) -> tuple[float, Honest]:
            found = honest(parts.left_out(targets, penalty), known.y)
            return found.loss, found

        penalty, (_, found) = descend(attempt, self.penalties)
        centre = targets.mean(axis=0)
        weights = parts.weights(targets - centre, penalty)
        return Ridge(weights, centre - parts.mean @ weights, penalty, found)

"""Kernel ridge regression on one-hot answers: the most accurate cheap head, with exact leave-one-out.

Legend: n = answers, m = anchors, d = vector size, k = classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from cowise.core.types import Floats, Indices, Vectors32
from cowise.learn.descend import descend
from cowise.learn.fitted import Answers, Fitted, answers, constant, scored
from cowise.learn.honest import Honest, honest
from cowise.learn.ridge import RidgeLearner
from cowise.learn.threads import one_thread
from cowise.models.head_files import AnyHead
from cowise.models.kernel import KernelHead, gaussian

PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
MOST_ANCHORS = 1500
LANDMARKS = 1000


@dataclass(frozen=True, slots=True)
class Dual:
    """Weights of the anchors, bias, and what the fit says of each answer without it."""

    weights: Floats
    bias: Floats
    left_out: Floats


def solve(kernel_nn: Floats, targets_nk: Floats, penalty: float) -> Dual:
    """Kernel ridge with an unpenalised bias, and its leave-one-out predictions, bias refitted too.

    With A = (K + penalty I)⁻¹ and C = A - A11ᵀA / 1ᵀA1: weights = C y, left-out residual_i = (C y)_i / C_ii.
    Of A only the product with y and 1 and the diagonal are formed, from one triangular factor.

    Source: Cawley & Talbot, Neural Networks 2004.
    """
    lifted = kernel_nn + penalty * np.eye(len(kernel_nn))
    factor, failed = lapack.dpotrf(lifted.T, lower=1, overwrite_a=1)
    if failed:
        raise ArithmeticError("kernel matrix is not positive; the penalty is too small")
    solved, _ = lapack.dpotrs(factor, np.column_stack([targets_nk, np.ones(len(lifted))]), lower=1)
    plain, ones = solved[:, :-1], solved[:, -1]
    below, _ = lapack.dtrtri(factor, lower=1, overwrite_c=1)
    diagonal = np.einsum("ij,ij->j", below, below)
    whole = ones.sum()
    bias = plain.sum(axis=0) / whole
    weights = plain - ones[:, None] * bias
    spread = np.maximum(diagonal - ones**2 / whole, 1e-12)
    return Dual(weights, bias, targets_nk - weights / spread[:, None])


@dataclass(frozen=True, slots=True)
class KernelLearner:
    """Gaussian kernel ridge; penalty and temperature by exact leave-one-out log loss.

    Above `MOST_ANCHORS` answers, a seeded thousand of them serve as landmarks (Nyström) and the same ridge is
    solved on the features they span.

    Source: Saunders, Gammerman & Vovk, ICML 1998; Williams & Seeger, NIPS 2000.
    """

    penalties: tuple[float, ...] = PENALTIES
    gamma: float = 1.0
    seed: int = 0

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> AnyHead:
        """A head frozen at these answers; classes never seen get a small probability."""
        return self.fit_scored(vectors, y, n_classes).head

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The head with leave-one-out probabilities of its training answers."""
        known = answers(vectors, y, n_classes)
        if known.k < 2 or len(known.y) < 3:
            return constant(known)
        with one_thread():
            return self._exact(known) if len(known.y) <= MOST_ANCHORS else self._landmarks(known)

    def _exact(self, known: Answers) -> Fitted:
        anchors = known.x.astype(np.float32)
        kernel = gaussian(anchors, anchors, self.gamma).astype(np.float64)
        targets = np.eye(known.k)[known.y]

        def attempt(penalty: float) -> tuple[float, Dual, Honest]:
            dual = solve(kernel, targets, penalty)
            found = honest(dual.left_out, known.y)
            return found.loss, dual, found

        penalty, (_, dual, found) = descend(attempt, self.penalties)
        head = self._head(known, anchors, (dual.weights, dual.bias), found)
        return scored(head, known, found.p, f"kernel penalty {penalty:g}")

    def _landmarks(self, known: Answers) -> Fitted:
        rng = np.random.default_rng(self.seed)
        chosen = np.sort(rng.permutation(len(known.y))[:LANDMARKS])
        anchors = known.x[chosen].astype(np.float32)
        g, basis = np.linalg.eigh(gaussian(anchors, anchors, self.gamma).astype(np.float64))
        keep = g > g[-1] * 1e-7
        down = basis[:, keep] / np.sqrt(g[keep])
        features = gaussian(known.x.astype(np.float32), anchors, self.gamma) @ down
        found = RidgeLearner(self.penalties).solve(features, known)
        head = self._head(known, anchors, (down @ found.weights, found.bias), found.honest)
        return scored(head, known, found.honest.p, f"kernel penalty {found.penalty:g}, {len(anchors)} landmarks")

    def _head(self, known: Answers, anchors: Vectors32, solution: tuple[Floats, Floats], found: Honest) -> KernelHead:
        weights, bias = solution
        return KernelHead(
            anchors=anchors,
            weights=weights.astype(np.float32),
            bias=bias.astype(np.float32),
            seen=known.seen,
            gamma=self.gamma,
            temperature=found.heat,
            share=known.share,
            floor=found.floor,
        )

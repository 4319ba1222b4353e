"""The heads compared by what they say of answers they had not seen; the best one, per project."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

from cowise.core.types import Indices, Vectors32
from cowise.learn.fitted import Fitted
from cowise.learn.kernel import KernelLearner
from cowise.learn.logistic import LogisticLearner
from cowise.learn.ridge import RidgeLearner
from cowise.models.head_files import AnyHead


class Scored(Protocol):
    """A learner that also says what its head would have made of each answer without it."""

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The head with out-of-fold probabilities of its training answers."""
        ...


@dataclass(frozen=True, slots=True)
class ChoiceLearner:
    """Kernel ridge, ridge and logistic regression; whichever has the smallest out-of-fold log loss.

    While a project runs, `KernelLearner` alone is the quick choice: it won on every set that was tried.
    """

    kernel: KernelLearner = field(default_factory=KernelLearner)
    ridge: RidgeLearner = field(default_factory=RidgeLearner)
    logistic: LogisticLearner = field(default_factory=LogisticLearner)

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> AnyHead:
        """A head frozen at these answers."""
        return self.fit_scored(vectors, y, n_classes).head

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The chosen head with out-of-fold probabilities of its training answers."""
        learners: tuple[Scored, ...] = (self.kernel, self.ridge, self.logistic)
        found = [learner.fit_scored(vectors, y, n_classes) for learner in learners]
        return min(found, key=lambda fit: math.inf if math.isnan(fit.log_loss) else fit.log_loss)

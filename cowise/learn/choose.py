"""The heads compared by what they say of answers they had not seen; the best one, per project."""

from __future__ import annotations

from dataclasses import dataclass, field

from cowise.core.types import Indices, Vectors32
from cowise.learn.fitted import Fitted, answers
from cowise.learn.kernel import KernelLearner
from cowise.learn.logistic import LogisticLearner
from cowise.learn.ridge import RidgeLearner
from cowise.models.head_files import AnyHead


@dataclass(frozen=True, slots=True)
class ChoiceLearner:
    """Kernel ridge, ridge and logistic regression; whichever has the smallest out-of-fold log loss."""

    kernel: KernelLearner = field(default_factory=KernelLearner)
    ridge: RidgeLearner = field(default_factory=RidgeLearner)
    logistic: LogisticLearner = field(default_factory=LogisticLearner)

    def fit(self, vectors: Vectors32, y: Indices, n_classes: int) -> AnyHead:
        """A head frozen at these answers."""
        return self.fit_scored(vectors, y, n_classes).head

    def fit_scored(self, vectors: Vectors32, y: Indices, n_classes: int) -> Fitted:
        """The chosen head with out-of-fold probabilities of its training answers."""
        answers(vectors, y, n_classes)
        found = [learner.fit_scored(vectors, y, n_classes) for learner in (self.kernel, self.ridge, self.logistic)]
        return min(found, key=lambda fit: fit.log_loss if fit.log_loss == fit.log_loss else float("inf"))

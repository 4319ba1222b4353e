"""small-text (Schröder et al. 2023) as a peer: its active learner and query strategies, all else as in the fixed recipe.

Same vectors, same first 50 labels, same batches to 1,200, same model; then the audits and the certificate of
`fixed_recipe.deliver`. BEST is the strategy with the lowest mean human share in results/small_text_strategies.json.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Any

import numpy as np
from scipy.special import rel_entr
from scipy.stats import entropy
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors
from small_text import (
    BreakingTies,
    ContrastiveActiveLearning,
    DiscriminativeActiveLearning,
    EmbeddingKMeans,
    GreedyCoreset,
    LeastConfidence,
    LightweightCoreset,
    PoolBasedActiveLearner,
    PredictionEntropy,
    QueryStrategy,
    RandomSampling,
    SklearnClassifier,
    SklearnClassifierFactory,
    SklearnDataset,
    SubsamplingQueryStrategy,
)

from benchmarks.fixed_recipe import PICKS, START, Trained, batch, logistic, standing
from cowise.core.types import Floats, Indices, Vectors32


class Classifier(SklearnClassifier):
    """A scikit-learn model whose embeddings are the vectors it is given: strategies that look at distances need them."""

    def embed(self, data_set: SklearnDataset, return_proba: bool = False, pbar: str | None = None) -> Any:  # noqa: ARG002
        return (data_set.x, self.predict_proba(data_set)) if return_proba else data_set.x


class Factory(SklearnClassifierFactory):
    """Makes them anew for each batch."""

    def new(self) -> Classifier:
        return Classifier(clone(self.base_estimator), self.num_classes)


class Entropy(PredictionEntropy):
    """Picks what PredictionEntropy picks, of the whole matrix at once: row by row it takes twenty times as long."""

    def get_confidence(self, clf: Classifier, dataset: SklearnDataset, *_: Any) -> Floats:
        return entropy(clf.predict_proba(dataset), axis=1)


class Contrastive(ContrastiveActiveLearning):
    """Picks what ContrastiveActiveLearning picks, all neighbours at once instead of item by item."""

    def _contrastive_active_learning(
        self, _set: SklearnDataset, x: Vectors32, p: Floats, unlabeled: Indices, nn: NearestNeighbors, n: int
    ) -> Indices:
        near = nn.kneighbors(x[unlabeled], n_neighbors=self.k, return_distance=False)
        scores = rel_entr(p[near], p[unlabeled][:, None]).mean(axis=(1, 2))
        return np.argpartition(-scores, n)[:n]


class Coreset(GreedyCoreset):
    """Picks what GreedyCoreset picks; that one measures all distances anew for every pick, which takes minutes a run."""

    def __init__(self) -> None:
        super().__init__("cosine")

    def sample(
        self, _clf: Classifier, _set: SklearnDataset, unlabeled: Indices, labeled: Indices, _y: Indices, n: int,
        embeddings: Vectors32, embeddings_proba: Floats | None = None,  # noqa: ARG002
    ) -> Indices:  # fmt: skip
        x = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
        free, picked = x[unlabeled], []
        likeness = (free @ x[labeled].T).max(axis=1)
        for _ in range(n):
            picked.append(int(likeness.argmin()))
            likeness = np.maximum(likeness, free @ free[picked[-1]])
            likeness[picked[-1]] = np.inf
        return np.array(picked)


# Left out: SEALS and AnchorSubsampling, which thin out pools far larger than these for speed and need hnswlib built from
# source; BALD, CategoryVectorInconsistencyAndRanking and expected gradient lengths, which need dropout, several labels
# an item, or torch.
STRATEGIES: dict[str, Callable[[], QueryStrategy]] = {
    "breaking_ties": BreakingTies,
    "least_confidence": LeastConfidence,
    "prediction_entropy": Entropy,
    "breaking_ties_subsampled": lambda: SubsamplingQueryStrategy(BreakingTies(), 2048),
    "contrastive": lambda: Contrastive(pbar=None),
    "discriminative": lambda: DiscriminativeActiveLearning(SklearnClassifierFactory(logistic(), 2), 10),
    "greedy_coreset": Coreset,
    "lightweight_coreset": LightweightCoreset,
    "embedding_kmeans": EmbeddingKMeans,
    "random": RandomSampling,
}
BEST = "breaking_ties"


def train(vectors: Vectors32, y: Indices, rng: np.random.Generator, strategy: str = BEST) -> Trained:
    """1,200 labels as small-text asks for them; the model on the rest."""
    n = len(y)
    # small-text draws from NumPy's global state; a spawned seed leaves the audits of `rng` as they are without it
    np.random.seed(rng.spawn(1)[0].integers(2**32))  # noqa: NPY002
    start, classes = rng.choice(n, min(START, n), replace=False), np.unique(y)
    # it sees no label but those it asked for
    pool = SklearnDataset(vectors, np.zeros(n, np.int64), target_labels=np.arange(int(classes[-1]) + 1))
    learner = PoolBasedActiveLearner(Factory(logistic(), len(classes)), STRATEGIES[strategy](), pool)
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")  # 200 steps are the recipe, converged or not; progress bars are silenced, too
        learner.initialize_data(start, y[start])
        while len(learner.indices_labeled) < min(PICKS, n - 1):
            asked = learner.query(num_samples=batch(len(learner.indices_labeled)))
            learner.update(y[asked])
    return standing(learner.classifier.model, learner.indices_labeled, vectors, y, rng)

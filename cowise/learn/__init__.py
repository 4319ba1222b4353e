"""Change the model: fit heads to answered vectors, choose among them, keep learning.

Names load at first use, so that importing this room loads neither scipy.optimize nor scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load

if TYPE_CHECKING:
    from cowise.learn.choose import ChoiceLearner
    from cowise.learn.classifier import TextClassifier
    from cowise.learn.fitted import Fitted
    from cowise.learn.kernel import KernelLearner
    from cowise.learn.logistic import LogisticLearner
    from cowise.learn.pool import PoolLearner
    from cowise.learn.ridge import RidgeLearner
    from cowise.learn.stream import RidgeStream

_HOME = {
    "ChoiceLearner": "choose",
    "Fitted": "fitted",
    "KernelLearner": "kernel",
    "LogisticLearner": "logistic",
    "PoolLearner": "pool",
    "RidgeLearner": "ridge",
    "RidgeStream": "stream",
    "TextClassifier": "classifier",
}

__all__ = [
    "ChoiceLearner",
    "Fitted",
    "KernelLearner",
    "LogisticLearner",
    "PoolLearner",
    "RidgeLearner",
    "RidgeStream",
    "TextClassifier",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{__name__}.{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

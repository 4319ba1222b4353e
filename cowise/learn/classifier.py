"""TextClassifier: texts and labels in, a scikit-learn estimator out; vectors stay in memory, nothing is stored."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from cowise.core.errors import InputError, TrustError
from cowise.core.roles import Encoder
from cowise.core.settings import read
from cowise.core.types import Floats, Vectors32
from cowise.learn.choose import ChoiceLearner, Scored
from cowise.learn.kernel import KernelLearner
from cowise.learn.logistic import LogisticLearner
from cowise.learn.ridge import RidgeLearner
from cowise.models import folder as folders
from cowise.models.opening import DEFAULT, open_encoder

Labels = npt.NDArray[Any]

MEMORY_BYTES = 256 << 20


@dataclass(slots=True)
class Memory:
    """The last lists of texts that were encoded, so that a search over settings encodes each fold once.

    Whole lists are kept, not texts: a text's vector depends a little on its list.
    """

    kept: OrderedDict[str, Vectors32] = field(default_factory=OrderedDict)

    def encode(self, encoder: Encoder, texts: Sequence[str]) -> Vectors32:
        """Vectors of a list, from memory where this very list was seen."""
        key = hashlib.sha256(json.dumps([encoder.digest, *texts]).encode()).hexdigest()
        found = self.kept.pop(key, None)
        if found is None:
            found = encoder.encode(texts)
            found.setflags(write=False)
        self.kept[key] = found
        while sum(rows.nbytes for rows in self.kept.values()) > MEMORY_BYTES and len(self.kept) > 1:
            self.kept.popitem(last=False)
        return found


_MEMORY = Memory()


class TextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of texts that works wherever a scikit-learn classifier does.

    `encoder` is a name (pulled before), or any object of the role `Encoder`. `head` is `auto` (chosen by
    out-of-fold log loss), `kernel`, `ridge` or `logistic`. `models` is the cache of weights ("" for the settings'),
    `threads` 0 is automatic. After `fit`: `classes_`, `head_`, and `out_of_fold_` (n, k), what the head would
    have said of each training text without it. Pickles hold the bytes of the model's folder, no code.

    >>> from cowise.models.hashing import HashingEncoder
    >>> clf = TextClassifier(encoder=HashingEncoder())
    >>> _ = clf.fit(["good", "very good", "bad", "so bad"], ["pos", "pos", "neg", "neg"])
    >>> clf.predict(["a good one"]).tolist()
    ['pos']
    """

    def __init__(
        self,
        encoder: str | Encoder = DEFAULT,
        *,
        head: str = "auto",
        models: str = "",
        threads: int = 0,
        random_state: int = 0,
    ) -> None:
        self.encoder = encoder
        self.head = head
        self.models = models
        self.threads = threads
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Sequence[Any] | Labels) -> Self:
        """Encode the texts, choose and fit a head. InputError for what is no list of texts."""
        learner = self._learner()
        texts = check_texts(X)
        marks = check_labels(y, len(texts))
        classes, numbers = np.unique(marks, return_inverse=True)
        encoder = self._open()
        fitted = learner.fit_scored(_MEMORY.encode(encoder, texts), numbers.astype(np.int64), len(classes))
        self.classes_ = classes
        self.head_ = fitted.head
        self.out_of_fold_ = fitted.p
        self.metrics_ = {
            "head": fitted.name,
            "log_loss": fitted.log_loss,
            "accuracy": fitted.accuracy,
            "texts": len(texts),
        }
        self._encoder = encoder
        return self

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Class probabilities in the order of `classes_`, (n, k)."""
        check_is_fitted(self, "head_")
        return self.head_.predict(_MEMORY.encode(self._encoder, check_texts(X)))

    def predict(self, X: Sequence[str]) -> Labels:
        """The likeliest class of each text."""
        p = self.predict_proba(X)
        return np.asarray(self.classes_[p.argmax(axis=1)])

    def save(self, folder: str | Path) -> Path:
        """Write the fitted model's folder; `TextClassifier.load` and `cowise.models.folder.load` read it."""
        return folders.write(self._files(), Path(folder))

    @classmethod
    def load(cls, folder: str | Path, *, encoder: str | Encoder = "", models: str = "", threads: int = 0) -> Self:
        """The classifier in a folder, verified first. Give `encoder` only where it was an object of your own."""
        files = folders.read(Path(folder))
        folders.verify(files)
        name = json.loads(files["config.json"])["encoder"]["name"]
        new = cls(encoder or name, models=models, threads=threads)
        new._adopt(files)
        return new

    def __sklearn_tags__(self) -> Any:
        """Texts in one dimension, not numbers in two."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """The settings, and the bytes of the model's folder if fitted."""
        state: dict[str, Any] = {"params": self.get_params(deep=False)}
        if hasattr(self, "head_"):
            state["files"] = self._files()
            state["out_of_fold"] = self.out_of_fold_.tolist()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state["params"])  # type: ignore[misc]
        if "files" in state:
            self._adopt(state["files"])
            self.out_of_fold_ = np.array(state["out_of_fold"], dtype=np.float64)

    def _files(self) -> dict[str, bytes]:
        check_is_fitted(self, "head_")
        name = self.encoder if isinstance(self.encoder, str) else type(self.encoder).__name__
        metrics = {**self.metrics_, "classes": self.classes_.tolist(), "dtype": self.classes_.dtype.str}
        labels = tuple(str(label) for label in self.classes_.tolist())
        return folders.pack(folders.TextModel(self._encoder, self.head_, labels, name, metrics))

    def _adopt(self, files: dict[str, bytes]) -> None:
        encoder = self._open()
        model = folders.unpack(files, encoder)
        metrics = dict(model.metrics)
        values, dtype = metrics.pop("classes", None), metrics.pop("dtype", "")
        try:
            self.classes_ = np.array(values or list(model.labels), dtype=dtype or None)
        except (TypeError, ValueError) as cause:
            raise TrustError(
                "model folder: metrics.json names classes that cannot be read; save the model again"
            ) from cause
        self.head_ = model.head
        self.metrics_ = metrics
        self._encoder = encoder

    def _open(self) -> Encoder:
        if not isinstance(self.encoder, str):
            return self.encoder
        return open_encoder(self.encoder, Path(self.models) if self.models else read().models, threads=self.threads)

    def _learner(self) -> Scored:
        seeded = LogisticLearner(seed=int(self.random_state))
        known: dict[str, Scored] = {
            "auto": ChoiceLearner(logistic=seeded),
            "kernel": KernelLearner(seed=int(self.random_state)),
            "ridge": RidgeLearner(),
            "logistic": seeded,
        }
        if self.head not in known:
            raise InputError(f"TextClassifier: asked for head {self.head!r}; use auto, kernel, ridge or logistic")
        return known[self.head]


def check_texts(X: Any) -> list[str]:
    """A plain list of the texts in a list, array or series; InputError names what is no text."""
    if isinstance(X, (str, bytes)):
        raise InputError("texts: got one string; give a list of strings")
    values = X.tolist() if hasattr(X, "tolist") else list(X)
    for i, value in enumerate(values):
        if not isinstance(value, str):
            raise InputError(
                f"texts: item {i} is {type(value).__name__}, not a string; convert with str() or fill it first"
            )
    return values


def check_labels(y: Any, n: int) -> Labels:
    """Labels as a one-dimensional array of `n`; InputError says what does not fit."""
    if y is None:
        raise InputError("TextClassifier requires y to be passed, but the target y is None")
    marks = np.asarray(y)
    if marks.ndim != 1 or len(marks) != n:
        raise InputError(f"labels: got shape {marks.shape} for {n} texts; give one label for each")
    if n == 0:
        raise InputError("labels: got none; give texts with labels")
    if marks.dtype.kind == "O" and not all(isinstance(mark, str) for mark in marks.tolist()):
        raise InputError(
            "labels: some are neither text nor number (None or mixed kinds); convert them with str() first"
        )
    return marks.astype(np.str_) if marks.dtype.kind == "O" else marks

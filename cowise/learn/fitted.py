"""What a fit yields: the head, and what it would have said of each training answer before it had learned it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices, Vectors32
from cowise.measure.calibration import log_loss
from cowise.models.head_files import AnyHead
from cowise.models.heads import LinearHead, spread, unseen_share


@dataclass(frozen=True, slots=True)
class Fitted:
    """A frozen head with its out-of-fold probabilities.

    `p` (n, k) are predictions made without the item's own answer, for forecasts and choices; they never
    automate. `log_loss` and `accuracy` are theirs. `name` says which learner and setting won.
    """

    head: AnyHead
    p: Floats
    log_loss: float
    accuracy: float
    name: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Checked training answers with unseen classes left out: `y` (n,) indexes the seen ones."""

    x: Floats
    y: Indices
    seen: Bools
    share: float

    @property
    def k(self) -> int:
        """Seen classes."""
        return int(self.seen.sum())

    def widen(self, p_seen: Floats) -> Floats:
        """Probabilities over seen classes as ones over all."""
        return spread(p_seen, self.seen, self.share)


def answers(vectors: Vectors32, y: Indices, n_classes: int) -> Answers:
    """Check and prepare training answers; InputError says what does not fit."""
    rows = np.asarray(vectors)
    marks = np.asarray(y)
    if rows.ndim != 2:
        raise InputError(f"vectors: need a table of items by dimensions, got {rows.ndim} dimension(s)")
    if marks.ndim != 1 or len(marks) != len(rows):
        raise InputError(f"answers: got {marks.size} for {len(rows)} vectors; give one for each")
    if n_classes < 1:
        raise InputError(f"classes: asked for {n_classes}; give at least 1")
    if len(marks) and (marks.min() < 0 or marks.max() >= n_classes or marks.dtype.kind not in "iu"):
        raise InputError(f"answers: need class numbers from 0 to {n_classes - 1}, got {marks.min()} to {marks.max()}")
    x = rows.astype(np.float64)
    if not np.isfinite(x).all():
        raise InputError("vectors: some values are NaN or infinite; encode these texts again")
    seen = np.zeros(n_classes, dtype=np.bool_)
    seen[marks] = True
    position = np.cumsum(seen) - 1
    return Answers(x, position[marks].astype(np.int64), seen, unseen_share(len(marks), seen))


def scored(head: AnyHead, known: Answers, p_seen: Floats, name: str) -> Fitted:
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

"""Kernel ridge over a fixed pool of texts that takes answers as they come.

Its scores are those of `KernelLearner`, kept up to date: a batch of b answers costs O(m²b + nb) instead of O(m³).
Two kernels are added: a Gaussian of sentence vectors and the cosine of weighted words. What other members say of the texts
is weighed beside its probabilities, never inside its kernel: a text of which nobody spoke keeps what the head says of it.

Legend: n = pool, m = answers, b = new answers, d = vector size, k = classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import lapack

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices, Vectors32
from cowise.learn.honest import Honest, honest
from cowise.learn.listening import FOLDS, Listened, listen
from cowise.learn.sets import book
from cowise.learn.threads import one_thread
from cowise.measure.calibration import softmax
from cowise.models.heads import UNSEEN_WEIGHT, link, spread, unseen_share
from cowise.models.kernel import KernelHead, WordAnchors, gaussian
from cowise.models.sets import SetBook, beside, bits, paired, presence
from cowise.models.voices import Voices
from cowise.models.words import count_words, rarity, take_rows, weigh

GAMMA = 1.0
MIXES = (0.0, 0.4, 1.0)
PENALTIES = (0.05, 0.15, 0.5)
_CHOOSE_AT = (40, 100, 200, 400, 800)
_DRIFT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PoolView:
    """What the model makes of the pool now: `p` (n, k), and `margin` (n,) between the two highest raw scores.

    Of sets `p` says how likely each label is there, `book` which set fits, and `margin` how likely that is.

    Rows of answered items are leave-one-out: what it would say without their answers. `past_margin` (m,) and
    `past_wrong` (m,) are of predictions made before the item was learned, oldest first. Where members are heard all margins are
    leads of probabilities, and those of answered items come from weights that did not see their answers.
    """

    p: Floats
    margin: Floats
    past_margin: Floats
    past_wrong: Bools
    log_loss: float
    book: SetBook | None = None


class PoolLearner:
    """A learner for one pool. `vectors` (n, d) unit rows; `texts` (n,) for the word kernel, () to do without.

    With `sets` an answer is a set of the classes as one number (`models.sets`), and each class a question of its own: all
    share kernel, penalty and temperature.

    `evidence` (n, s, k) of `models.voices` is what other members say, rows of NaN where one has not spoken; None for none.

    >>> x = np.eye(3, dtype=np.float32).repeat(4, axis=0)
    >>> learner = PoolLearner(x, (), 3)
    >>> learner.learn(np.array([0, 4, 8, 1]), np.array([0, 1, 2, 0]))
    >>> learner.look().p[[2, 6, 10]].argmax(axis=1)
    array([0, 1, 2])
    """

    def __init__(
        self,
        vectors: Vectors32,
        texts: Sequence[str],
        n_classes: int,
        evidence: Floats | None = None,
        *,
        sets: bool = False,
    ) -> None:
        if n_classes < 1:
            raise InputError(f"classes: asked for {n_classes}; give at least 1")
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        if self.vectors.ndim != 2 or not np.isfinite(self.vectors).all():
            raise InputError("vectors: need a table of finite numbers, one unit row for each text")
        if len(texts) not in (0, len(self.vectors)):
            raise InputError(f"texts: got {len(texts)} for {len(self.vectors)} vectors; give one for each, or none")
        self.n_classes, self.sets = n_classes, sets
        self.evidence: Floats | None = None
        self._heard: Listened | None = None
        self._fold = np.random.default_rng(0).permutation(len(self.vectors)) % FOLDS
        counts = count_words(texts) if len(texts) else None
        self._rare = rarity(counts) if counts is not None else None
        self._words: Any = weigh(counts, self._rare) if counts is not None and self._rare is not None else None
        self.answered = np.zeros(0, dtype=np.int64)
        self.y = np.zeros(0, dtype=np.int64)
        n = len(self.vectors)
        self._dense = np.zeros((n, 0), dtype=np.float32)
        self._lexical = np.zeros((n, 0), dtype=np.float32)
        self._root: Floats = np.zeros((0, 0))  # inverse of the Cholesky factor of kernel + penalty
        self._mix, self._penalty = (0.4 if self._words is not None else 0.0), 0.15
        self._due = list(_CHOOSE_AT)
        self._past_margin: list[Floats] = []
        self._past_wrong: list[Bools] = []
        if evidence is not None:
            self.hear(evidence)

    def hear(self, evidence: Floats) -> None:
        """Take what members say now, (n, s, k), instead of what they said; predictions made before stay as they were.

        InputError for another shape, a row in which some classes are missing, or where nobody was heard when answers came.
        """
        n, k = len(self.vectors), self.n_classes
        missing = np.isnan(evidence)
        if evidence.ndim != 3 or evidence.shape[::2] != (n, k) or (missing.any(axis=2) != missing.all(axis=2)).any():
            raise InputError(
                f"evidence: need (n, seats, {k}) for {n} texts with whole rows missing, got {evidence.shape}"
            )
        if self.evidence is None and len(self.answered):
            raise InputError("evidence: answers were learned without any; begin a new learner")
        self.evidence, self._heard = evidence, None

    def learn(self, ordinals: Indices, y: Indices) -> None:
        """Take answers `y` (b,) to items `ordinals` (b,); an item is answered once."""
        new, y = np.asarray(ordinals, dtype=np.int64), np.asarray(y, dtype=np.int64)
        if new.shape != y.shape or new.ndim != 1:
            raise InputError(f"answers: got {y.size} for {new.size} items; give one for each")
        if len(new) and not 0 <= new.min() <= new.max() < len(self.vectors):
            raise InputError(
                f"answers: items are numbered from 0 to {len(self.vectors) - 1}, got {new.min()} to {new.max()}"
            )
        if len(np.unique(new)) < len(new) or np.isin(new, self.answered).any():
            raise InputError("answers: an item is answered twice; forget it first")
        size = 1 << self.n_classes if self.sets else self.n_classes
        if len(y) and not 0 <= y.min() <= y.max() < size:
            raise InputError(f"answers: need class numbers from 0 to {size - 1}, got {y.min()} to {y.max()}")
        if not len(new):
            return
        with one_thread():
            self._remember(new, y)
            self._dense = np.hstack([self._dense, gaussian(self.vectors, self.vectors[new], GAMMA)])
            if self._words is not None:
                self._lexical = np.hstack([self._lexical, (self._words @ take_rows(self._words, new).T).toarray()])
            old, self._heard = self.answered, None
            self.answered, self.y = np.append(old, new), np.append(self.y, y)
            if self._due and len(self.answered) >= self._due[0]:
                self._due = [size for size in self._due if size > len(self.answered)]
                self._choose()
            else:
                self._extend(len(old))

    def look(self) -> PoolView:
        """Probabilities of the whole pool, answered items left out of their own."""
        n, k = len(self.vectors), self.n_classes
        _, targets = self._seen()
        past = np.concatenate([np.zeros(0), *self._past_margin]), np.concatenate([np.zeros(0, bool), *self._past_wrong])
        if not self._ready:
            counts = bits(self.y, k).sum(axis=0) if self.sets else np.bincount(self.y, minlength=k)
            share = (counts + 1.0) / (len(self.y) + (2 if self.sets else k))
            nothing = SetBook(np.zeros((1, k), np.float32), np.zeros(1, np.float32), 1.0) if self.sets else None
            return PoolView(np.tile(share, (n, 1)), np.zeros(n), *past, float("nan"), nothing)
        with one_thread():
            weights, bias, left = self._solve(self._root, targets)
            found = self._honest(left, targets)
            scores = self._kernel() @ weights.astype(np.float32) + bias
            scores[self.answered] = left
            p = self._spread(scores, found)
        if self.sets:
            fits = book(self.y, p[self.answered])
            return PoolView(p, fits.said(p)[1], *past, found.loss, fits)
        if self.evidence is None:
            return PoolView(p, _gap(scores), *past, found.loss)
        heard = self._listened(p[self.answered])
        p = heard.voices.combine(p, self.evidence)
        p[self.answered] = heard.p
        return PoolView(p, _gap(p), *past, heard.loss)

    def voices(self) -> Voices | None:
        """How the members count beside `head`; None where nobody is heard, or nobody helps. InputError as for `head`."""
        self.head()
        if self.evidence is None:
            return None
        found = self._listened(self._left_out()).voices
        return found if found.counts().any() else None

    def head(self) -> KernelHead:
        """A frozen head at these answers. InputError with fewer than three answers or one class."""
        seen, targets = self._seen()
        if not self._ready:
            raise InputError(f"head: {len(self.y)} answers of {int(seen.sum())} class(es); answer more first")
        with one_thread():
            weights, bias, left = self._solve(self._root, targets)
            found = self._honest(left, targets)
        words = None
        if self._words is not None and self._rare is not None and self._mix > 0:
            words = WordAnchors(take_rows(self._words, self.answered), self._rare, self._mix)
        return KernelHead(
            anchors=self.vectors[self.answered], weights=weights.astype(np.float32), bias=bias.astype(np.float32),
            seen=seen, gamma=GAMMA, temperature=found.heat, share=self._share(seen), floor=found.floor, words=words,
            book=book(self.y, self._spread(left, found)) if self.sets else None,
        )  # fmt: skip

    @property
    def _ready(self) -> bool:
        return len(self.y) >= 3 and len(np.unique(self.y)) > 1

    def _remember(self, new: Indices, y: Indices) -> None:
        """Keep what the model says of items that it is about to learn."""
        if not self._ready:
            return
        _, targets = self._seen()
        weights, bias, left = self._solve(self._root, targets)
        scores = self._kernel(new) @ weights.astype(np.float32) + bias
        said, margin = self._told(scores, left, new)
        self._past_margin.append(margin)
        self._past_wrong.append(said != y)

    def _told(self, scores: Vectors32 | Floats, left: Floats, new: Indices) -> tuple[Indices, Floats]:
        """What is said of items with these scores, and how sure; `left` (m, k_seen) are the left-out scores of the answers."""
        seen, targets = self._seen()
        if not self.sets and self.evidence is None:
            return np.asarray(np.flatnonzero(seen)[scores.argmax(axis=1)]), _gap(np.asarray(scores, dtype=np.float64))
        found = self._honest(left, targets)
        p = self._spread(scores, found)
        if self.sets:
            return book(self.y, self._spread(left, found)).said(p)
        assert self.evidence is not None  # the other case is above  # noqa: S101
        p = self._listened(self._spread(left, found)).voices.combine(p, self.evidence[new])
        return np.asarray(p.argmax(axis=1)), _gap(p)

    def _left_out(self) -> Floats:
        """What the head says of each answer without it, (m, k)."""
        _, targets = self._seen()
        left = self._solve(self._root, targets)[2]
        return self._spread(left, self._honest(left, targets))

    def _listened(self, left: Floats) -> Listened:
        """Weights of the members at these answers, from the head's left-out probabilities (m, k)."""
        if self._heard is None:
            assert self.evidence is not None  # who asks has heard somebody  # noqa: S101
            self._heard = listen(left, self.evidence[self.answered], self.y, self._fold[self.answered])
        return self._heard

    def _spread(self, scores: Vectors32 | Floats, found: Honest) -> Floats:
        """Raw scores of the seen classes as probabilities of all, (n, k); of sets, how likely each label is there."""
        seen, _ = self._seen()
        if self.sets:
            return beside(presence(scores, found.floor, found.heat), seen, self._share(seen))
        return spread(softmax(link(np.asarray(scores, np.float64), found.floor) / found.heat), seen, self._share(seen))

    def _seen(self) -> tuple[Bools, Bools]:
        """Classes that an answer named (k,), and which of them each answer names (m, k_seen)."""
        numbers = np.arange(self.n_classes)
        held = bits(self.y, self.n_classes) if self.sets else np.asarray(numbers == self.y[:, None])
        seen = np.asarray(held.any(axis=0))
        return seen, np.asarray(held[:, seen])

    def _share(self, seen: Bools) -> float:
        """Chance of a class that no answer named."""
        return UNSEEN_WEIGHT / (len(self.y) + 2 * UNSEEN_WEIGHT) if self.sets else unseen_share(len(self.y), seen)

    def _honest(self, left: Floats, targets: Bools) -> Honest:
        if self.sets:
            return honest(paired(left), targets.reshape(-1).astype(np.int64))
        return honest(left, targets.argmax(axis=1))

    def _kernel(self, rows: Indices | slice = slice(None)) -> Vectors32:
        dense = self._dense[rows]
        return dense if not self._mix else dense + np.float32(self._mix) * self._lexical[rows]

    def _extend(self, m: int) -> None:
        """Grow the factor's inverse by the new rows; growing the full inverse would multiply its error at every step."""
        half = np.tril(self._kernel(self.answered).astype(np.float64))
        rows = half + np.tril(half, -1).T  # float32 products differ in the last digit when their sides change places
        side = self._root @ rows[:m, m:]
        corner = rows[m:, m:] + self._penalty * np.eye(len(self.y) - m) - side.T @ side
        inner = _inverse_factor(corner)
        grown = np.zeros((len(self.y), len(self.y)))
        grown[:m, :m] = self._root
        grown[m:, :m] = -inner @ (side.T @ self._root)
        grown[m:, m:] = inner
        probe = rows.sum(axis=1) + self._penalty
        if not np.abs(grown.T @ (grown @ probe) - 1).max() <= _DRIFT:  # so that NaN counts as drift
            grown = _inverse_factor(rows + self._penalty * np.eye(len(rows)))
        self._root = grown

    def _choose(self) -> None:
        """Mix of the kernels and penalty with the least leave-one-out log loss."""
        _, targets = self._seen()
        dense = self._dense[self.answered].astype(np.float64)
        lexical = self._lexical[self.answered].astype(np.float64) if self._words is not None else None
        best: tuple[float, float, float, Floats] | None = None
        for mix in MIXES if lexical is not None else (0.0,):
            base = dense if lexical is None else dense + mix * lexical
            for penalty in PENALTIES:
                root = _inverse_factor(base + penalty * np.eye(len(base)))
                loss = self._loss(root, targets)
                if best is None or loss < best[0]:
                    best = (loss, mix, penalty, root)
        assert best is not None  # there is a mix and a penalty to try  # noqa: S101
        _, self._mix, self._penalty, self._root = best

    def _loss(self, root: Floats, targets: Bools) -> float:
        return self._honest(self._solve(root, targets)[2], targets).loss if self._ready else 0.0

    @staticmethod
    def _solve(root: Floats, held: Bools) -> tuple[Floats, Floats, Floats]:
        """Weights (m, k_seen), bias (k_seen,) and leave-one-out scores (m, k_seen) with an unpenalised bias.

        Source: Cawley & Talbot, Neural Networks 2004.
        """
        targets = held.astype(np.float64)
        plain = root.T @ (root @ targets)
        ones = root.T @ root.sum(axis=1)
        whole = ones.sum()
        bias = plain.sum(axis=0) / whole
        weights = plain - ones[:, None] * bias
        spare = np.maximum(np.einsum("ij,ij->j", root, root) - ones**2 / whole, 1e-12)
        return weights, bias, targets - weights / spare[:, None]


def _gap(scores: Floats) -> Floats:
    """Between the highest and the second score of each row."""
    top = np.partition(scores, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2], dtype=np.float64)


def _inverse_factor(matrix: Floats) -> Floats:
    """L⁻¹ of the lower Cholesky factor L, for a symmetric positive matrix."""
    factor, failed = lapack.dpotrf(matrix, lower=1, clean=1)
    if failed:
        raise ArithmeticError("kernel matrix is not positive; the penalty is too small")
    inverse, _ = lapack.dtrtri(factor, lower=1)
    return np.asarray(inverse, dtype=np.float64)

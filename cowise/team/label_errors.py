"""Which labels had best be looked at again: confident learning, and a ranking that hears how reliable people are.

Nothing is relabelled: what is found is an order in which people look again.

Legend: n = items, m = people, k = labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.team.reliability import Reliability, checked, estimate
from cowise.team.votes import Votes, votes

NONE = -1
"""No answer of this person, or no label that is likely enough."""
ALIKE = 1000
"""Steps in which scores are compared: those in the same one are ordered by the likeliest other label."""
OFF = 1e-3
"""How far from one the probabilities of an item may sum."""
OPEN = 1e-6
"""Who is always right is taken to be wrong this often, so that a sure model is heard."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label to look at again: item `row` has the label `given`, and `suggested` is the likeliest other one.

    `score` is how likely `given` is right, `flagged` whether confident learning takes it for an error by the model alone.
    """

    row: int
    given: str | int
    suggested: str | int
    score: float
    flagged: bool

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class LabelErrors:
    """Every item, ranked: `order` (n,) are rows, the most doubtful label first; (n,) each of what a `Suspect` says.

    `thresholds` (k,) are how likely items of each label have it, in the mean; `errors` is how many labels are
    estimated to be wrong: by the confident joint, or where people are weighed the sum of what `score` leaves.
    """

    order: Indices
    given: Indices
    suggested: Indices
    score: Floats
    flagged: Bools
    thresholds: Floats
    errors: float
    classes: tuple[str | int, ...]

    def top(self, n: int | None = None) -> tuple[Suspect, ...]:
        """The `n` most doubtful, the first one first; all where no number is given."""
        return tuple(
            Suspect(
                row, self.classes[self.given[row]], self.classes[self.suggested[row]],
                float(self.score[row]), bool(self.flagged[row]),
            )
            for row in self.order[:n].tolist()
        )  # fmt: skip


def label_errors(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    classes: Sequence[str] | None = None,
    right: ArrayLike | None = None,
) -> LabelErrors:
    """Rank labels by how doubtful they are, (n,) beside out-of-fold `probabilities` (n, k); none is changed.

    Labels are numbers from 0, or names of `classes`. `right` is how often whoever gave a label is right, one figure or (n,).
    Labels (n, m) are of m people, -1 (None among names) where one gave none: their reliabilities are then estimated with the
    model as one more voice, and what most said is judged. InputError for what cannot be judged.

    >>> p = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.95, 0.05]]
    >>> found = label_errors([0, 0, 1, 1, 1], p)
    >>> found.top(1)
    (Suspect(row=4, given=1, suggested=0, score=0.05, flagged=True),)
    >>> found.thresholds.round(2).tolist()
    [0.85, 0.55]

    Sources: Northcutt, Jiang & Chuang, Confident Learning, JAIR 2021; of several people: after Goh, Tkachenko & Mueller, CROWDLAB, 2022.
    """
    p = _shares(probabilities)
    given = _numbers(labels, p.shape, classes)
    if given.ndim == 1:
        belief = None if right is None else heard(p, given, _right(right, len(p)))
        return suspects(given, p, belief, classes=classes)
    if right is not None:
        raise InputError("label_errors: right is estimated where several people gave labels; leave it out")
    item, member = np.nonzero(given != NONE)
    said = votes(item, member, given[item, member], (len(p), given.shape[1], p.shape[1]))
    most = np.asarray((said.shares + 1e-6 * p).argmax(axis=1), np.int64)
    return suspects(most, p, believed(estimate(said, p, kind="one accuracy each"), said, p), classes=classes)


def heard(p: Floats, given: Indices, right: Floats) -> Floats:
    """What is believed of each item, (n, k), when whoever gave its label is `right` (n,) so often and else errs anyhow.

    >>> heard(np.array([[0.2, 0.8]]), np.array([0]), np.array([0.9])).round(2)
    array([[0.69, 0.31]])
    """
    n, k = p.shape
    told = np.repeat(((1 - right) / (k - 1))[:, None], k, axis=1)
    told[np.arange(n), given] = right
    told *= np.maximum(p, 1e-12)
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float64)


def believed(known: Reliability, said: Votes, p: Floats) -> Floats:
    """What is believed of each item once everybody was heard as reliably as they are `known`, beside the model's `p`, (n, k).

    >>> said = votes([0, 1, 1], [0, 0, 1], [0, 0, 0], (2, 2, 2))
    >>> p = np.full((2, 2), 0.5)
    >>> believed(estimate(said, p), said, p).argmax(axis=1)
    array([0, 0])
    """
    told = known.trust * np.log(checked(p, said)) + said.evidence(known.confusion)
    found = np.exp(told - told.max(axis=1, keepdims=True))
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float64)


def suspects(
    given: Indices, p: Floats, belief: Floats | None = None, *, classes: Sequence[str] | None = None
) -> LabelErrors:
    """The ranking from labels (n,), a model's probabilities (n, k), and what is believed after people were heard, (n, k).

    Flagged is what confident learning takes for an error by the model alone: people are weighed in `score` and in the order.
    InputError where fewer than two labels have items, or one of them has none.
    """
    n, k = p.shape
    counts = np.bincount(given, minlength=k)
    named: tuple[str | int, ...] = tuple(classes) if classes is not None else tuple(range(k))
    if (counts > 0).sum() < 2:
        raise InputError("label_errors: all items have one label; errors show only where there are two at least")
    if (empty := np.flatnonzero(counts == 0)).size:
        raise InputError(
            f"label_errors: no item has the label {named[empty[0]]!r}; leave its column out and let the others sum to 1"
        )
    at = np.arange(n)
    own = p[at, given]
    thresholds = np.bincount(given, weights=own, minlength=k) / counts
    confident = np.where(p >= thresholds, p, -1.0)
    sure = confident.argmax(axis=1)
    clear = confident[at, sure] >= 0
    others = (p if belief is None else belief).copy()
    score = others[at, given]
    others[at, given] = -1.0
    suggested = others.argmax(axis=1)
    other = others[at, suggested]
    flagged = clear & (sure != given)
    errors = _errors(given[clear], sure[clear], counts) if belief is None else float((1 - score).sum())
    # One key in place of three: the score in steps, then the other label, then the model's own word where people were heard.
    order = np.argsort(np.rint(score * ALIKE) * 2 - other + own * OPEN, kind="stable")
    return LabelErrors(order, given, suggested, score, flagged, thresholds, errors, named)


def _errors(given: Indices, sure: Indices, counts: Indices) -> float:
    """How many labels are wrong, by the confident joint, each row scaled to the items of its label."""
    k = len(counts)
    joint = np.bincount(given * k + sure, minlength=k * k).reshape(k, k)
    total = joint.sum(axis=1)
    wrong = (total - np.diag(joint)) / np.maximum(total, 1)
    return float(wrong @ counts)


def _shares(probabilities: ArrayLike) -> Floats:
    try:
        p = np.asarray(probabilities, np.float64)
    except (TypeError, ValueError):
        raise InputError("label_errors: probabilities hold what is no number; give a table, items by labels") from None
    if p.ndim != 2 or not len(p) or p.shape[1] < 2:
        raise InputError(
            f"label_errors: probabilities of shape {p.shape}; give (n, k): a row for each item, a column for each of two labels or more"
        )
    total = p.sum(axis=1)
    whole = np.asarray(np.isfinite(total), np.bool_)
    if not whole.all():
        raise InputError(
            f"label_errors: row {_first(~whole)} of the probabilities holds NaN or infinity; leave the item out"
        )
    if p.min() < 0 or np.abs(total - 1).max() > OFF:
        low = p.min(axis=1)
        row = _first(np.logical_or(low < 0, np.abs(total - 1) > OFF))
        raise InputError(
            f"label_errors: probabilities of row {row} from {low[row]:.4g} that sum to {total[row]:.4g}; give shares from 0 to 1 "
            "that sum to 1 (for several labels at once ask of each apart: its probability, and one less that)"
        )
    return p


def _numbers(labels: ArrayLike, shape: tuple[int, ...], classes: Sequence[str] | None) -> Indices:
    """Labels as numbers, (n,) or (n, m) with -1 where there is none."""
    n, k = shape
    if classes is not None and len(classes) != k:
        raise InputError(f"label_errors: {len(classes)} classes for {k} columns of probabilities; name each column")
    table = np.asarray(labels, None if classes is None else object)
    if table.ndim not in (1, 2) or len(table) != n or not table.size:
        raise InputError(
            f"label_errors: labels of shape {table.shape} for {n} rows of probabilities; give one for each item, or a row of several people's"
        )
    found = _named(table, classes) if classes is not None else _counted(table)
    if found.max() >= k or found.min() < NONE:
        raise InputError(f"label_errors: labels from {found.min()} to {found.max()}; there are 0 to {k - 1}")
    bare = (found if found.ndim == 1 else found.max(axis=1)) == NONE
    if bare.any():
        raise InputError(f"label_errors: row {_first(bare)} has no label; leave the item out")
    return found


def _named(table: Any, classes: Sequence[str]) -> Indices:
    place: dict[Any, int] = {label: i for i, label in enumerate(classes)} | {None: NONE}
    flat = table.ravel().tolist()
    for one in flat:
        if one not in place:
            raise InputError(
                f"label_errors: label {str(one)[:80]!r} is none of the classes; there are {', '.join(map(str, classes))}"
            )
    return np.array([place[one] for one in flat], np.int64).reshape(table.shape)


def _counted(table: Any) -> Indices:
    if table.dtype.kind not in "iufb":
        raise InputError("label_errors: labels are no numbers; give numbers from 0, or classes=[…] with their names")
    whole = np.where(np.isnan(table), NONE, table) if table.dtype.kind == "f" else table
    if np.isinf(whole).any() or (whole != np.rint(whole)).any():
        raise InputError("label_errors: labels are no whole numbers; give numbers from 0")
    return np.asarray(whole, np.int64)


def _right(right: ArrayLike, n: int) -> Floats:
    found = np.asarray(right, np.float64)
    if found.shape not in ((), (n,)) or not ((found > 0) & (found <= 1)).all():
        raise InputError(
            f"label_errors: right of shape {found.shape}; give how often who gave the label is right, above 0 up to 1: one figure or {n}"
        )
    return np.broadcast_to(np.minimum(found, 1 - OPEN), (n,))


def _first(which: Bools) -> int:
    return int(which.argmax())

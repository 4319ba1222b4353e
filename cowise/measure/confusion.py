"""Figures of the table of true and said labels, and their intervals from resampling its cells.

Resampling cells is resampling items, at the cost of a cell: a million items of ten labels are a hundred numbers.

Legend: n = items, k = labels, c = cells that are not empty, b = resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy import sparse
from scipy.special import ndtr, ndtri

from cowise.core.types import Floats, Indices
from cowise.measure.intervals import Span, clopper_pearson
from cowise.measure.score import SEEN, Score, Terms, share, spanned

AT_ONCE = 4_000_000
"""Cells drawn at a time: 32 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Each combination of labels that occurs, and how often: `columns` (c,) of label numbers, the truth first."""

    columns: tuple[Indices, ...]
    count: Indices
    k: int

    @property
    def n(self) -> int:
        """Items in all."""
        return int(self.count.sum())

    @property
    def right(self) -> int:
        """Items of which what is said, by the first, is true."""
        return int(self.count[self.columns[0] == self.columns[1]].sum())


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Of each label, (…, k): how often it is `hit`, true and said at once, how often `true`, and how often `said`."""

    hit: Floats
    true: Floats
    said: Floats


def cells(k: int, *columns: Indices) -> Cells:
    """The combinations of label numbers in columns (n,) of the same items.

    >>> found = cells(2, np.array([0, 1, 1]), np.array([0, 0, 0]))
    >>> [column.tolist() for column in found.columns], found.count.tolist()
    ([[0, 1], [0, 0]], [1, 2])
    """
    code = columns[0]
    for column in columns[1:]:
        code = code * k + column
    there, count = np.unique(code, return_counts=True)
    parts = []
    for _ in columns:
        there, part = np.divmod(there, k)
        parts.append(part)
    return Cells(tuple(reversed(parts)), count.astype(np.int64), k)


def margins(table: Cells, counts: Indices, said: int = 1) -> Margins:
    """Sums of `counts` (…, c) by label, of the truth and of the column `said`."""
    true, told = table.columns[0], table.columns[said]
    return Margins(
        _by(true, np.where(true == told, counts, 0), table.k), _by(true, counts, table.k), _by(told, counts, table.k)
    )


def _by(label: Indices, counts: Indices, k: int) -> Floats:
    at = sparse.csr_array((np.ones(len(label)), (label, np.arange(len(label)))), shape=(k, len(label)))
    return np.asarray((at @ counts.T).T, np.float64)


def resampled(table: Cells, terms: Terms, rng: Generator) -> Iterator[Indices]:
    """Counts of `terms.resamples` tables drawn from this one, (b, c) as many at a time as fit."""
    at_once = max(1, AT_ONCE // len(table.count))
    for done in range(0, terms.resamples, at_once):
        size = min(at_once, terms.resamples - done)
        yield rng.multinomial(table.n, table.count / table.n, size=size)


def _quotient(part: Floats, whole: Floats) -> Floats:
    """The quotient, 0 of nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _precision(m: Margins) -> Floats:
    return _quotient(m.hit, m.said)


def _recall(m: Margins) -> Floats:
    return _quotient(m.hit, m.true)


def _f1(m: Margins) -> Floats:
    return _quotient(2 * m.hit, m.true + m.said)


EACH: dict[str, Callable[[Margins], Floats]] = {"precision": _precision, "recall": _recall, "f1": _f1}


def macro(each: Callable[[Margins], Floats], m: Margins) -> Floats:
    """The mean of a figure over the labels that are true or said, (…,)."""
    return np.asarray(each(m).sum(axis=-1) / (m.true + m.said > 0).sum(axis=-1))


def weighted(each: Callable[[Margins], Floats], m: Margins) -> Floats:
    """The mean of a figure over labels by how often each is true, (…,)."""
    return np.asarray((each(m) * m.true).sum(axis=-1) / m.true.sum(axis=-1))


def balanced(m: Margins) -> Floats:
    """The mean recall over the labels that are true, (…,)."""
    return np.asarray(_recall(m).sum(axis=-1) / (m.true > 0).sum(axis=-1))


def mcc(m: Margins) -> Floats:
    """The correlation of truth and what is said, (…,); not a number where either has one label only.

    Source: Gorodkin, Computational Biology and Chemistry 2004, for more than two labels.
    """
    n = m.true.sum(axis=-1)
    both = n * m.hit.sum(axis=-1) - (m.true * m.said).sum(axis=-1)
    alone = (n**2 - (m.true**2).sum(axis=-1)) * (n**2 - (m.said**2).sum(axis=-1))
    return np.asarray(np.divide(both, np.sqrt(alone), out=np.full_like(both, np.nan), where=alone > 0))


WHOLE: dict[str, Callable[[Margins], Floats]] = {
    "balanced_accuracy": balanced,
    "mcc": mcc,
    "macro_precision": lambda m: macro(_precision, m),
    "macro_recall": lambda m: macro(_recall, m),
    "macro_f1": lambda m: macro(_f1, m),
    "weighted_precision": lambda m: weighted(_precision, m),
    "weighted_f1": lambda m: weighted(_f1, m),
}
EXACT = ("accuracy", "micro_precision", "micro_recall", "micro_f1", "weighted_recall")
"""With one label for each item they are one share."""
NAMES = (
    "accuracy", "balanced_accuracy", "mcc", "macro_precision", "macro_recall", "macro_f1", "weighted_precision",
    "weighted_recall", "weighted_f1", "micro_precision", "micro_recall", "micro_f1",
)  # fmt: skip


def class_scores(m: Margins, at: int, confidence: float) -> dict[str, Score]:
    """Precision, recall and F1 of one label, each with an exact interval.

    F1 grows with hits ÷ (hits + misses + false alarms), which is a plain share of the items that have the label or are
    said to.
    """
    hit, true, said = (int(column[at]) for column in (m.hit, m.true, m.said))
    either = true + said - hit
    f1 = Score("f1", None, note="never-true")
    if either:
        low, high = (2 * end / (1 + end) for end in clopper_pearson(hit, either, confidence))
        f1 = Score("f1", 2 * hit / (true + said), low, high, "exact")
    return {
        "precision": share("precision", hit, said, confidence, "never-said"),
        "recall": share("recall", hit, true, confidence, "never-true"),
        "f1": f1,
    }


def table_scores(table: Cells, terms: Terms, names: Sequence[str] = NAMES) -> list[Score]:
    """The figures of these names over all labels, with their intervals."""
    m, right = margins(table, table.count), table.right
    drawn = [name for name in names if name not in EXACT]
    spans = _unions(m, terms) if min(right, table.n - right) < SEEN else _percentiles(table, drawn, terms)
    kind = "union" if min(right, table.n - right) < SEEN else "bootstrap"
    found = []
    for name in names:
        value = right / table.n if name in EXACT else float(WHOLE[name](m))
        if name in EXACT:
            found.append(share(name, right, table.n, terms.confidence))
        elif np.isnan(value):
            found.append(Score(name, None, note="one-label"))
        else:
            found.append(spanned(name, value, spans.get(name), kind, "few"))
    return found


def _percentiles(table: Cells, names: list[str], terms: Terms) -> dict[str, Span]:
    rng = np.random.default_rng(terms.seed)
    values: dict[str, list[Floats]] = {name: [] for name in names}
    for counts in resampled(table, terms, rng):
        m = margins(table, counts)
        for name in names:
            values[name].append(WHOLE[name](m))
    own = margins(table, table.count)
    spans = {name: percentiles(float(WHOLE[name](own)), np.concatenate(each), terms) for name, each in values.items()}
    return {name: span for name, span in spans.items() if span}


def percentiles(value: float, values_b: Floats, terms: Terms) -> Span | None:
    """The ends that leave out as many resamples on either side; None where most resamples have no such figure.

    Where more than half of the resamples lie above the figure itself, the figure lies as far above the truth: both ends move
    down by that, and up in the other case.

    Source: Efron, Canadian Journal of Statistics 1981, bias-corrected percentiles.
    """
    there = values_b[np.isfinite(values_b)]
    if 2 * len(there) <= len(values_b):
        return None
    below = float((there < value).mean() + (there <= value).mean()) / 2
    shift = 2 * ndtri(np.clip(below, terms.tail, 1 - terms.tail))
    low, high = np.quantile(there, ndtr(shift + ndtri([terms.tail, 1 - terms.tail])))
    return float(low), float(high)


def _unions(m: Margins, terms: Terms) -> dict[str, Span]:
    """Intervals of means over labels from the labels' exact ones, all of which hold at once."""
    there = np.flatnonzero(m.true + m.said)
    sure = 1 - (1 - terms.confidence) / len(there)
    each = [class_scores(m, int(at), sure) for at in there]
    spans = {f"macro_{name}": _mean([one[name] for one in each]) for name in EACH}
    return spans | {"balanced_accuracy": _mean([one["recall"] for one in each if one["recall"].value is not None])}


def _mean(scores: list[Score]) -> Span:
    """The mean of the ends; a label of which nothing is known may be anything."""
    lows = [0.0 if one.low is None else one.low for one in scores]
    highs = [1.0 if one.high is None else one.high for one in scores]
    return float(np.mean(lows)), float(np.mean(highs))

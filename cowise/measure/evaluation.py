"""How good answers are: every figure with its interval, the kind of that interval, and what the figure means.

Legend: n = items, k = labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices
from cowise.measure.binned import calibration_scores
from cowise.measure.coded import Coded, coded
from cowise.measure.confusion import Cells, cells, class_scores, margins, table_scores
from cowise.measure.intervals import skewed_mean
from cowise.measure.parts import Part, parts
from cowise.measure.ranked import area_scores, risk_score
from cowise.measure.score import Score, Terms, share, spanned
from cowise.measure.written import Sheet, cut, figures, inline, kinds, text, word

LEAST_P = 1e-15
SLICED = ("accuracy", "macro_f1")
Curve = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class ClassScores:
    """One label: how often it is true and how often said, precision, recall and F1."""

    label: str
    true: int
    said: int
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the items: those of which `column` says `value`, and the figures of these alone."""

    column: str
    value: str
    n: int
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Every figure of n items. `found["accuracy"]` is one over all labels, `found["f1", "billing"]` one of a label.

    `confusion` has (true, said, how often) of each pair that occurs; `curve` (coverage, risk, least confidence), where
    probabilities were given. `str(found)` is a table, `sheets` the same as cells.
    """

    n: int
    labels: tuple[str, ...]
    scores: tuple[Score, ...]
    classes: tuple[ClassScores, ...]
    slices: tuple[Slice, ...]
    confusion: tuple[tuple[str, str, int], ...]
    curve: Curve
    terms: Terms

    def __getitem__(self, name: str | tuple[str, str]) -> Score:
        """A figure by name, or of one label; InputError for one that is not there."""
        if isinstance(name, tuple):
            of = next((one.scores for one in self.classes if one.label == name[1]), None)
            if of is None or name[0] not in of:
                raise InputError(
                    f"evaluation: no figure {name[0]!r} of label {name[1]!r}; there are precision, recall, f1"
                )
            return of[name[0]]
        found = next((one for one in self.scores if one.name == name), None)
        if found is None:
            raise InputError(f"evaluation: no figure {name!r}; there are {', '.join(one.name for one in self.scores)}")
        return found

    def __str__(self) -> str:
        """The sheets as a text, with a line on each kind of interval."""
        return text(self.sheets(), self.lines())

    def lines(self, *, zh: bool = False) -> list[str]:
        """How each kind of interval is made, a line each."""
        return kinds(self.scores, zh=zh)

    def sheets(self, *, zh: bool = False) -> list[Sheet]:
        """All figures, those of each label, those of each slice: as cells, in English or Chinese."""
        shown = [one for one in self.scores if one.name not in ("micro_precision", "micro_recall")]
        size = word("size", zh).format(
            n=f"{self.n:,}", k=len(self.labels), how=word("with" if self.curve else "without", zh)
        )
        whole = figures(shown, self.terms.confidence, zh=zh)._replace(title=size)
        names = ("precision", "recall", "f1")
        head = [word("label", zh), word("true", zh), word("said", zh)]
        rows = [
            [one.label, f"{one.true:,}", f"{one.said:,}", *(inline(one.scores[name], zh=zh) for name in names)]
            for one in self.classes
        ]
        titles = [Score(name, None).spoken("title", zh=zh) for name in names]
        found = [whole, cut(Sheet(word("labels", zh), [[*head, *titles], *rows], (1, 2, 3, 4, 5)), zh=zh)]
        if self.slices:
            titles = [Score(name, None).spoken("title", zh=zh) for name in SLICED]
            rows = [
                [one.column, one.value, f"{one.n:,}", *(inline(one.scores[name], zh=zh) for name in SLICED)]
                for one in self.slices
            ]
            head = [word("slice", zh), "", word("items", zh), *titles]
            found.append(cut(Sheet(word("slices", zh), [head, *rows], (2, 3, 4)), zh=zh))
        return found

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "items": self.n,
            "labels": list(self.labels),
            "terms": asdict(self.terms),
            "scores": {one.name: one.to_json() for one in self.scores},
            "classes": [
                {"label": one.label, "true": one.true, "said": one.said, **_json(one.scores)} for one in self.classes
            ],
            "slices": [
                {"column": one.column, "value": one.value, "items": one.n, **_json(one.scores)} for one in self.slices
            ],
            "confusion": [list(each) for each in self.confusion],
            "risk_coverage": [list(each) for each in self.curve],
        }


def _json(scores: Mapping[str, Score]) -> dict[str, Any]:
    return {name: one.to_json() for name, one in scores.items()}


def evaluate(
    y_true: Any,
    y_pred: Any = None,
    *,
    probabilities: Any = None,
    labels: Sequence[Any] | None = None,
    slices: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
) -> Evaluation:
    """How good answers with one label for each item are, in every figure that can be told, each with its interval.

    `y_true` and `y_pred` (n,) are texts or whole numbers; `probabilities` (n, k) with `labels` in their order, from which
    what is said is taken where `y_pred` is not given. `slices` names columns (n,): the items are judged apart by each value, or
    by quarters of a number. InputError for what cannot be measured; a figure that is not defined is None and says why.

    >>> found = evaluate(["bug", "bug", "praise", "praise"], ["bug", "praise", "praise", "praise"])
    >>> found["accuracy"].value, round(found["accuracy"].low, 3), found["accuracy"].interval
    (0.75, 0.194, 'exact')
    >>> found["recall", "bug"].value, found["recall", "bug"].means
    (0.5, 'Of the items that have the label, the share said to have it.')
    """
    asked = terms or Terms()
    if y_pred is None and probabilities is None:
        raise InputError("evaluate: nothing to judge; give y_pred, or probabilities with labels in their order")
    given = coded(y_true, {} if y_pred is None else {"y_pred": y_pred}, labels, probabilities)
    table = cells(len(given.labels), given.true, given.said[0])
    more, curve = ([], ()) if given.p is None else _of_probabilities(given, given.p, asked)
    return Evaluation(
        len(given.true),
        given.labels,
        (*table_scores(table, asked), *more),
        tuple(_classes(table, given.labels, asked)),
        tuple(_slice(part, given, asked) for part in parts(slices, len(given.true))),
        _pairs(table, given.labels),
        curve,
        asked,
    )


def _classes(table: Cells, labels: tuple[str, ...], terms: Terms) -> list[ClassScores]:
    m = margins(table, table.count)
    return [
        ClassScores(label, int(m.true[at]), int(m.said[at]), class_scores(m, at, terms.confidence))
        for at, label in enumerate(labels)
    ]


def _pairs(table: Cells, labels: tuple[str, ...]) -> tuple[tuple[str, str, int], ...]:
    true, said = table.columns
    columns = zip(true.tolist(), said.tolist(), table.count.tolist(), strict=True)
    return tuple((labels[t], labels[s], n) for t, s, n in columns)


def _slice(part: Part, given: Coded, terms: Terms) -> Slice:
    table = cells(len(given.labels), given.true[part.items], given.said[0][part.items])
    found = table_scores(table, terms, SLICED)
    return Slice(part.column, part.value, len(part.items), {one.name: one for one in found})


def _of_probabilities(given: Coded, p_nk: Floats, terms: Terms) -> tuple[list[Score], Curve]:
    """Figures of probabilities, and the risk-coverage curve; confidence is the probability of what was said."""
    at, (n, k) = np.arange(len(given.true)), p_nk.shape
    true, confidence = p_nk[at, given.true], np.minimum(p_nk[at, given.said[0]], 1.0)
    right = given.true == given.said[0]
    before = _not_less(p_nk, true)
    tops = [share(f"top_{top}", int((before <= top).sum()), n, terms.confidence) for top in terms.top if top < k]
    loss, distance = -np.log(np.maximum(true, LEAST_P)), _distance(p_nk, true)
    means = [
        spanned(name, float(each.mean()), skewed_mean(each, terms.confidence), "moments")
        for name, each in (("log_loss", loss), ("brier", distance))
    ]
    risk, curve = risk_score(confidence, ~right, terms)
    found = [*tops, *means, *calibration_scores(confidence, right, terms), *area_scores(p_nk, given.true, terms), risk]
    return found, curve


def _not_less(p_nk: Floats, true_n: Floats) -> Indices:
    """How many labels are as likely as the true one, or likelier, itself among them, (n,); column by column, for memory."""
    count = np.zeros(len(true_n), np.int64)
    for column in p_nk.T:
        count += column >= true_n
    return count


def _distance(p_nk: Floats, true_n: Floats) -> Floats:
    """Squared distance of each item's probabilities from its truth, (n,): of two labels that of one of them."""
    whole = np.einsum("nk,nk->n", p_nk, p_nk) - true_n**2 + (1 - true_n) ** 2
    return np.asarray(whole / 2 if p_nk.shape[1] == 2 else whole, np.float64)

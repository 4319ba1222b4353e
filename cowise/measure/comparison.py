"""Which of two models is better on the same items: exact where it can be, and slice by slice without being fooled by many.

Legend: n = items, c = combinations of true label and both answers that occur, b = resamples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import bdtr

from cowise.core.errors import InputError
from cowise.core.types import Bools, Floats, Indices
from cowise.measure.coded import Coded, coded
from cowise.measure.confusion import WHOLE, Cells, cells, margins, percentiles, resampled, table_scores
from cowise.measure.intervals import Span, clopper_pearson
from cowise.measure.parts import Part, parts
from cowise.measure.score import SEEN, Score, Terms, spanned
from cowise.measure.written import Sheet, chance, cut, figures, kinds, text, word


@dataclass(frozen=True, slots=True)
class Contest:
    """A part of the items: on how many the first alone is right, on how many the second alone, and by what chance.

    `p` is McNemar's exact one, `p_holm` the same made larger for the number of parts; `wins` is a, b or "" where that is too
    large to say.
    """

    column: str
    value: str
    n: int
    only_a: int
    only_b: int
    p: float
    p_holm: float
    wins: str


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two models on n items: figures of each, their differences, and McNemar's exact p over those that one has right alone.

    `found["difference_accuracy"]` is a minus b, `found["accuracy", "a"]` a figure of one. `disagree` are the numbers of the
    items, counted from 0, of which they say different things. `slices` are parts, with p for all of them together.
    """

    n: int
    labels: tuple[str, ...]
    scores: tuple[Score, ...]
    each: Mapping[str, Mapping[str, Score]]
    only_a: int
    only_b: int
    p: float
    slices: tuple[Contest, ...]
    disagree: Indices
    terms: Terms

    def __getitem__(self, name: str | tuple[str, str]) -> Score:
        """A difference by name, or a figure of a or b; InputError for one that is not there."""
        there = {one.name: one for one in self.scores} | {
            (figure, who): score for who, scores in self.each.items() for figure, score in scores.items()
        }
        if name not in there:
            raise InputError(f"comparison: no figure {name!r}; there are {', '.join(map(str, there))}")
        return there[name]

    def __str__(self) -> str:
        """The sheets as a text, with what McNemar's test says."""
        return text(self.sheets(), self.lines())

    def sheets(self, a: str = "a", b: str = "b", *, zh: bool = False) -> list[Sheet]:
        """Figures and slices as cells, in English or Chinese, with these names for the two."""
        sheet = figures(self.scores, self.terms.confidence, zh=zh)
        pairs = zip((a, b), self.each.values(), strict=True)
        rows = [
            [f"{row[0]}, {who}", *row[1:]]
            for who, scores in pairs
            for row in figures(scores.values(), self.terms.confidence, zh=zh).rows[1:]
        ]
        found = [sheet._replace(title=f"{a} – {b}", rows=[*sheet.rows, *rows])]
        if self.slices:
            head = [word("slice", zh), "", word("items", zh)]
            head += [word("only", zh).replace("{name}", name) for name in (a, b)]
            head += [word(name, zh) for name in ("p", "holm", "wins")]
            won = {"a": a, "b": b, "": word("nobody", zh)}
            body = [
                [
                    one.column,
                    one.value,
                    *(f"{n:,}" for n in (one.n, one.only_a, one.only_b)),
                    *map(chance, (one.p, one.p_holm)),
                    won[one.wins],
                ]
                for one in self.slices
            ]
            found.append(cut(Sheet(word("slices", zh), [head, *body], (2, 3, 4, 5, 6)), zh=zh))
        return found

    def lines(self, a: str = "a", b: str = "b", *, zh: bool = False) -> list[str]:
        """What McNemar's test says of the whole, and how the intervals are made."""
        told = word("whole", zh).format(
            n=f"{self.n:,}", a=a, b=b, first=f"{self.only_a:,}", second=f"{self.only_b:,}", p=chance(self.p),
            differ=f"{len(self.disagree):,}",
        )  # fmt: skip
        return [told, *kinds([*self.scores, *(s for each in self.each.values() for s in each.values())], zh=zh)]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "items": self.n,
            "labels": list(self.labels),
            "terms": asdict(self.terms),
            "scores": {one.name: one.to_json() for one in self.scores},
            "each": {who: {name: one.to_json() for name, one in scores.items()} for who, scores in self.each.items()},
            "mcnemar": {"only_a": self.only_a, "only_b": self.only_b, "p": self.p},
            "slices": [asdict(one) for one in self.slices],
            "disagree": self.disagree.tolist(),
        }


def compare(
    y_true: Any,
    a: Any,
    b: Any,
    *,
    labels: Sequence[Any] | None = None,
    slices: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
) -> Comparison:
    """Two models' answers to the same items, (n,) each: differences with paired intervals, and exact tests.

    Items are resampled with both answers, so that what is hard for both does not blur the difference. `slices` names columns
    (n,): in each part it is tested who wins, at a level shared by all parts. InputError for what cannot be compared.

    >>> truth = ["bug"] * 10 + ["praise"] * 10
    >>> found = compare(truth, truth, ["praise"] * 9 + truth[9:])
    >>> found["difference_accuracy"].value, found.only_a, found.only_b, round(found.p, 4)
    (0.45, 9, 0, 0.0039)

    Sources: McNemar, Psychometrika 1947, exact by the binomial distribution; Holm, Scandinavian Journal of Statistics 1979.
    """
    asked = terms or Terms()
    given = coded(y_true, {"a": a, "b": b}, labels)
    table = cells(len(given.labels), given.true, *given.said)
    right = (given.true == given.said[0], given.true == given.said[1])
    only_a, only_b = _alone(right)
    return Comparison(
        len(given.true),
        given.labels,
        _differences(table, (only_a, only_b), asked),
        {who: _one(given, said, asked) for who, said in zip(("a", "b"), given.said, strict=True)},
        only_a,
        only_b,
        mcnemar(only_a, only_b),
        _contests(list(parts(slices, len(given.true))), right, asked),
        np.flatnonzero(given.said[0] != given.said[1]),
        asked,
    )


def mcnemar(only_a: int, only_b: int) -> float:
    """The chance of a split at least as uneven, were either as likely to be right alone: exact, two-sided.

    >>> mcnemar(9, 0), mcnemar(3, 3), mcnemar(0, 0)
    (0.00390625, 1.0, 1.0)
    """
    return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def holm(p: Sequence[float]) -> list[float]:
    """The chances of several tests, each so much larger that any of them is wrongly small no more often than one would be.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order, most, found = sorted(range(len(p)), key=p.__getitem__), 0.0, [0.0] * len(p)
    for rank, at in enumerate(order):
        most = max(most, min(1.0, (len(p) - rank) * p[at]))
        found[at] = most
    return found


def _alone(right: tuple[Bools, Bools]) -> tuple[int, int]:
    return int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())


def _one(given: Coded, said: Indices, terms: Terms) -> dict[str, Score]:
    found = table_scores(cells(len(given.labels), given.true, said), terms, ("accuracy", "macro_f1"))
    return {one.name: one for one in found}


def _differences(table: Cells, only: tuple[int, int], terms: Terms) -> tuple[Score, Score]:
    """A minus b, in accuracy and macro F1, from tables drawn anew with both answers of an item together."""
    both = [margins(table, table.count, said) for said in (1, 2)]
    f1 = float(WHOLE["macro_f1"](both[0]) - WHOLE["macro_f1"](both[1]))
    difference = (only[0] - only[1]) / table.n
    if sum(only) < SEEN:
        note = "few" if (table.columns[1] != table.columns[2]).any() else "alike"
        macro = Score("difference_macro_f1", f1, note=note)
        return Score("difference_accuracy", difference, *_apart(only, table.n, terms), "union"), macro
    drawn = list(_drawn(table, terms))
    accuracy, macro_f1 = (np.concatenate(each) for each in zip(*drawn, strict=True))
    return (
        spanned("difference_accuracy", difference, percentiles(difference, accuracy, terms), "bootstrap"),
        spanned("difference_macro_f1", f1, percentiles(f1, macro_f1, terms), "bootstrap"),
    )


def _drawn(table: Cells, terms: Terms) -> Iterator[tuple[Floats, Floats]]:
    for counts in resampled(table, terms, np.random.default_rng(terms.seed)):
        a, b = (margins(table, counts, said) for said in (1, 2))
        yield (a.hit.sum(axis=1) - b.hit.sum(axis=1)) / table.n, WHOLE["macro_f1"](a) - WHOLE["macro_f1"](b)


def _apart(only: tuple[int, int], n: int, terms: Terms) -> Span:
    """From the exact intervals of both shares, which hold at once."""
    a, b = (clopper_pearson(found, n, 1 - terms.tail) for found in only)
    return a[0] - b[1], a[1] - b[0]


def _contests(those: list[Part], right: tuple[Bools, Bools], terms: Terms) -> tuple[Contest, ...]:
    only = [_alone((right[0][part.items], right[1][part.items])) for part in those]
    p = [mcnemar(*each) for each in only]
    found = []
    for part, (a, b), one, all_ in zip(those, only, p, holm(p), strict=True):
        wins = ("a" if a > b else "b") if all_ <= 1 - terms.confidence else ""
        found.append(Contest(part.column, part.value, len(part.items), a, b, one, all_, wins))
    return tuple(found)

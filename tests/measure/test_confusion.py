"""Cells in place of items: the same counts, and the same spread as by drawing the items themselves."""

from __future__ import annotations

import numpy as np
import pytest

from cowise.measure import confusion
from cowise.measure.confusion import WHOLE, cells, margins, percentiles, resampled, table_scores
from cowise.measure.score import Terms

RNG = np.random.default_rng(1)
TRUE = RNG.integers(0, 4, 300)
SAID = np.where(RNG.random(300) < 0.7, TRUE, RNG.integers(0, 4, 300))


def test_margins_are_counts_of_labels() -> None:
    m = margins(cells(4, TRUE, SAID), cells(4, TRUE, SAID).count)
    for label in range(4):
        assert m.true[label] == (label == TRUE).sum()
        assert m.said[label] == (label == SAID).sum()
        assert m.hit[label] == ((label == TRUE) & (label == SAID)).sum()


def test_drawing_cells_is_drawing_items() -> None:
    table, terms = cells(4, TRUE, SAID), Terms(resamples=4000)
    drawn = np.concatenate(list(resampled(table, terms, np.random.default_rng(0))))
    assert (drawn.sum(axis=1) == 300).all()
    for name, figure in WHOLE.items():
        by_item = []
        for _ in range(4000):
            at = RNG.integers(0, 300, 300)
            code = np.bincount(TRUE[at] * 4 + SAID[at], minlength=16)
            by_item.append(code)
        whole = cells(4, np.arange(16) // 4, np.arange(16) % 4)
        there, expected = figure(margins(table, drawn)), figure(margins(whole, np.array(by_item)))
        assert there.mean() == pytest.approx(expected.mean(), abs=4 * there.std() / 4000**0.5 * 2**0.5), name
        assert there.std() == pytest.approx(expected.std(), rel=0.07), name


def test_drawn_in_parts_they_are_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    table = cells(4, TRUE, SAID)
    monkeypatch.setattr(confusion, "AT_ONCE", 30 * len(table.count))
    parts = [len(part) for part in resampled(table, Terms(resamples=100), RNG)]
    assert parts == [30, 30, 30, 10]


def test_where_most_resamples_have_no_such_figure_there_is_no_interval() -> None:
    assert percentiles(1.0, np.array([np.nan, np.nan, np.nan, 1.0]), Terms()) is None
    assert percentiles(1.0, np.array([np.nan, 1.0, 1.0, 1.0]), Terms()) == (1.0, 1.0)


def test_resamples_that_lie_too_high_move_both_ends_down() -> None:
    values = RNG.normal(size=20_000)
    low, high = percentiles(0.0, values, Terms()) or (0, 0)
    assert (low, high) == pytest.approx((-1.96, 1.96), abs=0.1)
    low, high = percentiles(-0.5, values, Terms()) or (0, 0)
    assert (low, high) == pytest.approx((-2.96, 0.96), abs=0.2)


def test_with_few_wrong_the_parts_are_held_at_once() -> None:
    said = TRUE.copy()
    said[:4] = (said[:4] + 1) % 4
    few = {one.name: one for one in table_scores(cells(4, TRUE, said), Terms())}
    assert (few["macro_f1"].interval, few["mcc"].interval) == ("union", "")
    said[:5] = (TRUE[:5] + 1) % 4
    more = {one.name: one for one in table_scores(cells(4, TRUE, said), Terms())}
    assert (more["macro_f1"].interval, more["mcc"].interval) == ("bootstrap", "bootstrap")
    assert (few["macro_f1"].high or 0) - (few["macro_f1"].low or 0) > (more["macro_f1"].high or 0) - (
        more["macro_f1"].low or 0
    )

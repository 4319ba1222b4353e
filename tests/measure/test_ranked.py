"""Areas under curves: by bins within the stated bound, errors as DeLong's, influences as the slopes that they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from cowise.measure import ranked
from cowise.measure.ranked import Area, Levels, area_score, area_scores, auprc, aurc, auroc, curve, levels
from cowise.measure.score import Terms

RNG = np.random.default_rng(3)
SCORE = RNG.random(400).round(2)
HAS = RNG.random(400) < SCORE
Figure = Callable[[Levels, np.ndarray], Area]


@pytest.mark.parametrize("figure", [auroc, auprc, aurc])
def test_the_influence_is_what_one_item_more_changes(figure: Figure) -> None:
    found = figure(levels(SCORE, HAS), HAS)
    for at in range(0, 400, 37):
        score, has = np.append(SCORE, SCORE[at]), np.append(HAS, HAS[at])
        more = (figure(levels(score, has), has).value - found.value) * 401
        assert found.influence[at] == pytest.approx(more, rel=0.01, abs=0.01)
    assert found.influence.mean() == pytest.approx(0, abs=0.01)


def test_the_error_is_delongs() -> None:
    yes, no = SCORE[HAS], SCORE[~HAS]
    pair = (yes[:, None] > no) + 0.5 * (yes[:, None] == no)
    variance = pair.mean(axis=1).var(ddof=1) / len(yes) + pair.mean(axis=0).var(ddof=1) / len(no)
    found = auroc(levels(SCORE, HAS), HAS)
    assert np.mean(found.influence**2) / 400 == pytest.approx(variance)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_bins_move_an_area_by_no_more_than_they_say(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    score = rng.random(60) * 10.0**-size  # many in a bin, where they are small
    has = rng.random(60) < 0.4
    has[:2] = True, False
    found = levels(score, has, exactly=False)
    for figure, exact in ((auroc, metrics.roc_auc_score), (auprc, metrics.average_precision_score)):
        area = figure(found, has)
        assert abs(area.value - exact(has, score)) <= area.off + 1e-9
        assert figure(levels(score, has), has).off == 0


def test_large_sets_are_counted_in_bins_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    p = RNG.dirichlet(np.ones(3), 500)
    true = p.argmax(axis=1)
    true[::3] = 0
    exact = area_scores(p, true, Terms())
    monkeypatch.setattr(ranked, "EXACTLY", 100)
    for one, other in zip(area_scores(p, true, Terms()), exact, strict=True):
        assert 0 < one.off < 0.01
        assert other.off == 0
        assert one.value == pytest.approx(other.value, abs=one.off + 1e-12)
        assert one.to_json()["off"] == one.off
        assert "off" not in other.to_json()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_ties_count_as_if_in_random_order(pairs: list[tuple[int, bool]]) -> None:
    score, wrong = (np.array(column) for column in zip(*pairs, strict=True))
    found = levels(score.astype(float), wrong)
    expected, before, wrong_before = 0.0, 0, 0.0
    for level in sorted(set(score.tolist()), reverse=True):
        here = wrong[score == level]
        steps = np.arange(1, len(here) + 1)
        expected += ((wrong_before + steps * here.mean()) / (before + steps)).sum()
        before, wrong_before = before + len(here), wrong_before + here.sum()
    assert aurc(found, wrong).value == pytest.approx(expected / len(pairs))
    points = curve(found, score.astype(float))
    assert points[-1][:2] == pytest.approx((1, wrong.mean()))
    assert [one[0] for one in points] == sorted({one[0] for one in points})


def test_the_curve_is_cut_to_a_hundred_points() -> None:
    assert len(curve(levels(np.linspace(0, 1, 5000), np.zeros(5000, bool)), np.linspace(0, 1, 5000))) == 100


def test_one_item_of_a_label_tells_little() -> None:
    true = np.zeros(200, np.int64)
    p = np.full(200, 0.2)
    p[:20] = 0.6
    true[30] = 1  # its rank is anywhere
    for one in area_scores(np.stack([1 - p, p], axis=1), true, Terms()):
        assert one.low is not None
        assert (one.high or 0) - one.low > 0.5


def test_the_worst_end_has_no_interval() -> None:
    has = np.array([True, True, False, False])
    area = auroc(levels(np.array([0.1, 0.2, 0.8, 0.9]), has), has)
    found = area_score("auroc", area, Terms(), ((0.5, 1.0), ""))
    assert (found.value, found.low, found.note) == (0, None, "no-spread")

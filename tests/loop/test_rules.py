"""Rules that loop and rehearsal share."""

import numpy as np
import pytest

from cowise.core.types import Pool
from cowise.learn.pool import PoolView
from cowise.loop import rules
from cowise.loop.rules import COMPANY, DEFAULT_GAIN, Looks


def view(margin, wrong=0.2, past=100):
    """A pool seen with these margins (n,), after `past` predictions of which a share was wrong."""
    rng = np.random.default_rng(0)
    margin = np.asarray(margin, np.float64)
    return PoolView(np.full((len(margin), 2), 0.5), margin, rng.random(past), rng.random(past) < wrong, 0.5)


def test_what_answers_are_worth_is_told_by_a_look_far_enough_back():
    looks, rows = Looks(), np.arange(50)
    assert looks.foresee(view(np.full(50, 0.1)), 100, rows)[1] == DEFAULT_GAIN, "nothing to compare with"
    assert looks.foresee(view(np.full(50, 0.2)), 120, rows)[1] == DEFAULT_GAIN, "a fifth more is too little"
    risk, gain = looks.foresee(view(np.full(50, 0.9)), 200, rows)
    assert gain > DEFAULT_GAIN, "margins grew much: answers are worth a lot"
    assert risk.shape == (50,)
    assert Looks().foresee(view(np.full(50, 0.9)), 200, rows)[0] == pytest.approx(risk), "the past changes no risk"


def test_looks_before_the_first_prediction_tell_nothing():
    looks, rows = Looks(), np.arange(10)
    looks.foresee(view(np.zeros(10), past=0), 0, rows)
    assert looks.seen == []
    assert looks.foresee(view(np.full(10, 0.5)), 60, rows)[1] == DEFAULT_GAIN


def test_few_looks_are_kept_however_long_a_project_runs():
    looks, rows = Looks(), np.arange(10)
    for answered in range(60, 6000, 20):
        looks.foresee(view(np.full(10, 0.5)), answered, rows)
    kept = [answered for answered, _ in looks.seen]
    assert kept == sorted(set(kept))
    assert kept[0] * rules.LOOK_BACK <= kept[-1]
    assert kept[1] * rules.LOOK_BACK > kept[-1], "only the newest of those far enough back is needed"


def test_another_pool_is_not_compared_with():
    looks = Looks()
    looks.foresee(view(np.full(50, 0.1)), 100, np.arange(50))
    assert looks.foresee(view(np.full(60, 0.9)), 200, np.arange(60))[1] == DEFAULT_GAIN


@pytest.mark.parametrize(
    ("fresh", "left", "free"), [(10, 300, 0), (10, 300, 100), (10, 10, 40), (1, 1, 0), (7, 50, 25)]
)
def test_audits_have_company_of_a_quarter_at_least_and_their_number_at_most(fresh, left, free):
    n = rules.company(fresh, left, free, audits=0, others=1000)
    assert fresh / COMPANY <= n <= fresh
    assert n >= min(fresh, fresh * free / left) - 1


def test_expected_deferrals_are_spread_over_all_audits():
    """100 that people answer anyway beside 300 audits: a third each time, none paid for twice."""
    free, left, sent = 100, 300, 0
    while left > 0:
        n = rules.company(10, left, free, 0, 1000)
        sent, free, left = sent + n, max(0, free - n), left - 10
    assert 100 <= sent <= 130


def test_over_a_project_at_least_as_many_blind_questions_are_no_audits():
    audits = others = 0
    for left in range(200, 0, -10):
        n = rules.company(10, left, 0, audits, others)
        audits, others = audits + 10, others + n
        assert others >= audits


def test_answers_that_are_there_already_are_learned_in_steps():
    parts = list(rules.lessons(np.arange(5000)))
    assert np.concatenate(parts).tolist() == list(range(5000))
    assert len(parts[0]) == rules.FIRST_ANSWERS
    assert max(len(part) for part in parts[:-1]) <= 100
    assert list(rules.lessons(np.zeros(0, np.int64))) == []


def test_a_walk_that_went_as_foretold_changes_no_forecast():
    risk = np.linspace(0, 0.5, 20)
    assert rules.sobered(risk, np.full(100, 0.03), 3) == pytest.approx(risk)
    assert (rules.sobered(risk, np.full(100, 0.03), 9) >= risk).all()
    assert rules.sobered(np.ones(3), np.zeros(5), 4).max() == 1


def test_the_picker_covers_before_it_looks_at_margins():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(80, 4)).astype(np.float32)
    free = np.arange(80) >= 20
    p = np.tile([0.9, 0.1], (80, 1))
    p[30:40] = [0.51, 0.49]
    cold = rules.pick(Pool(vectors, free), 10, np.random.default_rng(1))
    warm = rules.pick(Pool(vectors, free, p), 10, np.random.default_rng(1))
    assert free[cold].all()
    assert free[warm].all()
    assert np.isin(warm, np.arange(30, 40)).sum() > np.isin(cold, np.arange(30, 40)).sum()
    assert len(rules.pick(Pool(vectors, free, p), 0, rng)) == 1, "never none"

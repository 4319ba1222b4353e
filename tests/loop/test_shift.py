"""People at work together: turns, reliability, juries."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.loop.crew import Crew
from cowise.loop.jury import PAIRS
from cowise.loop.layout import NO_ANSWER, RIGHT, WRONG
from cowise.loop.shift import SLACK, Shift, most

CREW = (Crew(0.99), Crew(0.7), Crew(0.9))


def shift(people=CREW, *, jury=True, seed=0):
    return Shift(people, 4, np.random.default_rng(seed), jury=jury)


def test_everybody_takes_turns():
    at = shift()
    for _ in range(30):
        at.answer(at.somebody(), 1)
    assert at.load.tolist() == [10, 10, 10]


def test_audits_go_to_who_agrees_most_until_they_are_far_ahead():
    at = shift()
    rng = np.random.default_rng(1)
    who = np.tile(np.arange(3), 100)
    at.compare(who, rng.random(300) < np.array([0.7, 0.9, 0.5])[who])
    asked = []
    for _ in range(200):
        asked.append(at.somebody(audit=True))
        at.answer(asked[-1], 1)
    assert asked[:SLACK] == [1] * SLACK
    assert set(asked) == {0, 1}, "the least reliable one is left out"
    assert at.load.max() - at.load.mean() <= SLACK + 1


def test_without_a_jury_everybody_audits_in_turn_and_an_answer_stands():
    at = shift(jury=False)
    at.compare(np.zeros(50, np.int64), np.ones(50, bool))
    assert {at.somebody(audit=True)} == {0}
    at.answer(0, 1)
    assert at.somebody(audit=True) == 1
    code, said, asked = shift((Crew(0.0), Crew(1.0)), jury=False).judge(2, 2)
    assert (code, len(said), asked) == (WRONG, 1, 1)
    assert shift(jury=False).doubt == 0


def test_a_jury_overrules_who_is_wrong_alone():
    code, said, asked = shift((Crew(0.0), Crew(1.0), Crew(1.0))).judge(2, 2)
    assert (code, asked) == (RIGHT, 3)
    assert said[0][1] != 2
    assert [label for _, label in said[1:]] == [2, 2]


def test_a_jury_upholds_what_two_see():
    code, said, asked = shift((Crew(), Crew(), Crew())).judge(2, 3)
    assert (code, asked, [label for _, label in said]) == (WRONG, 2, [2, 2])


def test_who_skips_is_no_juror_and_if_all_skip_there_is_no_answer():
    code, said, asked = shift((Crew(skipping=1.0),) * 3).judge(1, 1)
    assert (code, said, asked) == (NO_ANSWER, [], 3)
    code, said, asked = shift((Crew(skipping=1.0), Crew(), Crew())).judge(1, 1)
    assert (code, said, asked) == (RIGHT, [(1, 1)], 2)


def test_doubt_is_read_from_pairs():
    at = shift()
    assert 0 < at.doubt < 0.1, "before any pair a little is expected"
    at.pairs, at.differ = PAIRS, 12
    assert at.doubt == pytest.approx(0.165, abs=0.02)


def test_most():
    assert [most([1]), most([1, 2]), most([1, 2, 2])] == [1, 1, 2]


def test_nobody_is_no_crew():
    with pytest.raises(InputError, match="nobody"):
        Shift((), 2, np.random.default_rng(0))

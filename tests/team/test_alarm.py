"""The alarm over audits of a stream: what it counts, when it sounds, and that it can be replayed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.core.types import Promise
from cowise.team.alarm import Alarm, accepted_rate, begin, rates, see


def test_the_evidence_is_the_recursion_that_the_paper_states():
    alarm, answers = begin(0.02), [False, True, True, False, True]
    weights = dict.fromkeys(rates(0.02), 0.0)
    for wrong in answers:
        for q in weights:
            weights[q] = (weights[q] + 1) * (q / 0.02 if wrong else (1 - q) / 0.98)
    assert see(alarm, answers).evidence == pytest.approx(np.mean(list(weights.values())))


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 60))
def test_in_parts_or_at_once_it_is_the_same(answers, cut):
    whole = see(begin(0.1, 40.0), answers)
    parts = see(see(begin(0.1, 40.0), answers[:cut]), answers[cut:])
    assert (parts.audits, parts.wrong, parts.sounded) == (whole.audits, whole.wrong, whole.sounded)
    assert parts.evidence == pytest.approx(whole.evidence)


@given(st.lists(st.booleans(), max_size=80), st.floats(0.01, 0.5))
def test_one_more_error_never_silences_it(answers, accepted):
    calm, worse = see(begin(accepted, 50.0), answers), see(begin(accepted, 50.0), [True, *answers[1:]])
    if calm.sounded:
        assert 0 < worse.sounded <= calm.sounded


def test_it_sounds_once_and_goes_on_counting():
    alarm = see(begin(0.02), [True] * 20)
    assert (alarm.sounded, alarm.audits, alarm.wrong) == (5, 20, 20)


def test_a_rate_that_nothing_can_pass_never_sounds():
    assert rates(1.0) == ()
    assert see(begin(accepted_rate(Promise(0.05, 0.9), 0.0)), [True] * 500).sounded == 0
    assert begin(0.995).evidence == 0


def test_what_is_accepted_depends_on_the_promise():
    assert accepted_rate(Promise(0.02, 0.9, "selective"), 0.5) == 0.02
    assert accepted_rate(Promise(0.02, 0.9), 0.5) == 0.04


@pytest.mark.parametrize("asked", [lambda: begin(0.0), lambda: begin(0.1, 1.0), lambda: accepted_rate(Promise(), 1.2)])
def test_rates_that_cannot_be(asked):
    with pytest.raises(InputError):
        asked()


def test_its_state_is_plain():
    alarm = see(begin(0.05), [True, False])
    assert Alarm(alarm.accepted, alarm.run_length, tuple(alarm.weights), 2, 1, 0) == alarm

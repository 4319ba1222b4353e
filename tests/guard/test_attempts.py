import threading

import pytest

from cowise.core.errors import LimitError, RateError
from cowise.guard.attempts import QUIET_S, Attempts, Key

KEY = Key("pair a", 3, 8)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def refused(attempts, *keys):
    with pytest.raises(RateError) as caught:
        attempts.begin(keys)
    return caught.value.retry_after_s


def test_after_the_free_ones_each_attempt_waits_twice_as_long(clock):
    attempts = Attempts(clock)
    for _ in range(3):
        attempts.begin([KEY])
    waits = []
    for _ in range(6):
        waits.append(refused(attempts, KEY))
        clock.now += waits[-1]
        attempts.begin([KEY])
    assert waits == [1, 2, 4, 8, 8, 8]


def test_what_is_refused_does_not_count_and_the_error_is_a_limit(clock):
    attempts = Attempts(clock)
    for _ in range(3):
        attempts.begin([KEY])
    for _ in range(50):
        assert refused(attempts, KEY) == 1
    assert issubclass(RateError, LimitError)


def test_success_starts_the_first_key_anew_and_takes_one_from_the_others(clock):
    attempts, pair, address = Attempts(clock), Key("pair", 2, 8), Key("address", 4, 8)
    for _ in range(2):
        attempts.begin([pair, address])
    attempts.passed([pair, address])  # of two, one was right
    for _ in range(2):
        attempts.begin([pair, address])
    assert refused(attempts, pair)
    attempts.begin([address])
    assert refused(attempts, address), "an account of one's own is no way to go on guessing at others"


def test_one_that_waits_holds_up_the_attempt_without_counting_it_elsewhere(clock):
    attempts, other = Attempts(clock), Key("other", 1, 8)
    for _ in range(3):
        attempts.begin([KEY])
    assert refused(attempts, KEY, other)
    attempts.begin([other])


def test_attempts_are_forgotten_after_a_quiet_hour(clock):
    attempts = Attempts(clock)
    for _ in range(3):
        attempts.begin([KEY])
    clock.now += QUIET_S + 1
    for _ in range(3):
        attempts.begin([KEY])
    assert refused(attempts, KEY)


def test_memory_is_bounded_and_the_oldest_go_first(clock):
    attempts = Attempts(clock, size=10)
    attempts.begin([KEY])
    for i in range(100):
        clock.now += 1
        attempts.begin([Key(f"name {i}", 1, 8)])
    assert len(attempts._made) == 10
    assert "name 99" in attempts._made


def test_many_at_once_are_no_way_round(clock):
    attempts, through = Attempts(clock), []

    def guess():
        try:
            attempts.begin([KEY])
            through.append(1)
        except RateError:
            pass

    threads = [threading.Thread(target=guess) for _ in range(30)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(through) == 3

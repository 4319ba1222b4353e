import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters

from cowise.core.errors import InputError
from cowise.guard import passwords
from cowise.guard.passwords import Checked, check, hashed, strong


def test_the_cost_is_the_one_that_is_promised():
    for stored in (hashed("correct horse"), passwords._NONE):
        cost = extract_parameters(stored)
        assert (cost.memory_cost, cost.time_cost, cost.parallelism) == (46 * 1024, 1, 1)
        assert stored.startswith("$argon2id$")
    assert hashed("correct horse") != hashed("correct horse"), "each has a salt of its own"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "0 characters"),
        ("seven77", "7 characters"),
        ("x" * 1001, "1001 characters"),
        ("abababab", "fewer than 4 different"),
        ("Ada Lovelace 1815!", "your name"),
        ("cowise2026", "easy word"),
        ("!!PassWord123", "easy word"),
    ],
)
def test_what_may_not_be_a_password(password, why):
    with pytest.raises(InputError, match=why):
        strong(password, "Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "12345678",
        "korrekt pferd",
        "密码密码很难猜到啊",
        "🔑🐎🔋📎🔑🐎🔋📎",
        "a\x00b\ud800cdef",
        "tab\tand space ",
        "xyz " * 250,
    ],
)
def test_any_characters_make_a_password(password):
    assert strong(password, "") == password
    assert check(password, hashed(password)) == Checked(ok=True)


def test_a_password_is_compared_whole():
    long = "xyz " * 250
    stored = hashed(long)
    assert check(long, stored).ok
    assert not check(long[:-1], stored).ok
    assert not check(long + "y", stored).ok
    assert not check(long.upper(), stored).ok
    assert not check("", stored).ok


def test_one_character_typed_in_two_ways_is_one_password():
    assert check("cafe\u0301 au lait", hashed("caf\u00e9 au lait")).ok


@pytest.mark.parametrize("stored", [None, "", "x", "$argon2id$v=19$m=1", passwords._NONE, "$2b$12$abc"])
def test_nothing_fits_where_there_is_no_hash(stored):
    assert check("anything", stored) == Checked(ok=False)


def test_a_hash_of_another_cost_is_renewed_when_the_password_is_known():
    old = PasswordHasher(time_cost=2, memory_cost=8 * 1024, parallelism=1).hash("correct horse")
    checked = check("correct horse", old)
    assert checked.ok
    assert extract_parameters(checked.renewed).memory_cost == 46 * 1024
    assert check("correct horse", checked.renewed) == Checked(ok=True)
    assert check("wrong horse", old) == Checked(ok=False)


def test_at_most_two_are_worked_on_at_a_time(monkeypatch):
    now, most, lock = 0, 0, threading.Lock()

    class Slow:
        def verify(self, *_):
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1
            return False

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    threads = [threading.Thread(target=check, args=("x", None)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert most == 2


def test_no_account_takes_as_long_as_a_wrong_password():
    stored = hashed("correct horse")

    def best(stored):
        times = []
        for _ in range(7):
            start = time.perf_counter()
            check("wrong horse", stored)
            times.append(time.perf_counter() - start)
        return min(times)

    one, other = best(stored), best(None)
    assert 0.4 < one / other < 2.5

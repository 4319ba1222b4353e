"""Links, passwords and sessions."""

import time
from contextlib import closing
from dataclasses import replace

import pytest
from worlds import EVERY_DATABASE

from cowise import loop
from cowise.core.errors import AuthError, ConflictError, InputError, MissingError, RateError
from cowise.guard import passwords
from cowise.guard.attempts import Attempts
from cowise.loop import accounts, signing
from cowise.store import accounts as rows

DAY = 86_400


@EVERY_DATABASE
def test_a_link_signs_in_once_and_for_ten_minutes(house, clock):
    first, second, late = (accounts.link(house) for _ in range(3))
    entered = accounts.enter(house, first, "Firefox")
    assert entered.caller.owner
    assert accounts.caller(house, entered.session_token) == entered.caller
    with pytest.raises(MissingError, match="used or its time is over"):
        accounts.enter(house, first)
    clock.pass_by(599)
    assert accounts.enter(house, second).caller.account == entered.caller.account
    clock.pass_by(1)
    with pytest.raises(MissingError, match="cowise signin"):
        accounts.enter(house, late)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "' OR 1=1", "é" * 1000])
def test_a_link_that_is_none_signs_nobody_in(house, token):
    accounts.link(house)
    with pytest.raises(MissingError):
        accounts.enter(house, token)
    assert accounts.caller(house, token) is None
    assert accounts.bearer(house, token) is None


def test_the_first_owner_has_no_password(house):
    me = accounts.enter(house, accounts.link(house)).caller
    assert (me.name, me.has_password, dict(me.roles)) == ("owner", False, {"p": "owner", "q": "owner"})
    with pytest.raises(AuthError):
        accounts.sign_in(house, "owner", "")
    accounts.link(house)
    assert len(accounts.listing(house)) == 1, "a second link makes no second owner"


def test_the_name_of_the_first_owner_may_be_taken(house, join, owner):
    accounts.change_me(house, owner, name="Ada")
    join("owner")
    accounts.set_owner(house, owner, accounts.listing(house)[1].id, owner=True)
    assert accounts.operator(house).name == "Ada"


@EVERY_DATABASE
def test_name_and_password_sign_in(house, join):
    who = join("Änne 李").caller
    for name in ("Änne 李", "  änne   李 ", "A\u0308nne 李"):
        assert accounts.sign_in(house, name, "korrekt pferd").caller.account == who.account
    with pytest.raises(AuthError):
        accounts.sign_in(house, "Änne 李", "Korrekt pferd")


def test_an_unknown_name_is_told_as_a_wrong_password(house, join):
    join("ann")
    said, took = [], []
    for name in ("ann", "nobody", "owner"):
        start = time.perf_counter()
        with pytest.raises(AuthError) as caught:
            accounts.sign_in(house, name, "wrong password")
        took.append(time.perf_counter() - start)
        said.append(str(caught.value))
    assert len(set(said)) == 1
    assert min(took) > 0.01, "each did the work of a hash"


@pytest.mark.parametrize("name", ["", "\x00", "\ud800", "x" * 100_000, "ann'; DROP TABLE accounts; --"])
def test_hostile_names_sign_nobody_in(house, name):
    with pytest.raises(AuthError):
        accounts.sign_in(house, name, "\ud800\x00" * 10)


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


def test_guessing_is_slowed_and_locks_nobody_else_out(house, join):
    join("ann")
    seconds = Seconds()
    house.memory["attempts"] = Attempts(seconds)
    for _ in range(5):
        with pytest.raises(AuthError):
            accounts.sign_in(house, "ann", "guess guess", address="10.0.0.9")
    with pytest.raises(RateError) as caught:
        accounts.sign_in(house, "ann", "korrekt pferd", address="10.0.0.9")
    assert caught.value.retry_after_s == 1
    assert accounts.sign_in(house, "ann", "korrekt pferd", address="10.0.0.1"), "ann herself sits elsewhere"
    seconds.now += 1
    assert accounts.sign_in(house, "ann", "korrekt pferd", address="10.0.0.9")


def test_one_address_that_tries_many_names_is_slowed(house, monkeypatch):
    monkeypatch.setattr(signing.passwords, "check", lambda *_: passwords.Checked(ok=False))
    house.memory["attempts"] = Attempts(Seconds())
    for i in range(50):
        with pytest.raises(AuthError):
            accounts.sign_in(house, f"name {i}", "guess guess", address="10.0.0.9")
    with pytest.raises(RateError):
        accounts.sign_in(house, "another", "guess guess", address="10.0.0.9")


def test_a_hash_of_an_older_cost_is_renewed_at_sign_in(house, join):
    who = join("ann").caller
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(b"korrekt pferd")
    house.store.write(lambda tx: rows.set_password(tx, who.account, cheap))
    accounts.sign_in(house, "ann", "korrekt pferd")
    with house.store.read() as tx:
        assert "m=47104" in rows.get(tx, who.account).password
    assert accounts.sign_in(house, "ann", "korrekt pferd")


@EVERY_DATABASE
def test_a_session_ends(house, clock, join):
    entered = join("ann")
    token = entered.session_token
    for _ in range(6):  # each use moves its end
        clock.pass_by(29 * DAY)
        assert accounts.caller(house, token) is not None
        house.store.write(lambda tx: None)  # what was noted aside is stored
    clock.pass_by(30 * DAY)
    assert accounts.caller(house, token) is None
    other = accounts.sign_in(house, "ann", "korrekt pferd").session_token
    accounts.sign_out(house, other)
    accounts.sign_out(house, other)
    assert accounts.caller(house, other) is None


def test_a_session_lasts_a_year_at_most(house, clock, join):
    token = join("ann").session_token
    days = 0
    while accounts.caller(house, token) is not None:
        house.store.write(lambda tx: None)
        clock.pass_by(20 * DAY)
        days += 20
    assert 365 <= days <= 385


def test_a_clock_that_goes_back_an_hour_signs_nobody_out(house, clock, join):
    token = join("ann").session_token
    clock.pass_by(-3600)
    assert accounts.caller(house, token) is not None
    clock.pass_by(7200)
    assert accounts.caller(house, token) is not None


def test_signing_in_again_ends_the_session_before(house, join):
    before = join("ann").session_token
    after = accounts.sign_in(house, "ann", "korrekt pferd", old=before).session_token
    assert after != before
    assert accounts.caller(house, before) is None
    assert accounts.caller(house, after) is not None
    linked = accounts.enter(house, accounts.link(house), old=after)
    assert accounts.caller(house, after) is None
    assert linked.caller.owner


@EVERY_DATABASE
def test_a_session_survives_a_restart(house, clock, join):
    token = join("ann").session_token
    house.close()
    with closing(loop.open_workspace(house.settings, clock=clock)) as again:
        assert accounts.caller(again, token).name == "ann"


@EVERY_DATABASE
def test_a_new_password_ends_other_sessions(house, join):
    here = join("ann")
    there = accounts.sign_in(house, "ann", "korrekt pferd")
    now = accounts.change_me(house, here.caller, password="neues pferd", old_password="korrekt pferd")
    assert now == replace(here.caller, has_password=True)
    assert accounts.caller(house, here.session_token) is not None
    assert accounts.caller(house, there.session_token) is None
    with pytest.raises(AuthError):
        accounts.sign_in(house, "ann", "korrekt pferd")
    assert accounts.sign_in(house, "ann", "neues pferd")


def test_a_new_password_needs_the_old_one(house, join, owner):
    who = join("ann").caller
    with pytest.raises(InputError, match="old one"):
        accounts.change_me(house, who, password="neues pferd")
    for _ in range(5):
        with pytest.raises(AuthError, match="old password"):
            accounts.change_me(house, who, password="neues pferd", old_password="falsch falsch")
    with pytest.raises(RateError):
        accounts.change_me(house, who, password="neues pferd", old_password="korrekt pferd")
    assert accounts.change_me(house, owner, password="ganz neues pferd").has_password, "the first one needs none"
    with pytest.raises(InputError, match="7 characters"):
        accounts.change_me(house, owner, password="seven77", old_password="ganz neues pferd")


@EVERY_DATABASE
def test_name_and_language_change(house, join):
    who, other = join("ann").caller, join("bob").caller
    now = accounts.change_me(house, who, name=" Ann  Lee ", language="zh")
    assert (now.name, now.language, now.roles) == ("Ann Lee", "zh", who.roles)
    assert accounts.change_me(house, now) == now
    with pytest.raises(ConflictError, match="choose another"):
        accounts.change_me(house, other, name="ANN LEE")
    with pytest.raises(InputError, match="en, zh"):
        accounts.change_me(house, other, language="fr")


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 81, "a\u202eb", "a\x1b[2J", "a\x00", "\ud800", "\u200b", "\u200d", "a\ufeff"]
)
def test_names_that_hide_something_are_refused(house, owner, name):
    with pytest.raises(InputError, match="1 to 80 characters"):
        accounts.change_me(house, owner, name=name)


@pytest.mark.parametrize("name", ["李伟", "נועם", "می‌خواهم", "O'Brien <b>", "👩‍🔬", "=cmd()", "x" * 80])
def test_names_of_any_script_are_taken(house, owner, name):
    assert accounts.change_me(house, owner, name=name).name == name


def test_a_password_changed_while_signing_in_counts(house, join, monkeypatch):
    who = join("ann").caller
    right = passwords.check

    def meanwhile(password, stored):
        checked = right(password, stored)
        house.store.write(lambda tx: rows.set_password(tx, who.account, "another"))
        return checked

    monkeypatch.setattr(signing.passwords, "check", meanwhile)
    with pytest.raises(AuthError, match="changed meanwhile"):
        accounts.sign_in(house, "ann", "korrekt pferd")

import pytest
from worlds import EVERY_DATABASE

from cowise import loop
from cowise.core.errors import ConflictError, ForbiddenError, InputError, MissingError
from cowise.guard.access import ACTIONS, allowed
from cowise.loop import accounts, bearers

SCOPES = ["project.see", "items.see", "project.import"]


@EVERY_DATABASE
def test_a_token_is_shown_once_and_names_its_maker(house, join, clock):
    lea = join("Lea", "lead").caller
    token, secret = accounts.make_token(house, lea, "nightly", "p", SCOPES, 3)
    assert secret.startswith("cw_")
    assert (token.name, token.project, token.by, token.used) == ("nightly", "p", "Lea", None)
    assert token.expires == clock.now + 3 * 86_400
    caller = accounts.bearer(house, secret)
    assert (caller.account, caller.scopes, caller.session) == (lea.account, frozenset(SCOPES), 0)
    clock.pass_by(120)
    accounts.bearer(house, secret)
    house.store.write(lambda tx: None)
    assert accounts.tokens(house, lea)[0].used == clock.now
    assert accounts.tokens(house, lea)[0].expires == token.expires, "use does not lengthen it"
    clock.pass_by(3 * 86_400)
    assert accounts.bearer(house, secret) is None
    assert accounts.tokens(house, lea) == []


@pytest.mark.parametrize("role", ["owner", "lead"])
def test_a_token_reaches_no_further_than_its_maker(house, owner, join, role):
    maker = join("Lea", role).caller
    every = [each for each in ACTIONS if each != "tokens.make"]
    _, secret = accounts.make_token(house, maker, "all", "p", every, 3)
    caller = accounts.bearer(house, secret)
    for action in ACTIONS:
        assert caller.may("p", action).ok is (allowed(role, False, action).ok and action in every)
        assert not caller.may("q", action).ok
    accounts.set_role(house, owner, "p", maker.account, "reviewer")
    assert accounts.bearer(house, secret) is None, "it ended with the role that it was made in"
    _, secret = accounts.make_token(house, owner, "mine", "", every, 3)
    second = join("Max", "owner").caller
    accounts.set_owner(house, owner, second.account, owner=True)
    accounts.set_owner(house, owner, owner.account, owner=False)
    assert accounts.bearer(house, secret) is None, "and with the workspace"


def test_a_token_does_only_what_it_was_made_for(house, owner):
    _, secret = accounts.make_token(house, owner, "all", "", SCOPES, 3)
    caller = accounts.bearer(house, secret)
    for action in ACTIONS:
        assert caller.may("p", action).ok is (action in SCOPES)
    assert "not made for" in caller.may("p", "project.delete").reason


def test_a_token_for_one_project_of_a_workspace_owner_opens_that_one_alone(house, owner):
    _, secret = accounts.make_token(house, owner, "one", "p", ["items.see", "project.create", "workspace.backup"], 3)
    caller = accounts.bearer(house, secret)
    assert caller.may("p", "items.see").ok
    assert not caller.may("q", "items.see").ok
    assert not caller.may("", "project.create").ok
    assert not caller.may("", "workspace.backup").ok
    loop.rename(house, "p", "renamed")
    assert accounts.bearer(house, secret).may("renamed", "items.see").ok
    assert not accounts.bearer(house, secret).may("p", "items.see").ok


def test_a_token_changes_no_account_and_makes_no_token(house, owner, join):
    lea = join("Lea", "lead").caller
    _, secret = accounts.make_token(house, owner, "x", "", [each for each in ACTIONS if each != "tokens.make"], 3)
    caller = accounts.bearer(house, secret)
    for work in (
        lambda: accounts.change_me(house, caller, password="neues pferd"),
        lambda: accounts.make_token(house, caller, "y", "", SCOPES, 3),
        lambda: accounts.tokens(house, caller),
        lambda: accounts.revoke(house, caller, 1),
        lambda: accounts.set_owner(house, caller, lea.account, owner=True),
        lambda: accounts.sessions(house, caller),
        lambda: accounts.accept(house, accounts.invite(house, owner, "p", "lead").token, caller=caller),
    ):
        with pytest.raises(ForbiddenError):
            work()


def test_who_may_make_tokens(house, join):
    for role in ("reviewer", "inspector"):
        who = join(role, role).caller
        with pytest.raises(ForbiddenError):
            accounts.make_token(house, who, "x", "p", SCOPES, 3)
    lead = join("Lea", "lead").caller
    for project in ("q", "", "none"):
        with pytest.raises(ForbiddenError):
            accounts.make_token(house, lead, "x", project, SCOPES, 3)


@pytest.mark.parametrize("scopes", [[], ["no.such"], ["tokens.make"], ["items.see", ""], "items.see"])
def test_scopes_that_are_none(house, owner, scopes):
    with pytest.raises(InputError, match="give one or more of"):
        accounts.make_token(house, owner, "x", "p", scopes, 3)


@pytest.mark.parametrize("days", [0, -1, 367, float("nan"), float("inf")])
def test_times_that_are_none(house, owner, days):
    with pytest.raises(InputError, match="days"):
        accounts.make_token(house, owner, "x", "p", SCOPES, days)


def test_revoking_ones_own_and_an_owner_everybodys(house, owner, join, monkeypatch):
    lea, max_ = join("Lea", "lead").caller, join("Max", "lead").caller
    made = [accounts.make_token(house, lea, f"t{i}", "p", SCOPES, 3) for i in range(2)]
    with pytest.raises(MissingError):
        accounts.revoke(house, max_, made[0][0].id)
    with pytest.raises(MissingError):
        accounts.revoke(house, lea, lea.session)
    accounts.revoke(house, lea, made[0][0].id)
    assert accounts.bearer(house, made[0][1]) is None
    assert [each.name for each in accounts.tokens(house, owner)] == ["t1"]
    assert accounts.tokens(house, max_) == []
    monkeypatch.setattr(bearers, "MOST_TOKENS", 1)
    with pytest.raises(ConflictError, match="revoke some"):
        accounts.make_token(house, lea, "more", "p", SCOPES, 3)
    accounts.revoke(house, owner, made[1][0].id)
    assert accounts.bearer(house, made[1][1]) is None


@pytest.mark.parametrize("token", ["", "Bearer", "cws_", "\ud800", "a" * 10_000])
def test_what_is_no_token_calls_as_nobody(house, token):
    assert bearers.bearer(house, token) is None

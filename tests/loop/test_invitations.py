from concurrent.futures import ThreadPoolExecutor

import pytest
from worlds import EVERY_DATABASE

from cowise import loop
from cowise.core.errors import AuthError, ConflictError, CowiseError, ForbiddenError, InputError, MissingError
from cowise.guard.access import ROLES
from cowise.loop import accounts, invitations


@pytest.mark.parametrize("role", ROLES)
def test_an_invitation_brings_one_person_into_one_project(house, owner, role):
    made = accounts.invite(house, owner, "p", role, "für Ann")
    shown = accounts.invitation(house, made.token)
    assert (shown.project, shown.role, shown.by, shown.note, shown.expires) == (
        "p",
        role,
        "owner",
        "für Ann",
        made.expires,
    )
    assert accounts.invitations(house, "p") == [shown]
    assert accounts.invitations(house, "q") == []
    entered = accounts.accept(house, made.token, name="Ann", language="zh", agent="Firefox")
    assert (entered.caller.name, entered.caller.language, dict(entered.caller.roles)) == ("Ann", "zh", {"p": role})
    assert not entered.caller.owner
    assert accounts.caller(house, entered.session_token) == entered.caller
    assert accounts.invitations(house, "p") == []
    for work in (accounts.invitation, lambda ws, token: accounts.accept(ws, token, name="Eve")):
        with pytest.raises(MissingError, match="ask for a new one"):
            work(house, made.token)


def test_an_invitation_is_over_after_a_week_or_when_taken_back(house, owner, clock):
    late, back = accounts.invite(house, owner, "p", "reviewer"), accounts.invite(house, owner, "p", "reviewer")
    with pytest.raises(MissingError):
        accounts.uninvite(house, owner, "q", back.id)
    accounts.uninvite(house, owner, "p", back.id)
    with pytest.raises(MissingError):
        accounts.accept(house, back.token, name="Ann")
    clock.pass_by(7 * 86_400)
    with pytest.raises(MissingError):
        accounts.accept(house, late.token, name="Ann")
    assert [each.name for each in accounts.listing(house)] == ["owner"]


@EVERY_DATABASE
def test_of_many_who_accept_at_once_one_gets_in(house, owner):
    token = accounts.invite(house, owner, "p", "reviewer").token

    def come(i):
        try:
            return accounts.accept(house, token, name=f"person {i}")
        except MissingError:
            return None

    with ThreadPoolExecutor(8) as pool:
        came = [each for each in pool.map(come, range(16)) if each is not None]
    assert len(came) == 1
    assert len(accounts.listing(house)) == 2


def test_a_refused_name_or_password_uses_nothing_up(house, owner, join):
    join("Bob")
    token = accounts.invite(house, owner, "p", "reviewer").token
    for error, who in (
        (InputError, {}), (InputError, {"name": "a\u202eb"}), (ConflictError, {"name": "BOB"}),
        (InputError, {"name": "Ann", "password": "short"}), (InputError, {"name": "Ann", "language": "fr"}),
    ):  # fmt: skip
        with pytest.raises(error):
            accounts.accept(house, token, **who)
    assert accounts.accept(house, token, name="Ann").caller.name == "Ann"


def test_somebody_signed_in_just_joins_and_keeps_the_higher_role(house, owner, join):
    ann = join("Ann", "lead").caller
    token = accounts.invite(house, owner, "q", "inspector").token
    joined = accounts.accept(house, token, caller=ann)
    assert joined.session_token == ""
    assert dict(joined.caller.roles) == {"p": "lead", "q": "inspector"}
    assert joined.caller.session == ann.session
    lower = accounts.invite(house, owner, "p", "reviewer").token
    assert accounts.accept(house, lower, caller=ann).caller.role_in("p") == "lead"
    assert len(accounts.listing(house)) == 2


def test_who_may_invite_and_to_what(house, join):
    lead, reviewer = join("Lea", "lead").caller, join("Ron").caller
    for role in ("lead", "reviewer", "inspector"):
        assert accounts.invite(house, lead, "p", role).token
    with pytest.raises(ForbiddenError, match="cannot give"):
        accounts.invite(house, lead, "p", "owner")
    with pytest.raises(InputError, match="king"):
        accounts.invite(house, lead, "p", "king")
    for who, project in ((reviewer, "p"), (lead, "q"), (lead, "none")):
        with pytest.raises(ForbiddenError):
            accounts.invite(house, who, project, "inspector")
    with pytest.raises(AuthError):
        accounts.invite(house, None, "p", "inspector")


def test_invitations_end_with_the_power_of_who_made_them(house, owner, join):
    lead = join("Lea", "lead").caller
    token = accounts.invite(house, lead, "p", "lead").token
    accounts.set_role(house, owner, "p", lead.account, "reviewer")
    with pytest.raises(MissingError):
        accounts.accept(house, token, name="Eve")
    accounts.set_role(house, owner, "p", lead.account, "lead")
    token = accounts.invite(house, lead, "p", "lead").token
    accounts.remove(house, owner, "p", lead.account)
    with pytest.raises(MissingError):
        accounts.accept(house, token, name="Eve")


@EVERY_DATABASE
def test_an_invitation_follows_its_project(house, owner):
    token, gone = accounts.invite(house, owner, "p", "lead").token, accounts.invite(house, owner, "q", "lead").token
    loop.rename(house, "p", "renamed")
    loop.delete(house, "q")
    assert accounts.invitation(house, token).project == "renamed"
    assert dict(accounts.accept(house, token, name="Ann").caller.roles) == {"renamed": "lead"}
    with pytest.raises(MissingError):
        accounts.accept(house, gone, name="Bob")


def test_open_invitations_are_limited(house, owner, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    accounts.invite(house, owner, "p", "reviewer"), accounts.invite(house, owner, "p", "reviewer")
    with pytest.raises(ConflictError, match="take some back"):
        accounts.invite(house, owner, "p", "reviewer")
    assert issubclass(ConflictError, CowiseError)

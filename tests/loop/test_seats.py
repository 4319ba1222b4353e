"""Every role against every action with real accounts, and who answers as whom."""

import pytest
from worlds import EVERY_DATABASE

from cowise import loop
from cowise.core.errors import AuthError, ConflictError, ForbiddenError, InputError, MissingError
from cowise.core.types import Answer
from cowise.guard.access import ACTIONS, ROLES, allowed
from cowise.loop import accounts
from cowise.store import ledger

TEXTS = [f"text number {i} about {word}" for i in range(20) for word in ("money", "crash", "love")]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_and_action_by_a_real_account(house, join, role):
    token = join("Ann", role).session_token
    who = accounts.caller(house, token)
    for action in ACTIONS:
        if allowed(role, False, action).ok:
            assert accounts.require(who, "p", action) is who
        else:
            with pytest.raises(ForbiddenError, match=f"{action} is for"):
                accounts.require(who, "p", action)
        for elsewhere in ("q", "none", "", "P", "p "):
            with pytest.raises(ForbiddenError):
                accounts.require(who, elsewhere, action)


def test_an_owner_of_the_workspace_may_all_and_nobody_may_nothing(house, owner):
    for action in ACTIONS:
        assert accounts.require(owner, "p", action)
        assert accounts.require(owner, "", action)
        with pytest.raises(AuthError, match="not signed in"):
            accounts.require(None, "p", action)
    with pytest.raises(ForbiddenError, match="no action"):
        accounts.require(owner, "p", "no.such")


@EVERY_DATABASE
def test_a_foreign_project_is_closed_and_does_not_tell_that_it_exists(house, join):
    who = join("Ann", "lead").caller
    said = {who.may(project, "project.see").reason for project in ("q", "never made")}
    assert said == {"you have no seat in this project, or it is not here"}


def test_a_change_holds_for_the_next_request(house, owner, join):
    entered = join("Ann")
    me = entered.caller.account

    def now():
        return accounts.caller(house, entered.session_token).role_in("p")

    accounts.set_role(house, owner, "p", me, "inspector")
    assert now() == "inspector"
    accounts.remove(house, owner, "p", me)
    assert now() is None
    assert accounts.remove(house, owner, "p", me) == 0
    accounts.set_role(house, owner, "p", me, "reviewer")
    assert now() == "reviewer"


@EVERY_DATABASE
def test_a_renamed_project_keeps_its_roles(house, join):
    token = join("Ann", "lead").session_token
    loop.rename(house, "p", "tickets")
    loop.create(house, "p", loop.get(house, "q").task, loop.get(house, "q").promise, encoder="hashing")
    who = accounts.caller(house, token)
    assert dict(who.roles) == {"tickets": "lead"}
    assert not who.may("p", "project.see").ok, "another project took the name, and not the people"


def test_nobody_reaches_above_their_own_role(house, owner, join):
    boss, lead, other = (join(n, r).caller for n, r in (("Bo", "owner"), ("Lea", "lead"), ("Ann", "reviewer")))
    accounts.set_role(house, lead, "p", other.account, "lead")
    for work in (
        lambda: accounts.set_role(house, lead, "p", other.account, "owner"),
        lambda: accounts.set_role(house, lead, "p", lead.account, "owner"),
        lambda: accounts.set_role(house, lead, "p", boss.account, "reviewer"),
        lambda: accounts.remove(house, lead, "p", boss.account),
        lambda: accounts.set_role(house, lead, "q", other.account, "reviewer"),
        lambda: accounts.set_owner(house, boss, boss.account, owner=True),
    ):
        with pytest.raises(ForbiddenError):
            work()
    for who in (owner, boss):
        with pytest.raises(ConflictError, match="owns the workspace"):
            accounts.remove(house, who, "p", owner.account)
    with pytest.raises(MissingError, match="no seat"):
        accounts.set_role(house, owner, "p", 999, "lead")
    with pytest.raises(InputError, match="king"):
        accounts.set_role(house, owner, "p", other.account, "king")
    accounts.remove(house, boss, "p", boss.account)
    assert [s.active for s in accounts.roles(house, "p") if s.name == "Bo"] == [False]


@EVERY_DATABASE
def test_the_last_owner_cannot_be_removed(house, owner, join):
    ann = join("Ann").caller
    with pytest.raises(ConflictError, match="last owner"):
        accounts.set_owner(house, owner, owner.account, owner=False)
    name = accounts.member_of(house, "p", owner)
    with pytest.raises(ConflictError, match="last owner"):
        loop.forget_person(house, "p", name)
    assert accounts.member_of(house, "p", owner) == name, "nothing of it was done"
    accounts.set_owner(house, owner, ann.account, owner=True)
    accounts.set_owner(house, owner, ann.account, owner=True)
    accounts.set_owner(house, owner, owner.account, owner=False)
    assert [each.owner for each in accounts.listing(house)] == [False, True]
    seats = {each.name: each for each in accounts.roles(house, "q")}
    assert (seats["Ann"].role, seats["Ann"].owner, seats["Ann"].active) == ("owner", True, True)


@EVERY_DATABASE
def test_people_of_a_project_are_listed_with_when_they_were_here(house, owner, join, clock):
    ann = join("Ann").caller
    clock.pass_by(100)
    join("Bob", "inspector")
    accounts.remove(house, owner, "p", ann.account)
    seats = accounts.roles(house, "p")
    assert [(s.name, s.role, s.active, s.owner) for s in seats] == [
        ("owner", "owner", True, True), ("Ann", "reviewer", False, False), ("Bob", "inspector", True, False),
    ]  # fmt: skip
    assert seats[2].last_seen == clock.now
    assert seats[1].last_seen == clock.now - 100
    assert [s.name for s in accounts.roles(house, "q")] == ["owner"]


@EVERY_DATABASE
def test_each_account_answers_as_one_member_of_its_own(house, owner, join):
    with loop.session(house, "p", "Ann"):
        pass  # somebody at a terminal took that name
    ann = join("Ann").caller
    assert accounts.member_of(house, "p", ann) == "Ann (2)"
    renamed = accounts.change_me(house, ann, name="Anna")
    assert accounts.member_of(house, "p", renamed) == "Ann (2)"
    second = join("Ann").caller
    assert accounts.member_of(house, "p", second) == "Ann (3)"
    assert accounts.member_of(house, "p", owner) == "owner"
    assert [s.member for s in accounts.roles(house, "p")] == ["owner", "Ann (2)", "Ann (3)"]
    for who, project in ((join("Ins", "inspector").caller, "p"), (ann, "q")):
        with pytest.raises(ForbiddenError):
            accounts.member_of(house, project, who)


def test_a_stale_caller_is_given_no_seat(house, owner, join):
    ann = join("Ann").caller
    accounts.remove(house, owner, "p", ann.account)
    with pytest.raises(ForbiddenError, match="no seat"):
        accounts.member_of(house, "p", ann)


@EVERY_DATABASE
def test_removing_somebody_hands_over_what_they_hold_and_keeps_what_they_said(house, owner, join):
    loop.add(house, "p", TEXTS)
    ann, bob = join("Ann").caller, join("Bob").caller
    review = loop.session(house, "p", accounts.member_of(house, "p", ann))
    review.take(review.ask(1)[0], Answer.of("bug"))
    held = {q.item for q in review.ask(3)}
    assert len(held) == 3
    assert accounts.remove(house, owner, "p", ann.account) == 3
    with pytest.raises(ConflictError, match="hold is over"):
        review.take(review.state.table[0], Answer.of("bug"))
    with loop.session(house, "p", accounts.member_of(house, "p", bob)) as other:
        assert held <= {q.item for q in other.ask(60)}
    assert loop.get(house, "p").answers == 1


@EVERY_DATABASE
def test_forgetting_a_person_erases_the_account(house, owner, join):
    loop.add(house, "p", TEXTS)
    entered = join("Ann Otherlove", "lead")
    accounts.accept(house, accounts.invite(house, owner, "q", "reviewer").token, caller=entered.caller)
    ann = accounts.caller(house, entered.session_token)
    accounts.member_of(house, "q", ann)
    with loop.session(house, "p", accounts.member_of(house, "p", ann)) as review:
        review.take(review.ask(1)[0], Answer.of("bug"))
    _, secret = accounts.make_token(house, ann, "x", "p", ["items.see"], 3)
    token = accounts.invite(house, ann, "p", "reviewer").token
    assert loop.forget_person(house, "p", "Ann Otherlove").opinions == 1
    assert accounts.caller(house, entered.session_token) is None
    assert accounts.bearer(house, secret) is None
    with pytest.raises(MissingError):
        accounts.invitation(house, token)
    with pytest.raises(AuthError):
        accounts.sign_in(house, "Ann Otherlove", "korrekt pferd")
    assert [each.name for each in accounts.listing(house)] == ["owner"]
    assert [s.name for s in accounts.roles(house, "p")] == ["owner"]
    with house.store.read() as tx:
        for table in ("accounts", "members", "credentials", "seats", "opinions", "ledger"):
            rows = tx.connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "Otherlove" not in repr(
                [tuple(bytes(v) if isinstance(v, memoryview) else v for v in r) for r in rows]
            )
    join("Ann Otherlove")  # the name is free again


def test_somebody_who_never_answered_or_has_another_name_now_is_forgotten_too(house, join):
    join("Silent")
    assert loop.forget_person(house, "p", "Silent").opinions == 0
    ann = join("Ann").caller
    accounts.member_of(house, "p", ann)
    accounts.change_me(house, ann, name="Anna")
    loop.forget_person(house, "p", "Anna")
    assert [each.name for each in accounts.listing(house)] == ["owner"]
    with pytest.raises(MissingError):
        loop.forget_person(house, "p", "Nobody")


@EVERY_DATABASE
def test_the_ledger_tells_every_change_and_no_name(house, owner, join):
    ann = join("Ann Otherlove", "lead").caller
    accounts.uninvite(house, owner, "p", accounts.invite(house, owner, "p", "reviewer", "for Otherlove").id)
    made, secret = accounts.make_token(house, ann, "Otherlove's", "p", ["items.see"], 3)
    accounts.revoke(house, ann, made.id)
    accounts.set_role(house, owner, "p", ann.account, "reviewer")
    signed = accounts.sign_in(house, "Ann Otherlove", "korrekt pferd", "Firefox of Otherlove")
    accounts.change_me(house, signed.caller, name="Eve Otherlove")
    accounts.change_me(house, signed.caller, password="neues pferd", old_password="korrekt pferd")
    accounts.member_of(house, "p", signed.caller)
    accounts.remove(house, owner, "p", ann.account)
    accounts.set_owner(house, owner, ann.account, owner=True)
    accounts.set_owner(house, owner, ann.account, owner=False)
    accounts.end_sessions(house, owner, ann.account)
    accounts.sign_out(house, signed.session_token)
    loop.checkpoint(house)
    with house.store.read() as tx:
        entries = list(ledger.each(tx))
    assert {
        "account made", "account changed", "link made", "signed in", "invited", "uninvited", "joined", "token made",
        "token revoked", "role given", "password changed", "seated", "removed", "owner made", "owner removed",
        "sessions ended",
    } <= {each.kind for each in entries}  # fmt: skip
    everything = b"".join(each.record for each in entries)
    for word in (b"Otherlove", b"Firefox", b"pferd", secret.encode(), signed.session_token.encode(), b'"owner"}'):
        assert word not in everything
    assert loop.verify(house).ok

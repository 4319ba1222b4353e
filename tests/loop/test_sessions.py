import pytest
from worlds import EVERY_DATABASE

from cowise.core.errors import ForbiddenError, MissingError
from cowise.loop import accounts


@EVERY_DATABASE
def test_people_see_and_end_their_own_sessions(house, join):
    here, other = join("ann"), join("bob")
    there = accounts.sign_in(house, "ann", "korrekt pferd", "Chromium \x00" + "x" * 500)
    found = accounts.sessions(house, here.caller)
    assert [each.current for each in found] == [True, False]
    assert found[1].agent.startswith("Chromium")
    assert len(found[1].agent) <= 200
    with pytest.raises(MissingError):
        accounts.end_session(house, other.caller, found[1].id)
    accounts.end_session(house, here.caller, found[1].id)
    assert accounts.caller(house, there.session_token) is None
    assert accounts.caller(house, here.session_token) is not None


def test_an_owner_ends_the_sessions_of_anybody_and_nobody_else_does(house, join, owner):
    ann, bob = join("ann"), join("bob", "lead")
    accounts.sign_in(house, "ann", "korrekt pferd")
    with pytest.raises(ForbiddenError):
        accounts.end_sessions(house, bob.caller, ann.caller.account)
    assert accounts.end_sessions(house, ann.caller, ann.caller.account) == 1
    assert accounts.end_sessions(house, owner, ann.caller.account) == 1
    assert accounts.caller(house, ann.session_token) is None

"""The table of roles against actions, written down a second time by hand: whoever changes one must change the other."""

import pytest

from cowise.core.errors import InputError
from cowise.guard.access import ACTIONS, ROLES, allowed, known, reaches

AGREED = {
    "lead": set(ACTIONS) - {"project.create", "project.delete", "workspace.backup", "workspace.keys"},
    "reviewer": {"project.see", "review.answer", "review.sweep", "items.see", "people.see_own", "models.see"},
    "inspector": {
        "project.see", "items.see", "people.see", "models.see", "settings.see", "ledger.see", "project.export",
    },
    "owner": set(ACTIONS) - {"project.create", "workspace.backup", "workspace.keys"},
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [*ROLES, None, "king", ""])
def test_the_table_is_what_was_agreed(role, action):
    assert allowed(role, False, action).ok is (action in AGREED.get(role, set()))
    assert allowed(role, True, action).ok, "the owner of the workspace may do all"


@pytest.mark.parametrize("action", ["", "project", "project.", "PROJECT.SEE", "project.see ", "no.such", "__class__"])
@pytest.mark.parametrize("owner", [True, False])
def test_what_is_not_in_the_table_is_denied_to_everybody(action, owner):
    for role in (*ROLES, None):
        verdict = allowed(role, owner, action)
        assert not verdict
        assert "no action" in verdict.reason


@pytest.mark.parametrize("action", ACTIONS)
def test_every_verdict_says_why(action):
    for role in (*ROLES, None):
        verdict = allowed(role, False, action)
        assert verdict.reason
        if not verdict and ACTIONS[action] and role:
            assert role in verdict.reason
            assert all(each in verdict.reason for each in ACTIONS[action])


def test_nobody_reaches_above_their_own_role():
    for i, giver in enumerate(ROLES):
        for j, role in enumerate(ROLES):
            assert bool(reaches(giver, False, role)) is (i <= j)
    assert not reaches(None, False, "inspector")
    assert not reaches("king", False, "inspector")
    assert all(reaches(None, True, role) for role in ROLES)


def test_a_role_that_does_not_exist_is_an_error_and_no_seat():
    with pytest.raises(InputError, match="'king'; there are owner, lead, reviewer, inspector"):
        known("king")

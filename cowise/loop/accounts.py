"""Accounts: everything about who may do what, in one place for the doors.

caller = accounts.caller(ws, cookie) or accounts.bearer(ws, token)
accounts.require(caller, "tickets", "review.answer")
member = accounts.member_of(ws, "tickets", caller)
"""

from __future__ import annotations

from cowise.guard.access import ACTIONS, ROLES, Role, Verdict
from cowise.loop.bearers import Token, bearer, make_token, revoke, tokens
from cowise.loop.callers import Caller, Entered, require
from cowise.loop.invitations import Invitation, Invited, accept, invitation, invitations, invite, uninvite
from cowise.loop.seats import AccountInfo, Seat, listing, member_of, remove, roles, set_owner, set_role
from cowise.loop.sessions import SessionInfo, end_session, end_sessions, sessions
from cowise.loop.signing import caller, change_me, enter, link, operator, sign_in, sign_out

__all__ = [
    "ACTIONS",
    "ROLES",
    "AccountInfo",
    "Caller",
    "Entered",
    "Invitation",
    "Invited",
    "Role",
    "Seat",
    "SessionInfo",
    "Token",
    "Verdict",
    "accept",
    "bearer",
    "caller",
    "change_me",
    "end_session",
    "end_sessions",
    "enter",
    "invitation",
    "invitations",
    "invite",
    "link",
    "listing",
    "make_token",
    "member_of",
    "operator",
    "remove",
    "require",
    "revoke",
    "roles",
    "sessions",
    "set_owner",
    "set_role",
    "sign_in",
    "sign_out",
    "tokens",
    "uninvite",
]

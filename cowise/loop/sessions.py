"""Where an account is signed in, and ending that."""

from __future__ import annotations

from dataclasses import dataclass

from cowise.core.errors import ForbiddenError, MissingError
from cowise.loop.callers import Caller, by, named, note, person
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, credentials


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One place where an account is signed in; `agent` is what the browser calls itself."""

    id: int
    agent: str
    created: float
    last_seen: float | None
    expires: float
    current: bool


def sessions(ws: Workspace, caller: Caller) -> list[SessionInfo]:
    """The caller's own sessions, oldest first."""
    person(caller)
    with ws.store.read() as tx:
        return [
            SessionInfo(s.id, str(s.body["agent"]), s.created, s.seen, s.expires, s.id == caller.session)
            for s in credentials.of_account(tx, caller.account, "session")
        ]


def end_session(ws: Workspace, caller: Caller, session: int) -> None:
    """End one of the caller's own sessions; MissingError for any other."""
    person(caller)

    def work(tx: Tx) -> None:
        found = credentials.by_id(tx, "session", session)
        if found is None or found.account != caller.account:
            raise MissingError(f"session {session} is not one of yours, or is over")
        credentials.revoke(tx, session)
        note(tx, 0, "signed out", {"account": by(tx, caller)})

    ws.store.write(work)


def end_sessions(ws: Workspace, caller: Caller, account: int) -> int:
    """End every session of an account but the caller's present one: of one's own, or anybody's for a workspace owner."""
    if person(caller).account != account and not caller.owner:
        raise ForbiddenError("only an owner of the workspace ends the sessions of somebody else")

    def work(tx: Tx) -> int:
        who = accounts.get(tx, account)
        ended = credentials.revoke_all(tx, account, "session", but=caller.session)
        note(tx, 0, "sessions ended", {"account": named(who), "ended": ended, "by": by(tx, caller)})
        return ended

    return ws.store.write(work)

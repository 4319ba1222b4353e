"""Invitations: a link for one person, for a week, to one role in one project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

from cowise.core.errors import ConflictError, ForbiddenError, MissingError
from cowise.guard import passwords
from cowise.guard.access import ROLES, Role, known, reaches
from cowise.loop.callers import (
    Caller,
    Entered,
    by,
    caller_of,
    good_language,
    good_name,
    named,
    note,
    person,
    require,
)  # fmt: skip
from cowise.loop.signing import DAY_S, begin, new_secret
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, credentials, projects
from cowise.store.accounts import Account
from cowise.store.credentials import Credential
from cowise.store.values import clean

INVITATION_S = 7 * DAY_S
MOST_OPEN = 200


class Newcomer(TypedDict, total=False):
    """What somebody without an account says of themselves; a password may follow later."""

    name: str
    password: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation; the token is shown once."""

    id: int
    token: str
    expires: float


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation; `by` is the name of who made it."""

    id: int
    project: str
    role: Role
    by: str
    note: str
    expires: float


def invite(ws: Workspace, caller: Caller, project: str, role: str, note: str = "") -> Invited:
    """Make an invitation, good for one person and seven days. ForbiddenError for a role above the caller's own.

    `note` is seen by those who may invite. LimitError for too many open ones is a ConflictError: take some back.
    """
    require(caller, project, "people.invite")
    wanted = known(role)
    _reach(caller, project, wanted)
    token = new_secret()

    def work(tx: Tx) -> Invited:
        found = projects.get(tx, project)
        if len(credentials.of_project(tx, found.id, "invitation")) >= MOST_OPEN:
            raise ConflictError(f"invite: {MOST_OPEN} invitations are open in this project; take some back first")
        about = (found.id, {"role": wanted, "note": clean(note)[:200]})
        made = credentials.add(tx, "invitation", token, caller.account, seconds=INVITATION_S, about=about)
        _note(tx, found.id, "invited", {"invitation": made.id, "role": wanted, "by": by(tx, caller)})
        return Invited(made.id, token, made.expires)

    return ws.store.write(work)


def _note(tx: Tx, project: int, kind: str, record: dict[str, object]) -> None:
    note(tx, project, kind, record)


def _reach(caller: Caller, project: str, role: Role) -> None:
    verdict = reaches(caller.role_in(project), caller.owner, role)
    if not verdict.ok:
        raise ForbiddenError(verdict.reason)


def _shown(tx: Tx, row: Credential, project: str) -> Invitation:
    inviter = accounts.get(tx, row.account).name
    return Invitation(row.id, project, known(str(row.body["role"])), inviter, str(row.body["note"]), row.expires)


def _over() -> MissingError:
    return MissingError("this invitation was used, taken back, or its time is over; ask for a new one")


def invitation(ws: Workspace, token: str) -> Invitation:
    """What a token invites to; MissingError when it was used or is over."""
    with ws.store.read() as tx:
        row = credentials.find(tx, "invitation", token)
        if row is None:
            raise _over()
        return _shown(tx, row, projects.by_id(tx, row.project).name)


def invitations(ws: Workspace, project: str) -> list[Invitation]:
    """The open invitations of a project, oldest first."""
    with ws.store.read() as tx:
        found = projects.get(tx, project)
        return [_shown(tx, row, project) for row in credentials.of_project(tx, found.id, "invitation")]


def uninvite(ws: Workspace, caller: Caller, project: str, invitation: int) -> None:
    """Take an invitation back; MissingError when it is not open in this project."""
    require(caller, project, "people.invite")

    def work(tx: Tx) -> None:
        found = projects.get(tx, project)
        row = credentials.by_id(tx, "invitation", invitation)
        if row is None or row.project != found.id:
            raise _over()
        credentials.revoke(tx, row.id)
        _note(tx, found.id, "uninvited", {"invitation": row.id, "by": by(tx, caller)})

    ws.store.write(work)


def accept(
    ws: Workspace, token: str, *, caller: Caller | None = None, agent: str = "", **who: Unpack[Newcomer]
) -> Entered:
    """Take an invitation: a new account with a session, or another seat for an account that is signed in.

    Who has a seat already keeps the higher role. MissingError when it is over, ConflictError when the name is taken,
    InputError for a name or password that cannot be. For a `caller` the session token is "": theirs goes on.
    """
    if caller is not None:
        person(caller)
    else:
        invitation(ws, token)  # before a password is worth hashing
    name = good_name(who.get("name", "")) if caller is None else caller.name
    language = good_language(who.get("language") or "")
    password = who.get("password")
    secret = passwords.hashed(passwords.strong(password, name)) if password and caller is None else None

    def work(tx: Tx) -> Entered:
        row = credentials.use_up(tx, "invitation", token)
        if row is None:
            raise _over()
        project = projects.by_id(tx, row.project)
        if caller is None:
            account = accounts.add(tx, name, language=language, password=secret)
            _note(tx, 0, "account made", {"account": named(account), "owner": False})
        else:
            account = accounts.get(tx, caller.account)
        role = _seat(tx, account, project.id, known(str(row.body["role"])))
        _note(tx, project.id, "joined", {"account": named(account), "role": role, "invitation": row.id})
        if caller is None:
            return begin(tx, account, agent, "by invitation")
        return Entered("", caller_of(tx, account, caller.session))

    return ws.store.write(work)


def _seat(tx: Tx, account: Account, project: int, role: Role) -> Role:
    held = accounts.seat(tx, account.id, project)
    if held is not None and held.active and held.role in ROLES:
        role = min(role, known(held.role), key=ROLES.index)
    accounts.put_seat(tx, account.id, project, role)
    return role

"""Who has which role in a project, and who answers as which member."""

from __future__ import annotations

from dataclasses import dataclass

from cowise.core.errors import ConflictError, ForbiddenError, MissingError
from cowise.guard.access import ROLES, Role, known, reaches
from cowise.loop import records
from cowise.loop.callers import Caller, by, named, note, person, require
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, credentials, members, projects
from cowise.store.accounts import Account, SeatRow
from cowise.store.members import Member


@dataclass(frozen=True, slots=True)
class Seat:
    """One account's place in a project; `member` is the roster name it answers under, "" before its first question.

    `owner`: of the workspace, and so of every project. `last_seen` None: not since its sessions ended.
    """

    account: int
    name: str
    role: Role
    active: bool
    last_seen: float | None
    member: str = ""
    owner: bool = False


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """One account of the workspace: `roles` by project name."""

    id: int
    name: str
    owner: bool
    has_password: bool
    created: float
    last_seen: float | None
    roles: dict[str, str]


def listing(ws: Workspace) -> list[AccountInfo]:
    """Every account, oldest first."""
    with ws.store.read() as tx:
        seen = credentials.last_seen(tx)
        return [
            AccountInfo(a.id, a.name, a.owner, a.password is not None, a.created, seen.get(a.id), accounts.roles(tx, a))
            for a in accounts.all_of(tx)
        ]


def roles(ws: Workspace, project: str) -> list[Seat]:
    """Everybody with a seat in a project, closed ones too, and the owners of the workspace."""
    with ws.store.read() as tx:
        found = projects.get(tx, project)
        people = {each.id: each for each in accounts.all_of(tx)}
        held = {each.account: each for each in accounts.seats(tx, found.id) if each.account in people}
        names = {each.id: each.name for each in members.roster(tx, found.id)}
        seen = credentials.last_seen(tx)
        return [
            _shown(people[each], held.get(each), names, seen.get(each))
            for each in people
            if each in held or people[each].owner
        ]


def _shown(account: Account, seat: SeatRow | None, names: dict[int, str], seen: float | None) -> Seat:
    role: Role = "owner" if account.owner or seat is None else known(seat.role)
    member = names.get(seat.member or 0, "") if seat else ""
    return Seat(
        account.id, account.name, role, account.owner or bool(seat and seat.active), seen, member, account.owner
    )


def _change(tx: Tx, caller: Caller, project: str, account: int) -> tuple[int, Account, SeatRow]:
    """(project, account, seat) of somebody whose seat the caller may change."""
    found = projects.get(tx, project)
    seat = accounts.seat(tx, account, found.id)
    who = next((each for each in accounts.all_of(tx) if each.id == account), None)
    if who is not None and who.owner:
        raise ConflictError(f"{who.name} owns the workspace, and so this project; that cannot be changed here")
    if seat is None or who is None:
        raise MissingError(f"account {account} has no seat in this project")
    verdict = reaches(caller.role_in(project), caller.owner, seat.role)
    if not verdict.ok:
        raise ForbiddenError(verdict.reason)
    return found.id, who, seat


def set_role(ws: Workspace, caller: Caller, project: str, account: int, role: str) -> None:
    """Give somebody with a seat another role, or open a closed seat again; nobody reaches above their own role."""
    require(caller, project, "people.change")
    wanted = known(role)
    verdict = reaches(caller.role_in(project), caller.owner, wanted)
    if not verdict.ok:
        raise ForbiddenError(verdict.reason)

    def work(tx: Tx) -> None:
        found, who, seat = _change(tx, caller, project, account)
        if (seat.role, seat.active) == (wanted, True):
            return
        accounts.put_seat(tx, account, found, wanted)
        if ROLES.index(wanted) > ROLES.index(known(seat.role)):
            credentials.revoke_in(tx, account, found)  # made in the power of the higher role
        note(tx, found, "role given", {"account": named(who), "role": wanted, "was": seat.role, "by": by(tx, caller)})

    ws.store.write(work)


def remove(ws: Workspace, caller: Caller, project: str, account: int) -> int:
    """Close somebody's seat: what they hold goes back to the queue (how many), what they answered stays.

    ConflictError for an owner of the workspace, MissingError without a seat.
    """
    require(caller, project, "people.change")

    def work(tx: Tx) -> int:
        found, who, seat = _change(tx, caller, project, account)
        if not seat.active:
            return 0
        released = accounts.close_seat(tx, account, found)
        entry = {"account": named(who), "was": seat.role, "released": released, "by": by(tx, caller)}
        note(tx, found, "removed", entry)
        return released

    return ws.store.write(work)


def set_owner(ws: Workspace, caller: Caller, account: int, owner: bool) -> None:
    """Make somebody an owner of the workspace, or no longer one; ConflictError for the last."""
    if not person(caller).owner:
        raise ForbiddenError("only an owner of the workspace makes another one")

    def work(tx: Tx) -> None:
        who = accounts.get(tx, account)
        if who.owner == owner:
            return
        accounts.set_owner(tx, account, owner)
        if not owner:
            for kind in ("invitation", "token"):  # made in the power of an owner
                credentials.revoke_all(tx, account, kind)
        note(tx, 0, "owner made" if owner else "owner removed", {"account": named(who), "by": by(tx, caller)})

    ws.store.write(work)


def member_of(ws: Workspace, project: str, caller: Caller) -> str:
    """The member that the caller answers as in a project: one of their own, the same for ever, however names change.

    ForbiddenError for who may not answer there.
    """
    require(caller, project, "review.answer")
    bound = caller.members.get(project)
    if bound:
        return bound

    def work(tx: Tx) -> str:
        now = projects.get(tx, project)
        who = accounts.get(tx, caller.account)
        member, fresh = accounts.member(tx, who, now.id)
        if fresh:
            records.append(tx, now, "seated", {"member": records.person(member), "account": named(who)})
        return member.name

    return ws.store.write(work)


def changed(tx: Tx, caller: Caller, name: str, account: int) -> tuple[int, Member]:
    """Project and member of an account whose settings the caller may change: their own, or those of whom they lead."""
    own = person(caller).account == account
    require(caller, name, "review.answer" if own else "people.change")
    project = projects.get(tx, name).id
    who, seat = accounts.get(tx, account), accounts.seat(tx, account, project)
    verdict = reaches(caller.role_in(name), caller.owner, seat.role if seat and not who.owner else "owner")
    if not own and not verdict.ok:
        raise ForbiddenError(verdict.reason)
    member, fresh = accounts.member(tx, who, project)
    if fresh:
        records.append(tx, project, "seated", {"member": records.person(member), "account": named(who)})
    return project, member

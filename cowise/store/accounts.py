"""People who may sign in, and their seats: the role of each in a project, and the member that they answer as."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Row

from cowise.core.errors import ConflictError, ForbiddenError, MissingError
from cowise.core.types import identity_text
from cowise.store import credentials, members, queue
from cowise.store.members import Member
from cowise.store.tx import Tx
from cowise.store.values import clean


@dataclass(frozen=True, slots=True)
class Account:
    """One person. `owner`: of the workspace. `password` is a hash or None; `salt` is None once the person was erased."""

    id: int
    name: str
    owner: bool
    language: str
    password: str | None
    active: bool
    created: float
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class SeatRow:
    """An account's role in a project; `member` is the roster member that it answers as, once it has."""

    account: int
    project: int
    role: str
    active: bool
    member: int | None
    since: float


def _account(row: Row[Any]) -> Account:
    """An account from a row with its columns."""
    salt = None if row.salt is None else bytes(row.salt)
    return Account(row.id, row.name, bool(row.owner), row.language, row.password, bool(row.active), row.created, salt)


def _seat(row: Row[Any]) -> SeatRow:
    return SeatRow(row.account, row.project, row.role, bool(row.active), row.member, row.since)


def login_of(name: str) -> str:
    """The form in which two names count as the same.

    >>> login_of(" Ada  L ") == login_of("ada l")
    True
    """
    return identity_text(clean(name))


_ADD = text(
    "INSERT INTO accounts (name, login, owner, language, password, created, salt) "
    "VALUES (:name, :login, :owner, :language, :password, :created, :salt) ON CONFLICT (login) DO NOTHING RETURNING *"
)


def add(tx: Tx, name: str, *, owner: bool = False, language: str = "", password: str | None = None) -> Account:
    """A new account; ConflictError when the name is taken."""
    values = {
        "name": name, "login": login_of(name), "owner": int(owner), "language": language, "password": password,
        "created": tx.now(), "salt": os.urandom(16),
    }  # fmt: skip
    row = tx.first(_ADD, values)
    if row is None:
        raise _taken(name)
    return _account(row)


def _taken(name: str) -> ConflictError:
    return ConflictError(f"name {name[:40]!r}: somebody here is called so already; choose another")


_GET = text("SELECT * FROM accounts WHERE id = :id AND active = 1")
_BY_NAME = text("SELECT * FROM accounts WHERE login = :login AND active = 1")
_ALL = text("SELECT * FROM accounts WHERE active = 1 ORDER BY id")


def get(tx: Tx, account: int) -> Account:
    """The account with that key; MissingError when there is none."""
    row = tx.first(_GET, {"id": account})
    if row is None:
        raise MissingError(f"account {account} is not in this workspace; cowise accounts lists those there are")
    return _account(row)


def by_name(tx: Tx, name: str) -> Account | None:
    """The account of that name, or None."""
    row = tx.first(_BY_NAME, {"login": login_of(name)})
    return None if row is None else _account(row)


def all_of(tx: Tx) -> list[Account]:
    """Every account, oldest first."""
    return [_account(row) for row in tx.run(_ALL)]


def set_name(tx: Tx, account: int, name: str) -> None:
    """Give it another name; ConflictError when that is taken."""
    login = login_of(name)
    if tx.first(text("SELECT 1 FROM accounts WHERE login = :l AND id <> :id"), {"l": login, "id": account}):
        raise _taken(name)
    tx.run(text("UPDATE accounts SET name = :n, login = :l WHERE id = :id"), {"n": name, "l": login, "id": account})


def set_language(tx: Tx, account: int, language: str) -> None:
    """Keep the language chosen; "" for that of the browser."""
    tx.run(text("UPDATE accounts SET language = :v WHERE id = :id"), {"v": language, "id": account})


def set_password(tx: Tx, account: int, password: str) -> None:
    """Keep the hash of a password."""
    tx.run(text("UPDATE accounts SET password = :v WHERE id = :id"), {"v": password, "id": account})


def set_owner(tx: Tx, account: int, owner: bool) -> None:
    """Make an owner of the workspace, or no longer one; ConflictError for the last."""
    if not owner:
        _not_last(tx, account)
    tx.run(text("UPDATE accounts SET owner = :v WHERE id = :id"), {"v": int(owner), "id": account})


_OWNERS = "SELECT id FROM accounts WHERE owner = 1 AND active = 1 ORDER BY id"


def owners(tx: Tx, *, lock: bool = False) -> list[int]:
    """Keys of the workspace's owners, oldest first; `lock` keeps them as they are until this transaction ends."""
    return [row.id for row in tx.run(text(f"{_OWNERS} FOR UPDATE" if lock and tx.postgres else _OWNERS))]


def _not_last(tx: Tx, account: int) -> None:
    if owners(tx, lock=True) == [account]:
        raise ConflictError("the last owner of the workspace cannot be removed; make somebody else an owner first")


def erase(tx: Tx, account: int) -> None:
    """Erase name, password and everything that signs the person in; seats close, answers stay without a name.

    ConflictError for the last owner.
    """
    _not_last(tx, account)
    blank = f"erased {secrets.token_hex(8)}"
    tx.run(
        text(
            "UPDATE accounts SET name = :n, login = :n, password = NULL, owner = 0, active = 0, language = '', salt = NULL "
            "WHERE id = :id"
        ),
        {"n": blank, "id": account},
    )
    credentials.revoke_all(tx, account)
    for seat in seats_of_account(tx, account):
        close_seat(tx, account, seat.project)
        if seat.member is not None:
            tx.run(
                text("UPDATE members SET name = :n, salt = NULL WHERE id = :m AND salt IS NOT NULL"),
                {"n": f"erased {secrets.token_hex(8)}", "m": seat.member},
            )


_SEATED = text(
    "SELECT p.name AS project, s.role, m.name AS member FROM seats s JOIN projects p ON p.id = s.project "
    "LEFT JOIN members m ON m.id = s.member WHERE s.account = :a AND s.active = 1 AND p.state = 'live'"
)
_OWNED = text(
    "SELECT p.name AS project, 'owner' AS role, m.name AS member FROM projects p "
    "LEFT JOIN seats s ON s.project = p.id AND s.account = :a AND s.active = 1 LEFT JOIN members m ON m.id = s.member "
    "WHERE p.state = 'live'"
)


def places(tx: Tx, account: Account) -> dict[str, tuple[str, str]]:
    """Role, and name of the member that they answer as ("" before they have), by project name.

    An owner of the workspace is owner of every project.
    """
    rows = tx.run(_OWNED if account.owner else _SEATED, {"a": account.id})
    return {row.project: (row.role, row.member or "") for row in rows}


def roles(tx: Tx, account: Account) -> dict[str, str]:
    """Roles by project name."""
    return {project: role for project, (role, _) in places(tx, account).items()}


def seats(tx: Tx, project: int) -> list[SeatRow]:
    """Every seat of a project, closed ones too, in the order of accounts."""
    return [_seat(r) for r in tx.run(text("SELECT * FROM seats WHERE project = :p ORDER BY account"), {"p": project})]


def seats_of_account(tx: Tx, account: int) -> list[SeatRow]:
    """Every seat of an account."""
    return [_seat(r) for r in tx.run(text("SELECT * FROM seats WHERE account = :a ORDER BY project"), {"a": account})]


_ONE = text("SELECT * FROM seats WHERE account = :a AND project = :p")


def seat(tx: Tx, account: int, project: int) -> SeatRow | None:
    """One seat, open or closed, or None."""
    row = tx.first(_ONE, {"a": account, "p": project})
    return None if row is None else _seat(row)


def holder(tx: Tx, member: int) -> int | None:
    """The account that answers as this member, or None."""
    found = tx.value(text("SELECT account FROM seats WHERE member = :m"), {"m": member})
    return None if found is None else int(found)


def put_seat(tx: Tx, account: int, project: int, role: str) -> None:
    """Give a role: a new seat, or the same one with another role; a closed one opens again."""
    tx.run(
        text(
            "INSERT INTO seats (account, project, role, since) VALUES (:a, :p, :r, :at) "
            "ON CONFLICT (account, project) DO UPDATE SET role = excluded.role, active = 1"
        ),
        {"a": account, "p": project, "r": role, "at": tx.now()},
    )
    found = seat(tx, account, project)
    if found is not None and found.member is not None:
        members.set_active(tx, found.member, active=True)


def close_seat(tx: Tx, account: int, project: int) -> int:
    """Close a seat: what the person holds goes back to the queue (how many), what they answered stays.

    Invitations and tokens that they made in the project end.
    """
    credentials.revoke_in(tx, account, project)
    found = seat(tx, account, project)
    tx.run(text("UPDATE seats SET active = 0 WHERE account = :a AND project = :p"), {"a": account, "p": project})
    if found is None or found.member is None:
        return 0
    members.set_active(tx, found.member, active=False)
    return queue.release_all(tx, project, found.member)


def member(tx: Tx, account: Account, project: int) -> tuple[Member, bool]:
    """The member that an account answers as, and whether the seat was bound just now.

    Bound once, by key: renaming either changes nothing. Never to a member that was there before, for that is somebody
    else. ForbiddenError without an open seat; an owner of the workspace is given one.
    """
    found = seat(tx, account.id, project)
    if account.owner and (found is None or not found.active):
        put_seat(tx, account.id, project, "reviewer")  # what stays when they own the workspace no longer
    elif found is None or not found.active:
        raise ForbiddenError("you have no seat in this project any more; ask its lead")
    if found is not None and found.member is not None:
        return members.by_id(tx, found.member), False
    made = members.ensure(tx, project, _free(tx, account.name, project))
    tx.run(
        text("UPDATE seats SET member = :m WHERE account = :a AND project = :p"),
        {"m": made.id, "a": account.id, "p": project},
    )
    return made, True


def _free(tx: Tx, name: str, project: int) -> str:
    taken = {each.name for each in members.roster(tx, project)}
    wanted, number = name, 1
    while wanted in taken:
        number += 1
        wanted = f"{name} ({number})"
    return wanted

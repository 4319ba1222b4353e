"""Machine tokens: what a program may do for the person who made it, within that person's role as it is at the time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.guard.access import ACTIONS
from cowise.loop.callers import Caller, by, caller_of, good_name, note, person, require
from cowise.loop.signing import DAY_S, SEEN_S, new_secret
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, credentials, projects
from cowise.store.credentials import Credential

PREFIX = "cw_"
MOST_DAYS = 366
MOST_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Token:
    """One machine token without its secret; `project` "" means all of its maker's. `used` is its last use."""

    id: int
    name: str
    project: str
    scopes: tuple[str, ...]
    created: float
    expires: float
    used: float | None
    by: str


def _scopes(wanted: Collection[str]) -> tuple[str, ...]:
    unknown = sorted(set(wanted) - set(ACTIONS) | (set(wanted) & {"tokens.make"}))
    if unknown or not wanted or isinstance(wanted, str):
        what = ", ".join(str(each)[:40] for each in unknown[:5]) or "none"
        known = ", ".join(each for each in ACTIONS if each != "tokens.make")
        raise InputError(f"scopes: asked for {what}; give one or more of {known}")
    return tuple(sorted(set(wanted)))


def _token(tx: Tx, row: Credential, names: dict[int, str]) -> Token:
    body = row.body
    return Token(
        row.id, str(body["name"]), names.get(row.project, ""), tuple(body["scopes"]), row.created, row.expires,
        row.seen, accounts.get(tx, row.account).name,
    )  # fmt: skip


def _names(tx: Tx) -> dict[int, str]:
    return {each.id: each.name for each in projects.all_of(tx)}


def tokens(ws: Workspace, caller: Caller) -> list[Token]:
    """The caller's own machine tokens, oldest first; for an owner of the workspace, everybody's."""
    person(caller)
    with ws.store.read() as tx:
        whose = [each.id for each in accounts.all_of(tx)] if caller.owner else [caller.account]
        names = _names(tx)
        return [_token(tx, row, names) for who in whose for row in credentials.of_account(tx, who, "token")]


def make_token(
    ws: Workspace, caller: Caller, name: str, project: str, scopes: Collection[str], days: float
) -> tuple[Token, str]:
    """A new machine token and its secret, shown once: for one project, or for all with "" (owners of the workspace).

    It may do what is in `scopes` and in its maker's role, for `days`. InputError for unknown scopes or times.
    """
    person(caller)
    require(caller, project, "tokens.make")
    title, wanted = good_name(name), _scopes(scopes)
    if not 0 < days <= MOST_DAYS:
        raise InputError(f"days: asked for {days}; give 1 to {MOST_DAYS}")
    secret = f"{PREFIX}{new_secret()}"

    def work(tx: Tx) -> Token:
        number = projects.get(tx, project).id if project else 0
        if len(credentials.of_account(tx, caller.account, "token")) >= MOST_TOKENS:
            raise ConflictError(f"tokens: you have {MOST_TOKENS}; revoke some first")
        about = (number, {"name": title, "scopes": list(wanted)})
        row = credentials.add(tx, "token", secret, caller.account, seconds=days * DAY_S, about=about)
        entry = {"token": row.id, "scopes": list(wanted), "days": days, "by": by(tx, caller)}
        note(tx, number, "token made", entry)
        return _token(tx, row, _names(tx))

    return ws.store.write(work), secret


def revoke(ws: Workspace, caller: Caller, token: int) -> None:
    """End a machine token of one's own, or anybody's for an owner of the workspace; MissingError for any other."""
    person(caller)

    def work(tx: Tx) -> None:
        row = credentials.by_id(tx, "token", token)
        if row is None or not (caller.owner or row.account == caller.account):
            raise MissingError(f"token {token} is not one of yours, or is over")
        credentials.revoke(tx, row.id)
        note(tx, row.project, "token revoked", {"token": row.id, "by": by(tx, caller)})

    ws.store.write(work)


def bearer(ws: Workspace, token: str) -> Caller | None:
    """Who calls with this machine token; None when it is none, or is over."""
    if not token.startswith(PREFIX):
        return None
    with ws.store.read() as tx:
        row = credentials.find(tx, "token", token)
        if row is None:
            return None
        now = tx.now()
        who = caller_of(tx, accounts.get(tx, row.account), 0)
        who = replace(who, scopes=frozenset(str(each) for each in row.body["scopes"]))
        if row.project:
            only = _names(tx).get(row.project, "")
            who = replace(who, owner=False, roles={n: r for n, r in who.roles.items() if n == only})
    if row.seen is None or abs(now - row.seen) >= SEEN_S:
        ws.store.submit(partial(credentials.touch, credential=row.id, expires=row.expires))
    return who

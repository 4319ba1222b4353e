"""Signing in and out: one-time links, passwords, sessions."""

from __future__ import annotations

import secrets
from functools import partial

from cowise.core.errors import AuthError, InputError, MissingError
from cowise.guard import passwords
from cowise.guard.attempts import Attempts, Key
from cowise.loop.callers import Caller, Entered, caller_of, good_language, good_name, named, note, person
from cowise.loop.workspace import Workspace
from cowise.store import Tx, accounts, credentials
from cowise.store.accounts import Account
from cowise.store.values import clean

DAY_S = 86_400.0
LINK_S = 600.0
SESSION_S = 30 * DAY_S
"""A session ends after so long without a use."""
MOST_SESSION_S = 365 * DAY_S
"""And after so long in any case."""
SEEN_S = 60.0
"""Uses are noted once in so long, so that reading stays reading."""
FIRST = "owner"


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def first_owner(tx: Tx) -> Account:
    """The oldest owner of the workspace; an account of that name is made when there is none."""
    found = accounts.owners(tx)
    if found:
        return accounts.get(tx, found[0])
    made = accounts.add(tx, FIRST, owner=True)
    note(tx, 0, "account made", {"account": named(made), "owner": True})
    return made


def operator(ws: Workspace) -> Caller:
    """Whoever holds the workspace's folder acts as its first owner."""
    return ws.store.write(lambda tx: caller_of(tx, first_owner(tx), 0))


def link(ws: Workspace) -> str:
    """A token that signs the first owner in, once, within ten minutes."""
    token = new_secret()

    def work(tx: Tx) -> None:
        owner = first_owner(tx)
        credentials.add(tx, "link", token, owner.id, seconds=LINK_S, about=(0, {}))
        note(tx, 0, "link made", {"account": named(owner)})

    ws.store.write(work)
    return token


def enter(ws: Workspace, token: str, agent: str = "", *, old: str = "") -> Entered:
    """Sign in by a one-time link; MissingError when it was used, or its time is over. `old` is a session to end."""

    def work(tx: Tx) -> Entered:
        found = credentials.use_up(tx, "link", token)
        if found is None:
            raise MissingError("this link was used or its time is over; get a new one with: cowise signin")
        return begin(tx, accounts.get(tx, found.account), agent, "by link", old)

    return ws.store.write(work)


def begin(tx: Tx, account: Account, agent: str, how: str, old: str = "") -> Entered:
    """A new session under a new token; the one before, if the browser had one, ends."""
    if old:
        end(tx, old)
    token = new_secret()
    about = (0, {"agent": clean(agent)[:200]})
    made = credentials.add(tx, "session", token, account.id, seconds=SESSION_S, about=about)
    note(tx, 0, "signed in", {"account": named(account), "how": how})
    return Entered(token, caller_of(tx, account, made.id))


def end(tx: Tx, token: str) -> None:
    """End the session of a token; nothing happens when it is over."""
    found = credentials.use_up(tx, "session", token)
    if found is not None:
        note(tx, 0, "signed out", {"account": named(accounts.get(tx, found.account))})


def attempts(ws: Workspace) -> Attempts:
    """What this process counts of attempts."""
    made: Attempts = ws.memory.setdefault("attempts", Attempts())
    return made


def _keys(name: str, address: str) -> list[Key]:
    login = accounts.login_of(name)[:200]
    # The pair is slowed soonest. Name alone and address alone are looser: nobody locks another out, or a whole office.
    return [
        Key(f"pair {address} {login}", 5, 900),
        Key(f"name {login}", 30, 30),
        Key(f"address {address}", 50, 300),
    ]


def sign_in(ws: Workspace, name: str, password: str, agent: str = "", *, address: str = "", old: str = "") -> Entered:
    """Sign in by name and password; AuthError when they do not fit, RateError after too many attempts.

    An unknown name costs the same time. `address` is where the caller is; `old` is a session to end.
    """
    keys = _keys(name, address)
    attempts(ws).begin(keys)
    with ws.store.read() as tx:
        found = accounts.by_name(tx, name)
    checked = passwords.check(password, found.password if found else None)
    if found is None or not checked.ok:
        raise AuthError("name and password do not fit; try again, or ask for a new link")
    attempts(ws).passed(keys)

    def work(tx: Tx) -> Entered:
        now = accounts.get(tx, found.id)
        if now.password != found.password:
            raise AuthError("the password was changed meanwhile; sign in with the new one")
        if checked.renewed:
            accounts.set_password(tx, found.id, checked.renewed)
        return begin(tx, now, agent, "by password", old)

    return ws.store.write(work)


def caller(ws: Workspace, session_token: str) -> Caller | None:
    """Who holds this session; None when it is over. A use moves its end."""
    with ws.store.read() as tx:
        found = credentials.find(tx, "session", session_token)
        if found is None:
            return None
        now = tx.now()
        who = caller_of(tx, accounts.get(tx, found.account), found.id)
    if now - (found.seen or 0) >= SEEN_S or now < (found.seen or 0):
        until = min(now + SESSION_S, found.created + MOST_SESSION_S)
        ws.store.submit(partial(credentials.touch, credential=found.id, expires=until))
    return who


def sign_out(ws: Workspace, session_token: str) -> None:
    """End a session; nothing happens when it is over."""
    ws.store.write(lambda tx: end(tx, session_token))


def change_me(
    ws: Workspace,
    caller: Caller,
    name: str | None = None,
    language: str | None = None,
    password: str | None = None,
    old_password: str | None = None,
) -> Caller:
    """Change one's own name, language or password (None: as it is); a new password ends all other sessions.

    AuthError when the old password does not fit, ConflictError when the name is taken.
    """
    person(caller)
    good = None if name is None else good_name(name)
    spoken = None if language is None else good_language(language)
    kept, fresh = _new_password(ws, caller, good or caller.name, password, old_password)

    def work(tx: Tx) -> Caller:
        if accounts.get(tx, caller.account).password != kept and fresh:
            raise AuthError("the password was changed meanwhile; load the page again")
        if good is not None:
            accounts.set_name(tx, caller.account, good)
        if spoken is not None:
            accounts.set_language(tx, caller.account, spoken)
        now = accounts.get(tx, caller.account)
        if fresh:
            accounts.set_password(tx, now.id, fresh)
            ended = credentials.revoke_all(tx, now.id, "session", but=caller.session)
            note(tx, 0, "password changed", {"account": named(now), "ended": ended})
        elif good is not None:
            note(tx, 0, "account changed", {"account": named(now)})
        return caller_of(tx, accounts.get(tx, now.id), caller.session)

    return ws.store.write(work)


def _new_password(
    ws: Workspace, caller: Caller, name: str, password: str | None, old: str | None
) -> tuple[str | None, str]:
    """(hash kept now, hash to keep or "")."""
    with ws.store.read() as tx:
        kept = accounts.get(tx, caller.account).password
    if password is None:
        return kept, ""
    passwords.strong(password, name)
    if kept is not None:
        if old is None:
            raise InputError("password: give the old one too")
        keys = [Key(f"change {caller.account}", 5, 900)]
        attempts(ws).begin(keys)
        if not passwords.check(old, kept).ok:
            raise AuthError("the old password does not fit; try again")
        attempts(ws).passed(keys)
    return kept, passwords.hashed(password)

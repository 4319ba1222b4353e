"""Who is calling: an account with its roles, or a machine token within the roles of its maker."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cowise.core.errors import AuthError, ForbiddenError, InputError
from cowise.core.settings import LANGUAGES
from cowise.guard.access import ROLES, Role, Verdict, allowed, known
from cowise.guard.crypt import salted
from cowise.loop import records
from cowise.store import Tx, accounts, ledger
from cowise.store.accounts import Account
from cowise.store.values import clean

MOST_NAME = 80
JOINERS = "\u200c\u200d"
"""Format characters that names are written with; all others can hide or turn what stands beside them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls, as of now. `owner`: of the workspace. `roles`, and `members` that they answer as, by project name.

    `scopes` None means a person; a machine token has those actions at most. `session` is the session's number, 0 for a
    token.
    """

    account: int
    name: str
    owner: bool
    language: str
    roles: Mapping[str, Role]
    scopes: frozenset[str] | None = None
    session: int = 0
    has_password: bool = False
    members: Mapping[str, str] = field(default_factory=dict)

    def role_in(self, project: str) -> Role | None:
        """The role in a project; None without a seat."""
        return self.roles.get(project)

    def may(self, project: str, action: str) -> Verdict:
        """Whether this caller may do `action` in a project ("" for what belongs to none), and why (not)."""
        verdict = allowed(self.role_in(project), self.owner, action)
        if verdict.ok and self.scopes is not None and action not in self.scopes:
            return Verdict(ok=False, reason=f"this machine token was not made for {action}")
        return verdict


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session: hand the token to the browser and forget it."""

    session_token: str
    caller: Caller


def require(caller: Caller | None, project: str, action: str) -> Caller:
    """The caller, if they may; AuthError for nobody, ForbiddenError with the reason."""
    found = signed_in(caller)
    verdict = found.may(project, action)
    if not verdict.ok:
        raise ForbiddenError(verdict.reason)
    return found


def person(caller: Caller | None) -> Caller:
    """The caller, if a person; a machine token changes nobody's account."""
    found = signed_in(caller)
    if found.scopes is not None:
        raise ForbiddenError("a machine token cannot do this; sign in as a person")
    return found


def signed_in(caller: Caller | None) -> Caller:
    """The caller; AuthError for nobody."""
    if caller is None:
        raise AuthError("you are not signed in; sign in, or get a new link with: cowise signin")
    return caller


def caller_of(tx: Tx, account: Account, session: int) -> Caller:
    """A person as the tables have them now; a role that no table knows counts as no seat."""
    places = {name: place for name, place in accounts.places(tx, account).items() if place[0] in ROLES}
    return Caller(
        account.id, account.name, account.owner, account.language, {name: known(role) for name, (role, _) in places.items()},
        session=session, has_password=account.password is not None,
        members={name: member for name, (_, member) in places.items() if member},
    )  # fmt: skip


def named(account: Account) -> str:
    """An account in the ledger: its number under its own salt, so that a new name changes nothing; "erased" afterwards."""
    return records.ERASED if account.salt is None else salted(account.salt, f"account {account.id}")


def by(tx: Tx, caller: Caller) -> str:
    """The caller in the ledger."""
    return named(accounts.get(tx, caller.account))


def note(tx: Tx, project: int, kind: str, record: Mapping[str, Any]) -> None:
    """One ledger entry in this transaction; project 0 for what belongs to none."""
    ledger.append(tx, project, kind, record)


def good_name(name: str) -> str:
    """A name as it is kept: 1 to 80 characters that show as they are; InputError otherwise."""
    tidy = " ".join(name.split())
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") and c not in JOINERS for c in tidy)
    if not tidy.strip(JOINERS) or len(tidy) > MOST_NAME or hidden or clean(tidy) != tidy:
        raise InputError(
            f"name: asked for {tidy[:40]!r}; give 1 to {MOST_NAME} characters without control or direction codes"
        )
    return tidy


def good_language(language: str) -> str:
    """A language of the page, or "" for the browser's; InputError otherwise."""
    if language not in ("", *LANGUAGES):
        raise InputError(f"language: asked for {language[:20]!r}; there are {', '.join(LANGUAGES)}, or nothing")
    return language

"""Who may do what: one table of role x action, deny by default, and every verdict says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowise.core.errors import InputError

Role = Literal["owner", "lead", "reviewer", "inspector"]
ROLES: tuple[Role, ...] = ("owner", "lead", "reviewer", "inspector")
"""Roles in a project, highest first."""

_LEADS = frozenset({"owner", "lead"})
_WATCHERS = _LEADS | {"inspector"}
_ANSWERERS = _LEADS | {"reviewer"}
_ALL = frozenset(ROLES)
_NOBODY: frozenset[str] = frozenset()

# Action -> roles in the project that may do it. The owner of the workspace may do all of them, and alone may do
# those that no role in a project reaches, for they touch every project.
ACTIONS: dict[str, frozenset[str]] = {
    "project.create": _NOBODY,
    "project.see": _ALL,
    "project.change": _LEADS,
    "project.delete": frozenset({"owner"}),
    "project.import": _LEADS,
    "project.export": _WATCHERS,
    "review.answer": _ANSWERERS,
    "review.sweep": _ANSWERERS,
    "review.again": _LEADS,
    "items.see": _ALL,
    "people.see": _WATCHERS,
    "people.names": _LEADS,
    "people.see_own": _ANSWERERS,
    "people.invite": _LEADS,
    "people.change": _LEADS,
    "models.see": _ALL,
    "models.run": _LEADS,
    "settings.see": _WATCHERS,
    "workspace.backup": _NOBODY,
    "workspace.keys": _NOBODY,
    "ledger.see": _WATCHERS,
    "tokens.make": _LEADS,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be done, and why (not)."""

    ok: bool
    reason: str

    def __bool__(self) -> bool:
        return self.ok


def allowed(role: str | None, owner: bool, action: str) -> Verdict:
    """Whether someone with this role in the project (None: no seat), owner of the workspace or not, may do `action`.

    >>> allowed("reviewer", False, "review.answer").ok
    True
    >>> allowed("inspector", False, "review.answer")
    Verdict(ok=False, reason='review.answer is for owner, lead, reviewer; you are inspector here')
    """
    who = ACTIONS.get(action)
    if who is None:
        return Verdict(ok=False, reason=f"{action[:40]!r} is no action that anybody may do")
    if owner:
        return Verdict(ok=True, reason="you own the workspace")
    if not who:
        return Verdict(ok=False, reason=f"{action} is for the owner of the workspace")
    if role is None:
        return Verdict(ok=False, reason="you have no seat in this project, or it is not here")
    if role in who:
        return Verdict(ok=True, reason=f"you are {role} here")
    return Verdict(
        ok=False, reason=f"{action} is for {', '.join(r for r in ROLES if r in who)}; you are {str(role)[:40]} here"
    )


def reaches(giver: str | None, owner: bool, role: str) -> Verdict:
    """Whether someone may give, change or take away `role`: nobody reaches above their own.

    >>> reaches("lead", False, "owner").reason
    'a lead cannot give or take the role owner'
    """
    if owner or (giver in ROLES and ROLES.index(giver) <= ROLES.index(known(role))):
        return Verdict(ok=True, reason="the role is not above yours")
    return Verdict(ok=False, reason=f"a {giver or 'stranger'} cannot give or take the role {role}")


def known(role: str) -> Role:
    """The role of that name; InputError when there is none."""
    for each in ROLES:
        if each == role:
            return each
    raise InputError(f"role: asked for {role[:20]!r}; there are {', '.join(ROLES)}")

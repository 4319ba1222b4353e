"""Signing in and out, and one's own account."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Body
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from cowise.core.errors import MissingError
from cowise.loop import accounts
from cowise.loop.accounts import Caller, Entered
from cowise.web.deps import Home, House, Maybe, Who, Ws, session_token
from cowise.web.shapes import Asked, InPath, Language, Role, Shape, routes

router = routes("session")
WEEKS_S = 30 * 24 * 3600
Secret = Annotated[str, StringConstraints(max_length=1000)]


class Account(Shape):
    """Somebody who can sign in; `owner` of the workspace."""

    id: str
    name: str
    language: Language
    owner: bool
    has_password: bool


class Seat(Shape):
    """A project and one's role there."""

    name: str
    role: Role


class Me(Shape):
    """Who is signed in, and where they have a seat. An owner of the workspace has one in every project."""

    account: Account
    projects: list[Seat]


class LinkAsked(Asked):
    """A one-time sign-in link's token."""

    token: Secret


class SignIn(Asked):
    """Name and password."""

    name: Annotated[str, StringConstraints(max_length=200)]
    password: Secret


class MeChange(Asked):
    """What to change; a password needs the old one where there is one."""

    language: Language | None = None
    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    password: Secret | None = None
    old_password: Secret | None = None


class InvitationShape(Shape):
    """What a link invites to, and who made it."""

    project: str
    role: Role
    by: str


class Joining(Asked):
    """How a newcomer wants to be called; whoever is signed in already just joins."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    password: Secret | None = None
    language: Language = ""


class TokenShape(Shape):
    """A machine token without its secret; `project` null: for all of its maker's."""

    id: str
    name: str
    project: str | None
    scopes: list[str]
    created: float
    expires: float
    last_used: float | None
    by: str


class Tokens(Shape):
    """Machine tokens, oldest first, and what they may be made for."""

    tokens: list[TokenShape]
    scopes: list[str]


class TokenAsked(Asked):
    """A machine token to make: within `scopes` and its maker's role, for so many days."""

    name: Annotated[str, StringConstraints(max_length=200)]
    project: Annotated[str, StringConstraints(max_length=200)] | None = None
    scopes: Annotated[list[str], Field(max_length=50)]
    days: Annotated[float, Field(gt=0, le=366)] = 90


class TokenMade(TokenShape):
    """A new machine token with its secret, shown once."""

    secret: str


def me_of(who: Caller) -> Me:
    """The shape of whoever is signed in."""
    account = Account(
        id=str(who.account), name=who.name, language=_language(who.language), owner=who.owner, has_password=who.has_password
    )  # fmt: skip
    return Me(account=account, projects=[Seat(name=name, role=role) for name, role in sorted(who.roles.items())])


def _language(found: str) -> Literal["en", "zh", ""]:
    return "zh" if found == "zh" else "en" if found == "en" else ""


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")[:200]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _enter(house: House, response: Response, entered: Entered) -> Me:
    """Hand the new session to the browser; the worker gets warm, for somebody is there."""
    if entered.session_token:
        response.set_cookie(
            house.cookie, entered.session_token, max_age=WEEKS_S, path="/", secure=house.secure, httponly=True,
            samesite="lax",
        )  # fmt: skip
    house.worker.soon()
    return me_of(entered.caller)


class _GoneError(MissingError):
    """A link that was here once."""

    status = 410


@router.post("/session/link")
def link(asked: LinkAsked, request: Request, response: Response, house: Home) -> Me:
    """Sign in by the one-time link that `cowise start` prints; 410 once it was used or ten minutes are over."""
    try:
        entered = accounts.enter(house.ws, asked.token, _agent(request), old=session_token(request))
    except MissingError as cause:
        raise _GoneError(str(cause)) from None
    return _enter(house, response, entered)


@router.post("/session")
def sign_in(asked: SignIn, request: Request, response: Response, house: Home) -> Me:
    """Sign in by name and password; 429 after too many attempts."""
    entered = accounts.sign_in(
        house.ws, asked.name, asked.password, _agent(request), address=_address(request), old=session_token(request)
    )
    return _enter(house, response, entered)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, house: Home) -> None:
    """End this session; nothing happens without one."""
    token = session_token(request)
    if token:
        accounts.sign_out(house.ws, token)
    response.delete_cookie(house.cookie, path="/", secure=house.secure, httponly=True, samesite="lax")


@router.get("/me")
def me(who: Who) -> Me:
    """Who is signed in; 401 for nobody."""
    return me_of(who)


@router.patch("/me")
def change_me(asked: MeChange, who: Who, ws: Ws) -> Me:
    """Change one's own name, language or password; a new password ends all other sessions."""
    return me_of(accounts.change_me(ws, who, asked.name, asked.language, asked.password or None, asked.old_password))


@router.get("/invitations/{token}")
def invitation(token: InPath, ws: Ws) -> InvitationShape:
    """What a link invites to. The link itself is the permission."""
    return InvitationShape.model_validate(accounts.invitation(ws, token))


@router.post("/invitations/{token}")
def join(
    token: InPath, request: Request, response: Response, who: Maybe, house: Home, asked: Annotated[Joining, Body()]
) -> Me:
    """Take an invitation: makes an account and signs it in; whoever is signed in already joins as they are."""
    entered = accounts.accept(
        house.ws, token, caller=who, agent=_agent(request), name=asked.name, password=asked.password or None,
        language=asked.language,
    )  # fmt: skip
    house.bus.tell("", "people")
    return _enter(house, response, entered)


def _token(found: accounts.Token) -> dict[str, object]:
    return {
        "id": str(found.id), "name": found.name, "project": found.project or None, "scopes": list(found.scopes),
        "created": found.created, "expires": found.expires, "last_used": found.used, "by": found.by,
    }  # fmt: skip


@router.get("/tokens")
def tokens(who: Who, ws: Ws) -> Tokens:
    """One's own machine tokens; an owner of the workspace sees everybody's."""
    found = [TokenShape.model_validate(_token(one)) for one in accounts.tokens(ws, who)]
    return Tokens(tokens=found, scopes=sorted(set(accounts.ACTIONS) - {"tokens.make"}))


@router.post("/tokens", status_code=201)
def make_token(asked: TokenAsked, who: Who, ws: Ws) -> TokenMade:
    """Make a machine token; its secret is in this answer and nowhere else."""
    made, secret = accounts.make_token(ws, who, asked.name, asked.project or "", asked.scopes, asked.days)
    return TokenMade.model_validate({**_token(made), "secret": secret})


@router.delete("/tokens/{id}", status_code=204)
def revoke(id: InPath, who: Who, ws: Ws) -> None:  # noqa: A002 (the address's own word)
    """End a machine token."""
    if not (id.isascii() and id.isdigit() and len(id) < 19):
        raise MissingError(f"token {id[:40]!r} is not one of yours, or is over")
    accounts.revoke(ws, who, int(id))

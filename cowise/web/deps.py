"""What routes ask for: the workspace, who is there, and whether they may.

    router = routes("items")

    @router.get("/projects/{p}/items", dependencies=[may("items.see")])
    def items(p: str, ws: Ws, who: Who) -> Items: ...

A route without `may` or `Who` that is not on the short list of the open ones fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from cowise.core.errors import AuthError
from cowise.core.registry import load
from cowise.loop import accounts
from cowise.loop.accounts import Caller
from cowise.loop.background import Bus, Worker
from cowise.loop.workspace import Workspace

COOKIE = "cowise_session"
HOST_COOKIE = "__Host-cowise_session"


@dataclass(slots=True)
class House:
    """What one server holds: the open workspace, its worker, its events, and how it is reached."""

    ws: Workspace
    bus: Bus
    worker: Worker
    secure: bool = False
    closing: bool = False
    """The server is about to end: whoever streams lets go."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What routers keep between requests; only what can be made anew."""

    @property
    def cookie(self) -> str:
        """The name of the session cookie: browsers refuse the guarded one on plain http."""
        return HOST_COOKIE if self.secure else COOKIE


# What need not wait is async: each plain function here would cost every request a turn in the pool of threads.


async def house(request: Request) -> House:
    """The server's things."""
    return _house(request)


async def workspace(request: Request) -> Workspace:
    """The open workspace."""
    return _house(request).ws


def _house(request: Request) -> House:
    found: House = request.app.state.house
    return found


def session_token(request: Request) -> str:
    """What the session cookie holds, "" without one."""
    return request.cookies.get(_house(request).cookie, "")


async def signed_in(request: Request) -> Caller:
    """Who is there, by session cookie or machine token; AuthError (401) for nobody. Looked up once for a request."""
    found = await anybody(request)
    if found is None:
        raise AuthError("you are not signed in; sign in, or get a new link with: cowise signin")
    return found


async def anybody(request: Request) -> Caller | None:
    """Who is there, None for nobody."""
    if not hasattr(request.state, "caller"):
        request.state.caller = await run_in_threadpool(_caller, request)
    found: Caller | None = request.state.caller
    return found


def _caller(request: Request) -> Caller | None:
    ws = _house(request).ws
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:  # a program says who it is: a cookie that comes along does not count
        return accounts.bearer(ws, secret.strip()) if scheme.lower() == "bearer" else None
    token = session_token(request)
    return accounts.caller(ws, token) if token else None


@dataclass(frozen=True, slots=True)
class May:
    """A dependency that lets a request through when its caller may do `action` in the project that the path names."""

    action: str

    async def __call__(self, request: Request) -> Caller:
        """The caller; ForbiddenError (403) with the reason."""
        who = await signed_in(request)
        return accounts.require(who, request.path_params.get("p", ""), self.action)


def may(action: str) -> Any:
    """`dependencies=[may("items.see")]`: sign-in and permission of a route, denied unless the table says yes."""
    return Depends(May(action))


def masked(ws: Workspace, who: Caller, project: str, own: str = "") -> Mapping[str, str]:
    """A mask for each name that the caller may not see beside figures and answers, but for their `own`; {} for who may see all."""
    if who.may(project, "people.names").ok:
        return {}
    return {name: mask for name, mask in load("loop.masks:masks")(ws, project, who.language).items() if name != own}


Ws = Annotated[Workspace, Depends(workspace)]
Who = Annotated[Caller, Depends(signed_in)]
Maybe = Annotated[Caller | None, Depends(anybody)]
Home = Annotated[House, Depends(house)]
"""Ask `who.may("tickets", "people.see").ok` where an answer shows more to some."""

"""The page before the API stands: making its routes takes as long as a browser needs to load the page, so both go on at once.

Requests to the API wait at the gate until it is there; from then on everything goes through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cowise.web import pages
from cowise.web.faults import HANDLERS, answer
from cowise.web.shield import guard

if TYPE_CHECKING:
    from fastapi import FastAPI


class Gate:
    """Runs `make` in a thread once the server has started; `failed` is called when that raises, and `fault` says what."""

    def __init__(self, make: Callable[[], FastAPI], early: ASGIApp, failed: Callable[[], None]) -> None:
        self.app: FastAPI | None = None
        self.fault: BaseException | None = None
        self._make, self._early, self._failed = make, early, failed
        self._there, self._over = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what can be answered already."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self.app is None and scope["type"] == "http" and not scope["path"].startswith("/api/"):
            await self._early(scope, receive, send)
            return
        await self._there.wait()
        if self.app is None:  # the server is about to end
            await answer(503, "fault", "cowise could not start; the terminal says why")(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        making = asyncio.create_task(self._furnish())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._over.set()
        await making
        await send({"type": "lifespan.shutdown.complete"})

    async def _furnish(self) -> None:
        """Make the application and keep it alive until the end."""
        try:
            app = await asyncio.to_thread(self._make)
            async with app.router.lifespan_context(app):
                self.app = app
                self._there.set()
                await self._over.wait()
        except Exception as cause:  # noqa: BLE001 (whoever runs the server raises it again)
            self.fault = cause
            self._there.set()
            self._failed()


def doorstep(hosts: frozenset[str], *, secure: bool, debug: bool) -> ASGIApp:
    """The page alone, behind the same shield as all the rest."""
    route = Route("/{path:path}", pages.page, methods=["GET"])
    app = Starlette(routes=[route], middleware=[guard(hosts, secure=secure, debug=debug)], exception_handlers=HANDLERS)
    app.state.pages = pages.Pages()
    return app

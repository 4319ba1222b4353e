"""The application of one workspace: routes behind the shield, a worker for what takes long, events, the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool

from cowise.core.version import VERSION
from cowise.loop.background import Bus, Worker
from cowise.loop.workspace import Workspace
from cowise.web import (
    audits,
    events,
    files,
    forecast,
    health,
    items,
    jobs,
    members,
    models,
    pages,
    people,
    projects,
    reasons,
    review,
    session,
    workspace,
)
from cowise.web.deps import House
from cowise.web.faults import HANDLERS
from cowise.web.shield import guard
from cowise.web.unfit import invalid

ROUTERS: tuple[APIRouter, ...] = (
    health.router, session.router, projects.router, files.router, models.router, review.router, reasons.router, items.router, people.router, members.router, audits.router,
    forecast.router, jobs.router, events.router, workspace.router,
)  # fmt: skip
THREADS = 8
"""Requests worked on at a time. Python runs one at a time anyway, and each read of the database hands the turn on: among
forty, everybody waits for all others at every step."""
ABOUT = "Everything the page of cowise does. Times are seconds since 1970, shares lie from 0 to 1, ids are strings."


def create(
    ws: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    hosts: Iterable[str] = (),
    secure: bool = False,
    work: bool = True,
) -> FastAPI:
    """The application over an open workspace, which the caller closes.

    `host` and `hosts` are names it answers to beside loopback's; `secure` says that browsers reach it by https;
    without `work` jobs wait until `house.worker.step()` is called.
    """
    bus = Bus()
    house = House(ws, bus, Worker(ws, bus), secure)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        if work:
            house.worker.start()
        try:
            yield
        finally:
            house.closing = True
            await run_in_threadpool(house.worker.stop)

    app = FastAPI(
        title="cowise", version=VERSION, description=ABOUT, openapi_url="/api/openapi.json", docs_url=None,
        redoc_url=None, lifespan=life, exception_handlers={**HANDLERS, RequestValidationError: invalid},
        redirect_slashes=False, middleware=[guard(frozenset({host, *hosts}), secure=secure, debug=ws.settings.debug)],
    )  # fmt: skip
    app.state.house, app.state.pages, app.state.address = house, pages.Pages(), (host, port)
    app.router.routes.extend(route for router in ROUTERS for route in router.routes)
    app.add_route("/{path:path}", pages.page, methods=["GET"], include_in_schema=False)
    return app

"""Events: what changed, as it changes, to whoever may see it. Never a text, never what an audit is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from cowise.loop.accounts import Caller
from cowise.loop.news import News
from cowise.web import deps
from cowise.web.deps import Home, House, Who
from cowise.web.shapes import routes
from cowise.web.tongue import spoken

router = routes("events")
PING_S = 20.0
WAITING = 256
"""News that a slow listener may have waiting; more are dropped and it is told to look at everything again."""


class Ear:
    """One listener: news from any thread, read in the event loop."""

    def __init__(self, house: House) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[News | None] = asyncio.Queue(WAITING)
        self.leave = house.bus.listen(self._hear)

    def _hear(self, news: News) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is there
            self._loop.call_soon_threadsafe(self._put, news)

    def _put(self, news: News | None) -> None:
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            news = {"project": "", "what": "status"}
        self._queue.put_nowait(news)

    async def next(self, seconds: float) -> News | None:
        """The next piece of news; None when none came in time."""
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None


def may_hear(who: Caller, news: News) -> bool:
    """Whether this piece of news is for the caller: only projects that they see, people only with people.see."""
    project, what = str(news["project"]), news["what"]
    if not project:
        return who.owner or what != "job"
    return who.may(project, "people.see" if what == "people" else "project.see").ok


def line(event: str, data: Any) -> str:
    """One server-sent event."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def told(news: News) -> dict[str, Any]:
    """The news in the language of the listener: a job that failed says why."""
    job = news.get("job")
    if not isinstance(job, dict) or not job.get("error"):
        return dict(news)
    error = {**job["error"], "message": spoken(job["error"]["message"])}
    return {**news, "job": {**job, "error": error}}


async def stream(request: Request, house: House, who: Caller, *, ping_s: float = PING_S) -> AsyncIterator[str]:
    """News until the browser or the server leaves, or the sign-in is over; who may hear what is looked up anew at each."""
    ear = Ear(house)
    try:
        yield "retry: 2000\n\n" + line("ping", {})
        while not house.closing:
            news = await ear.next(ping_s)
            del request.state.caller  # roles may have changed, or the session ended
            now = await deps.anybody(request)
            if now is None or now.account != who.account:
                return
            if news is None:
                yield line("ping", {})
            elif may_hear(now, news):
                yield line("project", told(news))
    finally:
        ear.leave()


_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event: project` with {project, what, job?}, `event: ping` every 20 s.",
        "content": {"text/event-stream": {}},
    }
}


@router.get("/events", response_class=StreamingResponse, responses=_STREAM)
async def events(request: Request, who: Who, house: Home) -> StreamingResponse:
    """What changes in the projects that one may see, as server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(request, house, who), media_type="text/event-stream", headers=headers)

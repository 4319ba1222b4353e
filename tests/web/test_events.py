"""Who hears what: only projects that one may see, people only with people.see, and nothing after the sign-in is over."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.requests import Request

from cowise.guard.access import Role
from cowise.loop import accounts
from cowise.loop.callers import Caller
from cowise.web.events import WAITING, Ear, line, may_hear, stream


def caller(role: Role | None, *, owner: bool = False) -> Caller:
    return Caller(1, "x", owner, "en", {} if role is None else {"tickets": role})


@pytest.mark.parametrize(("role", "owner", "hears"), [
    (None, True, {"status", "queue", "job", "people"}), ("lead", False, {"status", "queue", "job", "people"}),
    ("inspector", False, {"status", "queue", "job", "people"}), ("reviewer", False, {"status", "queue", "job"}),
    (None, False, set()),
])  # fmt: skip
def test_roles_hear_what_they_may_see(role, owner, hears):
    who = caller(role, owner=owner)
    news = [{"project": "tickets", "what": what} for what in ("status", "queue", "job", "people")]
    assert {one["what"] for one in news if may_hear(who, one)} == hears
    assert may_hear(who, {"project": "foreign", "what": "status"}) is owner


def test_jobs_of_the_workspace_are_for_its_owners():
    assert may_hear(caller(None, owner=True), {"project": "", "what": "job"})
    assert not may_hear(caller("lead"), {"project": "", "what": "job"})


def test_an_event_is_one_line_whatever_it_holds():
    text = line("project", {"project": "a\nevent: forged\n\ndata: {}", "what": "status"})
    assert text.count("\n") == 3
    assert json.loads(text.split("data: ", 1)[1])["project"].startswith("a\n")


def test_a_listener_that_does_not_read_is_told_to_look_again(office):
    async def run() -> tuple[int, dict]:
        ear = Ear(office.house)
        for _ in range(WAITING + 5):
            office.house.bus.tell("tickets", "queue")
        await asyncio.sleep(0.05)
        waiting = ear._queue.qsize()
        first = await ear.next(1)
        ear.leave()
        return waiting, dict(first or {})

    waiting, first = asyncio.run(run())
    assert waiting <= WAITING
    assert first == {"project": "", "what": "status"}


def _request(office, session: str) -> Request:
    headers = [(b"cookie", f"{office.house.cookie}={session}".encode())]
    return Request({"type": "http", "headers": headers, "app": office.app, "method": "GET", "path": "/api/events"})


def test_nothing_is_heard_after_signing_out(office):
    session = accounts.enter(office.ws, accounts.link(office.ws)).session_token

    async def run() -> list[str]:
        request = _request(office, session)
        who = accounts.caller(office.ws, session)
        assert who is not None
        request.state.caller = who
        heard = []
        lines = stream(request, office.house, who, ping_s=5)
        heard.append(await anext(lines))
        office.house.bus.tell("tickets", "status")
        heard.append(await anext(lines))
        accounts.sign_out(office.ws, session)
        office.house.bus.tell("tickets", "status")
        heard += [each async for each in lines]
        return heard

    heard = asyncio.run(run())
    assert len(heard) == 2
    assert '"tickets"' in heard[1]


def test_silence_is_broken_by_pings(office):
    session = accounts.enter(office.ws, accounts.link(office.ws)).session_token

    async def run() -> list[str]:
        request = _request(office, session)
        who = accounts.caller(office.ws, session)
        assert who is not None
        request.state.caller = who
        lines = stream(request, office.house, who, ping_s=0.02)
        heard = [await anext(lines) for _ in range(3)]
        await lines.aclose()
        return heard

    assert all("event: ping" in each for each in asyncio.run(run()))


def test_what_one_may_not_hear_is_passed_over_and_the_end_is_the_end(office):
    async def run() -> list[str]:
        session = office.client("reviewer").cookies[office.house.cookie]
        request = _request(office, session)
        who = accounts.caller(office.ws, session)
        assert who is not None
        request.state.caller = who
        lines = stream(request, office.house, who, ping_s=5)
        heard = [await anext(lines)]
        office.house.bus.tell("foreign", "status")
        office.house.bus.tell("tickets", "queue")
        heard.append(await anext(lines))
        office.house.closing = True
        return [*heard, *[each async for each in lines]]

    hello, queue, *rest = asyncio.run(run())
    assert hello.startswith("retry: ")
    assert queue == line("project", {"project": "tickets", "what": "queue"})
    assert rest == []

"""The gate: the page is there before the API is, whose requests wait; an API that cannot be made ends the server."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from serving import free_port

from cowise.core.settings import Settings
from cowise.loop.workspace import Workspace, open_workspace
from cowise.web import server
from cowise.web.app import create
from cowise.web.gate import Gate, doorstep
from cowise.web.server import Where
from cowise.web.shield import CSP


@pytest.fixture
def ws(tmp_path) -> Iterator[Workspace]:
    with open_workspace(Settings(home=tmp_path / "home"), create=True) as found:
        yield found


@contextmanager
def standing(make: Callable[[], FastAPI], failed: Callable[[], None] = lambda: None) -> Iterator[tuple[Gate, str]]:
    """A server behind a gate, and its address."""
    gate = Gate(make, doorstep(frozenset(), secure=False, debug=False), failed)
    port = free_port()
    runs = uvicorn.Server(uvicorn.Config(gate, host="127.0.0.1", port=port, log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=runs.run)
    thread.start()
    try:
        while not runs.started:
            assert thread.is_alive()
        yield gate, f"http://127.0.0.1:{port}"
    finally:
        runs.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def test_the_page_is_there_while_the_api_is_made(ws):
    let = threading.Event()

    def slowly() -> FastAPI:
        assert let.wait(30)
        return create(ws, work=False)

    told: list[httpx2.Response] = []
    with standing(slowly) as (gate, address), httpx2.Client(base_url=address, timeout=30) as client:
        page = client.get("/")
        assert (page.status_code, page.headers["content-security-policy"]) == (200, CSP)
        assert "javascript" in client.get("/app.js").headers["content-type"]
        assert client.get("/api.js").status_code == 200, "a file of the page, whatever its name begins with"
        assert client.get("/nothing.js").json()["error"]["kind"] == "missing"
        asking = threading.Thread(target=lambda: told.append(httpx2.get(f"{address}/api/health", timeout=30)))
        asking.start()
        asking.join(0.3)
        assert (told, gate.app) == ([], None)
        let.set()
        asking.join(30)
        assert told[0].json()["ok"] is True
        later = client.get("/")
        assert gate.app is not None
        assert (later.content, later.headers["etag"]) == (page.content, page.headers["etag"])
        assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 421
        house = gate.app.state.house
    assert house.closing, "the application hears that it is over"


def test_an_application_that_cannot_be_made_says_so():
    def broken() -> FastAPI:
        raise RuntimeError("no routes today")

    over = threading.Event()
    with standing(broken, over.set) as (gate, address):
        assert httpx2.get(f"{address}/api/health", timeout=30).status_code == 503
        assert over.wait(10)
    assert str(gate.fault) == "no routes today"


def test_serving_ends_with_the_fault(ws, monkeypatch):
    def broken(*_: object, **__: object) -> FastAPI:
        raise RuntimeError("no routes today")

    monkeypatch.setattr(server, "load", lambda _: broken)
    with pytest.raises(RuntimeError, match="no routes today"):
        server.check(ws, Where(port=free_port()))
    with pytest.raises(RuntimeError, match="no routes today"):
        server.serve(ws, Where(port=free_port()), lambda *_: None)


def test_listening_waits_for_no_routes():
    code = "import sys, cowise.web.server; print([m for m in ('fastapi', 'pydantic', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

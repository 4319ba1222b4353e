"""What stands before every route: headers, host, origin, sizes, and faults that show nothing."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cowise.core.errors import CowiseError, LimitError
from cowise.loop import accounts
from cowise.web.app import create
from cowise.web.faults import fault, kind_of
from cowise.web.shield import BODY, CSP


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/me", "/api/nothing", "/nothing.js"])
def test_every_answer_carries_the_headers(office, path):
    headers = office.stranger().get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    if path.startswith("/api"):
        assert headers["cache-control"] == "no-store"


def test_the_policy_allows_nothing_from_elsewhere():
    parts = dict(part.strip().split(" ", 1) for part in CSP.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == "'self'"
    assert parts["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in CSP
    assert "http" not in CSP


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "a@127.0.0.1", "", "[::1", "localhost/.evil"]
)
def test_other_hosts_are_refused(office, host):
    answer = office.stranger().get("/api/health", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_names_of_this_machine_are_answered(office, host):
    assert office.stranger().get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("headers", [
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "strange"},
    {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:9999"},
    {"origin": "http://127.0.0.1:8765", "sec-fetch-site": "cross-site"},
])  # fmt: skip
def test_other_sites_change_nothing(office, headers):
    owner = office.client("owner")
    answer = owner.patch("/api/me", json={"language": "zh"}, headers=headers)
    assert answer.status_code == 403
    assert owner.get("/api/me").json()["account"]["language"] != "zh"


@pytest.mark.parametrize("headers", [
    {}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://127.0.0.1:8765"},
])  # fmt: skip
def test_our_own_page_and_programs_may(office, headers):
    assert office.client("owner").patch("/api/me", json={"language": "zh"}, headers=headers).status_code == 200


def test_a_large_body_is_refused_by_its_stated_size(office):
    answer = office.client("owner").patch(
        "/api/me", content=b"x" * (BODY + 1), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["kind"] == "limit"


def test_a_large_body_is_refused_when_it_states_no_size(office):
    def parts():
        for _ in range(5):
            yield b" " * (BODY // 4)

    answer = office.client("owner").patch("/api/me", content=parts(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("size", ["-1", "many", "9" * 30, "1_000"])
def test_a_size_that_is_none_is_refused(office, size):
    answer = office.stranger().post("/api/session", content=b"{}", headers={"content-length": size})
    assert answer.status_code in (400, 413)


def test_a_fault_of_ours_shows_a_number_and_nothing_else(office, caplog):
    async def broken(_: Request) -> None:
        raise RuntimeError("secret text of an item")

    office.app.router.routes.insert(0, Route("/api/broken", broken))
    with caplog.at_level(logging.INFO, "cowise.web"):
        answer = office.stranger().get("/api/broken?q=secret")
    found = answer.json()["error"]
    assert (answer.status_code, found["kind"]) == (500, "fault")
    assert found["details"]["reference"] in found["message"]
    assert found["details"]["reference"] in caplog.text
    assert "secret" not in answer.text
    assert "secret" not in caplog.text
    assert "Traceback" not in answer.text


def test_the_log_holds_patterns_and_no_names(office, caplog):
    token = accounts.invite(office.ws, accounts.operator(office.ws), "tickets", "reviewer").token
    with caplog.at_level(logging.INFO, "cowise.web"):
        office.client("owner").get("/api/projects/tickets/status?q=private")
        office.stranger().get(f"/api/invitations/{token}")
    assert "/projects/{p}/status 200" in caplog.text
    assert "tickets" not in caplog.text
    assert "private" not in caplog.text
    assert token not in caplog.text


def test_https_has_the_guarded_cookie_and_says_so(office):
    app = create(office.ws, host="cowise.example", secure=True, work=False)
    with TestClient(app, base_url="https://cowise.example") as browser:
        answer = browser.post("/api/session/link", json={"token": accounts.link(office.ws)})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-cowise_session=")
        assert "Secure" in cookie
        assert "max-age" in answer.headers["strict-transport-security"]
        assert browser.get("/api/me").status_code == 200


def test_validation_says_where_and_keeps_the_tree(office):
    answer = office.client("owner").post("/api/projects", json={"name": "x", "labls": ["a"]})
    found = answer.json()["error"]
    assert (answer.status_code, found["kind"]) == (422, "input")
    assert {one["where"] for one in found["details"]["fields"]} == {"body.labels", "body.labls"}


def test_unknown_addresses_and_methods(office):
    assert office.stranger().get("/api/nothing").json()["error"]["kind"] == "missing"
    assert office.stranger().put("/api/health").status_code == 405


def test_an_answer_that_breaks_on_its_way_is_cut_off(office, caplog):
    """A browser must not take half an answer for a whole one; the log says what broke, and no text."""

    async def half() -> AsyncIterator[bytes]:
        yield b"half of a secret "
        raise RuntimeError("secret text of an item")

    async def broken(_: Request) -> StreamingResponse:
        return StreamingResponse(half())

    office.app.router.routes.insert(0, Route("/api/broken", broken))
    browser = TestClient(office.app, base_url="http://127.0.0.1:8765")
    with caplog.at_level(logging.INFO, "cowise.web"), pytest.raises(ConnectionAbortedError):
        browser.get("/api/broken")
    assert "cut off /api/…: RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_fault_is_logged_whole_only_when_debugging(caplog):
    cause = RuntimeError("secret text of an item")
    answer = fault(cause, "/api/x", debug=True)
    assert b"secret" not in answer.body
    assert "secret text of an item" in caplog.text


def test_an_error_of_no_kind_is_a_fault():
    assert kind_of(CowiseError("odd")) == (500, "fault")
    assert kind_of(LimitError("long")) == (413, "limit")

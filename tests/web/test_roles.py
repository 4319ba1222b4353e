"""Every route with every role, with nobody, with a stale session, in a foreign project, and with a narrow token.

Made from the routes themselves: a route that somebody adds is tried here without another line.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.routing import iter_route_contexts

from cowise.guard.access import ACTIONS, allowed
from cowise.loop import accounts
from cowise.web.deps import May, signed_in

OPEN = {
    ("GET", "/api/health"), ("GET", "/api/openapi.json"), ("POST", "/api/session/link"), ("POST", "/api/session"),
    ("DELETE", "/api/session"), ("GET", "/api/invitations/{token}"), ("POST", "/api/invitations/{token}"),
    ("GET", "/{path:path}"),
}  # fmt: skip
"""What needs no sign-in; anything else without one is a fault."""
STREAMS = {("GET", "/api/events")}
"""Never ends for those who may: tried with the others alone, and in test_events."""
PEOPLE = ("owner", "lead", "reviewer", "inspector", "outsider")


def routes(app) -> list[tuple[str, str, str | None, bool]]:
    """(method, path, action of its `may` or None, whether it asks who is there)."""
    found = []
    for one in iter_route_contexts(app.routes):
        dependant = getattr(one, "dependant", None)
        calls = [each.call for each in dependant.dependencies] if dependant else []
        action = next((call.action for call in calls if isinstance(call, May)), None)
        found += [
            (method, one.path, action, signed_in in calls or action is not None)
            for method in sorted(one.methods or ())
            if method != "HEAD"
        ]
    return found


def filled(path: str, project: str) -> str:
    return re.sub(r"{(\w+)(:\w+)?}", lambda m: project if m[1] == "p" else "1", path)


def send(client, method: str, path: str, project: str = "tickets"):
    body = {} if method in ("POST", "PATCH", "DELETE", "PUT") else None
    return client.request(method, filled(path, project), json=body)


@pytest.fixture
def closed(office) -> list[tuple[str, str, str | None]]:
    return [(m, p, a) for m, p, a, _ in routes(office.app) if (m, p) not in OPEN]


def test_every_route_is_open_by_name_or_asks_who_is_there(office):
    assert not [(m, p) for m, p, _, asks in routes(office.app) if not asks and (m, p) not in OPEN]
    there = {(m, p) for m, p, _, _ in routes(office.app)}
    assert not OPEN - there


def test_every_action_asked_for_is_in_the_table(office):
    assert not [a for _, _, a, _ in routes(office.app) if a is not None and a not in ACTIONS]


def test_every_route_of_a_project_names_an_action(office):
    assert not [(m, p) for m, p, a, _ in routes(office.app) if "{p}" in p and a is None]


def test_nobody_gets_nothing(office, closed):
    got = {(m, p): send(office.stranger(), m, p).status_code for m, p, _ in closed}
    assert not {key: status for key, status in got.items() if status != 401}


def test_a_stale_session_gets_nothing(office, closed):
    browser = office.join("tickets", "lead", "gone person")
    assert browser.get("/api/me").status_code == 200
    accounts.sign_out(office.ws, browser.cookies[office.house.cookie])
    got = {(m, p): send(browser, m, p).status_code for m, p, _ in closed}
    assert not {key: status for key, status in got.items() if status != 401}


def _roles(who: str) -> tuple[str | None, bool]:
    return (None if who in ("owner", "outsider") else who), who == "owner"


@pytest.mark.parametrize("who", PEOPLE)
def test_the_table_decides_and_nothing_else(office, closed, who):
    role, owner = _roles(who)
    wrong = []
    for method, path, action in closed:
        if action is None or (method, path) in STREAMS:
            continue
        may = allowed(role if "{p}" in path else None, owner, action).ok
        got = send(office.client(who), method, path)
        if (got.status_code == 403) == may or got.status_code == 401 or got.status_code >= 500:
            wrong.append((method, path, action, may, got.status_code, got.text[:200]))
        elif not may and not got.json()["error"]["message"]:
            wrong.append((method, path, "no reason"))
    assert not wrong


@pytest.mark.parametrize("who", ["lead", "reviewer", "inspector", "outsider"])
@pytest.mark.parametrize("project", ["foreign", "not-here"])
def test_a_foreign_project_is_shut_and_looks_like_none(office, closed, who, project):
    got = {(m, p): send(office.client(who), m, p, project).status_code for m, p, _ in closed if "{p}" in p}
    assert got
    assert not {key: status for key, status in got.items() if status != 403}


def test_a_machine_token_does_what_it_was_made_for(office, closed):
    lead = office.client("lead")
    made = lead.post("/api/tokens", json={"name": "reader", "project": "tickets", "scopes": ["project.see"], "days": 1})
    assert made.status_code == 201, made.text
    program = office.stranger()
    program.headers["Authorization"] = f"Bearer {made.json()['secret']}"
    assert program.get("/api/projects/tickets/status").status_code == 200
    wrong = [
        (m, p, a)
        for m, p, a in closed
        if a not in (None, "project.see") and (m, p) not in STREAMS and send(program, m, p).status_code != 403
    ]
    assert not wrong
    assert program.get("/api/projects/foreign/status").status_code == 403
    assert lead.delete(f"/api/tokens/{made.json()['id']}").status_code == 204
    assert program.get("/api/projects/tickets/status").status_code == 401


def test_a_wrong_token_is_not_helped_by_a_cookie(office):
    lead = office.client("lead")
    assert lead.get("/api/me", headers={"Authorization": "Bearer cw_wrong"}).status_code == 401
    assert lead.get("/api/me", headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_a_removed_person_is_out_at_once(office):
    reviewer = office.client("reviewer")
    assert reviewer.get("/api/projects/tickets").status_code == 200
    seat = next(s.account for s in accounts.roles(office.ws, "tickets") if s.role == "reviewer")
    accounts.remove(office.ws, accounts.operator(office.ws), "tickets", seat)
    assert reviewer.get("/api/projects/tickets").status_code == 403
    assert reviewer.get("/api/projects").json() == {"projects": []}


def test_jobs_of_another_project_are_shut(office):
    job = office.client("owner").post("/api/projects/foreign/learn").json()["id"]
    for who in ("lead", "reviewer", "inspector", "outsider"):
        assert office.client(who).get(f"/api/jobs/{job}").status_code == 403
        assert office.client(who).delete(f"/api/jobs/{job}").status_code == 403
    own = office.client("lead").post("/api/projects/tickets/learn").json()["id"]
    assert office.client("reviewer").get(f"/api/jobs/{own}").status_code == 200
    assert office.client("reviewer").delete(f"/api/jobs/{own}").status_code == 403


def test_only_who_may_import_may_send_files(office):
    codes = {
        who: office.client(who).post("/api/files?name=a.csv", content=b"text\nhello\n").status_code for who in PEOPLE
    }
    assert codes == {"owner": 201, "lead": 201, "reviewer": 403, "inspector": 403, "outsider": 403}


def test_lists_show_what_one_may_see(office):
    seen: Callable[[str], list[str]] = lambda who: [  # noqa: E731
        p["name"] for p in office.client(who).get("/api/projects").json()["projects"]
    ]
    assert seen("owner") == ["foreign", "tickets"]
    assert seen("lead") == seen("inspector") == ["tickets"]
    assert seen("outsider") == []

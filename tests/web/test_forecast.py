"""The promise through the API: for everybody with a seat, and nothing that is not a promise."""

import pytest
from offices import plain_texts
from test_items import answer_some

from cowise import loop
from cowise.core.types import Answer


def test_everybody_with_a_seat_sees_it(office):
    answer_some(office, 3)
    for role in ("owner", "lead", "reviewer", "inspector"):
        found = office.client(role).get("/api/projects/tickets/forecast").json()
        assert (found["state"], found["here"], found["curve"]) == ("early", None, [])
        assert office.client(role).get("/api/projects/tickets/promises").json() == {"looks": [], "gone": []}
        assert office.client(role).get("/api/projects/tickets/estimates").json()["state"] == "early"
    for path in ("forecast", "promises", "estimates"):
        assert office.client("outsider").get(f"/api/projects/tickets/{path}").status_code in (403, 404)


@pytest.mark.parametrize("query", ["max_error=0", "max_error=1", "confidence=0.4", "confidence=1", "max_error=x"])
def test_what_is_no_promise_is_refused(office, query):
    answer = office.client("lead").get(f"/api/projects/tickets/forecast?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_a_played_project_shows_what_was_foretold_and_granted(make_office):
    known = plain_texts()
    office = make_office(list(known))
    lead = office.client("lead")
    with loop.session(office.ws, "tickets", "ann") as review:
        while asked := review.ask(1):
            review.take(asked[0], Answer.of(known[asked[0].text]), 1.0)
    found = lead.get("/api/projects/tickets/forecast?max_error=0.02&confidence=0.99").json()
    assert found["state"] == "ready"
    assert (found["here"]["max_error"], found["here"]["confidence"]) == (0.02, 0.99)
    assert {0.02, 0.05, 0.1} <= {one["max_error"] for one in found["curve"]}
    looks = lead.get("/api/projects/tickets/promises").json()["looks"]
    assert looks[0]["state"] == "granted"
    told = lead.get("/api/projects/tickets/estimates").json()
    assert (told["state"], told["asked"] > told["lots"] >= 30) == ("ready", True)
    assert {one["label"] for one in told["labels"]} == set(known.values())
    assert all(0 <= one["low"] <= one["share"] <= one["high"] <= 1 for one in (told["right"], *told["labels"]))
    assert looks[0]["foretold"]["automation"]["high"] > 0
    assert 0 < looks[0]["granted"] <= 1


def test_one_version_is_released_by_a_lead_and_no_other(office):
    answer_some(office, 12)
    lead = office.client("lead")
    versions = lead.get("/api/projects/tickets/models").json()["versions"]
    asked = {"version": "v-none", "reason": "it was better"}
    assert office.client("reviewer").post("/api/projects/tickets/release", json=asked).status_code == 403
    assert lead.post("/api/projects/tickets/release", json={"version": "v-none"}).status_code == 422
    job = lead.post("/api/projects/tickets/release", json=asked).json()
    office.work()
    found = lead.get(f"/api/jobs/{job['id']}").json()
    assert found["error"]["kind"] == "MissingError"
    assert lead.get("/api/projects/tickets/models").json()["versions"] == versions


def test_the_released_version_is_withdrawn_by_a_lead(office):
    lead = office.client("lead")
    with loop.session(office.ws, "tickets", "ann") as review:
        for i in range(6):
            (question,) = review.ask(1)
            review.take(question, Answer.of("bug" if i % 2 else "praise"), 1.0)
    job = lead.post("/api/projects/tickets/learn").json()
    office.work()
    assert lead.get(f"/api/jobs/{job['id']}").json()["state"] == "done"
    version = lead.get("/api/projects/tickets/models").json()["versions"][0]["id"]
    asked = {"version": version, "reason": "it is off"}
    assert office.client("reviewer").post("/api/projects/tickets/withdraw", json=asked).status_code == 403
    lead.post("/api/projects/tickets/release", json=asked)
    office.work()
    assert lead.get("/api/projects/tickets/models").json()["versions"][0]["state"] == "released"
    job = lead.post("/api/projects/tickets/withdraw", json=asked).json()
    office.work()
    assert lead.get(f"/api/jobs/{job['id']}").json()["result"] == {"withdrawn": 0}
    assert lead.get("/api/projects/tickets/models").json()["versions"][0]["state"] == "withdrawn"

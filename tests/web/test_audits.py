"""Audits through the API: for who may see names, page by page."""

import pytest
from offices import plain_texts
from test_items import answer_some

from cowise import loop
from cowise.core.types import Answer


def test_they_are_for_lead_owner_and_inspector(office):
    answer_some(office, 3)
    for role in ("owner", "lead", "inspector"):
        found = office.client(role).get("/api/projects/tickets/audits").json()
        assert found == {"looks": [], "audits": [], "next": None, "total": 0, "open": False}
    assert office.client("reviewer").get("/api/projects/tickets/audits").status_code == 403


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=-1", "only=right", "look=x"])
def test_what_nobody_could_mean_is_refused(office, query):
    answer = office.client("lead").get(f"/api/projects/tickets/audits?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_a_look_is_shown_with_its_audits_once_it_is_over(make_office):
    known = plain_texts()
    office = make_office(list(known))
    lead, hidden = office.client("lead"), False
    with loop.session(office.ws, "tickets", "ann") as review:
        while asked := review.ask(1):
            review.take(asked[0], Answer.of(known[asked[0].text]), 1.0)
            now = lead.get("/api/projects/tickets/audits").json()
            hidden = hidden or now["open"]
            assert not (now["open"] and now["audits"])
    found = lead.get("/api/projects/tickets/audits?limit=5").json()
    assert found["looks"], "no look was concluded"
    (look, *_) = found["looks"]
    assert look["audited"] == look["listed"] == found["total"]
    assert hidden
    for one in found["audits"]:
        assert (one["outcome"] == "right") == (one["machine"] == known[one["text"]])
        assert one["answers"][0]["by"] == "ann"

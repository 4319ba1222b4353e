"""Language models through the API: leads seat and ask them, keys and inner addresses are out of reach."""

from cowise.loop.llm_seats import Seated, add_member
from tests.models.servers import answer, serving

BASE = "/api/projects/tickets"


def test_a_lead_seats_a_model_that_the_operator_opened_and_asks_it(office):
    lead = office.client("lead")
    with serving(lambda to, body: to.say(answer("bug"))) as (url, server):
        add_member(office.ws, "tickets", "near", Seated(url, "m", "1,1", private=True, shots=0))
        (seen,) = lead.get(f"{BASE}/members").json()["members"]
        assert (seen["name"], seen["model"], seen["active"], seen["opinions"]) == ("near", "m", True, 0)
        job = lead.post(f"{BASE}/opinions", json={"members": ["near"], "limit": 5})
        assert job.status_code == 202
        office.work()
        done = lead.get(f"/api/jobs/{job.json()['id']}").json()
        assert done["result"]["members"][0]["given"] == 5
        assert len(server.asked) == 10
    assert lead.get(f"{BASE}/members").json()["members"][0]["opinions"] == 5
    assert lead.delete(f"{BASE}/members", params={"name": "near"}).status_code == 204
    assert lead.get(f"{BASE}/members").json()["members"][0]["active"] is False


def test_inner_addresses_are_not_opened_over_the_network(office):
    lead = office.client("lead")
    for url in ("http://127.0.0.1:8080/v1", "https://169.254.169.254/v1", "https://10.0.0.1/v1"):
        found = lead.post(f"{BASE}/members", json={"name": "x", "llm": url, "model": "m"})
        assert found.status_code == 403, url
    asked = {"name": "x", "llm": "https://127.0.0.1/v1", "model": "m", "private": True}
    assert lead.post(f"{BASE}/members", json=asked).status_code == 422
    assert lead.get(f"{BASE}/members").json()["members"] == []


def test_reviewers_and_inspectors_seat_nobody(office):
    for role in ("reviewer", "inspector"):
        client = office.client(role)
        assert client.post(f"{BASE}/members", json={"name": "x", "llm": "local:smollm2-135m"}).status_code == 403
        assert client.post(f"{BASE}/opinions").status_code == 403
        assert client.delete(f"{BASE}/members", params={"name": "x"}).status_code == 403

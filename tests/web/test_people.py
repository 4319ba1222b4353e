"""People through the API: own figures for all, others' for who may see them; seats, invitations, hand-over."""

import json

from test_items import answer_some


def people(client):
    answer = client.get("/api/projects/tickets/people")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_figures_of_others_are_for_lead_and_owner_by_name(office):
    answer_some(office, 3)
    for role in ("owner", "lead"):
        found = {one["name"]: one for one in people(office.client(role))["people"]}
        assert found["reviewer person"]["answers"] == 3
        assert found["reviewer person"]["seconds_median"] == 2.0
    mine = people(office.client("reviewer"))
    assert [one["name"] for one in mine["people"]] == ["reviewer person"]
    assert mine["own"]["answers"] == mine["own"]["today"] == 3
    assert mine["invitations"] == []


SEEN = (
    "people", "roster", "audits", "languages", "capacity", "status", "history", "models", "items", "promises", "estimates",
    "ledger", "export?format=csv", "export?format=jsonl",
)  # fmt: skip


def test_an_inspector_reads_everything_and_no_name_beside_it(office):
    """Every page of a project that an inspector reaches, the story and the account of an item: nobody's name but their own."""
    answered = answer_some(office, 3)
    inspector, names = office.client("inspector"), ("reviewer person", "lead person")
    item = answered[0] if isinstance(answered[0], str) else answered[0]["item"]
    pages = [*SEEN, f"items/{item}", f"items/{item}/account"]
    for page in pages:
        answer = inspector.get(f"/api/projects/tickets/{page}")
        assert answer.status_code == 200, page
        told = answer.json() if page == "people" else {}
        listed = {one["name"]: one["role"] for one in told.pop("access", ())}
        if told:
            assert {listed[name] for name in names} == {"reviewer", "lead"}, "who has access is no secret"
        text = json.dumps(told) if told else answer.text
        assert not [name for name in names if name in text], page
    assert "reviewer person" in office.client("lead").get("/api/projects/tickets/export?format=csv").text
    rows = inspector.get("/api/projects/tickets/roster").json()["people"]
    [busy] = [one for one in rows if one["answers"] == 3]
    assert busy["name"] == busy["id"]
    assert busy["name"].startswith("person ")
    [row] = [one for one in inspector.get("/api/projects/tickets/people").json()["people"] if one["answers"] == 3]
    assert (row["name"], row["role"], row["last_seen"], row["present"]) == (busy["name"], None, None, False)
    assert office.client("lead").get("/api/projects/tickets/people").json()["access"] == []
    story = inspector.get(f"/api/projects/tickets/items/{item}").json()["story"]
    assert busy["name"] in {one["by"] for one in story}, "the same mask everywhere"
    assert inspector.get("/api/projects/tickets/items?person=1").status_code == 403


def test_an_invitation_goes_from_link_to_seat(office):
    lead = office.client("lead")
    made = lead.post("/api/projects/tickets/invitations", json={"role": "reviewer", "note": "night shift"}).json()
    token = made["link"].removeprefix("/#/join/")
    assert [i["note"] for i in people(lead)["invitations"]] == ["night shift"]
    joined = office.stranger().post(f"/api/invitations/{token}", json={"name": "新同事", "language": "zh"})
    assert joined.status_code == 200
    after = people(lead)
    assert "新同事" in {one["name"] for one in after["people"]}
    assert after["invitations"] == []


def test_an_invitation_can_be_taken_back(office):
    lead = office.client("lead")
    made = lead.post("/api/projects/tickets/invitations", json={"role": "inspector"}).json()
    assert lead.delete(f"/api/projects/tickets/invitations/{made['id']}").status_code == 204
    token = made["link"].removeprefix("/#/join/")
    assert office.stranger().post(f"/api/invitations/{token}", json={"name": "late"}).status_code == 404


def test_a_lead_makes_nobody_owner(office):
    refused = office.client("lead").post("/api/projects/tickets/invitations", json={"role": "owner"})
    assert refused.status_code == 403


def test_who_leaves_hands_over(office):
    answer_some(office, 1)
    reviewer, lead = office.client("reviewer"), office.client("lead")
    held = reviewer.post("/api/projects/tickets/questions", json={"n": 2}).json()["questions"]
    assert len(held) == 2
    own = people(reviewer)["own"]["id"]
    assert lead.delete(f"/api/projects/tickets/people/{own}").status_code == 204
    assert reviewer.post("/api/projects/tickets/questions", json={"n": 1}).status_code == 403
    second = office.join("tickets", "reviewer", "second")
    given = second.post("/api/projects/tickets/questions", json={"n": 12}).json()["questions"]
    assert {q["item"] for q in held} <= {q["item"] for q in given}
    assert lead.patch(f"/api/projects/tickets/people/{own}", json={"role": "reviewer"}).status_code == 204
    assert reviewer.post("/api/projects/tickets/questions", json={"n": 1}).status_code == 200


def test_a_change_that_asks_for_nothing_is_refused(office):
    own = people(office.client("reviewer"))["own"]["id"]
    lead = office.client("lead")
    assert lead.patch(f"/api/projects/tickets/people/{own}", json={}).status_code == 422
    assert lead.patch("/api/projects/tickets/people/x", json={"role": "lead"}).status_code == 422


def test_a_seat_can_be_closed_by_a_change(office):
    reviewer, lead = office.client("reviewer"), office.client("lead")
    own = people(reviewer)["own"]["id"]
    assert lead.patch(f"/api/projects/tickets/people/{own}", json={"active": False}).status_code == 204
    assert reviewer.post("/api/projects/tickets/questions", json={"n": 1}).status_code == 403
    assert lead.patch(f"/api/projects/tickets/people/{own}", json={"active": True}).status_code == 422


def test_the_roster_shows_others_to_those_who_may_see_them_alone(office):
    answer_some(office, 3)
    for role in ("owner", "lead"):
        found = office.client(role).get("/api/projects/tickets/roster").json()
        rows = {one["name"]: one for one in found["people"]}
        assert rows["reviewer person"]["answers"] == rows["reviewer person"]["today"] == 3
        assert rows["reviewer person"]["right"] is None
        assert len(rows) == 4
    mine = office.client("reviewer").get("/api/projects/tickets/roster").json()
    assert [one["name"] for one in mine["people"]] == ["reviewer person"]
    assert mine["pairs"] == []
    assert office.client("reviewer").get("/api/projects/tickets/roster?since=-1").status_code == 422


def test_the_roster_says_who_holds_questions(office):
    reviewer = office.client("reviewer")
    n = len(reviewer.post("/api/projects/tickets/questions", json={"n": 2}).json()["questions"])
    (own,) = reviewer.get("/api/projects/tickets/roster").json()["people"]
    assert own["held"] == n == 2


def languages(client):
    answer = client.get("/api/projects/tickets/languages")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_people_say_what_they_read_and_the_lead_says_it_of_others(office):
    lead, reviewer = office.client("lead"), office.client("reviewer")
    own = people(reviewer)["own"]["id"]
    path = f"/api/projects/tickets/people/{own}/languages"
    assert reviewer.patch(path, json={"languages": ["ZH-cn"]}).status_code == 204
    assert reviewer.post("/api/projects/tickets/questions", json={"n": 3}).json()["questions"] == []
    seen = languages(reviewer)
    assert seen["texts"] == {"latin": 12}
    assert [one["languages"] for one in seen["people"]] == [["zh"]]
    assert seen["unread"] == {"latin": 12}, "nobody else has answered yet, so nobody else is on the roster"
    office.house.worker.step()
    assert lead.get("/api/projects/tickets/status").json()["unread"] == {"latin": 12}
    assert lead.patch(path, json={"languages": ["zh", "en"]}).status_code == 204
    assert {one["name"]: one["languages"] for one in languages(lead)["people"]}["reviewer person"] == ["zh", "en"]
    assert reviewer.post("/api/projects/tickets/questions", json={"n": 3}).json()["working"]
    office.house.worker.step()
    assert len(reviewer.post("/api/projects/tickets/questions", json={"n": 3}).json()["questions"]) == 3
    assert lead.get("/api/projects/tickets/status").json()["unread"] == {}


def test_nobody_says_what_others_read_without_the_right_to(office):
    lead, reviewer, inspector = (office.client(role) for role in ("lead", "reviewer", "inspector"))
    lead_id, own = people(lead)["own"]["id"], people(reviewer)["own"]["id"]
    said = {"languages": ["zh"]}
    assert reviewer.patch(f"/api/projects/tickets/people/{lead_id}/languages", json=said).status_code == 403
    assert inspector.patch(f"/api/projects/tickets/people/{own}/languages", json=said).status_code == 403
    assert lead.patch("/api/projects/tickets/people/999/languages", json=said).status_code in (403, 404)
    assert lead.patch("/api/projects/tickets/people/x/languages", json=said).status_code == 422
    for wrong in (["chinese"], ["zh"] * 21, ["x" * 21], "zh"):
        assert lead.patch(f"/api/projects/tickets/people/{own}/languages", json={"languages": wrong}).status_code == 422
    owner = people(office.client("owner"))["own"]["id"]
    assert lead.patch(f"/api/projects/tickets/people/{owner}/languages", json=said).status_code == 403

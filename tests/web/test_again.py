"""Second opinions through the API: leads ask, somebody else is asked like of anything, the page shows who said what."""

from test_items import answer_some, listed

from cowise.store import queue

ASKED = {"token", "item", "text", "meta", "suggestion", "p", "order", "reason", "expires"}


def again(client, item):
    return client.post(f"/api/projects/tickets/items/{item}/again")


def test_a_lead_asks_and_somebody_else_answers(office):
    (item,) = answer_some(office, 1)
    lead, address = office.client("lead"), f"/api/projects/tickets/items/{item}"
    assert lead.get(address).json()["asked"] is False
    assert again(lead, item).json() == {"asked": 1}
    assert again(office.client("owner"), item).json() == {"asked": 0}, "one is waited for already"
    story = office.client("reviewer").get(address).json()
    assert story["asked"] is True
    assert (story["item"]["veiled"], story["item"]["label"], story["story"]) == (True, None, [])
    assert [t for t in lead.get(address).json()["story"] if t["what"] == "answered (current)"]
    seen = {i["id"]: (i["veiled"], i["label"], i["route"]) for i in listed(office.client("reviewer"))["items"]}
    assert seen[item] == (True, None, None)
    for more in ({"label": "bug"}, {"route": "reviewed"}, {"min_p": 0.1}):
        assert item not in {i["id"] for i in listed(office.client("reviewer"), **more)["items"]}
        assert item in {i["id"] for i in listed(office.client("inspector"), **more)["items"]}
    status = lead.get("/api/projects/tickets/status").json()
    assert status["second"] == 1
    held = office.client("reviewer").post("/api/projects/tickets/questions", json={"n": 20}).json()["questions"]
    assert held
    assert item not in {q["item"] for q in held}
    other = office.join("tickets", "reviewer", "somebody else")
    questions = other.post("/api/projects/tickets/questions", json={"n": 20}).json()["questions"]
    (mine,) = [q for q in questions if q["item"] == item]
    assert (set(mine), mine["suggestion"], mine["order"], mine["reason"]) == (ASKED, None, None, "person")
    body = {"token": mine["token"], "item": item, "answer": {"kind": "label", "value": "praise"}, "seconds": 1.0}
    assert set(other.post("/api/projects/tickets/answers", json=body).json()) == {"stored", "repeated", "left", "next"}
    story = lead.get(address).json()
    said = [(t["by"], t["answer"]["value"]) for t in story["story"] if t["what"] == "answered (current)"]
    assert said == [("reviewer person", "bug"), ("somebody else", "praise")]
    assert (story["asked"], story["item"]["label"], story["item"]["split"]) == (False, "bug", True)
    decided = [t for t in story["story"] if t["what"].startswith("decided")]
    assert decided[-1]["details"]["reason"] == "1 of 2 people gave this answer"
    found = listed(office.client("inspector"), split=True)
    assert ([i["id"] for i in found["items"]], found["total"]) == ([item], 1)
    assert listed(lead, split=True, route="consensus")["total"] == 0
    assert listed(lead, split=True, label="bug")["total"] == 1
    assert not [i for i in listed(lead)["items"] if i["split"] and i["id"] != item]


def test_who_may_not_and_what_cannot_be_asked(office):
    (item,) = answer_some(office, 1)
    for role in ("reviewer", "inspector"):
        refused = again(office.client(role), item)
        assert refused.status_code == 403
        assert "review.again is for owner, lead" in refused.json()["error"]["message"]
    lead = office.client("lead")
    assert again(lead, "nothing").status_code == 404
    fresh = next(i["id"] for i in listed(lead, route="open")["items"])
    refused = again(lead, fresh)
    assert (refused.status_code, refused.json()["error"]["kind"]) == (422, "input")
    with office.ws.store.read() as tx:
        assert queue.state(tx, 1).num_second == 0


def test_a_request_is_heard_by_those_who_wait(office):
    (item,) = answer_some(office, 1)
    heard = []
    tell = office.house.bus.tell
    office.house.bus.tell = lambda project, what, *more: (heard.append((project, what)), tell(project, what, *more))
    again(office.client("lead"), item)
    again(office.client("lead"), item)
    assert heard == [("tickets", "queue")]

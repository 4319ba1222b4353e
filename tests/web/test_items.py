"""Items through the API: filters, search, stories; names of others only for who may see them."""

from offices import TEXTS


def listed(client, **asked):
    answer = client.get("/api/projects/tickets/items", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def answer_some(office, n=4):
    office.work()
    client = office.client("reviewer")
    done = []
    while len(done) < n:
        questions = client.post("/api/projects/tickets/questions", json={"n": 1}).json()["questions"]
        if not questions:
            office.house.worker.advance("tickets")
            office.work()
            continue
        q = questions[0]
        body = {"token": q["token"], "item": q["item"], "answer": {"kind": "label", "value": "bug"}, "seconds": 2.0}
        assert client.post("/api/projects/tickets/answers", json=body).status_code == 200
        done.append(q["item"])
    return done


def test_pages_hold_every_item_once_and_in_order(office):
    found, after = [], None
    while True:
        page = listed(office.client("lead"), limit=5, **({} if after is None else {"after": after}))
        found += page["items"]
        after = page["next"]
        if after is None:
            break
    assert [item["text"] for item in found] == TEXTS
    assert page["total"] == len(TEXTS)


def test_paging_back_gives_the_same_pages(office):
    lead = office.client("lead")
    back = [listed(lead, limit=4, before=10**9)]
    assert (back[0]["next"], back[0]["total"]) == (None, len(TEXTS))
    while back[-1]["previous"] is not None:
        back.append(listed(lead, limit=4, before=back[-1]["previous"]))
    found = [item["text"] for page in reversed(back) for item in page["items"]]
    assert found == TEXTS
    assert back[1]["next"] == back[1]["items"][-1]["ordinal"]
    on = listed(lead, limit=4, after=back[1]["next"])
    assert (on["items"], on["previous"]) == (back[0]["items"], back[0]["items"][0]["ordinal"])
    assert listed(lead, limit=4)["previous"] is None
    assert listed(lead, before=0)["items"] == []


def test_words_are_found_without_waiting_for_the_background(office):
    page = listed(office.client("inspector"), q="refund")
    assert [item["text"] for item in page["items"]] == ["where is my refund"]
    assert (page["total"], page["unfiled"]) == (1, 0)


def test_routes_and_people_filter(office):
    done = answer_some(office)
    lead, reviewer = office.client("lead"), office.client("reviewer")
    assert sorted(i["id"] for i in listed(lead, route="reviewed")["items"]) == sorted(done)
    assert {i["id"] for i in listed(lead, route="open")["items"]}.isdisjoint(done)
    assert listed(lead, label="bug", min_p=0.5)["total"] == len(done)
    own = reviewer.get("/api/projects/tickets/people").json()["own"]["id"]
    assert listed(lead, person=own)["total"] == len(done)
    assert listed(reviewer, person=own)["total"] == len(done)


def test_a_reviewer_does_not_look_at_others_answers_by_name(office):
    answer_some(office)
    people = office.client("lead").get("/api/projects/tickets/people").json()["people"]
    other = next(one["id"] for one in people if one["role"] == "owner")
    refused = office.client("reviewer").get("/api/projects/tickets/items", params={"person": other})
    assert refused.status_code == 403


def test_a_story_names_others_to_the_lead_alone(office):
    (item, *_) = answer_some(office, 1)
    story = office.client("lead").get(f"/api/projects/tickets/items/{item}").json()
    assert [t["by"] for t in story["story"] if t["what"].startswith("answered")] == ["reviewer person"]
    assert story["item"]["label"] == "bug"
    second = office.join("tickets", "reviewer", "somebody else")
    hidden = second.get(f"/api/projects/tickets/items/{item}").json()
    assert [t["by"] for t in hidden["story"] if t["what"].startswith("answered")] == ["…"]
    own = office.client("reviewer").get(f"/api/projects/tickets/items/{item}").json()
    assert [t["by"] for t in own["story"] if t["what"].startswith("answered")] == ["reviewer person"]


def test_what_is_not_there_is_said(office):
    lead = office.client("lead")
    assert lead.get("/api/projects/tickets/items/nothing").status_code == 404
    assert lead.get("/api/projects/tickets/items", params={"person": "x"}).status_code == 422
    assert lead.get("/api/projects/tickets/items", params={"person": "999"}).json()["error"]["kind"] == "input"
    assert lead.get("/api/projects/tickets/items", params={"limit": 0}).status_code == 422


def test_how_an_answer_came_about_with_names_only_for_who_may_see_them(office):
    (done, *_) = answer_some(office, 1)
    told = {
        role: office.client(role).get(f"/api/projects/tickets/items/{done}/account").json()
        for role in ("lead", "reviewer", "inspector")
    }
    assert all(one["hidden"] == "" and one["next"] == "stands" for one in told.values())
    other = office.join("tickets", "reviewer", "Rose").get(f"/api/projects/tickets/items/{done}/account").json()
    assert [voice["by"] for voice in other["voices"]] == ["…"]
    assert [voice["by"] for voice in told["reviewer"]["voices"]] == [voice["by"] for voice in told["lead"]["voices"]]
    assert told["lead"]["voices"][0]["by"] not in ("", "…")
    left = next(item for item in listed(office.client("lead"), limit=50)["items"] if item["route"] is None)
    assert (
        office.client("reviewer").get(f"/api/projects/tickets/items/{left['id']}/account").json()["hidden"]
        == "undecided"
    )


def test_nothing_is_told_to_whom_the_text_may_be_shown_again(office):
    (done, *_) = answer_some(office, 1)
    assert office.client("lead").post(f"/api/projects/tickets/items/{done}/again").json() == {"asked": 1}
    told = {
        role: office.client(role).get(f"/api/projects/tickets/items/{done}/account").json()
        for role in ("lead", "reviewer", "inspector")
    }
    assert (told["lead"]["hidden"], told["lead"]["voices"], told["lead"]["label"]) == ("waits", [], "")
    assert (told["reviewer"]["hidden"], told["reviewer"]["next"]) == ("", "asked")
    assert told["inspector"]["next"] == "asked"

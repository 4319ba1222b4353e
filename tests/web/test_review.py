"""Review through HTTP: shapes, states and sentences of every route."""

import time

import pytest

PROJECT = "/api/projects/tickets"
KNOWN = {
    "printer": "bug", "invoice": "billing", "thank": "praise", "white": "bug", "charged": "billing", "wonderful": "praise",
    "crashes": "bug", "refund": "billing", "lovely": "praise", "error": "bug", "made": "praise",
}  # fmt: skip


def post(client, path, body=None):
    return client.post(f"{PROJECT}/{path}", json=body, headers={"Sec-Fetch-Site": "same-origin"})


def truth(text):
    return next(label for word, label in KNOWN.items() if word in text)


def ask(office, role="reviewer", n=1):
    """As the page does: while the next ones are being prepared it asks again a little later."""
    for _ in range(20):
        found = post(office.client(role), "questions", {"n": n}).json()
        office.work()
        if found["questions"] or not found["working"]:
            break
        time.sleep(0.1)
    return found


def body(question, label=None, **more):
    value = label or truth(question["text"])
    return {"token": question["token"], "item": question["item"], "answer": {"kind": "label", "value": value}, **more}


def test_questions_are_prepared_in_the_background(office):
    first = post(office.client("reviewer"), "questions", {"n": 3}).json()
    assert len(first["questions"]) == 3  # the very first come at once, by lot
    assert first["working"] is True
    post(office.client("reviewer"), "releases", {"tokens": [q["token"] for q in first["questions"]]})
    office.work()
    found = post(office.client("reviewer"), "questions", {"n": 3}).json()
    assert len(found["questions"]) == 3
    assert found["advice"]["kind"] == "answer"
    assert found["advice"]["needed"] in (11, 12)  # one text in twenty is reserved by lot and trains nothing
    one = found["questions"][0]
    assert (one["suggestion"], one["p"], one["order"], one["reason"]) == (None, None, None, "person")
    assert 590 < one["expires"] - time.time() < 610


def test_an_answer_brings_the_next_questions_in_one_reply(office):
    two = ask(office, n=2)["questions"]
    client = office.client("reviewer")
    reply = post(client, "answers", body(two[0], next=2)).json()
    held = post(client, "questions", {"n": 2}).json()
    assert reply["next"] == held
    assert two[1] in held["questions"]
    assert len(held["questions"]) == 2
    assert post(client, "answers", body(two[1])).json()["next"] is None
    assert post(client, "answers", body(two[1], next=21)).status_code == 422


def test_twelve_answers_end_the_project(office):
    left = []
    while (found := ask(office))["questions"]:
        reply = post(office.client("reviewer"), "answers", body(found["questions"][0], seconds=2))
        assert reply.status_code == 200
        left.append(reply.json()["left"])
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
    assert found["advice"]["kind"] == "stop"
    assert found["working"] is False
    mine = office.client("reviewer").get(f"{PROJECT}/mine").json()["answers"]
    assert len(mine) == len(left)
    assert mine[0]["state"] == "current"


def test_an_answer_is_kept_once_and_stale_or_wrong_ones_say_why(office):
    one = ask(office)["questions"][0]
    client = office.client("reviewer")
    first = post(client, "answers", body(one, "bug")).json()
    assert (first["stored"], first["repeated"]) == (True, False)
    assert first["left"] in range(8, 12)
    assert post(client, "answers", body(one, "bug")).json()["repeated"] is True
    other = post(client, "answers", body(one, "praise"))
    assert (other.status_code, other.json()["error"]["kind"]) == (422, "input")
    stale = post(client, "answers", body(one, "bug", key="new"))
    assert (stale.status_code, stale.json()["error"]["kind"]) == (409, "conflict")
    two = ask(office)["questions"][0]
    unknown = post(client, "answers", body(two, "nonsense"))
    assert (unknown.status_code, unknown.json()["error"]["kind"]) == (422, "task")
    for bad in ({"kind": "label"}, {"kind": "none", "value": "bug"}, {"kind": "text", "value": "x"}):
        reply = post(client, "answers", {**body(two), "answer": bad})
        assert (reply.status_code, reply.json()["error"]["kind"]) == (422, "input")
    assert post(client, "answers", {**body(two), "seconds": -1}).status_code == 422


def test_undo_and_skip_and_flag(office):
    client = office.client("reviewer")
    one, two = ask(office, n=2)["questions"]
    post(client, "answers", body(one))
    assert post(client, "flags", {"token": two["token"], "note": "two <b>languages</b>"}).status_code == 204
    assert post(client, "skips", {"token": two["token"]}).status_code == 204
    assert post(client, "skips", {"token": two["token"]}).status_code == 409
    back = post(client, "undo").json()
    assert (back["item"], back["was"], back["why"]) == (two["item"], None, None)
    assert back["question"]["text"] == two["text"]
    back = post(client, "undo", {"item": one["item"]}).json()
    assert back["was"] == {"kind": "label", "value": truth(one["text"])}
    assert post(client, "undo", {}).json() == {"question": None, "item": "", "was": None, "why": "nothing"}
    assert post(client, "flags", {"item": "f" * 32}).status_code == 404


def test_an_answer_that_a_certificate_stands_on_is_named_for_correction(make_office):
    words = [f"{w} text {i}" for i in range(60) for w in ("printer", "invoice", "thank")]
    office = make_office(words)
    client = office.client("reviewer")
    while (found := ask(office))["questions"]:
        post(client, "answers", body(found["questions"][0]))
    assert client.get(f"{PROJECT}/status").json()["certificate"]
    for _ in range(200):
        reply = post(client, "undo")
        if reply.status_code != 200:
            break
    assert reply.status_code == 409
    item = reply.json()["error"]["details"]["item"]
    done = post(client, "corrections", {"item": item, "answer": {"kind": "none"}})
    assert done.json() == {"reopened": True}
    office.work()


def test_holds_are_renewed_and_given_back(office):
    client = office.client("reviewer")
    tokens = [q["token"] for q in ask(office, n=3)["questions"]]
    ends = post(client, "renewals", {"tokens": [*tokens, "gone"]}).json()["expires"]
    assert set(ends) == set(tokens)
    assert post(office.client("lead"), "releases", {"tokens": tokens}).json() == {"released": 0}
    assert post(client, "releases", {"tokens": tokens}).json() == {"released": 3}
    assert post(client, "renewals", {"tokens": tokens}).json() == {"expires": {}}


def test_two_people_share_the_work(office):
    one, two = ask(office, "reviewer", 4), ask(office, "lead", 4)
    assert len(one["questions"]) == len(two["questions"]) == 4
    assert not {q["item"] for q in one["questions"]} & {q["item"] for q in two["questions"]}
    reply = post(office.client("lead"), "answers", body(one["questions"][0]))
    assert reply.status_code == 409


def test_progress(office):
    post(office.client("reviewer"), "answers", body(ask(office)["questions"][0]))
    found = office.client("reviewer").get(f"{PROJECT}/progress").json()
    assert (found["done"], found["done_today"], found["open"]) == (1, 1, 11)
    assert 0 < found["left"] <= 11
    assert (found["agreement"], found["agreement_n"], found["pace_per_h"]) == (None, 0, None)
    assert office.client("reviewer").get(f"{PROJECT}/progress?since=99999999999").json()["done_today"] == 0


def test_sweep(make_office):
    words = [f"{w} text {i}" for i in range(60) for w in ("printer", "invoice", "thank")]
    office = make_office(words)
    client = office.client("reviewer")
    assert client.get(f"{PROJECT}/sweep").json() == {"items": [], "locked": False, "reason": "nothing"}
    for _ in range(52):
        post(client, "answers", body(ask(office)["questions"][0]))
    ask(office)
    found = client.get(f"{PROJECT}/sweep?limit=5&label=bug").json()
    assert {one["label"] for one in found["items"]} == {"bug"}
    said = [{"item": one["item"], "answer": {"kind": "label", "value": "bug"}} for one in found["items"]]
    for _ in range(2):
        assert post(client, "sweep", {"answers": said, "key": "k"}).json() == {"stored": len(said), "skipped": []}
    assert post(client, "sweep", {"answers": [], "key": "k"}).status_code == 422


@pytest.mark.parametrize("role", ["inspector", "outsider"])
def test_who_may_not_answer_is_told_why(office, role):
    reply = post(office.client(role), "questions", {"n": 1})
    assert (reply.status_code, reply.json()["error"]["kind"]) == (403, "forbidden")
    assert post(office.client("nobody"), "questions", {"n": 1}).status_code == 401

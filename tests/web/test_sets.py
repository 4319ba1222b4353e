"""Sets of labels over HTTP: a project of that kind, answers that fit it, and what is refused in words."""

import time


def made(office):
    """A project of sets with a dozen texts; a function that posts to it as its owner."""
    client = office.client("owner")

    def post(path, body):
        return client.post(path, json=body, headers={"Sec-Fetch-Site": "same-origin"})

    promise = {"max_error": 0.1, "confidence": 0.8, "of": "delivered", "per_label": True}
    found = post(
        "/api/projects",
        {
            "name": "moods",
            "kind": "multilabel",
            "labels": ["anger", "joy", "fear"],
            "promise": promise,
            "encoder": "hashing",
        },
    )
    assert found.status_code == 201, found.text
    assert (found.json()["kind"], found.json()["promise"]["per_label"]) == ("multilabel", True)
    lines = "\n".join(f'{{"text": "text {i}", "l": "joy; anger"}}' for i in range(12))
    file = client.post("/api/files?name=m.jsonl", content=lines, headers={"Sec-Fetch-Site": "same-origin"}).json()
    post("/api/projects/moods/imports", {"file": file["id"] if "id" in file else file["file"], "text": "text"})
    office.work()
    return client, post


def question(client, post, office):
    for _ in range(30):
        found = post("/api/projects/moods/questions", {"n": 1}).json()
        office.work()
        if found["questions"]:
            return found["questions"][0]
        time.sleep(0.1)
    raise AssertionError("no question came")


def test_answers_are_lists_of_labels_in_the_order_of_the_task(office):
    client, post = made(office)
    one = question(client, post, office)
    body = {"token": one["token"], "item": one["item"]}
    for answer, said in (
        ({"kind": "label", "value": "joy"}, "does not fit a multilabel task; use labels, none or unsure"),
        ({"kind": "labels", "value": ["joy", "envy"]}, "answer 'envy' is not a label of the task"),
        ({"kind": "labels", "value": "joy"}, "needs a list of labels as its value"),
        ({"kind": "labels"}, "needs a list of labels as its value"),
    ):
        refused = post("/api/projects/moods/answers", {**body, "answer": answer})
        assert refused.status_code == 422, refused.text
        assert said in refused.json()["error"]["message"]
    kept = post("/api/projects/moods/answers", {**body, "answer": {"kind": "labels", "value": ["joy", "anger"]}})
    assert kept.status_code == 200, kept.text
    again = post("/api/projects/moods/answers", {**body, "answer": {"kind": "labels", "value": ["anger", "joy"]}})
    assert again.json()["repeated"] is True
    mine = client.get("/api/projects/moods/mine").json()["answers"][0]
    assert mine["answer"] == {"kind": "labels", "value": ["anger", "joy"]}
    (row,) = client.get("/api/projects/moods/items?label=joy").json()["items"]
    assert row["label"] == "anger; joy"
    assert client.get("/api/projects/moods/items?label=fear").json()["items"] == []
    fixed = post("/api/projects/moods/corrections", {"item": one["item"], "answer": {"kind": "none"}})
    assert fixed.status_code == 200, fixed.text
    (row,) = client.get("/api/projects/moods/items?label=[]").json()["items"]
    assert row["label"] == "[]"

"""Projects over HTTP: who renames one keeps the seat, and a deletion is meant."""

from __future__ import annotations

from test_items import answer_some


def test_who_renames_a_project_stays_in_it(office):
    lead = office.client("lead")
    found = lead.patch("/api/projects/tickets", json={"name": "mails"})
    assert (found.status_code, found.json()["name"], found.json()["role"]) == (200, "mails", "lead")
    assert lead.get("/api/projects/mails").json()["role"] == "lead"
    assert lead.get("/api/projects/tickets").status_code in (403, 404)


def test_a_project_is_deleted_by_its_name_alone(office):
    owner = office.client("owner")
    refused = owner.request("DELETE", "/api/projects/tickets", json={"confirm": "ticket"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        422,
        "confirm: write the name of the project to delete it",
    )
    assert (
        office.client("lead").request("DELETE", "/api/projects/tickets", json={"confirm": "tickets"}).status_code == 403
    )
    assert owner.get("/api/projects/tickets").status_code == 200
    assert owner.request("DELETE", "/api/projects/tickets", json={"confirm": "tickets"}).status_code == 204
    assert owner.get("/api/projects/tickets").status_code == 404
    assert owner.get("/api/projects/foreign").status_code == 200


def test_a_folder_of_the_server_is_not_chosen_from_afar(office):
    body = {"name": "mine", "labels": ["a", "b"], "encoder": "path:/etc"}
    refused = office.client("owner").post("/api/projects", json=body)
    assert refused.status_code == 422
    assert "a folder of this machine is chosen with cowise new --encoder" in refused.json()["error"]["message"]


def test_what_a_mended_error_may_cost_is_a_setting(office):
    lead = office.client("lead")
    assert lead.get("/api/projects/tickets").json()["repair"] == 0
    found = lead.patch("/api/projects/tickets", json={"repair": 5})
    assert (found.status_code, found.json()["repair"]) == (200, 5)
    assert lead.get("/api/projects/tickets").json()["repair"] == 5
    assert lead.patch("/api/projects/tickets", json={"repair": -1}).status_code == 422
    assert office.client("reviewer").patch("/api/projects/tickets", json={"repair": 0}).status_code == 403


def test_what_a_merge_or_split_would_do_is_counted_before_it_is_done(office):
    answer_some(office, 3)
    lead = office.client("lead")
    merged = {"merge_labels": {"bug": "billing"}}
    refused = lead.patch("/api/projects/tickets", json=merged)
    assert refused.status_code == 409
    nothing = {"moved": 0, "again": 0, "without": 0, "withdrawn": 0, "back": 0, "given_up": False}
    assert refused.json()["error"]["details"] == {**nothing, "moved": 3}
    parted = lead.patch("/api/projects/tickets", json={"split_labels": {"bug": ["crash", "slow"]}})
    assert parted.json()["error"]["details"] == {**nothing, "again": 3}
    assert lead.get("/api/projects/tickets").json()["labels"] == ["bug", "billing", "praise"]
    done = lead.patch("/api/projects/tickets", json={**merged, "confirm": True})
    assert done.json()["labels"] == ["billing", "praise"]


def test_a_change_is_made_whole_or_not_at_all(office):
    answer_some(office, 3)
    lead = office.client("lead")
    before = lead.get("/api/projects/tickets").json()
    asked = {"merge_labels": {"bug": "billing"}, "repair": 5, "instructions": "new", "confirm": True}
    for wrong in (
        {"split_labels": {"zz": ["x", "y"]}},
        {"rename_labels": {"bug": "fault"}},
        {"labels": ["bug", "billing", "praise"]},
        {"name": "foreign"},
    ):
        assert lead.patch("/api/projects/tickets", json={**asked, **wrong}).status_code in (409, 422), wrong
        assert lead.get("/api/projects/tickets").json() == before, wrong
    assert lead.patch("/api/projects/tickets", json={**asked, "confirm": False}).status_code == 409
    assert lead.get("/api/projects/tickets").json() == before
    done = lead.patch(
        "/api/projects/tickets", json={**asked, "split_labels": {"billing": ["x", "y"]}, "rename_labels": {"x": "z"}}
    )
    assert (done.json()["labels"], done.json()["repair"]) == (["z", "y", "praise"], 5)

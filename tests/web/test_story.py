"""From a dropped file to an exported result, by the API alone."""

from __future__ import annotations

import csv
import io

import pytest

from cowise.loop import accounts

CSV = "text,kind\n" + "\n".join(f"{t},{k}" for t, k in [
    ("the screen stays black", "bug"), ("two invoices for one order", "billing"), ("great work", "praise"),
    ("it crashes at night", "bug"), ("refund please", "billing"), ("thank you all", "praise"),
])  # fmt: skip


def test_a_link_signs_in_once(office):
    browser = office.stranger()
    token = accounts.link(office.ws)
    me = browser.post("/api/session/link", json={"token": token})
    assert me.status_code == 200
    assert me.json()["account"]["owner"] is True
    cookie = me.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert browser.get("/api/me").json() == me.json()
    again = office.stranger().post("/api/session/link", json={"token": token})
    assert again.status_code == 410
    assert again.json()["error"]["kind"] == "missing"
    assert browser.delete("/api/session").status_code == 204
    assert browser.get("/api/me").status_code == 401


def test_a_file_becomes_a_project(office):
    owner = office.client("owner")
    sent = owner.post("/api/files?name=mails.csv", content=CSV.encode())
    assert sent.status_code == 201, sent.text
    found = sent.json()
    assert found["guess"] == {"text": "text", "label": "kind"}
    assert found["rows_seen"] == 6
    assert {one["value"]: one["count"] for one in found["labels"]["kind"]} == {"bug": 2, "billing": 2, "praise": 2}
    labels = sorted(one["value"] for one in found["labels"]["kind"])
    cost = owner.get("/api/promise", params={"items": 6, "max_error": 0.2, "confidence": 0.9}).json()
    assert cost["errors_tolerated"] == 1
    assert cost["measured"]["sets"]
    made = owner.post("/api/projects", json={
        "name": "mails", "labels": labels, "promise": {"max_error": 0.2, "confidence": 0.9}, "encoder": "hashing",
    })  # fmt: skip
    assert made.status_code == 201, made.text
    assert made.json()["phase"] == "add"
    assert made.json()["role"] == "owner"
    job = owner.post("/api/projects/mails/imports", json={"file": found["file"], "text": "text"})
    assert job.status_code == 202, job.text
    assert job.json()["state"] == "ready"
    assert office.work() == 3  # the import, and what is due after it
    done = owner.get(f"/api/jobs/{job.json()['id']}").json()
    assert (done["state"], done["result"]["items"], done["result"]["source"]["name"]) == ("done", 6, "mails.csv")
    now = owner.get("/api/projects/mails/status").json()
    assert now["items"] == 6
    assert now["queued"] > 0
    assert str(office.home) not in owner.get("/api/projects/mails/jobs").text


def test_export_is_a_file(office):
    answer = office.client("inspector").get("/api/projects/tickets/export?format=csv")
    assert answer.headers["content-disposition"] == "attachment; filename=tickets.csv; filename*=UTF-8''tickets.csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) == 12
    assert not list(office.home.glob(".export-*"))


@pytest.mark.parametrize("form", ["tsv", "jsonl", "parquet", "label-studio"])
def test_export_in_every_form(office, form):
    answer = office.client("lead").get("/api/projects/tickets/export", params={"format": form})
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_history_and_models(office):
    owner = office.client("owner")
    found = owner.get("/api/projects/tickets/history?points=20").json()
    assert found["points"][-1]["open"] == 12
    assert owner.get("/api/projects/tickets/models").json() == {"versions": [], "certificates": [], "candidate": None}


def test_a_sample_is_one_request_away(office):
    owner = office.client("owner")
    offered = owner.get("/api/samples").json()["samples"]
    assert {one["id"] for one in offered} == {"bank", "travel"}
    made = owner.post("/api/samples/travel", json={"encoder": "hashing"})
    assert made.json() == {"project": "travel"}
    office.work()
    assert owner.get("/api/projects/travel/status").json()["queued"] > 0
    assert owner.post("/api/samples/travel", json={"encoder": "hashing"}).json() == {"project": "travel 2"}
    assert owner.post("/api/samples/nothing").status_code == 404


def test_a_failed_job_says_why(office):
    lead = office.client("lead")
    job = lead.post("/api/projects/tickets/certify", json={}).json()
    office.work()
    found = lead.get(f"/api/jobs/{job['id']}").json()
    assert found["state"] == "failed"
    assert found["error"]["kind"] == "GuaranteeError"
    assert "answers first" in found["error"]["message"]


def test_a_cancelled_job_is_not_done(office):
    lead = office.client("lead")
    job = lead.post("/api/projects/tickets/learn").json()
    assert lead.delete(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"
    office.work()
    assert lead.get(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"


def test_backup_can_be_downloaded_and_nothing_else(office):
    owner = office.client("owner")
    job = owner.post("/api/workspace/backup").json()
    office.work()
    found = owner.get(f"/api/jobs/{job['id']}").json()
    assert found["state"] == "done", found
    copy = owner.get(f"/api/workspace/backups/{found['result']['file']}")
    assert copy.status_code == 200
    assert len(copy.content) == found["result"]["bytes"]
    assert b"verifiers.txt" not in copy.content
    for name in ("../cowise.db", "..%2fcowise.db", "%2e%2e%2fcowise.db", "....//cowise.db", ".", "%00", "keys"):
        assert owner.get(f"/api/workspace/backups/{name}").status_code in (404, 405, 422)


def test_the_ledger_is_shown_and_checked(office):
    found = office.client("inspector").get("/api/projects/tickets/ledger?limit=1").json()
    assert found["entries"][0]["kind"] == "created"
    assert found["next"] == found["entries"][0]["seq"]
    assert office.client("owner").post("/api/workspace/verify").json()["ok"] is True
    texts = office.client("owner").get("/api/projects/tickets/ledger?limit=1000").text
    assert "printer" not in texts
    assert "lead person" not in texts

"""Signing in by password and by invitation, and one's own account."""

from __future__ import annotations

from cowise.loop import accounts

SECRET = "a long enough passphrase 42"


def test_a_password_signs_in_and_too_many_wrong_ones_wait(office):
    owner = office.client("owner")
    assert owner.patch("/api/me", json={"name": "Ada", "password": SECRET}).json()["account"]["has_password"] is True
    browser = office.stranger()
    assert browser.post("/api/session", json={"name": "ada", "password": SECRET}).status_code == 200
    assert browser.get("/api/me").json()["account"]["name"] == "Ada"
    wrong = [office.stranger().post("/api/session", json={"name": "Ada", "password": f"wrong {i}"}) for i in range(8)]
    assert wrong[0].status_code == 401
    assert wrong[0].json()["error"]["kind"] == "unauthenticated"
    assert wrong[-1].status_code == 429
    assert int(wrong[-1].headers["retry-after"]) >= 1


def test_signing_in_again_ends_the_session_before(office):
    browser = office.stranger()
    browser.post("/api/session/link", json={"token": accounts.link(office.ws)})
    before = browser.cookies[office.house.cookie]
    browser.post("/api/session/link", json={"token": accounts.link(office.ws)})
    assert browser.cookies[office.house.cookie] != before
    assert office.signed(before).get("/api/me").status_code == 401


def test_an_invitation_makes_an_account_once(office):
    token = accounts.invite(office.ws, accounts.operator(office.ws), "tickets", "reviewer").token
    browser = office.stranger()
    shown = browser.get(f"/api/invitations/{token}").json()
    assert (shown["project"], shown["role"]) == ("tickets", "reviewer")
    me = browser.post(f"/api/invitations/{token}", json={"name": "李雷", "language": "zh", "password": SECRET})
    assert me.status_code == 200, me.text
    assert me.json()["account"]["language"] == "zh"
    assert me.json()["projects"] == [{"name": "tickets", "role": "reviewer"}]
    assert browser.get("/api/projects/tickets").json()["role"] == "reviewer"
    assert office.stranger().post(f"/api/invitations/{token}", json={"name": "Eve"}).status_code == 404
    assert office.stranger().get(f"/api/invitations/{token}").status_code == 404


def test_whoever_is_signed_in_just_joins(office):
    token = accounts.invite(office.ws, accounts.operator(office.ws), "foreign", "inspector").token
    lead = office.client("lead")
    me = lead.post(f"/api/invitations/{token}", json={}).json()
    assert [one["name"] for one in me["projects"]] == ["foreign", "tickets"]
    assert me["account"]["name"] == "lead person"
    assert lead.get("/api/projects/foreign/status").status_code == 200


def test_a_new_password_ends_other_sessions_and_needs_the_old_one(office):
    lead = office.client("lead")
    assert lead.patch("/api/me", json={"password": SECRET}).status_code == 200
    other = office.stranger()
    assert other.post("/api/session", json={"name": "lead person", "password": SECRET}).status_code == 200
    assert lead.patch("/api/me", json={"password": SECRET + "!"}).status_code == 422
    assert lead.patch("/api/me", json={"password": SECRET + "!", "old_password": "wrong"}).status_code == 401
    assert lead.patch("/api/me", json={"password": SECRET + "!", "old_password": SECRET}).status_code == 200
    assert other.get("/api/me").status_code == 401
    assert lead.get("/api/me").status_code == 200


def test_a_machine_token_changes_nobody(office):
    lead = office.client("lead")
    made = lead.post(
        "/api/tokens", json={"name": "t", "project": "tickets", "scopes": ["project.see"], "days": 1}
    ).json()
    program = office.stranger()
    program.headers["Authorization"] = f"Bearer {made['secret']}"
    assert program.patch("/api/me", json={"name": "x"}).status_code == 403
    assert program.post("/api/tokens", json={"name": "u", "scopes": ["project.see"]}).status_code == 403
    assert made["secret"] not in lead.get("/api/tokens").text
    assert lead.post("/api/tokens", json={"name": "u", "project": "tickets", "scopes": ["all"]}).status_code == 422
    assert lead.post("/api/tokens", json={"name": "u", "scopes": ["project.see"]}).status_code == 403


def test_signing_out_without_a_session_changes_nothing(office):
    stranger = office.stranger()
    assert stranger.delete("/api/session").status_code == 204
    assert office.client("lead").get("/api/me").status_code == 200

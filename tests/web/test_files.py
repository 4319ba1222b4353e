"""Files over HTTP: limits, hostile names, broken connections, and what an import may name."""

from __future__ import annotations

import asyncio

import pytest

from cowise.core.errors import StorageError
from cowise.web.models import attachment
from cowise.web.shield import FILE


def test_a_file_over_the_limit_is_refused_before_it_comes(office):
    answer = office.client("owner").post(
        "/api/files?name=a.csv", content=b"", headers={"content-length": str(FILE + 1)}
    )
    assert answer.status_code == 413
    assert "2,048 MiB" in answer.json()["error"]["message"]


def test_a_file_larger_than_other_requests_may_be(office):
    body = b"text\n" + b"a text about something or other, long enough\n" * 100_000
    assert len(body) > 4 * 2**20
    answer = office.client("owner").post("/api/files?name=large.csv", content=body)
    assert answer.status_code == 201
    assert answer.json()["whole"] is False


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n", b"text\n"])
def test_what_cannot_be_read_is_refused_and_gone(office, body):
    answer = office.client("owner").post("/api/files?name=a.csv", content=body)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (422, "data")
    assert str(office.home) not in answer.text
    assert not list((office.home / "uploads").iterdir())


def test_a_connection_that_breaks_leaves_nothing(office):
    owner = office.client("owner")
    cookie = f"{office.house.cookie}={owner.cookies[office.house.cookie]}".encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/api/files",
        "raw_path": b"/api/files", "query_string": b"name=a.csv", "root_path": "", "scheme": "http",
        "headers": [(b"host", b"127.0.0.1:8765"), (b"cookie", cookie)], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8765),
    }  # fmt: skip
    parts = iter([{"type": "http.request", "body": b"text\nhalf a f", "more_body": True}, {"type": "http.disconnect"}])

    async def receive():
        return next(parts)

    async def send(message):
        sent.append(message)

    sent: list[dict] = []
    asyncio.run(office.app(scope, receive, send))
    assert not [m for m in sent if m.get("status") == 201]
    assert not list((office.home / "uploads").iterdir())


@pytest.mark.parametrize("asked", [
    {"file": "../keys", "text": "text"}, {"file": "0" * 32, "text": "text"}, {"file": "/etc/passwd", "text": "text"},
])  # fmt: skip
def test_imports_take_sent_files_only(office, asked):
    assert office.client("lead").post("/api/projects/tickets/imports", json=asked).status_code == 404


def test_an_import_of_a_wrong_column_says_which_there_are(office):
    lead = office.client("lead")
    file = lead.post("/api/files?name=../my%00mails.csv", content=b"body,kind\nhello there,bug\n").json()
    assert "/" not in file["name"]
    job = lead.post("/api/projects/tickets/imports", json={"file": file["file"], "text": "text"}).json()
    office.work()
    found = lead.get(f"/api/jobs/{job['id']}").json()
    assert found["state"] == "failed"
    assert "'body'" in found["error"]["message"]
    assert str(office.home) not in found["error"]["message"]
    for more, said in (
        ({"label": "kind", "opinion": "kind"}, "people's labels or a model's answers; name one"),
        ({"confidence": "kind"}, "name the column with the model's answers"),
    ):
        asked = {"file": file["file"], "text": "body", **more}
        refused = lead.post("/api/projects/tickets/imports", json=asked)
        assert refused.status_code == 422
        assert said in refused.json()["error"]["message"]


def test_files_come_from_those_who_may_import_somewhere(office):
    made = office.client("owner").post("/api/tokens", json={"name": "t", "scopes": ["project.see"], "days": 1})
    program = office.stranger()
    program.headers["Authorization"] = f"Bearer {made.json()['secret']}"
    for sender, said in (
        (program, "this machine token was not made for project.import"),
        (office.client("reviewer"), "project.import is for owner, lead; you have no such role in any project"),
    ):
        refused = sender.post("/api/files?name=a.csv", content=b"text\nhello\n")
        assert (refused.status_code, refused.json()["error"]["message"]) == (403, said)


def test_an_export_that_fails_leaves_no_half_file(office, monkeypatch):
    def full(*_, **__):
        raise StorageError("no space left on device")

    monkeypatch.setattr("cowise.loop.out.export", full)
    refused = office.client("owner").get("/api/projects/tickets/export")
    assert (refused.status_code, refused.json()["error"]["kind"]) == (507, "storage")
    assert not list(office.home.glob(".export-*"))


def test_labels_of_a_person_and_opinions_of_a_model(office):
    lead = office.client("lead")
    file = lead.post("/api/files?name=a.csv", content=b"body,kind\nit is broken again,bug\n").json()["file"]
    by = {"file": file, "text": "body", "label": "kind", "by": "Ann"}
    assert lead.post("/api/projects/tickets/imports", json=by).status_code == 202
    office.work()
    assert lead.get("/api/projects/tickets/status").json()["labelled"] == 1


@pytest.mark.parametrize(
    "name", ['a"b', "a\r\nSet-Cookie: x=1", "../../x", "名字", "\u202eevil", "a;filename=b", "x" * 300]
)
def test_a_download_name_is_a_name(name):
    header = attachment(f"{name}.csv")
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith("attachment; filename=")
    assert not set(header.split("filename=", 1)[1].split(";")[0]) & set('"/\\\r\n;')


def test_an_export_of_a_hostile_project_name(office):
    owner = office.client("owner")
    assert owner.patch("/api/projects/tickets", json={"name": '<img src=x> "名字"; x'}).status_code == 200
    answer = owner.get("/api/projects/%3Cimg%20src%3Dx%3E%20%22%E5%90%8D%E5%AD%97%22%3B%20x/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].isascii()
    assert answer.headers["x-content-type-options"] == "nosniff"

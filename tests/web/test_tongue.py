"""The server answers in the language that a request asks for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import Office

from cowise.web.events import told
from cowise.web.tongue import tongue, wanted

ZH = {"accept-language": "zh-Hans"}


def message(answer: Any) -> str:
    return str(answer.json()["error"]["message"])


def plain(sentence: str) -> str:
    """What is left of a sentence without names in quotes, commands, addresses and fields."""
    return re.sub(r"'[^']*'|cowise [a-z]+|(GET|POST) |/api[\w/.]*|\b(body|query|path)[\w.]*|API", "", sentence)


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/api/projects/nothing", None, "项目 'nothing' 不在此工作区；有"),
        ("GET", "/api/nowhere", None, "没有这个地址；API 列在 /api/openapi.json"),
        ("PUT", "/api/me", None, "这个地址不接受此方法；API 列在 /api/openapi.json"),
        ("POST", "/api/projects", {"name": "new"}, "：必须给出"),
        (
            "POST",
            "/api/projects",
            {"name": "new", "labels": ["a", "a"], "language": ""},
            "标签：'a' 与 'a' 算作同一个；请只留一个",
        ),
        ("DELETE", "/api/projects/tickets", {"confirm": "other"}, "confirm：要删除，请写出项目名"),
        ("POST", "/api/session", {"name": "x", "password": "y"}, "名字与密码不符；请再试，或索取新链接"),
        ("POST", "/api/session/link", {"token": "x"}, "此链接已用过或已过期；请用 cowise signin 取得新的"),
        ("GET", "/api/jobs/99", None, "此工作区没有后台作业 99"),
        ("GET", "/api/projects/tickets/jobs?limit=0", None, "query.limit：不应小于 1；见 /api/openapi.json"),
    ],
)
def test_a_refusal_is_in_chinese(shared_office: Office, method: str, path: str, body: Any, said: str) -> None:
    client = shared_office.client("owner")
    answer = client.request(method, path, json=body, headers=ZH)
    assert answer.status_code >= 400
    assert said in message(answer)
    assert not re.search(
        "[A-Za-z]{2,}", plain(message(answer)).replace("confirm", "").replace("tickets", "").replace("foreign", "")
    )
    assert answer.headers["content-language"] == "zh"
    english = client.request(method, path, json=body)
    assert english.json()["error"]["kind"] == answer.json()["error"]["kind"]
    assert not re.search("[\u4e00-\u9fff]", message(english))
    assert english.headers["content-language"] == "en"


@pytest.mark.parametrize(
    ("role", "method", "path", "said"),
    [
        ("inspector", "POST", "/api/projects/tickets/learn", "训练与认证需要角色所有者、负责人；您在这里是观察员"),
        ("outsider", "GET", "/api/projects/tickets/models", "您在此项目中没有角色，或没有此项目"),
        ("lead", "GET", "/api/workspace", "备份工作区只限工作区的所有者"),
        ("nobody", "GET", "/api/me", "您尚未登录；请登录，或用 cowise signin 取得新链接"),
    ],
)
def test_who_may_not_is_told_so_in_chinese(shared_office: Office, role: str, method: str, path: str, said: str) -> None:
    assert message(shared_office.client(role).request(method, path, headers=ZH)) == said


def test_what_the_shield_refuses_is_in_chinese(shared_office: Office) -> None:
    client = shared_office.client("owner")
    assert message(client.get("/api/me", headers={**ZH, "host": "evil.example"})) == (
        "此服务器不应答这个主机名；见 cowise start --host"
    )
    assert message(client.post("/api/projects", headers={**ZH, "sec-fetch-site": "cross-site"})) == (
        "此请求来自别的网站，已被拒绝"
    )
    assert message(client.post("/api/projects", content=b"x" * 3_000_000, headers=ZH)) == (
        "请求超过 2 MiB；请少发一些，或分几次发送"
    )


def test_why_a_job_failed_is_said_in_both_languages(office: Office) -> None:
    client = office.client("owner")
    heard: list[Any] = []
    leave = office.house.bus.listen(heard.append)
    job = client.post("/api/projects/tickets/certify", json={}).json()["id"]
    office.work()
    leave()
    english, chinese = (client.get(f"/api/jobs/{job}", headers=h).json()["error"] for h in ({}, ZH))
    assert english["message"].startswith("a model needs answers first: asked to certify with 0 answer(s)")
    assert chinese == {
        "kind": english["kind"],
        "message": "模型先需要回答：要认证时只有涉及 0 个标签的 0 个回答；请用 cowise review tickets 回答",
    }
    listed = client.get("/api/projects/tickets/jobs", headers=ZH).json()["jobs"]
    assert chinese in [each["error"] for each in listed]
    failed = next(each for each in heard if (each.get("job") or {}).get("error"))
    before = tongue.set("zh")
    try:
        assert told(failed)["job"]["error"] == chinese
    finally:
        tongue.reset(before)
    assert told(failed) == failed
    assert told({"project": "", "what": "job", "job": None})["job"] is None


def test_remarks_about_a_file_are_in_chinese(office: Office) -> None:
    data = "body,kind\nfirst text,a\nsecond text,b\n".encode("utf-16")
    sent = office.client("owner").post("/api/files?name=x.csv", content=data, headers=ZH)
    assert sent.status_code == 201, sent.text
    for note in sent.json()["notes"]:
        assert re.search("[\u4e00-\u9fff]", note), note


@given(st.text(max_size=80))
def test_any_header_is_read(header: str) -> None:
    assert wanted(header) in ("en", "zh")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("ZH-TW;q=0.3", "zh"),
        ("de, fr;q=0.9", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("zh;q=0.2, en;q=0.7", "en"),
        ("zh;q=0", "en"),
        ("zh;q=x, en", "en"),
        ("zhong", "en"),
        ("fr," * 500 + "zh", "en"),
    ],
)
def test_the_language_liked_best_is_spoken(header: str, language: str) -> None:
    assert wanted(header) == language

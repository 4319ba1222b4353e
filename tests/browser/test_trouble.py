"""What goes wrong while somebody answers, and the sentence that says so, in both languages: nothing is lost in silence."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hands import again, answer, opened, seat, text, until
from playwright.sync_api import expect
from sqlalchemy import text as sql

from cowise.core.settings import Settings
from cowise.loop import open_workspace

TEXTS = [f"message number {i} about thing {i % 7}" for i in range(40)]
LOCALES = ("en-GB", "zh-CN")
WORDS = {
    "unstored": ("1 answer was not stored", "1 个回答没有存入"),
    "look": ("Look", "查看"),
    "seen": ("Seen", "知道了"),
    "refused": ("The server did not take it.", "服务器没有接受。"),
    "stale": ("The question had gone on to somebody else before the answer arrived.", "回答到达之前，这道题已经转给了别人。"),
    "kept": ("No connection. 1 answer is kept here and goes out by itself.", "没有连接。1 个回答保存在本机，恢复后会自动发送。"),
    "tab": ("You are reviewing in another tab", "你正在另一个标签页中审阅"),
    "here": ("Go on here", "在这里继续"),
    "no seat": ("Your role does not allow this.", "你的角色不允许这样做。"),
    "name": ("Name", "名字"),
    "password": ("Password", "密码"),
    "sign in": ("Sign in", "登录"),
}  # fmt: skip


def words(locale: str, *names: str) -> tuple[str, ...]:
    return tuple(WORDS[name][LOCALES.index(locale)] for name in names)


@pytest.fixture
def project(site: Any) -> str:
    name: str = site.project(TEXTS)
    return name


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def rose(site: Any, project: str, locale: str, watch: Any) -> Any:
    """A reviewer's page, with its first question."""
    cookies = seat(site, project, f"Rose {project}", language=locale[:2])
    page = watch.context(site, cookies, locale=locale).new_page()
    opened(page, site, project)
    return page


def set_aside(page: Any, locale: str, said: str, why: str) -> None:
    """One answer is said to be not stored; a look says which and why, and it stays until it was seen."""
    unstored, look, reason, seen = words(locale, "unstored", "look", why, "seen")
    expect(page.locator(".mail .bad")).to_contain_text(unstored)
    page.locator(".mail").get_by_role("button", name=look).click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(said)
    expect(dialog).to_contain_text(reason)
    dialog.get_by_role("button", name=seen).click()
    expect(page.locator(".mail .bad")).to_have_count(0)


def answers(site: Any, project: str) -> list[tuple[str, str]]:
    """Who answered what, by the items page of the lead: text and label of every answered item."""
    found = site.client.get(f"/api/projects/{project}/items?route=reviewed&limit=200").json()["items"]
    return [(one["text"], one["label"]) for one in found]


def test_signed_out_in_mid_review_one_signs_in_again_and_the_draft_goes_out(rose, site, project, locale):
    answer(rose, "1")
    until(lambda: len(answers(site, project)) == 1, rose)
    rose.context.clear_cookies()
    draft = text(rose)
    rose.keyboard.press("2")
    rose.locator("input[type=password]").wait_for()
    assert len(answers(site, project)) == 1
    name, password, sign = words(locale, "name", "password", "sign in")
    rose.get_by_label(name).fill(f"Rose {project}")
    rose.get_by_label(password).fill("not the password")
    button = rose.locator("form").get_by_role("button", name=sign)
    button.click()
    expect(rose.locator("[aria-invalid=true]")).to_have_count(1)
    rose.get_by_label(password).fill("a long password")
    button.click()
    rose.locator(".passage").wait_for()  # where one was before
    until(lambda: (draft, "billing") in answers(site, project), rose)
    assert len(answers(site, project)) == 2
    assert text(rose) != draft


def test_a_connection_cut_in_mid_answer_is_said_and_made_good(rose, site, project, locale):
    rose.context.set_offline(True)
    said = answer(rose, "1")
    expect(rose.locator(".mail")).to_contain_text(*words(locale, "kept"))
    assert answers(site, project) == []
    rose.context.set_offline(False)
    until(lambda: answers(site, project) == [(said, "bug")], rose)
    expect(rose.locator(".mail .line")).to_have_count(0)


def test_of_two_tabs_the_older_says_where_one_reviews(rose, site, project, locale):
    tab, here = words(locale, "tab", "here")
    newer = rose.context.new_page()
    opened(newer, site, project)
    expect(rose.locator(".rest")).to_contain_text(tab)
    rose.keyboard.press("1")
    rose.get_by_role("button", name=here).click()
    rose.locator(".passage").wait_for()
    expect(newer.locator(".rest")).to_contain_text(tab)
    assert answers(site, project) == []  # a key in the tab that rests answers nothing


def test_an_answer_by_a_label_that_is_gone_is_set_aside(rose, site, project, locale):
    rose.route("**/api/events*", lambda route: route.abort())
    rose.route(f"**/api/projects/{project}", lambda route: route.abort())
    said = text(rose)
    body = {"labels": ["defect", "billing", "praise"], "rename_labels": {"bug": "defect"}, "confirm": True}
    rose.context.set_offline(True)  # it does not hear of the change
    site.client.patch(f"/api/projects/{project}", json=body).raise_for_status()
    answer(rose, "1")
    rose.context.set_offline(False)
    set_aside(rose, locale, said, "refused")
    assert answers(site, project) == []


def test_an_answer_after_the_lease_to_an_item_decided_meanwhile_is_set_aside(rose, site, project, locale):
    said = text(rose)
    with open_workspace(Settings(home=site.home)) as ws:
        ws.store.write(lambda tx: tx.run(sql("UPDATE queue SET expires = 1 WHERE owner IS NOT NULL"), {}))
    held: list[Any] = []
    while not [one for one in held if one["text"] == said]:
        for one in held[:1]:
            site.client.post(f"/api/projects/{project}/skips", json={"token": one["token"]}).raise_for_status()
        held = site.client.post(f"/api/projects/{project}/questions", json={"n": 20}).json()["questions"]
    mine = next(one for one in held if one["text"] == said)
    body = {"token": mine["token"], "item": mine["item"], "answer": {"kind": "label", "value": "praise"}}
    site.client.post(f"/api/projects/{project}/answers", json=body).raise_for_status()
    rose.keyboard.press("1")
    set_aside(rose, locale, said, "stale")
    assert answers(site, project) == [(said, "praise")]


def test_who_is_removed_while_answering_is_told(rose, site, project, locale):
    people = site.client.get(f"/api/projects/{project}/people").json()["people"]
    me = next(one["id"] for one in people if one["name"].startswith("Rose"))
    site.client.delete(f"/api/projects/{project}/people/{me}").raise_for_status()
    said = text(rose)
    rose.keyboard.press("1")
    expect(rose.locator(".rest [role=alert]")).to_contain_text(*words(locale, "no seat"))
    set_aside(rose, locale, said, "refused")
    rose.keyboard.press("1")
    assert answers(site, project) == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_wrong_changes_nothing(site, project, locale, watch, hours):
    cookies = seat(site, project, f"Ida {project}", language=locale[:2])
    context = watch.context(site, cookies, locale=locale)
    context.add_init_script(f"const now = Date.now; Date.now = () => now() + {hours} * 3600e3;")
    page = context.new_page()
    opened(page, site, project)
    said = [answer(page, key) for key in "123"]
    page.keyboard.press("u")
    again(page, said[-1])
    answer(page, "1")
    until(lambda: len(answers(site, project)) == 3, page)
    assert dict(answers(site, project)) == dict(zip(said, ("bug", "billing", "bug"), strict=True))
    expect(page.locator(".mail .line")).to_have_count(0)
    before = text(page)
    page.reload()
    page.locator(".passage").wait_for()
    assert text(page) == before or text(page) not in said


def test_a_late_answer_to_who_sits_here_does_not_unseat_who_has_just_signed_in(site: Any, watch: Any) -> None:
    words = [sys.executable, "-m", "cowise.cli", "--home", str(site.home), "--json", "signin"]
    link = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)["link"]
    page, late = watch.context(site, {}).new_page(), list[Any]()
    page.route("**/api/me", lambda route: late.append((route, route.fetch())))

    def entered(reply: Any) -> None:
        if reply.url.endswith("/api/session/link"):
            for route, nobody in late:
                assert nobody.status == 401
                route.fulfill(response=nobody)

    page.on("response", entered)
    page.goto(f"{site.address}{link}")
    page.get_by_text("Choose a file").first.wait_for()
    page.wait_for_timeout(300)
    assert late, "the question was asked before the link was taken"
    expect(page.get_by_text("Choose a file").first).to_be_visible()

"""Why the model suggests what it does, beside a question that is not blind: words marked, numbers, and texts alike; by a key."""

from __future__ import annotations

import pytest
from conftest import serving
from playwright.sync_api import expect

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify
from cowise.loop.board import read
from cowise.store import projects, queue
from cowise.store.queue import Hint, Wanted

SAID = {
    "tickets": ("billing", "The invoice is wrong 😀 please refund the second charge on my card", "bug", "The app crashes when I log in, number"),
    "工单": ("账单", "发票金额不对，请把第二笔扣款退回我的银行卡", "故障", "登录以后应用就闪退，编号"),
}  # fmt: skip
N = 12


def asked(ws, name: str) -> None:
    """People answered some; then questions by turns with a suggestion and without one, the first with."""
    one, _, two, _ = SAID[name]
    labels = {}
    with loop.session(ws, name, "ann") as review:
        for question in review.ask(20):
            labels[question.item] = one if SAID[name][1][:6] in question.text else two
            review.take(question, Answer.of(labels[question.item]), 1.0)
    loop.learn(ws, name)
    hint = Hint(one, 0.7, (one, two))
    mine = [i for i, item in enumerate(read(ws, name).ids) if item not in labels][:N]
    wanted = [Wanted(o, float(i), "decide", bool(i % 2), hint=None if i % 2 else hint) for i, o in enumerate(mine)]

    def work(tx) -> None:
        project = projects.get(tx, name).id
        queue.clear(tx, project)
        queue.fill(tx, project, wanted)

    ws.store.write(work)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    home = tmp_path_factory.mktemp("why") / "home"
    with loop.open_workspace(Settings(home=home, models=home / "no-models"), create=True) as ws:
        for name, (one, first, two, second) in SAID.items():
            loop.create(ws, name, classify(one, two), Promise(0.05, 0.9), encoder="hashing")
            loop.add(ws, name, [f"{(first, second)[i % 2]} {i}" for i in range(60)])
            asked(ws, name)
    with serving(home) as site:
        yield site


@pytest.mark.parametrize(("project", "word", "tongue"), [("tickets", "invoice", "en"), ("工单", "发", "zh")])
def test_by_a_key_the_words_are_marked_and_texts_alike_are_shown(rooms, watch, keep, project, word, tongue):
    page = watch.context(rooms, locale=tongue).new_page()
    page.goto(f"{rooms.address}/#/p/{project}/review")
    page.wait_for_selector(".passage")
    expect(page.locator("aside.reasons")).to_have_count(0)
    text = page.locator(".passage").inner_text()
    page.wait_for_timeout(250)  # a key in the first moment answers nothing
    page.keyboard.press("x")
    expect(page.locator(".passage mark").first).to_be_visible()
    keep(page, f"reasons-{tongue}")
    told = page.locator(".passage").evaluate("e => [...e.querySelectorAll('sup')].map(s => s.remove()) && e.innerText")
    assert told == text, "marks change no letter of the text"
    assert page.locator("aside.reasons tbody tr").count() >= 3
    assert page.locator("aside.reasons li").count() >= 1
    page.keyboard.press("Enter")
    expect(page.locator("aside.reasons")).to_have_count(0)
    expect(page.locator(".unled")).to_be_visible()
    assert page.locator("mark").count() == 0, "the next question is blind"
    page.wait_for_timeout(250)
    page.keyboard.press("1")
    expect(page.locator(".passage mark").first).to_be_visible()
    page.keyboard.press("x")
    expect(page.locator(".passage mark")).to_have_count(0)


@pytest.mark.parametrize(("project", "tongue"), [("tickets", "en"), ("工单", "zh")])
def test_a_text_is_tried_while_one_types(rooms, watch, keep, project, tongue):
    one, first, two, second = SAID[project]
    page = watch.context(rooms, locale=tongue).new_page()
    page.goto(f"{rooms.address}/#/p/{project}/whatif")
    box = page.locator("textarea")
    box.fill(first)
    said = page.locator(".out b").first
    expect(said).to_have_text(one)
    expect(page.locator(".passage mark").first).to_be_visible()
    page.locator(".out button").click()
    box.fill(first[: len(first) // 3] + second)
    expect(said).to_have_text(two)
    expect(page.locator(".out td.number").nth(1)).to_contain_text("+")
    expect(page.locator(".passage mark").first).to_be_visible()
    keep(page, f"whatif-{tongue}")
    box.fill(
        page.evaluate(
            """async p => (await (await fetch(`/api/projects/${encodeURIComponent(p)}/items?route=open&limit=1`)).json()).items[0].text""",
            project,
        )
    )
    expect(page.locator(".out")).to_have_count(0)
    expect(page.locator("p[role=status]")).to_be_visible()

"""Ways of answering in a browser: the likeliest labels alone, each under its own key; and a second opinion on an item."""

from __future__ import annotations

from functools import partial

import pytest
from conftest import serving, until
from playwright.sync_api import expect

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify
from cowise.store import projects, queue
from cowise.store.queue import Hint, Wanted

LABELS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
MANY = tuple(f"topic {i}" for i in range(40))
ORDER = ("golf", "bravo", "hotel", "alpha", "echo", "delta")
N = 40


def asked(ws, name: str, order: tuple[str, ...]) -> None:
    """Questions by turns with a suggestion and without one, the first with."""
    hint = Hint(order[0], 0.7, order)
    wanted = [Wanted(i, float(i), "decide", bool(i % 2), hint=None if i % 2 else hint) for i in range(N)]

    def work(tx) -> None:
        queue.fill(tx, projects.get(tx, name).id, wanted)

    ws.store.write(work)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    home = tmp_path_factory.mktemp("ways") / "home"
    with loop.open_workspace(Settings(home=home, models=home / "no-models"), create=True) as ws:
        for name, labels, order in (("some", LABELS, ORDER), ("many", MANY, MANY[20:32])):
            loop.create(ws, name, classify(*labels), Promise(0.05, 0.9), encoder="hashing")
            loop.add(ws, name, [f"{name} text {i}" for i in range(N)])
            asked(ws, name, order)
    with serving(home) as site:
        yield site


@pytest.fixture
def page(rooms, watch):
    return watch.context(rooms).new_page()


def opened(page, site, project):
    page.goto(f"{site.address}/#/p/{project}/review")
    page.wait_for_selector(".passage")
    page.wait_for_timeout(250)  # a key in the first moment answers nothing


def shown(page) -> list[str]:
    return page.locator(".choices .label").all_inner_texts()


def keys(page) -> list[str]:
    return page.locator(".choices li").evaluate_all("all => all.map(li => li.querySelector('kbd')?.innerText ?? '')")


def press(page, key: str) -> None:
    before = page.locator(".passage").inner_text()
    page.keyboard.press(key)
    page.wait_for_function("t => document.querySelector('.passage')?.innerText !== t", arg=before)
    page.wait_for_timeout(250)  # as long as a key answers nothing where a question had to be waited for


def test_the_likeliest_alone_keep_their_keys_and_a_blind_question_shows_all(page, rooms):
    opened(page, rooms, "some")
    assert shown(page) == list(LABELS)
    page.get_by_role("button", name="Likeliest 3").click()
    assert shown(page) == ["golf", "bravo", "hotel", "Other… (5)"]
    assert keys(page) == ["7", "2", "8", "."]
    press(page, "2")
    assert shown(page) == list(LABELS), "without a suggestion no order is shown"
    assert keys(page) == list("12345678")
    press(page, "7")
    assert shown(page)[:3] == ["golf", "bravo", "hotel"]
    press(page, "5")  # a label that is hidden answers to its key
    press(page, "1")
    page.keyboard.press(".")
    assert shown(page) == list(LABELS), "all, each in its place"
    press(page, "1")
    until(lambda: len(rooms.mine("some")) == 5)
    said = [one["answer"]["value"] for one in reversed(rooms.mine("some"))]
    assert said == ["bravo", "golf", "echo", "alpha", "alpha"]
    page.reload()
    page.wait_for_selector(".passage")
    expect(page.get_by_role("button", name="Likeliest 3")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("Show the labels that are hidden")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="All labels").click()
    assert shown(page) == list(LABELS)


def test_among_many_labels_five_are_shown_and_letters_find_the_others(page, rooms):
    opened(page, rooms, "many")
    expect(page.get_by_role("combobox")).to_be_visible()
    page.get_by_role("button", name="Likeliest 5").click()
    assert shown(page) == [*MANY[20:25], "Other… (35)"]
    assert keys(page) == ["", "", "", "", "", "."]
    page.keyboard.type("topic 7")
    expect(page.get_by_role("combobox")).to_have_value("topic 7")
    page.keyboard.press("Enter")
    until(lambda: [one["answer"]["value"] for one in rooms.mine("many")] == ["topic 7"])
    expect(page.get_by_role("combobox")).to_be_visible()  # a blind question
    page.keyboard.type("topic 9")
    page.keyboard.press("Enter")
    page.locator(".choices button", has_text="topic 22").click()
    until(lambda: [one["answer"]["value"] for one in rooms.mine("many")] == ["topic 22", "topic 9", "topic 7"])


def test_a_second_opinion_is_asked_for_and_stands_beside_the_first(watch, site):
    project = site.project([f"message {i} about something" for i in range(12)])
    at = f"/api/projects/{project}"
    answer = partial(said, at)
    item = answer(site.client, "bug")
    link = site.client.post(f"{at}/invitations", json={"role": "reviewer"}).raise_for_status().json()["link"]
    with site.stranger() as other:
        body = {"name": f"Rose of {project}", "password": "a long password", "language": "en"}
        other.post(f"/api/invitations/{link.rsplit('/', 1)[1]}", json=body).raise_for_status()
        reviewer = watch.context(site, dict(other.cookies.items())).new_page()
        reviewer.goto(f"{site.address}/#/p/{project}/items/{item}")
        reviewer.wait_for_selector(".story li")
        assert reviewer.get_by_role("button", name="Ask for a second opinion").count() == 0
        page = watch.context(site).new_page()
        page.goto(f"{site.address}/#/p/{project}/items/{item}")
        page.get_by_role("button", name="Ask for a second opinion").click()
        expect(page.get_by_text("A second opinion is asked for and not given yet.")).to_be_visible()
        expect(page.get_by_role("button", name="Ask for a second opinion")).to_have_count(0)
        answer(other, "praise", item)
    answers = page.locator(".answers li")
    expect(answers).to_have_count(2)
    assert [text.splitlines()[:1] for text in answers.all_inner_texts()] == [["you"], [f"Rose of {project}"]]
    expect(page.get_by_text("A second opinion is asked for and not given yet.")).to_have_count(0)
    expect(page.get_by_text("They disagree: 1 of 2 gave the answer that stands.")).to_be_visible()
    page.goto(f"{site.address}/#/p/{project}/items")
    page.get_by_label("People").select_option("Disagree")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("people disagree")


def said(at: str, client, label: str, item: str = "") -> str:
    """Answers a question, the one about `item` if that is named; its item."""
    questions = client.post(f"{at}/questions", json={"n": 20}).raise_for_status().json()["questions"]
    one = next(q for q in questions if item in ("", q["item"]))
    body = {"token": one["token"], "item": one["item"], "answer": {"kind": "label", "value": label}}
    client.post(f"{at}/answers", json=body).raise_for_status()
    rest = [q["token"] for q in questions if q is not one]
    client.post(f"{at}/releases", json={"tokens": rest}).raise_for_status()
    return str(one["item"])

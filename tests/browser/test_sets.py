"""Sets of labels in a browser: a project from a file, answers by keyboard and mouse, a suggestion changed, a correction."""

from __future__ import annotations

import csv

import pytest
from conftest import serving
from hands import following, opened, text, until
from playwright.sync_api import expect

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise, multilabel
from cowise.store import projects, queue
from cowise.store.queue import Hint, Wanted

MOODS = ("anger", "joy", "fear")
MANY = tuple(f"topic {i}" for i in range(24))
N = 30


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    """Questions by turns with a suggestion and without one, the first with."""
    home = tmp_path_factory.mktemp("sets") / "home"
    with loop.open_workspace(Settings(home=home, models=home / "no-models"), create=True) as ws:
        for name, labels, hint in (
            ("moods", MOODS, Hint("anger; fear", 0.7, MOODS)), ("topics", MANY, Hint("topic 3; topic 20", 0.6, MANY[:12])),
        ):  # fmt: skip
            loop.create(ws, name, multilabel(*labels), Promise(0.05, 0.9), encoder="hashing")
            loop.add(ws, name, [f"{name} text {i}" for i in range(N)])
            wanted = [Wanted(i, float(i), "decide", bool(i % 2), hint=None if i % 2 else hint) for i in range(N)]
            ws.store.write(lambda tx, name=name, wanted=wanted: queue.fill(tx, projects.get(tx, name).id, wanted))
    with serving(home) as site:
        yield site


@pytest.fixture
def page(rooms, watch):
    return watch.context(rooms).new_page()


def said(site, project):
    """This person's answers by text."""
    return {one["text"]: one["answer"]["value"] for one in site.mine(project)}


def chosen(page):
    return page.locator(".choices button[aria-pressed=true] .label").all_inner_texts()


def test_keys_choose_and_enter_gives(page, rooms, keep):
    opened(page, rooms, "moods")
    first = text(page)
    assert chosen(page) == ["anger", "fear"], "what is suggested stands chosen"
    keep(page, "sets-suggested")
    page.keyboard.press("2")
    page.keyboard.press("3")
    assert chosen(page) == ["anger", "joy"]
    page.keyboard.press("Enter")
    following(page, first)
    second = text(page)
    assert chosen(page) == [], "without a suggestion nothing is chosen"
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert text(page) == second, "Enter gives nothing where nothing was chosen"
    page.keyboard.press("3")
    keep(page, "sets-blind")
    page.keyboard.press("Enter")
    following(page, second)
    third = text(page)
    page.keyboard.press("n")
    following(page, third)
    until(lambda: len(said(rooms, "moods")) == 3, page)
    assert said(rooms, "moods") == {first: ["anger", "joy"], second: ["fear"], third: []}
    page.keyboard.press("u")
    page.wait_for_function("t => document.querySelector('.passage')?.innerText === t", arg=third)
    expect(page.get_by_text("You answered before: None of these")).to_be_visible()


def test_an_answer_of_several_labels_is_corrected_by_ticks(page, rooms):
    opened(page, rooms, "moods")
    before = text(page)
    page.locator(".choices button", has_text="joy").click()
    page.locator("button.give").click()
    following(page, before)
    until(lambda: before in said(rooms, "moods"), page)
    page.keyboard.press("h")
    page.get_by_role("dialog").get_by_role("button", name="Correct").first.click()
    box = page.get_by_role("dialog", name="Correct an answer")
    for name in ("anger", "joy"):
        box.get_by_label(name).click()
    ticked = [name for name in MOODS if box.get_by_label(name).is_checked()]
    box.get_by_role("button", name="Correct").click()
    until(lambda: sorted(ticked) == sorted(said(rooms, "moods")[before]), page)
    assert said(rooms, "moods")[before] == [name for name in MOODS if name in ticked]


def test_among_many_labels_typing_finds_and_enter_alone_gives(page, rooms, keep):
    opened(page, rooms, "topics")
    before = text(page)
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(2)
    page.keyboard.type("topic 17")
    page.keyboard.press("Enter")
    expect(page.locator("button.give")).to_contain_text("topic 3; topic 17; topic 20")
    keep(page, "sets-many")
    page.keyboard.press("Enter")
    following(page, before)
    until(lambda: before in said(rooms, "topics"), page)
    assert said(rooms, "topics")[before] == ["topic 3", "topic 17", "topic 20"]


def test_a_project_of_sets_is_made_from_a_column(page, rooms, tmp_path, keep):
    file = tmp_path / "moods.csv"
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["text", "label"])
        rows.writerows(
            [f"text {i} about things", "; ".join(MOODS[j] for j in range(3) if i >> j & 1)] for i in range(64)
        )
    page.goto(f"{rooms.address}/#/new")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_label("A text may get several labels, or none")).to_be_checked()
    expect(page.get_by_text("3 labels", exact=True)).to_be_visible()
    page.get_by_label("Keep it for each label").check()
    keep(page, "sets-new")
    page.get_by_label("Use these answers").or_(page.locator("input[type=checkbox]").first).first.check()
    page.get_by_role("button", name="Create").click()
    page.locator(".passage, .rest").first.wait_for(timeout=30_000)
    made = rooms.client.get("/api/projects/moods 2").raise_for_status().json()
    assert (made["kind"], sorted(made["labels"]), made["promise"]["per_label"]) == ("multilabel", sorted(MOODS), True)

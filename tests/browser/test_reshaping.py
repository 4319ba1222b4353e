"""Labels merged and split on the settings page: what it would do is said before it is done."""

from __future__ import annotations

from hands import answer, opened, until
from playwright.sync_api import expect
from rooms import go

TEXTS = [f"the {thing} is broken, number {i}" for thing in ("printer", "screen", "door") for i in range(6)]


def labels(site, project):
    return site.client.get(f"/api/projects/{project}").json()["labels"]


def test_a_label_is_merged_once_its_consequences_were_seen(opener, site):
    project = site.project(TEXTS, ("bug", "fault", "praise"))
    page = opener(locale="en-GB").new_page()
    opened(page, site, project)
    for key in "112":
        answer(page, key)
    until(lambda: len(site.mine(project)) == 3, page)
    go(page, f"p/{project}/settings")
    box = page.locator("#reshape form").first
    box.get_by_label("This label goes").select_option("bug")
    box.get_by_label("Its answers become").select_option("fault")
    box.get_by_role("button", name="See what it would do").click()
    expect(page.locator("dialog[open] .said")).to_have_text("2 answers get another label.")
    page.keyboard.press("Escape")
    assert labels(site, project) == ["bug", "fault", "praise"], "looking changes nothing"
    box.get_by_role("button", name="See what it would do").click()
    page.get_by_role("button", name="Change the labels").click()
    until(lambda: labels(site, project) == ["fault", "praise"], page)
    assert {one["answer"]["value"] for one in site.mine(project)} == {"fault"}
    expect(page.locator("#labels input")).to_have_count(2)


def test_a_label_is_split_into_two_and_its_texts_are_asked_again(opener, site):
    project = site.project(TEXTS, ("bug", "praise"))
    page = opener(locale="en-GB").new_page()
    opened(page, site, project)
    answer(page, "1")
    until(lambda: len(site.mine(project)) == 1, page)
    go(page, f"p/{project}/settings")
    box = page.locator("#reshape form").nth(1)
    box.get_by_label("This label goes").select_option("bug")
    look = box.get_by_role("button", name="See what it would do")
    box.get_by_label("New labels, one on each line").fill("crash\npraise")
    expect(look).to_be_disabled()
    box.get_by_label("New labels, one on each line").fill("crash\nslow")
    look.click()
    expect(page.locator("dialog[open] .said")).to_have_text("1 answer is set aside, and its text is asked again.")
    page.get_by_role("button", name="Change the labels").click()
    until(lambda: labels(site, project) == ["crash", "slow", "praise"], page)

"""Who reads what, and language models with a seat, by clicks; a version is withdrawn."""

from __future__ import annotations

from typing import Any

from conftest import until
from playwright.sync_api import expect
from rooms import ready

TEXTS = [f"the printer is on fire {i}" for i in range(6)] + [f"打印机着火了{i}" for i in range(4)]


def test_somebody_says_what_they_read_and_what_nobody_reads_is_told(site: Any, watch: Any, keep: Any) -> None:
    name = site.project(TEXTS)
    page = watch.context(site).new_page()
    page.goto(f"{site.address}/#/p/{name}/people")
    ready(page, "#tongues")
    expect(page.locator("section", has=page.locator("#tongues"))).to_contain_text("Chinese: 4")
    mine = page.locator("form", has=page.locator("input[id^=reads-]"))
    mine.locator("input").fill("en")
    mine.get_by_role("button").click()
    expect(page.get_by_text("4 texts wait in Chinese: nobody on this project reads it.")).to_be_visible()
    keep(page, "people-languages")
    page.goto(f"{site.address}/#/p/{name}")
    expect(page.get_by_text("4 texts wait in Chinese: nobody on this project reads it.")).to_be_visible()
    found = site.client.get(f"/api/projects/{name}/languages").json()
    assert [one["languages"] for one in found["people"]] == [["en"]]
    assert found["unread"] == {"zh": 4}


def test_a_language_model_is_added_and_taken_off(site: Any, watch: Any, keep: Any) -> None:
    name = site.project(TEXTS)
    page = watch.context(site).new_page()
    page.goto(f"{site.address}/#/p/{name}/models")
    ready(page, "#voices")
    expect(page.get_by_text("No language model has a seat")).to_be_visible()
    page.get_by_role("button", name="Add a language model").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Name").fill("big one")
    dialog.get_by_label("Address").fill("http://127.0.0.1:9/v1")
    dialog.get_by_label("Model").fill("big-1")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert").first).to_be_visible()  # nobody opens the server's own network from a page
    dialog.get_by_label("Address").fill("https://93.184.215.14/v1")
    dialog.get_by_label("Price").fill("0.15,0.60")
    dialog.get_by_label("Budget").fill("5")
    dialog.get_by_role("button", name="Add", exact=True).click()
    row = page.locator("tr", has_text="big one")
    expect(row).to_contain_text("0 of 5")
    keep(page, "models-voices")
    row.get_by_role("button", name="Remove").click()
    page.locator("dialog[open]").get_by_role("button", name="Remove").click()
    until(lambda: not site.client.get(f"/api/projects/{name}/members").json()["members"][0]["active"])
    expect(row).to_contain_text("removed")

"""What leaves the workspace by clicks, and what is asked of it: exports and backups read back, searches, promises."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hands import answer, opened, seat, until
from playwright.sync_api import expect
from rooms import go, ready

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise
from cowise.loop.keep import restore
from cowise.loop.promising import cost

NASTY = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
TEXTS = [
    "the printer eats paper",
    "printer and invoice",
    "发票金额不对，请更正",
    "打印机又坏了，急",
    "ピザ 餐馆 menu",
    "=1+1 looks like a sum",
]


def downloaded(page: Any, press: Any, at: Path) -> Path:
    """What a click brings, kept in a folder under the name it came with."""
    with page.expect_download() as coming:
        press()
    file = at / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_result_is_taken_by_click_and_says_what_was_answered(opener, site, tmp_path, locale):
    project = site.project(TEXTS)
    page = opener(locale=locale).new_page()
    opened(page, site, project)
    said = [answer(page, key) for key in "12"]
    until(lambda: len(site.mine(project)) == 2, page)
    go(page, f"p/{project}/settings")
    box = page.locator("#export")
    box.wait_for()
    press = box.locator("a[download]").click
    table = downloaded(page, press, tmp_path).read_text("utf-8-sig")
    # What a spreadsheet would compute stands behind an apostrophe.
    rows = [(one["text"].removeprefix("'"), one["label"]) for one in csv.DictReader(io.StringIO(table, newline=""))]
    assert sorted(text for text, _ in rows) == sorted(TEXTS)
    label = {text: label for text, label in rows if label}
    assert label == dict(zip(said, ("bug", "billing"), strict=True))
    box.locator("select").select_option("jsonl")
    lines = [json.loads(one) for one in downloaded(page, press, tmp_path).read_text("utf-8").splitlines()]
    assert {one["text"]: one["label"] for one in lines if one["label"]} == label
    assert sorted(one["text"] for one in lines) == sorted(TEXTS)


def test_a_backup_is_made_by_click_and_is_a_workspace_again(fresh_site, watch, tmp_path):
    project = fresh_site.project(TEXTS)
    page = watch.context(fresh_site).new_page()
    opened(page, fresh_site, project)
    answer(page, "1")
    until(lambda: len(fresh_site.mine(project)) == 1, page)
    go(page, f"p/{project}/settings")
    box = page.locator("#workspace")
    box.get_by_role("button", name="Make a backup").click()
    link = box.locator("a[download]")
    link.wait_for(timeout=60_000)
    file = downloaded(page, link.click, tmp_path)
    with tarfile.open(file) as packed:
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4 and newer
        packed.extractall(tmp_path / "backup", **safe)
    (folder,) = (one.parent for one in (tmp_path / "backup").rglob("manifest.json"))
    settings = Settings(home=tmp_path / "again")
    shutil.copytree(fresh_site.home / "keys", settings.home / "keys")  # keys are kept elsewhere than backups
    assert restore(settings, folder).ok
    with loop.open_workspace(settings) as ws:
        now = loop.status(ws, project)
    assert (now.items, now.reviewed) == (len(TEXTS), 1)


def test_texts_are_found_by_words_of_both_languages_and_filtered_by_all_that_is_offered(opener, site, watch):
    project = site.project(TEXTS)
    rose = watch.context(site, seat(site, project, "Rose of the search")).new_page()
    opened(rose, site, project)
    hers = answer(rose, "3")
    rose.goto("about:blank")  # what she holds goes back: there are few texts
    page = opener().new_page()
    opened(page, site, project)
    mine = answer(page, "1")
    until(lambda: len(site.mine(project)) == 1, page)
    one = next(i for i in site.client.get(f"/api/projects/{project}/items").json()["items"] if i["text"] == mine)
    site.client.post(f"/api/projects/{project}/flags", json={"item": one["id"], "note": "odd"}).raise_for_status()
    until(lambda: site.client.get(f"/api/projects/{project}/items?q=printer").json()["total"] == 2, page)
    go(page, f"p/{project}/items")
    ready(page, "tbody a")
    shown = lambda: sorted(page.locator("tbody a").all_inner_texts())  # noqa: E731
    search = page.get_by_label("Search the texts")
    for words, count in (
        ("printer", 2),
        ("发票", 1),
        ("打印机", 1),
        ("餐馆", 1),
        ("PRINTER invoice", 1),
        ("nowhere", 0),
    ):
        search.fill(words)
        wanted = sorted(text for text in TEXTS if all(w in text for w in words.lower().split()))
        assert len(wanted) == count
        until(lambda: shown() == wanted, page)  # noqa: B023
    page.get_by_role("button", name="Clear the filters").click()
    until(lambda: len(shown()) == len(TEXTS), page)
    for name, label, wanted in (
        ("Decided by", "People", sorted([mine, hers])),
        ("Label", "praise", [hers]),
        ("Answered by", "Rose of the search", [hers]),
        ("Flags", "Flagged", [mine]),
        ("Flags", "Not flagged", sorted(set(TEXTS) - {mine})),
    ):
        page.get_by_label(name, exact=True).select_option(label=label)
        until(lambda: shown() == wanted, page)  # noqa: B023
        page.get_by_role("button", name="Clear the filters").click()
        until(lambda: len(shown()) == len(TEXTS), page)


def test_confidence_is_filtered_from_and_to(stocked, watch):
    site, made = stocked
    decided = site.client.get(f"/api/projects/{made.certified}/items?route=automated&limit=200").json()["items"]
    sure = sorted(one["p"] for one in decided)
    middle = round(100 * sure[len(sure) // 2], 1)
    page = watch.context(site).new_page()
    page.goto(f"{site.address}/#/p/{made.certified}/items?route=automated")
    ready(page, "tbody a")
    page.get_by_label("Sure, from %").fill(str(middle))
    above = sum(p >= middle / 100 for p in sure)
    expect(page.locator("main [role=status]").first).to_have_text(f"{above} texts fit")
    assert 0 < above < len(sure)
    page.get_by_label("Sure, from %").fill("")
    page.get_by_label("Sure, to %").fill(str(middle))
    below = sum(p <= middle / 100 for p in sure)
    expect(page.locator("main [role=status]").first).to_have_text(f"{below} texts fit")


def test_the_promise_is_a_sentence_with_two_sliders_and_its_exact_minimum(opener, site):
    rows = "text\n" + "\n".join(f"text number {i}" for i in range(2000)) + "\n"
    page = opener().new_page()
    page.goto(f"{site.address}/#/new")
    page.locator("input[type=file]").set_input_files(
        {"name": "many.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.locator(".promise .figure").first.wait_for()
    error, sure = page.get_by_role("slider", name="May be wrong"), page.get_by_role("slider", name="How sure")
    seen = []
    for slider, key, times, promise in (
        (error, "ArrowRight", 0, Promise(0.05, 0.95)),
        (error, "ArrowRight", 3, Promise(0.1, 0.95)),
        (sure, "ArrowLeft", 2, Promise(0.1, 0.85)),
        (error, "Home", 1, Promise(0.005, 0.85)),
        (sure, "End", 1, Promise(0.005, 0.99)),
    ):
        for _ in range(times):
            slider.press(key)
        exact = cost(2000, promise)
        sentence = f"at most {100 * promise.max_error:g}% may be wrong answers of the machine that nobody checked. We want to be {100 * promise.confidence:g}% sure"
        expect(page.locator(".promise blockquote")).to_contain_text(sentence)
        expect(page.locator(".promise .figure").first).to_have_text(f"{exact.minimum:,} answers by people")
        expect(page.locator(".promise .cost")).to_contain_text(f"Up to {exact.errors_tolerated} wrong answer")
        seen.append(exact.minimum)
    assert seen[1] < seen[0] < seen[3] < seen[4]
    page.get_by_label("what the machine answers alone").check()
    exact = cost(2000, Promise(0.005, 0.99, "selective"))
    expect(page.locator(".promise .figure").first).to_have_text(f"{exact.minimum:,} answers by people")


def test_file_names_columns_and_metadata_full_of_script_are_shown_as_text(opener, site, tmp_path):
    """Nothing that was imported runs, on any page it comes to: the policy is not even asked."""
    page = opener().new_page()
    page.goto(f"{site.address}/#/new")
    table = f'message,"{NASTY.replace(chr(34), chr(34) * 2)}",kind\n' + "".join(
        f'"{i} javascript:alert(1) {NASTY.replace(chr(34), chr(34) * 2)}","{NASTY.replace(chr(34), chr(34) * 2)}",{("a", "b")[i % 2]}\n'
        for i in range(8)
    )
    name = "<img src=x onerror=alert(1)>.csv"
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": table.encode()})
    ready(page, ".chips")
    expect(page.locator("main")).to_contain_text("onerror=alert(1)")
    page.get_by_role("button", name="Create the project").click()
    page.wait_for_url("**/review")
    page.locator(".passage").wait_for()
    project = site.client.get("/api/projects").json()["projects"][-1]["name"]
    page.locator(".meta summary").click()
    expect(page.locator(".meta")).to_contain_text("<script>")
    item = site.client.get(f"/api/projects/{project}/items").json()["items"][0]["id"]
    for part, seen in (
        ("items", "tbody a"),
        (f"items/{item}", ".story, h1"),
        ("", "svg[role=img]"),
        ("settings", "#labels"),
        ("models", "h2"),
    ):
        go(page, f"p/{project}/{part}")
        ready(page, seen)
        assert page.locator("main img, main script, main iframe, main a[href^=javascript]").count() == 0
        assert "taken" not in page.title()
    assert page.evaluate("window.brokenPolicy") == []

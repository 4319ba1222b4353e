"""What people come for, from the first page to the last: over a real server, by the page alone."""

from __future__ import annotations

from typing import Any

from hands import UNREAD_MS, following, until
from playwright.sync_api import expect
from rooms import CSV, LABELS, go, ready

CLICKS = "window.clicks = 0; addEventListener('click', e => e.isTrusted && window.clicks++, true)"
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type: "text/csv"}));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector(".drop").dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""
NASTY = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def answered(page: Any, site: Any, project: str) -> None:
    """The first label's key, once the question can be read; until the answer is on disk."""
    page.locator(".passage").first.wait_for()
    page.wait_for_timeout(UNREAD_MS)
    page.keyboard.press("1")
    until(lambda: len(site.mine(project)) == 1, page)


def test_a_sample_is_answered_after_one_click(fresh_site, watch):
    context = watch.context(fresh_site)
    context.add_init_script(CLICKS)
    page = context.new_page()
    page.goto(fresh_site.address)
    sample = page.locator(".samples button").last
    sample.click()
    page.locator(".passage").wait_for(timeout=4000)  # the encoder takes longer than that
    expect(page.locator(".working")).not_to_contain_text("learning")
    page.wait_for_timeout(UNREAD_MS)
    name = fresh_site.client.get("/api/projects").json()["projects"][0]["name"]
    page.locator(".find [role=option], .choices button").first.click()
    until(lambda: len(fresh_site.mine(name)) == 1, page)
    assert page.evaluate("window.clicks") <= 3


def test_ones_own_file_is_dropped_and_answered(opener, site):
    context = opener()
    context.add_init_script(CLICKS)
    page = context.new_page()
    page.goto(f"{site.address}/#/new")
    page.locator(".drop").wait_for()
    page.evaluate(DROP, ["tickets of may.csv", CSV])
    expect(page.locator(".chips")).to_contain_text("billing")
    expect(page.locator("th.chosen")).to_contain_text("message")
    expect(page.locator(".cost .figure").first).to_be_visible()
    page.get_by_role("button", name="Create the project").click()
    page.wait_for_url("**/review")
    answered(page, site, "tickets of may")
    assert page.evaluate("window.clicks") == 1
    task = site.client.get("/api/projects/tickets of may").json()
    assert sorted(task["labels"]) == sorted(LABELS)


def test_a_sweep_confirms_and_corrects_each_as_one_opinion_and_none_is_an_audit(stocked, watch):
    site, made = stocked
    page = watch.context(site).new_page()
    page.goto(f"{site.address}/#/p/{made.learning}/sweep")
    ready(page, "[data-row]")
    before = site.client.get(f"/api/projects/{made.learning}/status").json()["human"]
    rows = page.locator("[data-row]")
    n, own = rows.count(), len(site.mine(made.learning))
    rows.nth(0).get_by_role("button").click()  # left out
    wrong = rows.nth(1).locator("p.text").inner_text()
    told = rows.nth(1).locator("select").input_value()
    other = next(label for label in LABELS if "=" + label != told)
    rows.nth(1).locator("select").select_option("=" + other)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Confirm").click()
    until(lambda: len(site.mine(made.learning)) == own + n - 1, page)
    said = {one["text"]: one["answer"]["value"] for one in site.mine(made.learning)}
    assert said[wrong] == other
    after = site.client.get(f"/api/projects/{made.learning}/status").json()["human"]
    assert after["answers"] == before["answers"] + n - 1
    assert after["audit"] == before["audit"]


def test_a_session_that_ends_in_mid_answer_loses_nothing(opener, site):
    project = site.project([f"about thing {i}" for i in range(20)])
    site.client.patch("/api/me", json={"password": {"old": "", "new": "correct horse"}})
    context = opener()
    page = context.new_page()
    page.goto(f"{site.address}/#/p/{project}/review")
    answered(page, site, project)
    cookies = context.cookies()
    context.clear_cookies()
    text = page.locator(".passage").inner_text()
    page.keyboard.press("2")
    page.locator("input[type=password]").wait_for()
    assert len(site.mine(project)) == 1
    context.add_cookies(cookies)
    page.reload()
    page.goto(f"{site.address}/#/p/{project}")
    until(lambda: [(a["text"], a["answer"]["value"]) for a in site.mine(project)][:1] == [(text, "billing")], page)


def test_two_people_are_never_asked_the_same(site, watch):
    project = site.project([f"thing {i}" for i in range(30)])
    link = site.client.post(f"/api/projects/{project}/invitations", json={"role": "reviewer", "note": ""}).json()[
        "link"
    ]
    mine = watch.context(site).new_page()
    hers = watch.context(site, {}).new_page()
    hers.goto(site.address + link)
    hers.get_by_label("Your name").fill("Rose <b>bold</b>")
    hers.get_by_role("button", name="Join").click()
    hers.wait_for_function("() => location.hash.includes('/p/')", polling=50)
    seen: dict[str, list[str]] = {"mine": [], "hers": []}
    for page in (mine, hers):
        page.goto(f"{site.address}/#/p/{project}/review")
        page.locator(".passage").wait_for()
        page.wait_for_timeout(UNREAD_MS)
    for _ in range(5):
        for who, page in (("mine", mine), ("hers", hers)):
            text = page.locator(".passage").inner_text()
            seen[who].append(text)
            page.keyboard.press("1")
            following(page, text)
    assert len({*seen["mine"], *seen["hers"]}) == 10
    go(mine, f"p/{project}/people")
    roses = mine.locator("tbody tr", has_text="Rose <b>bold</b>")  # a second table says what answers are worth
    rose = roses.first
    expect(rose).to_contain_text("here now")
    assert roses.locator("b").count() == 0
    rose.get_by_role("button", name="Remove").click()
    mine.locator("dialog[open]").get_by_role("button", name="Remove").last.click()
    expect(rose).to_contain_text("removed")
    hers.keyboard.press("1")
    until(lambda: hers.locator(".passage").count() == 0 or hers.locator("[role=alert], .bad").count() > 0, hers)
    left = {
        q["item"] for q in site.client.post(f"/api/projects/{project}/questions", json={"n": 20}).json()["questions"]
    }
    assert len(left) >= 15  # what she held goes to the others


def test_a_hostile_project_is_shown_as_text(opener, site):
    project = site.project(
        [f"{NASTY} {i}" for i in range(6)],
        (NASTY[:60], "ham", "</option>"),
        instructions=f"# x\n{NASTY}\n[a](javascript:alert(1))",
    )
    page = opener().new_page()
    for part, seen in (
        ("review", ".passage"),
        ("items", "tbody a"),
        ("settings", "#labels input"),
        ("", "svg[role=img]"),
    ):
        page.goto(f"{site.address}/#/p/{project}/{part}")
        ready(page, seen)
        assert page.locator("main img, main script, main a[href^=javascript]").count() == 0
        assert "taken" not in page.title()
    assert page.evaluate("window.brokenPolicy") == []


def test_the_language_is_switched_everywhere_at_once(opener, site):
    project = site.project(["one", "two", "three"])
    page = opener().new_page()
    page.goto(f"{site.address}/#/p/{project}/settings")
    ready(page, "#labels")
    page.get_by_role("button", name="Language: English").click()
    page.get_by_role("menuitemradio", name="中文").click()
    expect(page.locator("h1")).to_have_text("设置")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.reload()
    expect(page.locator("h1")).to_have_text("设置")
    # What the server refuses is said in the language of the page, not of the browser.
    page.goto(f"{site.address}/#/p/nothing")
    expect(page.locator(".failure .small")).to_contain_text("项目 'nothing' 不在此工作区")


def test_labels_are_renamed_and_added_in_the_settings(opener, site):
    project = site.project(["one", "two", "three"])
    page = opener().new_page()
    page.goto(f"{site.address}/#/p/{project}/settings")
    ready(page, "#labels input")
    page.get_by_label("Label 1").fill("defect")
    page.get_by_role("button", name="Add a label").click()
    page.get_by_label("New label", exact=True).fill("other")
    page.locator("#labels").get_by_role("button", name="Save").click()
    until(lambda: "defect" in site.client.get(f"/api/projects/{project}").json()["labels"], page)
    assert site.client.get(f"/api/projects/{project}").json()["labels"] == ["defect", "billing", "praise", "other"]


def test_items_are_searched_and_filtered(stocked, watch):
    site, made = stocked
    page = watch.context(site).new_page()
    page.goto(f"{site.address}/#/p/{made.certified}/items")
    ready(page, "tbody a")
    page.get_by_label("Decided by").select_option(label="Machine")
    page.wait_for_function("() => location.hash.includes('route=')", polling=50)
    ready(page, "tbody a")
    automated = site.client.get(f"/api/projects/{made.certified}/status").json()["automated"]
    expect(page.locator("main [role=status]").first).to_contain_text(str(automated))
    page.locator("tbody a").first.click()
    expect(page.locator(".story")).to_contain_text("The machine decided")

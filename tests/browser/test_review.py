"""Reviewing in a browser: by keyboard, undone, offline and on again, closed and reopened, with texts of any size."""

from __future__ import annotations

from typing import Any

import pytest
from hands import UNREAD_MS, again, answer, following, opened, text, until
from playwright.sync_api import expect

TEXTS = [f"message number {i} about thing {i % 7}" for i in range(60)]
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>\n  {{7*7}} \u202eabc"


@pytest.fixture
def project(site: Any) -> str:
    name: str = site.project(TEXTS)
    return name


def test_digits_initials_and_commands_answer(page, site, project):
    opened(page, site, project)
    said = [answer(page, key) for key in ("1", "2", "3", "P", "n", "d")]
    until(lambda: len(site.mine(project)) == 6, page)
    values = [(a["text"], a["answer"]["kind"], a["answer"]["value"]) for a in reversed(site.mine(project))]
    kinds = [("label", v) for v in ("bug", "billing", "praise", "praise")] + [("none", None), ("unsure", None)]
    assert values == [(t, k, v) for t, (k, v) in zip(said, kinds, strict=True)]


def test_a_key_before_the_question_can_be_read_answers_nothing(page, site, project):
    page.goto(f"{site.address}/#/p/{project}/review")
    page.evaluate(
        """() => new Promise(done => { const see = new MutationObserver(() => {
             if (!document.querySelector('.passage')) return;
             see.disconnect();
             window.dispatchEvent(new KeyboardEvent('keydown', {key: '1', code: 'Digit1'}));
             done();
           }); see.observe(document, {childList: true, subtree: true}); })"""
    )
    page.wait_for_timeout(500)
    assert site.mine(project) == []


def test_a_key_counts_while_more_questions_come_in_behind_the_one_that_was_read(page, site):
    project = site.project(TEXTS[:1])  # with so few the page asks for more whenever it hears of something
    opened(page, site, project)
    page.evaluate(
        """() => new Promise(done => { let n = 0; const again = setInterval(() => {
             dispatchEvent(new Event('online'));
             if (++n < 30) return;
             clearInterval(again);
             dispatchEvent(new KeyboardEvent('keydown', {key: '1', code: 'Digit1'}));
             done();
           }, 30); })"""
    )
    until(lambda: site.mine(project), page, 10)
    assert len(site.mine(project)) == 1


def test_undo_brings_questions_back_at_any_depth(page, site, project):
    opened(page, site, project)
    said = [answer(page, key) for key in "12312"]
    for back in reversed(said):
        page.keyboard.press("u")
        again(page, back)
    expect(page.locator(".before")).to_contain_text("bug")
    assert site.mine(project) == []
    answer(page, "3")
    until(lambda: [a["answer"]["value"] for a in site.mine(project)] == ["praise"], page)


def test_keys_do_nothing_while_typing_with_modifiers_or_held_down(page, site, project):
    opened(page, site, project)
    first = text(page)
    page.keyboard.press("f")
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.type("123 un sn?")
    assert page.locator("textarea").input_value() == "123 un sn?"
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    for press in ("Control+1", "Alt+1", "Meta+1", "Shift+1", "F1"):
        page.keyboard.press(press)
    for how in ("{repeat: true}", "{isComposing: true}"):
        event = "{key: '1', code: 'Digit1', bubbles: true, ..." + how + "}"
        page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {event}))")
    assert text(page) == first
    assert site.mine(project) == []
    until(lambda: site.client.get(f"/api/projects/{project}/status").json().get("flags") == 1, page)


def test_offline_then_online_loses_nothing(opener, site, project):
    context = opener()
    page = context.new_page()
    opened(page, site, project)
    answer(page, "1")
    until(lambda: len(site.mine(project)) == 1, page)
    context.set_offline(True)
    answer(page, "2")
    answer(page, "3")
    expect(page.locator(".mail")).to_contain_text("2 answers are kept here")
    context.set_offline(False)
    until(lambda: [a["answer"]["value"] for a in site.mine(project)] == ["praise", "billing", "bug"], page)
    expect(page.locator(".mail .warn")).to_have_count(0)
    answer(page, "1")
    until(lambda: len(site.mine(project)) == 4, page)


def test_a_tab_closed_with_unsent_answers_sends_them_when_opened_again(opener, site, project):
    context = opener()
    page = context.new_page()
    opened(page, site, project)
    context.route("**/answers", lambda route: route.abort())
    said = [answer(page, "1"), answer(page, "2")]
    page.wait_for_timeout(300)
    assert site.mine(project) == []
    page.close(run_before_unload=False)
    context.unroute("**/answers")
    again = context.new_page()
    opened(again, site, project)
    until(lambda: len(site.mine(project)) == 2, again)
    assert [a["text"] for a in reversed(site.mine(project))] == said
    assert text(again) not in said


def test_a_lost_reply_is_stored_once(opener, site, project):
    context = opener()
    page = context.new_page()
    opened(page, site, project)
    lost = []

    def lose(route: Any) -> None:
        if len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    context.route("**/answers", lose)
    answer(page, "1")
    answer(page, "2")
    until(lambda: len(lost) == 2, page)
    until(lambda: [a["answer"]["value"] for a in site.mine(project)] == ["billing", "bug"], page)
    expect(page.locator(".mail .line")).to_have_count(0)
    assert lost == [200, 200]


def test_leaving_with_unsent_answers_asks_first(opener, site, project):
    context = opener()
    page = context.new_page()
    opened(page, site, project)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    answer(page, "1")
    until(lambda: len(site.mine(project)) == 1, page)
    page.reload()
    page.wait_for_selector(".passage")
    page.wait_for_timeout(UNREAD_MS)
    assert asked == []
    context.route("**/answers", lambda route: route.abort())
    answer(page, "1")
    page.wait_for_timeout(200)
    page.reload()
    page.wait_for_selector(".passage")
    assert asked == ["beforeunload"]


def test_a_stale_hold_keeps_the_draft(opener, site, project):
    page = opener().new_page()
    opened(page, site, project)
    held = site.client.post(f"/api/projects/{project}/questions", json={"n": 1}).json()["questions"]
    site.client.post(f"/api/projects/{project}/releases", json={"tokens": [q["token"] for q in held]})
    first = answer(page, "1")
    expect(page.locator(".mail .bad")).to_contain_text("1 answer was not stored")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("dialog[open]")).to_contain_text(first)
    page.get_by_role("button", name="Seen").click()
    expect(page.locator(".mail .bad")).to_have_count(0)


def test_of_two_tabs_the_newer_asks(opener, site, project):
    context = opener()
    older = context.new_page()
    opened(older, site, project)
    newer = context.new_page()
    opened(newer, site, project)
    expect(older.locator(".rest")).to_contain_text("in another tab")
    older.get_by_role("button", name="Go on here").click()
    older.wait_for_selector(".passage")
    expect(newer.locator(".rest")).to_contain_text("in another tab")


def test_a_megabyte_does_not_freeze_the_page(opener, site):
    big = "word and another one, "[:21] * 48_000
    project = site.project([big, *TEXTS[:6]])
    page = opener().new_page()
    page.add_init_script(
        "window.longest = 0; new PerformanceObserver(l => { for (const e of l.getEntries())"
        " if (document.querySelector('.passage.long')) window.longest = Math.max(window.longest, e.duration) })"
        ".observe({type: 'longtask'})"
    )
    opened(page, site, project)
    for _ in range(8):
        if page.locator(".passage.long").count():
            break
        answer(page, "1")
    whole = "n => [...document.querySelectorAll('.passage > div')].reduce((a, d) => a + d.textContent.length, 0) === n"
    page.wait_for_function(whole, arg=len(big), polling=50)
    page.locator(".passage").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    page.wait_for_timeout(200)
    assert page.evaluate("window.longest") < 1000
    page.keyboard.press("2")  # by lot it may be the last one: nothing need follow
    until(lambda: site.mine(project)[:1] and site.mine(project)[0]["answer"]["value"] == "billing", page)


def test_texts_are_shown_as_they_are(opener, site):
    odd = [HOSTILE, "שלום לכולם, זה טקסט", "  two  spaces\n\ttab", "第一段。\n第二段。😀", "plain"]
    project = site.project(odd)
    page = opener().new_page()
    opened(page, site, project)
    seen = []
    for i in range(len(odd)):
        seen.append(page.locator(".passage > div").first.evaluate("e => e.textContent"))
        if "שלום" in seen[-1]:
            assert page.locator(".passage > div").first.evaluate("e => getComputedStyle(e).direction") == "rtl"
        if i < len(odd) - 1:
            answer(page, "1")
    assert sorted(seen) == sorted(odd)
    assert page.title() != "taken"
    assert page.locator(".passage img, .passage script").count() == 0


def test_many_labels_are_found_by_typing(opener, site):
    labels = tuple(f"label {i} {('card', 'refund', '退款')[i % 3]}" for i in range(1100))
    project = site.project(TEXTS[:10], labels)
    page = opener().new_page()
    opened(page, site, project)
    page.keyboard.type("退款 1097")
    expect(page.get_by_role("option").first).to_have_text("label 1097 退款")
    answer(page, "Enter")
    until(lambda: [a["answer"]["value"] for a in site.mine(project)] == ["label 1097 退款"], page)
    expect(page.get_by_role("combobox")).to_be_focused()
    assert page.get_by_role("combobox").input_value() == ""
    page.keyboard.press("Shift+U")
    until(lambda: site.mine(project) == [], page)


def test_two_labels_are_a_yes_or_no(opener, site):
    project = site.project(TEXTS[:12], ("spam", "ham"))
    page = opener(locale="zh-CN").new_page()
    opened(page, site, project)
    expect(page.locator(".is")).to_have_text("是“spam”吗？")
    answer(page, "y")
    answer(page, "n")
    until(lambda: [a["answer"]["value"] for a in site.mine(project)] == ["ham", "spam"], page)


def test_buttons_do_what_keys_do_and_enter_does_not_press_them_again(opener, site, project):
    page = opener(viewport={"width": 390, "height": 844}).new_page()
    opened(page, site, project)
    first = text(page)
    page.get_by_role("button", name="billing").click()
    following(page, first)
    second = text(page)
    page.keyboard.press("Enter")
    page.wait_for_timeout(150)
    assert text(page) == second
    page.locator(".others").get_by_role("button", name="Skip").click()
    following(page, second)
    page.get_by_role("button", name="Undo").click()
    again(page, second)
    until(lambda: [a["answer"]["value"] for a in site.mine(project) if a["answer"]] == ["billing"], page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_end_is_said_and_offers_the_export(opener, site):
    project = site.project(TEXTS[:3])
    page = opener().new_page()
    opened(page, site, project)
    for _ in range(2):
        answer(page, "1")
    # a text kept for a later promise is asked once the model is there
    page.locator(".passage").wait_for(timeout=60_000)
    page.wait_for_timeout(UNREAD_MS)
    page.keyboard.press("1")
    expect(page.locator(".rest")).to_contain_text("All done", timeout=60_000)
    expect(page.get_by_role("link", name="Export")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_thirty_by_keyboard_and_five_taken_back(opener, site, project, locale):
    page = opener(locale=locale).new_page()
    opened(page, site, project)
    kinds = {"1": "bug", "2": "billing", "3": "praise"}
    given = [(answer(page, key), kinds[key]) for key in "123" * 10]
    for back, _ in reversed(given[-5:]):
        page.keyboard.press("u")
        again(page, back)
    until(lambda: len(site.mine(project)) == 25, page)
    assert [(one["text"], one["answer"]["value"]) for one in reversed(site.mine(project))] == given[:25]
    assert len({said for said, _ in given}) == 30
    figures = site.client.get(f"/api/projects/{project}/progress").json()
    assert figures["done"] == 25
    expect(page.locator(".headway .wide")).to_contain_text({"en-GB": "Today25", "zh-CN": "今天25"}[locale])

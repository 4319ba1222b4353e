"""How pages look where space is short, and where people ask for less motion or other colours. Pictures are kept."""

from __future__ import annotations

import pytest
from hands import following, opened, seat, text, until
from rooms import places, ready

NARROW = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
ZOOMED = {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2}
OUTSIDE = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide <= 0) return "";
  const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  return `${wide} px too wide: ` + out.slice(0, 4).map(e => e.tagName + "." + e.className).join(" ");
}"""
SMALL = """() => [...document.querySelectorAll("main button, main a.button, main select, main input:not([hidden], [aria-hidden=true])")]
  .filter(e => e.checkVisibility() && !e.disabled && !["checkbox", "radio", "range"].includes(e.type))
  .map(e => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width && (box.height < 24 || box.width < 24))
  .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""


@pytest.mark.parametrize(("size", "how"), [("phone", NARROW), ("zoomed", ZOOMED)])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_no_page_scrolls_sideways(stocked, watch, keep, size, how, locale):
    """WCAG 1.4.10: at 320 px, and at 200 % zoom, whatever the page; and everything can be hit with a finger."""
    site, made = stocked
    page = watch.context(site, locale=locale, reduced_motion="reduce", **how).new_page()
    page.goto(f"{site.address}/#/")
    page.locator("h1").wait_for()
    wrong = []
    for name, way in places(made):
        way(page)
        wide, small = page.evaluate(OUTSIDE), page.evaluate(SMALL)
        wrong += [f"{name}: {one}" for one in ([wide] if wide else []) + small]
        keep(page, f"{size}-{locale[:2]}-{name.replace(' ', '-').replace(',', '')}")
    assert wrong == []


def test_a_phone_answers_by_touch(stocked, watch):
    site, made = stocked
    said = lambda: [(one["text"], one["answer"]["value"]) for one in site.mine(made.learning)]  # noqa: E731
    others = said()
    page = watch.context(site, **NARROW).new_page()
    opened(page, site, made.learning)
    before = text(page)
    button = page.locator(".choices button").first
    assert button.bounding_box()["height"] >= 44
    button.tap()
    following(page, before)
    until(lambda: len(said()) > len(others), page)
    assert said() == [(before, "billing"), *others]


OVER = """() => { const parts = [...document.querySelectorAll(".answers > *, .find > *")].map(e => [e, e.getBoundingClientRect()]);
  return parts.flatMap(([a, x]) => parts.filter(([b, y]) => a !== b && !a.contains(b) && !b.contains(a) && x.top <= y.top && y.top < x.bottom - 1
    && x.left < y.right - 1 && y.left < x.right - 1).map(([b]) => `${b.className} lies over ${a.className}`)) }"""


@pytest.mark.parametrize("labels", [3, 40])
def test_on_a_small_phone_with_something_to_say_nothing_lies_over_another(site, watch, keep, labels):
    project = site.project([f"thing {i} of many" for i in range(12)], tuple(f"topic {i}" for i in range(labels)))
    context = watch.context(site, **{**NARROW, "viewport": {"width": 360, "height": 568}})
    page = context.new_page()
    opened(page, site, project)
    context.set_offline(True)
    before = text(page)
    page.locator(".choices button, .find [role=option]").first.tap()
    following(page, before)
    page.locator(".mail .warn").wait_for()
    assert page.evaluate(OVER) == []
    keep(page, f"small-phone-{labels}-labels")
    context.set_offline(False)
    until(lambda: len(site.mine(project)) == 1, page)


def test_nothing_moves_where_that_is_asked(stocked, watch):
    site, made = stocked
    page = watch.context(site, reduced_motion="reduce").new_page()
    page.goto(f"{site.address}/#/p/{made.certified}")
    ready(page, "svg[role=img]")
    moving = """() => [...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e);
      const s_of = list => list.split(",").some(one => parseFloat(one) * (one.includes("ms") ? 1 : 1000) > 20);
      return s_of(s.transitionDuration) || (s.animationName !== "none" && s_of(s.animationDuration)) }).length"""
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0


def test_light_and_dark_follow_the_system_and_the_switch_overrides(stocked, watch, keep):
    site, made = stocked
    light = "() => Number(getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0]) > 128"
    for scheme in ("dark", "light"):
        page = watch.context(site, color_scheme=scheme).new_page()
        page.goto(f"{site.address}/#/p/{made.certified}")
        ready(page, "svg[role=img]")
        assert page.evaluate(light) is (scheme == "light")
        keep(page, f"{scheme}-overview")
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    assert page.evaluate(light) is False
    page.reload()
    ready(page, "svg[role=img]")
    assert page.evaluate(light) is False


FOCUSED = "!!document.activeElement.closest('dialog[open]')"
LAST = """(() => {
  const all = [...document.querySelectorAll("dialog[open] :is(button, input, select, textarea, a[href])")];
  const last = all.filter(one => !one.disabled && one.offsetParent !== null).at(-1);
  return document.activeElement === last;
})()"""


def test_the_keyboard_alone_reaches_the_next_step(stocked, watch):
    """The title, then the controls of the page: a dialog keeps the focus within, and gives it back.

    Not beyond its last control: from there on Tab is the browser's own, and Chromium without a window may wait for ever.
    """
    site, made = stocked
    page = watch.context(site).new_page()
    page.goto(f"{site.address}/#/p/{made.certified}/people")
    ready(page, "tbody tr")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    button = page.get_by_role("button", name="Invite")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    reached = [page.evaluate(FOCUSED)]
    for _ in range(30):
        if page.evaluate(LAST):
            break
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert all(reached), "the focus left the dialog"
    assert len(reached) >= 3
    assert page.evaluate(LAST), "the keyboard does not reach the last control"
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    assert page.evaluate("document.activeElement.textContent").strip() == "Invite"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_inspector_sees_who_has_access_and_figures_under_masks(stocked, watch, keep, language):
    site, made = stocked
    cookies = seat(site, made.certified, f"inspector {language}", role="inspector", language=language)
    page = watch.context(site, cookies, locale={"en": "en-GB", "zh": "zh-CN"}[language]).new_page()
    page.goto(f"{site.address}/#/p/{made.certified}/people")
    page.locator("h2").first.wait_for()
    figures, access = (page.locator("table tbody").nth(i).inner_text() for i in (0, 1))
    keep(page, f"inspector-{language}")
    named = {row.split("\t")[0] for row in access.splitlines()}
    assert f"inspector {language}" in named
    assert len(named) >= 2
    others = named - {f"inspector {language}"}
    assert not [name for name in others if name in figures]
    assert {"en": "person ", "zh": "成员 "}[language] in figures

"""Every page and dialog against WCAG 2.2 A and AA by axe, in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from rooms import go, places, ready

axe = pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOCALES = ("en-GB", "zh-CN")
RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")} ${node.failureSummary}`)))"""

SETTLED = """() => {
  for (let round = 0; round < 20; round++) {
    const going = document.getAnimations().filter(one => one.playState !== "finished" && one.effect.getTiming().iterations !== Infinity);
    if (!going.length) return 0;
    for (const one of going) one.finish();
  }
  return document.getAnimations().length;
}"""
"""Every motion at its end, now: a page that is not drawn gives no frames, and axe would read colours half way."""


def source() -> str:
    """The script of axe, as the package carries it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def found(page: Any, where: str) -> list[str]:
    """What axe finds wrong with a page as it is, in light and in dark."""
    if not page.evaluate("!!window.axe"):
        page.evaluate(source())
    wrong = []
    for scheme in ("light", "dark"):
        # By the page's own switch: Chromium redraws a change of the emulated system late, and then axe sees half of it.
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", scheme)
        assert page.evaluate(SETTLED) == 0
        wrong += [f"{where}, {scheme}: {one}" for one in page.evaluate(RUN, TAGS)]
    return wrong


@pytest.fixture(scope="module", params=LOCALES)
def visit(request: pytest.FixtureRequest, stocked: Any, browser: Any) -> Iterator[Any]:
    """One page in one language, through which all tests walk."""
    site, made = stocked
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale=request.param, reduced_motion="reduce"
    )
    context.add_cookies([{"name": n, "value": v, "url": site.address} for n, v in site.client.cookies.items()])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{site.address}/#/")
    page.locator("h1").wait_for()
    yield page, made
    context.close()


def test_every_page_and_dialog(visit):
    page, made = visit
    wrong = []
    for name, way in places(made):
        way(page)
        wrong += found(page, name)
    assert wrong == []


def test_what_somebody_sees_who_is_not_signed_in(stocked, watch):
    site, made = stocked
    wrong = []
    for locale in LOCALES:
        page = watch.context(site, {}, locale=locale, reduced_motion="reduce").new_page()
        for name, to, seen in (
            ("sign in", "signin", "form"),
            ("join", f"join/{made.open_invitation}", "form"),
            ("joined already", "join/gone", "h2"),
            ("a used link", "enter/used", "h2"),
        ):
            page.goto(f"{site.address}/#/{to}")
            ready(page, seen)
            wrong += found(page, f"{name}, {locale}")
    assert wrong == []


def test_what_a_reviewer_sees(stocked, watch):
    site, made = stocked
    wrong = []
    for locale in LOCALES:
        page = watch.context(site, made.reviewer, locale=locale, reduced_motion="reduce").new_page()
        page.goto(f"{site.address}/#/p/{made.certified}/people")
        ready(page, "main dl")
        wrong += found(page, f"own figures, {locale}")
        go(page, f"p/{made.certified}/items")
        ready(page, "tbody a")
        wrong += found(page, f"items of a reviewer, {locale}")
    assert wrong == []


def test_the_first_page_of_an_empty_workspace(fresh_site, watch):
    wrong = []
    for locale in LOCALES:
        page = watch.context(fresh_site, locale=locale, reduced_motion="reduce").new_page()
        page.goto(fresh_site.address)
        ready(page, ".samples button")
        wrong += found(page, f"first page, {locale}")
    assert wrong == []


def test_a_planted_fault_is_found(stocked, watch):
    site, _ = stocked
    page = watch.context(site, {}).new_page()
    page.goto(f"{site.address}/#/signin")
    ready(page, "form")
    page.evaluate("document.querySelectorAll('label').forEach(one => one.remove())")
    assert any(one.startswith("here, light: label:") for one in found(page, "here"))

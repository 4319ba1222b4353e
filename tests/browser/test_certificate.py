"""What a certificate stands on, in a browser: corrected and not undone; versions, scores and certificates by clicks."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from conftest import serving
from hands import UNREAD_MS, answer, opened, until
from playwright.sync_api import expect
from rooms import LABELS, go, proven, ready

NAME = "proven"
WORDS = {
    "en-GB": {
        "lead": "A certificate stands on this answer, so it cannot simply be taken back. If it was wrong, give the right one: "
        "the certificate is then evaluated again.",
        "done": "Corrected. The certificate is being evaluated again.",
        "withdrawn": "withdrawn",
        "reason": "Reason: an answer it stood on was corrected",
        "correct": "Correct",
        "story": "and corrected it later",
    },
    "zh-CN": {
        "lead": "有一份证书以这个回答为依据，因此不能直接撤回。如果答错了，请给出正确的回答，证书会随之重新评定。",
        "done": "已更正。证书正在重新评定。",
        "withdrawn": "已撤回",
        "reason": "原因：它所依据的一个回答被更正了",
        "correct": "更正",
        "story": "后来作了更正",
    },
}
LOOK = """() => {
  const seen = document.querySelector("main").cloneNode(true);
  for (const one of seen.querySelectorAll(".passage > div, .meta, .headway, .foot p, .mail, .working")) one.remove();
  for (const one of seen.querySelectorAll(".passage")) one.removeAttribute("class");
  return seen.innerHTML.replace(/<!--.*?-->/g, "");
}"""
"""What the page shows beside the text of a question."""


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Any]:
    """A server over a project with a certificate that stands on answers of its owner, with fixed lots."""
    lots = Random(5)
    monkeypatch.setattr("cowise.guard.keys.new_key", lambda: lots.randbytes(32))
    proven(tmp_path / "home", NAME)
    with serving(tmp_path / "home") as site:
        yield site


def models(site: Any) -> Any:
    """Versions and certificates, newest first."""
    return site.client.get(f"/api/projects/{NAME}/models").json()


def automated(site: Any) -> int:
    """How many texts the machine decided."""
    found: int = site.client.get(f"/api/projects/{NAME}/status").json()["automated"]
    return found


@pytest.mark.parametrize("locale", WORDS)
def test_what_a_certificate_stands_on_is_corrected_not_undone(drawn, watch, locale):
    words, before = WORDS[locale], models(drawn)["certificates"]
    assert [one["state"] for one in before] == ["valid"]
    page = watch.context(drawn, locale=locale).new_page()
    page.goto(f"{drawn.address}/#/p/{NAME}/review")
    page.locator(".rest h2, .passage").first.wait_for()  # the machine may have decided all that was left
    dialog = page.locator("dialog[open]")
    for _ in range(40):  # answers given after the check are taken back first
        page.keyboard.press("u")
        page.wait_for_timeout(UNREAD_MS)
        if dialog.count():
            break
    expect(dialog).to_contain_text(words["lead"])
    said = drawn.mine(NAME)[0]
    expect(dialog.locator("blockquote")).to_have_text(said["text"])
    right = next(label for label in LABELS if label != said["answer"]["value"])
    dialog.locator("select").select_option("=" + right)
    dialog.get_by_role("button", name=words["correct"], exact=True).click()
    expect(page.get_by_text(words["done"]).first).to_be_visible()
    assert drawn.mine(NAME)[0]["answer"]["value"] == right
    until(lambda: [one["state"] for one in models(drawn)["certificates"]] == ["valid", "withdrawn"], page)
    new, old = models(drawn)["certificates"]
    assert old["id"] == before[0]["id"]
    assert (new["n_audited"], new["version"]) == (old["n_audited"], old["version"])  # nobody was asked again for it
    assert abs(new["n_errors"] - old["n_errors"]) <= 1
    go(page, f"p/{NAME}/models")
    card = page.locator("article.card", has_text=old["id"])
    expect(card).to_contain_text(words["withdrawn"])
    expect(card).to_contain_text(words["reason"])
    go(page, f"p/{NAME}/items/{said['item']}")
    expect(page.locator(".story")).to_contain_text(words["story"])


def test_models_by_clicks(drawn, watch, keep):
    """A version is kept and releases nothing; the certificates are withdrawn, with the reason beside them."""
    page = watch.context(drawn).new_page()
    page.goto(f"{drawn.address}/#/p/{NAME}")
    ready(page, "svg[role=img]")
    page.get_by_role("link", name="Models", exact=True).first.click()
    ready(page, "article.card")
    stands = models(drawn)["certificates"][0]
    card = page.locator("article.card.stands")
    expect(card).to_contain_text(stands["sentence"]["en"])
    card.locator("summary").click()
    expect(card.locator("tr", has_text="Checked by lot")).to_contain_text(str(stands["n_audited"]))
    page.get_by_role("button", name="Train now").click()
    expect(page.get_by_text("A version is kept.").first).to_be_visible(timeout=60_000)
    rows = page.locator("section", has_text="Model versions").locator("table tbody tr", has_text="answers")
    until(lambda: rows.count() == len(models(drawn)["versions"]) == 2, page)
    for row, version in zip(rows.all(), models(drawn)["versions"], strict=True):
        expect(row).to_contain_text(version["id"])
        expect(row).to_contain_text(version["state"])
        expect(row).to_contain_text(f"{version['metrics']['answers']} answers")
        expect(row).to_contain_text(f"{round(version['metrics']['log_loss'], 3):g}")
    assert sorted(one["state"] for one in models(drawn)["versions"]) == ["candidate", "released"]
    expect(page.locator("article.card.stands")).to_have_count(1)
    page.get_by_role("button", name="Withdraw certificates").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(f"{automated(drawn)} texts go back to people.")
    do = dialog.get_by_role("button", name="Withdraw them")
    expect(do).to_be_disabled()
    dialog.get_by_label("Reason").fill("the form of the letters changed <b>")
    do.click()
    expect(page.get_by_text("The certificates are withdrawn.").first).to_be_visible(timeout=60_000)
    gone = page.locator("article.card", has_text=stands["id"])
    expect(gone).to_contain_text("the form of the letters changed <b>")
    assert gone.locator("b").count() == 0
    assert automated(drawn) == 0
    keep(page, "models-withdrawn")


def test_what_is_asked_blind_looks_the_same_whatever_it_is_for(drawn, watch):
    """All of the page but the text is one and the same for every question without a suggestion, audits among them."""
    page = watch.context(drawn).new_page()
    drawn.client.post(f"/api/projects/{NAME}/withdraw", json={"reason": "asked anew"}).raise_for_status()
    until(lambda: automated(drawn) == 0, page)
    opened(page, drawn, NAME)
    seen = []
    for _ in range(20):
        if page.locator(".accept").count() == 0:
            seen.append(page.evaluate(LOOK))
        answer(page, "1")
    assert len(seen) > 5
    assert len(set(seen)) == 1

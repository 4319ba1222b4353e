"""The page: files of one folder and nothing else, asked for again by ETag."""

from __future__ import annotations

import gzip
import re

import pytest

from cowise.web import pages
from cowise.web.pages import Pages


@pytest.fixture
def folder(tmp_path):
    here = tmp_path / "static"
    (here / "parts").mkdir(parents=True)
    (here / "index.html").write_text("<!doctype html><title>cowise</title>" + "<p>text</p>" * 200)
    (here / "parts" / "app.js").write_text("export const a = 1;\n" * 50)
    (here / "icon.png").write_bytes(b"\x89PNG" + bytes(50))
    (tmp_path / "secret.txt").write_text("secret")
    (here / "link.txt").symlink_to(tmp_path / "secret.txt")
    return here


@pytest.fixture
def browser(office, folder):
    office.app.state.pages = Pages(folder)
    return office.stranger()


def test_types_and_encodings(browser):
    page = browser.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["cache-control"] == "no-cache"
    assert "<title>cowise</title>" in page.text
    script = browser.get("/parts/app.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    image = browser.get("/icon.png")
    assert image.headers["content-type"] == "image/png"
    assert "content-encoding" not in image.headers
    plain = browser.get("/parts/app.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == script.content


def test_what_a_browser_has_is_not_sent_again(browser, folder):
    tag = browser.get("/").headers["etag"]
    for said in (tag, f'"other", {tag}', f"W/{tag}"):
        again = browser.get("/", headers={"if-none-match": said})
        assert (again.status_code, again.content) == (304, b"")
    (folder / "index.html").write_text("<!doctype html><title>new</title>")
    fresh = browser.get("/", headers={"if-none-match": tag})
    assert fresh.status_code == 200
    assert "new" in fresh.text


@pytest.mark.parametrize("path", [
    "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/parts/../../secret.txt", "/parts%2f..%2f..%2fsecret.txt",
    "/link.txt", "//etc/passwd", "/%00", "/parts", "/parts/", "/..\\secret.txt",
])  # fmt: skip
def test_no_address_leads_out_of_the_folder(browser, path):
    answer = browser.get(path)
    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text.replace("secret.txt", "")


def test_head_has_no_body(browser):
    answer = browser.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_checkout_without_the_page_says_how_to_build_it(office, tmp_path):
    office.app.state.pages = Pages(tmp_path / "none")
    assert "npm" in office.stranger().get("/").text


def test_the_committed_page_is_complete():
    found = Pages()
    index = found.find("index.html")
    assert index is not None
    assert gzip.decompress(index.packed or gzip.compress(index.body)) == index.body
    assert (pages.FOLDER / "index.html").is_file()


SHELL = {"index.html", "first.js", "icon.svg", "index.css", "app.js", "en.js"}
ASKED_KB, ASKED_OF_A_PAGE_KB = 80, 40


def needed(name: str, known: set[str]) -> set[str]:
    """A file of the page and all that it imports at once; its style sheet comes along."""
    if name in known or not (pages.FOLDER / name).is_file():
        return known
    known = known | {name}
    if name.endswith(".js"):
        known = needed(name.replace(".js", ".css"), known)
        for part in re.findall(r'(?:from|^import|;import)["\']\./([\w.]+)["\']', (pages.FOLDER / name).read_text()):
            known = needed(part, known)
    return known


def kilobytes(names: set[str]) -> float:
    return sum(len(gzip.compress((pages.FOLDER / name).read_bytes(), 6)) for name in names) / 1000


def test_the_shell_and_the_review_page_load_quickly_and_every_other_page_too():
    first = set[str]()
    for name in (*SHELL, "Review.js"):
        first = needed(name, first)
    assert {"Review.js", "Review.css", "Passage.js", "api.js", "wire.svelte.js"} <= first
    assert 40 < kilobytes(first) < ASKED_KB
    routes = re.findall(r"import\(`\./(\w+)\.js`\)", (pages.FOLDER / "app.js").read_text())
    assert {"Home", "New", "Overview", "Items", "Item", "People", "Models", "Settings", "SignIn"} <= set(routes)
    shell = first - needed("Review.js", set()) | {"api.js"}
    for name in routes:
        assert kilobytes(needed(f"{name}.js", set()) - shell) < ASKED_OF_A_PAGE_KB, name

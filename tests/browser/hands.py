"""What hands do at the page, for all tests of this folder: wait for the server, read, press a key, wait for the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

UNREAD_MS = 200
"""Keys within 150 ms of a question that came after a wait answer nothing, as nobody can have read it."""
ANOTHER = "t => { const one = document.querySelector('.passage'); return one && one.innerText !== t }"


def until(happened: Callable[[], Any], page: Any, seconds: float = 30) -> None:
    """Waits for what the server comes to know."""
    for _ in range(int(seconds * 10)):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen in time")


def opened(page: Any, site: Any, project: str, part: str = "review") -> None:
    """The review page with its first question, which has been read."""
    page.goto(f"{site.address}/#/p/{project}/{part}")
    page.locator(".passage").first.wait_for()
    page.wait_for_timeout(UNREAD_MS)


def text(page: Any) -> str:
    """The text of the question."""
    found: str = page.locator(".passage").inner_text()
    return found


def following(page: Any, before: str) -> None:
    """Until another question is there and has been read."""
    page.wait_for_function(ANOTHER, arg=before, polling=50)
    page.wait_for_timeout(UNREAD_MS)


def again(page: Any, before: str) -> None:
    """Until that question lies on the table again."""
    page.wait_for_function("t => document.querySelector('.passage')?.innerText === t", arg=before, polling=50)


def answer(page: Any, key: str) -> str:
    """Presses a key and waits for another text; the text answered."""
    before = text(page)
    page.keyboard.press(key)
    following(page, before)
    return before


def seat(site: Any, project: str, name: str, *, role: str = "reviewer", language: str = "en") -> dict[str, str]:
    """Another person of a project, with the password "a long password"; the cookies that sign a browser in as them."""
    body = {"role": role, "note": name}
    link = site.client.post(f"/api/projects/{project}/invitations", json=body).raise_for_status().json()["link"]
    with site.stranger() as client:
        token, me = link.rsplit("/", 1)[1], {"name": name, "password": "a long password", "language": language}
        client.post(f"/api/invitations/{token}", json=me).raise_for_status()
        return dict(client.cookies.items())

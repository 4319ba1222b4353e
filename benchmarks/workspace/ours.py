"""cowise, as `cowise start` runs it, its worker included."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.workspace.product import LABELS, NAME, PASSWORD, Keys, Running, Step, free_port, served, text
from cowise import __version__

PROGRAM = [sys.executable, "-m", "cowise.cli"]


class Cowise:
    """Ours."""

    name = "cowise"
    standing = "text=Choose a file"  # not the page that says it signs you in, which is there before the API
    keys = Keys((), "2", "/^[0-9]$/.test(e.key)", ".passage")

    def __init__(self, folder: Path) -> None:
        self._home, self._cookie = folder / "cowise", ""

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return __version__

    def prepare(self, items: int) -> float:
        rows = self._home.parent / "rows.jsonl"
        rows.write_text("".join(json.dumps({"text": text(n)}) + "\n" for n in range(items)), "utf-8")
        for words in (
            ["new", "tickets", "--labels", ",".join(LABELS), "--encoder", "hashing"], ["add", "tickets", str(rows), "--text", "text"],
        ):  # fmt: skip
            subprocess.run([*PROGRAM, "--home", str(self._home), *words, "--quiet"], check=True)
        with served(self) as running:  # the link signs in once; afterwards by name and password, as at the peers
            line = running.line()
            _, cookie = _asked(line, "POST", "/api/session/link", {"token": running.address.rsplit("/", 1)[1]})
            self._cookie = cookie.partition(";")[0]
            _asked(line, "PATCH", "/api/me", {"name": NAME, "password": PASSWORD}, self._cookie)
        return 0.0

    def start(self) -> Running:
        begun, port = time.monotonic(), free_port()
        words = [*PROGRAM, "--home", str(self._home), "start", "--no-open", "--port", str(port)]
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        assert process.stdout is not None
        link = re.search(r"http://\S+", process.stdout.readline())
        assert link is not None, "the server did not start"
        return Running(process, f"http://127.0.0.1:{port}", link.group(0), begun)

    def step(self, running: Running) -> Step:
        line, held = running.line(), list[Any]()

        def post(path: str, body: Any) -> Any:
            return _asked(line, "POST", f"/api/projects/tickets/{path}", body, self._cookie)[0]

        def step() -> bool:
            if not held:
                held.extend(post("questions", {"n": 3})["questions"])
                return False
            one = held.pop(0)
            said = {"kind": "label", "value": LABELS[1]}
            given = {"token": one["token"], "item": one["item"], "answer": said, "seconds": 1.0}
            known = {each["token"] for each in held}
            found = post("answers", {**given, "next": 3})["next"]["questions"]
            held.extend(q for q in found if q["token"] not in known)
            return True

        return step

    def answers(self, running: Running) -> int:
        line = running.line()
        return int(_asked(line, "GET", "/api/projects/tickets/status", None, self._cookie)[0]["human"]["answers"])

    def sign_in(self, page: Page, running: Running, click: Callable[[Any], None]) -> None:
        page.goto(f"{running.root}/#/signin")
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        click(page.get_by_role("button", name="Sign in"))
        click(page.locator("main").get_by_text("Answer", exact=True))
        page.wait_for_selector(self.keys.passage, timeout=300_000)

    def answer(self, page: Page, click: Callable[[Any], None]) -> None:
        click(page.get_by_role("button", name=LABELS[1]))


def _asked(line: http.client.HTTPConnection, method: str, path: str, body: Any, cookie: str = "") -> tuple[Any, str]:
    """What the server says, and the cookie it sets."""
    headers = {"Content-Type": "application/json", "Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    line.request(method, path, None if body is None else json.dumps(body), headers)
    reply = line.getresponse()
    said = json.loads(reply.read())
    if reply.status != 200:
        raise RuntimeError(said)
    return said, reply.getheader("set-cookie", "") or ""

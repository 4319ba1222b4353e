"""The page in a browser over a real server: one server and one Chromium for all tests, a context for each.

`site` makes projects with the hashing encoder (no weights); `page` is signed in; `stocked` is a server over a workspace
with something on every page; `keep` keeps pictures in out/screenshots. Skipped where there is no Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # rooms.py, which the tests of this folder share

from rooms import Stock, people, stock

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; pip install playwright")
httpx2 = pytest.importorskip("httpx2")

ROOT = Path(__file__).parents[2]
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PLACES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TALK = ("Failed to load resource", "net::ERR_")


@cache
def chromium() -> str:
    """Where the browser is, "" when there is none; COWISE_CHROMIUM names another."""
    named = os.environ.get("COWISE_CHROMIUM", "")
    return named or next((found for name in PLACES if (found := shutil.which(name)) and _runs(found)), "")


def _runs(found: str) -> bool:
    """Some systems put a script in its place that only says where to get it."""
    return subprocess.run([found, "--version"], check=False, capture_output=True, timeout=60).returncode == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser there is nothing to try here."""
    if chromium():
        return
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine; run: sudo apt-get install chromium"))


@dataclass
class Site:
    """A running server: its address, an owner signed in by `client`, and the cookie that signs a browser in."""

    address: str
    client: Any
    home: Path
    process: subprocess.Popen[str]
    numbers: count[int] = field(default_factory=lambda: count(1))

    def project(self, texts: list[str], labels: tuple[str, ...] = ("bug", "billing", "praise"), **more: Any) -> str:
        """A project with these texts, ready to be answered; its name."""
        name = f"p{next(self.numbers)}"
        body = {"name": name, "labels": list(labels), "encoder": "hashing", **more}
        self.client.post("/api/projects", json=body).raise_for_status()
        rows = "\n".join(json.dumps({"text": text}) for text in texts)
        file = self.client.post("/api/files?name=texts.jsonl", content=rows.encode()).raise_for_status().json()
        body = {"file": file["file"], "text": "text"}
        job = self.client.post(f"/api/projects/{name}/imports", json=body).raise_for_status().json()
        self.wait(job["id"])
        return name

    def stranger(self) -> Any:
        """A client that was never here."""
        return httpx2.Client(base_url=self.address, timeout=60)

    def wait(self, job: str, seconds: float = 90.0) -> None:
        """Until a job is done."""
        until(lambda: self.client.get(f"/api/jobs/{job}").json()["state"] in ("done", "failed"), seconds)
        found = self.client.get(f"/api/jobs/{job}").json()
        assert found["state"] == "done", found

    def mine(self, project: str) -> list[dict[str, Any]]:
        """The owner's answers, newest first."""
        answers: list[dict[str, Any]] = self.client.get(f"/api/projects/{project}/mine?limit=500").json()["answers"]
        return answers


def until(ready: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits for something that happens by itself."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _start(home: Path) -> subprocess.Popen[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "cowise.cli", "--home", str(home), "--json", "start", "--no-open"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
        cwd=home.parent,
    )  # fmt: skip


@contextmanager
def serving(home: Path) -> Iterator[Site]:
    """A server over a workspace, an empty one where there is none, with its owner signed in."""
    process = _start(home)
    assert process.stdout is not None
    said = ""
    while not said.endswith("}\n"):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        said += line
    told = json.loads(said)
    try:
        with httpx2.Client(base_url=told["address"], timeout=60) as client:
            token = told["link"].rsplit("/", 1)[1]
            client.post("/api/session/link", json={"token": token}).raise_for_status()
            yield Site(told["address"], client, home, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for the session."""
    with serving(tmp_path_factory.mktemp("browser") / "home") as found:
        yield found


@pytest.fixture
def fresh_site(tmp_path: Path) -> Iterator[Site]:
    """A server over an empty workspace, as on the first day."""
    with serving(tmp_path / "home") as found:
        yield found


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Stock]]:
    """A server over a workspace that has something on every page."""
    home, drawn = tmp_path_factory.mktemp("stocked") / "home", Random(11)
    with pytest.MonkeyPatch.context() as fixed:  # keys draw the lots, and lots say which questions there are
        fixed.setattr("cowise.guard.keys.new_key", lambda: drawn.randbytes(32))
        made = stock(home)
    with serving(home) as found:
        people(found, made)
        yield found, made


@pytest.fixture(scope="session")
def keep() -> Callable[[Any, str], None]:
    """Keeps a picture of a page in out/screenshots, for people to look at."""
    folder = Path(os.environ.get("COWISE_SCREENSHOTS", ROOT / "out" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Any, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    return take


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the session."""
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        yield running
        running.close()


Opener = Callable[..., Any]


BROKEN = """
  window.brokenPolicy = [];
  document.addEventListener("securitypolicyviolation", e => window.brokenPolicy.push(e.violatedDirective + " " + e.blockedURI));
"""


class Watch:
    """Makes browser contexts and hears what goes wrong in them: errors of scripts, refusals by the policy."""

    def __init__(self, browser: Any) -> None:
        self._browser, self._contexts = browser, list[Any]()
        self.faults: list[str] = []

    def _page(self, page: Any) -> None:
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(TALK):
            self.faults.append(message.text)

    def context(self, site: Site, cookies: dict[str, str] | None = None, **how: Any) -> Any:
        """A context signed in by `cookies`, as the owner unless given; {} for nobody."""
        context = self._browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **how})
        mine = dict(site.client.cookies.items()) if cookies is None else cookies
        context.add_cookies([{"name": n, "value": v, "url": site.address} for n, v in mine.items()])
        context.add_init_script(BROKEN)
        context.on("page", self._page)
        self._contexts.append(context)
        return context

    def close(self) -> None:
        """Ends all; AssertionError for what went wrong."""
        for context in self._contexts:
            for page in context.pages:
                self.faults += page.evaluate("window.brokenPolicy ?? []")
            context.close()
        assert self.faults == []


@pytest.fixture
def watch(browser: Any) -> Iterator[Watch]:
    """For tests with a server of their own, or several people."""
    found = Watch(browser)
    yield found
    found.close()


@pytest.fixture
def opener(site: Site, watch: Watch) -> Opener:
    """Makes a browser context that is signed in as the owner; pages that report an error fail the test."""
    return partial(watch.context, site)


@pytest.fixture
def page(opener: Opener) -> Any:
    """A signed-in page."""
    return opener().new_page()

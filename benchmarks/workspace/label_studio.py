"""Label Studio on SQLite, as `label-studio start` runs it; told not to look for news of itself, which would cost it time."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.workspace.product import (
    EMAIL,
    LABELS,
    PASSWORD,
    Environment,
    Keys,
    Running,
    Step,
    end,
    free_port,
    text,
    wait_for,
)  # fmt: skip

TOKEN = "0123456789abcdef0123456789abcdef01234567"
PART = 2_000
"""Texts in one request when they are brought in."""
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="label" toName="text" choice="single" showInLine="true">'
    + "".join(f'<Choice value="{label}"/>' for label in LABELS)
    + "</Choices></View>"
)
RESULT = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [LABELS[1]]}}]


class LabelStudio:
    """The most used one."""

    name = "label_studio"
    standing = "#email"
    keys = Keys(("2",), "Control+Enter", "e.ctrlKey && e.key === 'Enter'", "[class*='richtext']")

    def __init__(self, folder: Path, environment: Environment) -> None:
        self._folder, self.environment, self._project = folder / "label_studio", environment, 0

    def missing(self) -> str:
        return self.environment.missing()

    def version(self) -> str:
        return self.environment.version()

    def prepare(self, items: int) -> float:
        self._folder.mkdir()
        running = self.start()
        try:
            wait_for(running)
            first = time.monotonic() - running.begun
            line = running.line()
            made = _asked(line, "POST", "/api/projects/", {"title": "tickets", "label_config": CONFIG})
            self._project = made["id"]
            for at in range(0, items, PART):
                part = [{"text": text(n)} for n in range(at, min(items, at + PART))]
                _asked(line, "POST", f"/api/projects/{self._project}/import", part)
        finally:
            end(running)
        return round(first, 2)

    def start(self) -> Running:
        port = free_port()
        words = [
            "start",
            "--data-dir",
            str(self._folder),
            "-p",
            str(port),
            "-b",
            "--username",
            EMAIL,
            "--password",
            PASSWORD,
        ]
        env = {"COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false", "HOME": str(self._folder)}
        words += ["--user-token", TOKEN, "--enable-legacy-api-token"]
        return self.environment.run(words, port, cwd=self._folder, env=env)

    def step(self, running: Running) -> Step:
        line, held = running.line(), list[int]()

        def step() -> bool:
            known = bool(held)
            if held:
                _asked(line, "POST", f"/api/tasks/{held.pop()}/annotations/", {"result": RESULT, "lead_time": 1.0})
            held.append(_asked(line, "GET", f"/api/projects/{self._project}/next")["id"])
            return known

        return step

    def answers(self, running: Running) -> int:
        return int(_asked(running.line(), "GET", f"/api/projects/{self._project}/")["total_annotations_number"])

    def sign_in(self, page: Page, running: Running, click: Callable[[Any], None]) -> None:
        page.goto(running.address)
        page.fill("#email", EMAIL)
        page.fill("#password", PASSWORD)
        click(page.get_by_role("button", name="Log in"))
        click(page.get_by_text("tickets", exact=True).first)
        click(page.get_by_role("button", name="Label All Tasks"))
        page.locator(self.keys.passage).first.wait_for(timeout=120_000)

    def answer(self, page: Page, click: Callable[[Any], None]) -> None:
        click(page.locator("label").filter(has_text=LABELS[1]).first)
        click(page.get_by_test_id("bottombar-submit-button"))


def _asked(line: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Token {TOKEN}"}
    line.request(method, path, None if body is None else json.dumps(body), headers)
    reply = line.getresponse()
    said = reply.read()
    if reply.status not in (200, 201):
        raise RuntimeError(said[:300])
    return json.loads(said)

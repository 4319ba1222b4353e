"""Potato, as `potato start` runs it: one scheme of one choice, everybody may sign in by a name alone, its quickest door."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks.workspace.product import LABELS, NAME, Environment, Keys, Running, Step, free_port, text

CONFIG = """annotation_task_name: tickets
task_dir: .
output_annotation_dir: annotation_output
output_annotation_format: jsonl
data_files: [data/rows.jsonl]
item_properties: {id_key: id, text_key: text}
require_password: false
user_config: {allow_all_users: true}
assignment_strategy: fixed_order
max_annotations_per_item: 3
max_annotations_per_user: 10000
annotation_schemes:
  - annotation_type: radio
    name: label
    description: Which label fits?
    labels: [LABELS]
    sequential_key_binding: true
site_dir: default
"""
ITEM = re.compile(r'name="instance_id"[^>]*value="([^"]*)"')


class Potato:
    """The lightest one to set up."""

    name = "potato"
    standing = "input[name=email]"
    keys = Keys(("2",), "ArrowRight", "e.key === 'ArrowRight'", "#text-content")

    def __init__(self, folder: Path, environment: Environment) -> None:
        self._folder, self.environment, self._sittings = folder / "potato", environment, 0

    def missing(self) -> str:
        return self.environment.missing()

    def version(self) -> str:
        return self.environment.version()

    def prepare(self, items: int) -> float:
        (self._folder / "data").mkdir(parents=True)
        rows = "".join(json.dumps({"id": str(n), "text": text(n)}) + "\n" for n in range(items))
        (self._folder / "data" / "rows.jsonl").write_text(rows, "utf-8")
        (self._folder / "config.yaml").write_text(CONFIG.replace("LABELS", ", ".join(LABELS)), "utf-8")
        return 0.0

    def start(self) -> Running:
        port = free_port()
        words = ["start", "config.yaml", "-p", str(port), "--host", "127.0.0.1"]
        return self.environment.run(words, port, cwd=self._folder, env={"HOME": str(self._folder)})

    def step(self, running: Running) -> Step:
        line, held, cookie = (
            running.line(),
            list[str](),
            "",
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", "/auth", urlencode({"email": "program", "pass": ""}), headers)
        reply = line.getresponse()
        reply.read()
        cookie = (reply.getheader("set-cookie") or "").partition(";")[0]

        def asked(method: str, path: str, body: Any = None) -> str:
            kind = {} if body is None else {"Content-Type": "application/json"}
            line.request(method, path, None if body is None else json.dumps(body), {"Cookie": cookie, **kind})
            reply = line.getresponse()
            said = reply.read().decode()
            if reply.status != 200:
                raise RuntimeError(said[:300])
            return said

        def next_item(page: str) -> str:
            found = ITEM.search(page)
            assert found is not None, "the page names no item"
            return found.group(1)

        def step() -> bool:
            if not held:
                held.append(next_item(asked("GET", "/annotate")))
                return False
            item = held.pop()
            asked("POST", "/updateinstance", {"instance_id": item, "annotations": {f"label:{LABELS[1]}": LABELS[1]}})
            held.append(next_item(asked("POST", "/annotate", {"action": "next_instance", "instance_id": item})))
            assert held != [item], "the same item came again"
            return True

        return step

    def answers(self, running: Running) -> int:  # noqa: ARG002 (its own files say it)
        return sum(
            len(json.loads(state.read_text("utf-8")).get("instance_id_to_label_to_value", {}))
            for state in self._folder.glob("annotation_output/*/user_state.json")
        )

    def sign_in(self, page: Page, running: Running, click: Callable[[Any], None]) -> None:
        page.goto(running.address)
        self._sittings += 1  # who comes back is shown texts answered before
        page.locator("input[name=email]:visible").first.fill(f"{NAME}{self._sittings}")
        click(page.locator("button[type=submit]:visible, input[type=submit]:visible").first)
        page.locator(self.keys.passage).wait_for(timeout=60_000)

    def answer(self, page: Page, click: Callable[[Any], None]) -> None:
        click(page.locator("label").filter(has_text=LABELS[1]).first)
        click(page.locator("#next-btn"))

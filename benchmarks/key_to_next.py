"""Milliseconds from a key to the next text on the screen, over 200 answers in Chromium, against a real server.

python -m benchmarks.key_to_next [--answers 200] [--labels 5] [--pause 0.35] [--out benchmarks/results/key_to_next.json]

The page itself measures: from the time stamp of the key's event to the message that follows the painted frame
(`cowise:next` on the performance timeline; `cowise:placed` is its part until the text stands in the document). One person answers at a steady pace; the answer and the next questions
travel in the background meanwhile. `save_ms` is how long an answer took to be on the server's disk, as the browser
saw it. The processor's load before and after is noted: a busy machine is slower than the page.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.hardware import hardware

PROGRAM = str(Path(sys.executable).with_name("cowise"))
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PLACED = "performance.getEntriesByName('cowise:placed').map(e => e.duration)"
NEXT = "performance.getEntriesByName('cowise:next').map(e => e.duration)"
SAVES = "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/answers')).map(e => e.duration)"


def project(home: Path, texts: int, labels: int) -> None:
    """A workspace with one project of short and of long texts."""
    rows = home.parent / "rows.jsonl"
    lines = (f"request {n} about thing {n % 97}: " + "please look at it " * (1 + n % 40) for n in range(texts))
    rows.write_text("".join(json.dumps({"text": line}) + "\n" for line in lines), "utf-8")
    names = ",".join(f"label {n}" for n in range(labels))
    for words in (
        ["new", "tickets", "--labels", names, "--encoder", "hashing"], ["add", "tickets", str(rows), "--text", "text"],
    ):  # fmt: skip
        subprocess.run([PROGRAM, "--home", str(home), *words, "--quiet"], check=True)


def serve(home: Path) -> tuple[subprocess.Popen[str], str]:
    """A server and the link that signs its owner in."""
    command = [PROGRAM, "--home", str(home), "--json", "start", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    while not said.endswith("}\n"):
        line = process.stdout.readline()
        assert line, "the server did not start"
        said += line
    return process, str(json.loads(said)["link"])


def review(page: Page, answers: int, pause: float) -> int:
    """Answers so many questions by keyboard; how often the next text had to be waited for."""
    waited = 0
    for n in range(answers):
        if page.locator(".passage").count() == 0:
            waited += 1
            page.wait_for_selector(".passage", timeout=300_000)
            page.wait_for_timeout(300)
        page.keyboard.press(str(1 + n % 2))
        page.wait_for_timeout(1000 * pause)
    return waited


def spread(values: list[float]) -> dict[str, float]:
    """Quantiles in milliseconds."""
    found = {f"p{q}": round(float(np.percentile(values, q)), 1) for q in (50, 95, 99)}
    return {"n": len(values), **found, "most": round(max(values), 1)}


def measure(link: str, answers: int, pause: float) -> dict[str, Any]:
    """One sitting in a new browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(link)
        page.wait_for_url("**/#/", timeout=60_000)
        page.goto(link.split("#", maxsplit=1)[0] + "#/p/tickets/review")
        page.evaluate("performance.setResourceTimingBufferSize(5000)")
        page.wait_for_selector(".passage", timeout=300_000)
        page.wait_for_timeout(500)
        waited = review(page, answers, pause)
        page.wait_for_timeout(2000)
        found = {
            "key_to_next_ms": spread(page.evaluate(NEXT)), "key_to_placed_ms": spread(page.evaluate(PLACED)),
            "save_ms": spread(page.evaluate(SAVES)),
        }  # fmt: skip
        version = browser.version
        browser.close()
    return {"chromium": version, **found, "waited_for_questions": waited}


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--labels", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.35)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "key_to_next.json")
    args = parser.parse_args()
    if not shutil.which("chromium"):
        print("left out: no Chromium on this machine; run: sudo apt-get install chromium")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "ws"
        project(home, args.texts, args.labels)
        process, link = serve(home)
        try:
            before = round(os.getloadavg()[0], 2)
            found = {
                "hardware": hardware(), "texts": args.texts, "labels": args.labels, "pause_s": args.pause,
                "load_before": before, **measure(link, args.answers, args.pause),
                "load_after": round(os.getloadavg()[0], 2), "asked": {"key_to_next_ms p95": 50},
            }  # fmt: skip
        finally:
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            process.kill()
            process.wait()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

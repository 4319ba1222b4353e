"""From the command to the first page: `cowise start` in a new process until a browser shows it, signed in by its link.

`shown_s`: the page stands and says that it signs you in; `page_s`: it has, and the first page can be used.

usage: python -m benchmarks.first_page [--readings 5] [--chromium /usr/bin/chromium]
The browser runs before the command is given, as a user's does. Needs the package playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.hardware import hardware

RESULT = Path(__file__).parent / "results" / "first_page.json"
ASKED_S = 2.0
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def reading(home: Path, browser: Browser) -> dict[str, float]:
    """Seconds until the address was printed, the page was shown, and the first page could be used."""
    begun = time.monotonic()
    words = [sys.executable, "-m", "cowise.cli", "--home", str(home), "start", "--no-open", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            link = re.search(r"http://\S+", server.stdout.readline())
            assert link is not None
            printed = time.monotonic() - begun
            page = browser.new_context().new_page()
            page.goto(link.group(0))
            page.get_by_role("heading", level=1).first.wait_for()
            shown = time.monotonic() - begun
            page.get_by_text("Choose a file").first.wait_for()
            usable = time.monotonic() - begun
            page.context.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
    return {"address_s": round(printed, 3), "shown_s": round(shown, 3), "page_s": round(usable, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=5)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=asked.chromium, args=list(FLAGS))
        found = [reading(Path(folder) / "home", browser) for _ in range(asked.readings)]
        browser.close()
    record = {
        "hardware": hardware(), "load_before": round(load, 2), "asked_s": ASKED_S, "readings": found,
        "median": {name: round(statistics.median(one[name] for one in found), 3) for name in found[0]},
    }  # fmt: skip
    print(json.dumps(record["median"]), f"load {load:.1f}")
    RESULT.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

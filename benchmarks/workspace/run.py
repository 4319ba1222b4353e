"""Writes benchmarks/results/workspace.json: the server and the page beside Label Studio and Potato, in the same run.

usage: python -m benchmarks.workspace.run --peers DIR [--install] [--only FIGURE …] [--patience 60]

DIR is a folder outside the repository for one virtual environment a peer; --install makes those that are missing (some
minutes, 2 GB). A peer that is not there is left out with a line and with its reason in the JSON. Every product gets the
same texts and labels. Before each reading it waits for a quiet machine, --patience seconds at most, and notes how busy
others were. With --only, figures measured before stay in the file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.hardware import hardware
from benchmarks.workspace import measure
from benchmarks.workspace.label_studio import LabelStudio
from benchmarks.workspace.ours import Cowise
from benchmarks.workspace.potato import Potato
from benchmarks.workspace.product import Environment, Product

RESULT = Path(__file__).parents[1] / "results" / "workspace.json"
ASKED = {"first_page_s": 2.0, "idle_mb": 150, "save_and_next_p50_ms": 8, "key_to_next_p95_ms": 50, "clicks": 3}
FIGURES = ("first_page", "idle", "save_and_next", "clicks", "key_to_next")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
ROOT = Path(__file__).parents[2]


def products(asked: argparse.Namespace, folder: Path) -> tuple[list[Product], dict[str, str]]:
    """Those that can be measured, and why others cannot."""
    if asked.peers is None:
        return [Cowise(folder)], dict.fromkeys(("label_studio", "potato"), "no --peers DIR was given")
    assert ROOT not in asked.peers.resolve().parents, "--peers: give a folder outside the repository"
    peers = (
        LabelStudio(folder, Environment(asked.peers, "label-studio", "label-studio")),
        Potato(folder, Environment(asked.peers, "potato-annotation", "potato")),
    )
    for peer in peers:
        if asked.install:
            peer.environment.install(sys.executable)
    left = {peer.name: peer.missing() for peer in peers if peer.missing()}
    return [Cowise(folder), *(peer for peer in peers if not peer.missing())], left


def repeated(figure: Any, all_of: Sequence[Product], asked: argparse.Namespace, most: int = 100) -> dict[str, Any]:
    """Readings of each product in turn, and their medians."""
    readings: dict[str, list[dict[str, float]]] = {product.name: [] for product in all_of}
    for _ in range(min(most, asked.readings)):
        for product in all_of:
            state = measure.quiet(asked.patience)
            readings[product.name].append({**figure(product), **state})
            print(product.name, readings[product.name][-1], flush=True)
    return {name: {"median": measure.medians(found), "readings": found} for name, found in readings.items()}


def by_keys(product: Product, browser: Browser, asked: argparse.Namespace) -> dict[str, Any]:
    """One sitting of each; a page that cannot be driven by the script is named, not guessed at."""
    state = measure.quiet(asked.patience)
    try:
        found = measure.key_to_next(product, browser, asked.answers, 0.35)
    except (TimeoutError, AssertionError) as cause:
        if product.name == "cowise":
            raise
        found = {"not_measured": str(cause)}
    print(product.name, found, flush=True)
    return {**found, **state}


def measured(
    all_of: Sequence[Product], browser: Browser, asked: argparse.Namespace, keep: Callable[[dict[str, Any]], None]
) -> None:
    """The figures asked for, each kept as soon as it is there: a whole run takes half an hour."""
    work: dict[str, Callable[[], Any]] = {
        "first_page": lambda: repeated(lambda one: measure.first_page(one, browser), all_of, asked),
        "idle": lambda: repeated(measure.idle, all_of, asked, most=3),
        "save_and_next": lambda: {
            "before": measure.quiet(asked.patience), **measure.save_and_next(all_of, asked.readings, asked.answers // 2, 0.05),
            "load_after": round(os.getloadavg()[0], 2),
        },
        "clicks": lambda: {product.name: measure.clicks(product, browser) for product in all_of},
        "key_to_next": lambda: {product.name: by_keys(product, browser, asked) for product in all_of},
    }  # fmt: skip
    for name in asked.only or FIGURES:
        print(name, flush=True)
        found = work[name]()
        print(json.dumps(found)[:1500], flush=True)
        keep({name: found})


def main() -> int:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers", type=Path, default=Path(os.environ["COWISE_PEERS"]) if os.environ.get("COWISE_PEERS") else None
    )
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--only", nargs="*", choices=FIGURES)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--readings", type=int, default=5)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--patience", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    chromium = os.environ.get("COWISE_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print("left out: no Chromium on this machine; run: sudo apt-get install chromium")
        return 0
    with tempfile.TemporaryDirectory(prefix="workspace", ignore_cleanup_errors=True) as name:
        all_of, left = products(asked, Path(name))
        for peer, why in left.items():
            print(f"{peer}: left out, {why}")
        versions = {product.name: product.version() for product in all_of}
        print(versions, flush=True)
        prepared = {product.name: product.prepare(asked.items) for product in all_of}
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium, args=list(FLAGS))
            about = {
                "hardware": hardware(), "chromium": browser.version, "versions": versions, "left_out": left,
                "items": asked.items, "asked_of_ours": ASKED,
                "first_start_ever_s": {name: took for name, took in prepared.items() if took},
            }  # fmt: skip
            before = json.loads(asked.out.read_text("utf-8")) if asked.only and asked.out.is_file() else {}
            record = {**before, **about}

            def keep(found: dict[str, Any]) -> None:
                record.update(found)
                asked.out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")

            measured(all_of, browser, asked, keep)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

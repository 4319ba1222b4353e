"""What the benchmark asks of a product, and the ways to run one that all share."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Page

LABELS = tuple(f"label {n}" for n in range(5))
NAME, EMAIL, PASSWORD = "ann", "ann@example.org", "a long password of ann"
Step = Callable[[], bool]
"""Saves one answer and fetches the next task; False when there was none yet to answer."""


def text(n: int) -> str:
    """Short and long texts, no two alike."""
    return f"request {n} about thing {n % 97}: " + "please look at it " * (1 + n % 40)


@dataclass(frozen=True)
class Keys:
    """How one answers by keyboard; times are taken from the last key, which asks for the next text."""

    before: tuple[str, ...]
    last: str
    counts: str
    """The last key as a condition on its event `e`, in JavaScript."""
    passage: str
    """Where the text stands."""


@dataclass
class Running:
    """A started server. `address` is the page where somebody who is not signed in arrives, or a link that signs in."""

    process: subprocess.Popen[str]
    root: str
    address: str
    begun: float
    lines: list[http.client.HTTPConnection] = field(default_factory=list)

    def line(self) -> http.client.HTTPConnection:
        """A connection to it, closed with it."""
        self.lines.append(http.client.HTTPConnection(self.root.removeprefix("http://"), timeout=300))
        return self.lines[-1]


class Product(Protocol):
    """One product: made in a folder, started, asked over HTTP and used in a browser."""

    name: str
    standing: str
    """What stands on the first page once it can be used."""
    keys: Keys

    def missing(self) -> str:
        """Why it cannot be measured here, "" when it can."""

    def version(self) -> str:
        """The version installed."""

    def prepare(self, items: int) -> float:
        """Make one project of so many texts; seconds of the very first start where that is another one, else 0."""

    def start(self) -> Running:
        """Start the server."""

    def step(self, running: Running) -> Step:
        """One person at work through the product's own interface, signed in."""

    def answers(self, running: Running) -> int:
        """How many answers the product has stored."""

    def sign_in(self, page: Page, running: Running, click: Callable[[Any], None]) -> None:
        """From the sign-in page to the first text; whatever is clicked goes through `click`, typing is free."""

    def answer(self, page: Page, click: Callable[[Any], None]) -> None:
        """Answer the text that stands there by mouse, until it counts."""


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@dataclass
class Environment:
    """A virtual environment of a peer under the folder that `--peers` names."""

    folder: Path
    package: str
    program: str
    reason: str = field(default="", init=False)

    @property
    def bin(self) -> Path:
        return self.folder / self.package / "bin"

    def missing(self) -> str:
        if (self.bin / self.program).is_file():
            return ""
        return self.reason or f"{self.package} is not in {self.folder.name}/; run this again with --install"

    def install(self, python: str) -> None:
        """Make the environment and install the package; what went wrong is kept as the reason."""
        if not self.missing():
            return
        print(f"installing {self.package}: some minutes", flush=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        for words in (
            [python, "-m", "venv", str(self.folder / self.package)],
            [str(self.bin / "pip"), "install", "--quiet", "--progress-bar", "off", self.package],
        ):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                said = done.stderr.strip() or f"{words[0]} ended with {done.returncode}"
                self.reason = f"{self.package} could not be installed: {said.splitlines()[-1][:200]}"
                return

    def version(self) -> str:
        code = f"from importlib.metadata import version; print(version({self.package!r}))"
        done = subprocess.run([str(self.bin / "python"), "-c", code], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def run(self, words: list[str], port: int, *, cwd: Path, env: dict[str, str]) -> Running:
        """Start the program; it answers at the port sooner or later."""
        begun = time.monotonic()
        process = subprocess.Popen(
            [str(self.bin / self.program), *words], cwd=cwd, env={**os.environ, **env}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        return Running(process, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/", begun)


def wait_for(running: Running, seconds: float = 600.0) -> None:
    """Until something answers at the address. Looks every 10 ms: no more than that is added to a start."""
    port, end = int(running.root.rsplit(":", 1)[1]), time.monotonic() + seconds
    while time.monotonic() < end:
        assert running.process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"nothing answers at {running.root}")


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def memory(pids: list[int]) -> dict[str, float]:
    """Megabytes (10^6 bytes) that processes hold: proportional (shared pages divided) and resident."""
    total = {"Pss": 0, "Rss": 0}
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name = line.partition(":")[0]
            if name in total:
                total[name] += int(line.split()[1])
    return {"pss_mb": round(total["Pss"] * 1024 / 1e6, 1), "rss_mb": round(total["Rss"] * 1024 / 1e6, 1)}


def end(running: Running) -> None:
    """Ctrl-C, and a kill for whatever is left of it."""
    pids = family(running.process.pid)
    for line in running.lines:
        line.close()
    running.process.send_signal(signal.SIGINT)
    try:
        running.process.wait(15)
    except subprocess.TimeoutExpired:
        running.process.kill()
        running.process.wait()
    if running.process.stdout is not None:
        running.process.stdout.close()
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@contextmanager
def served(product: Product) -> Iterator[Running]:
    """A server that answers, ended afterwards."""
    running = product.start()
    try:
        wait_for(running)
        yield running
    finally:
        end(running)

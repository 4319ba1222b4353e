"""Reviews of 50 people at once at a desk: save and next, durable, in process or over HTTP, at any number of items.

python -m benchmarks.desk_rate [--items 1000000] [--people 50] [--seconds 20] [--no-http] [--on sqlite postgres] [--out FILE]

On SQLite with synchronous=FULL, and on a PostgreSQL server that it starts itself, where one is installed (make postgres).

Everybody reads a text for `--think` seconds (half to one and a half times that) before answering it; 0 asks for the
most that the desk can take, and times are then those of a queue.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cluster
from benchmarks.hardware import hardware
from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify
from cowise.loop import accounts
from cowise.loop.desk import Desk, Given
from cowise.loop.workspace import Workspace, open_workspace
from cowise.store import queue
from cowise.store.queue import Wanted

LABELS = ("bug", "billing", "praise")
RESULT = Path(__file__).parent / "results" / "desk_rate.json"
ASKED = {"sqlite": 60, "postgres": 40}
WAITING = 200
"""Questions in the queue, as the economy keeps it: refilled as they are answered."""


def prepare(settings: Settings, n: int) -> None:
    with open_workspace(settings, create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), Promise(), encoder="hashing")
        file = settings.home.parent / "texts.txt"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(f"text number {i} about the invoice and the printer in the hall\n" for i in range(n))
        loop.add(ws, "p", file)


class Filler:
    """Stands for the economy: puts items into the queue as they are taken, 200 at a time."""

    def __init__(self, ws: Workspace, n: int) -> None:
        self.ws, self.n, self.at, self.over = ws, n, 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        while not self.over.wait(0.02):
            with self.ws.store.read() as tx:
                waiting = sum(queue.state(tx, 1).waiting.values())
            if waiting < WAITING and self.at < self.n:
                part = [Wanted(o, float(o), "decide") for o in range(self.at, min(self.n, self.at + WAITING))]
                self.at += len(part)
                self.ws.store.write(lambda tx, part=part: queue.fill(tx, 1, part))


def figures(spent: list[float], took_s: float) -> dict[str, Any]:
    """Rates, and quantiles in ms of one `save + next`."""
    ms = np.array(spent) * 1000
    q = {f"p{name}_ms": round(float(np.percentile(ms, name)), 2) for name in (50, 95, 99)} if len(ms) else {}
    return {"answers": len(ms), "answers_per_s": round(len(ms) / took_s, 1), **q}


def crowd(people: int, seconds: float, work: Any, think_s: float = 0.0) -> dict[str, Any]:
    """Everybody reviews for so long: `work(i)` makes a function that saves one answer and takes the next question."""
    spent: list[list[float]] = [[] for _ in range(people)]
    until = time.perf_counter() + seconds

    def run(i: int) -> None:
        step, rng = work(i), random.Random(i)
        while time.perf_counter() < until:
            time.sleep(think_s * rng.uniform(0.5, 1.5))
            begun = time.perf_counter()
            if step():
                spent[i].append(time.perf_counter() - begun)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return figures([one for each in spent for one in each], seconds)


def in_process(ws: Workspace, people: int, seconds: float, think_s: float = 0.0) -> dict[str, Any]:
    desk = Desk(ws, lambda _: None)

    def work(i: int) -> Any:
        name, held = f"person {i}", list[Any]()

        def step() -> bool:
            if not held:
                held.extend(desk.questions("p", name, 3).questions)
                return False
            one = held.pop(0)
            then = desk.answer("p", name, Given(one.token, Answer.of(LABELS[i % 3]), 1.0, one.item), 3).next
            known = {one.token for one in held}
            held.extend(q for q in then.questions if q.token not in known)
            return True

        return step

    return crowd(people, seconds, work, think_s)


def over_http(ws: Workspace, people: int, seconds: float, settings: Settings, think_s: float) -> dict[str, Any]:
    owner, cookies = accounts.operator(ws), []
    for i in range(people):
        link = accounts.invite(ws, owner, "p", "reviewer").token
        cookies.append(accounts.accept(ws, link, name=f"reviewer {people} {i}", language="en").session_token)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-c", SERVER, str(settings.home), str(port), settings.db]
    with subprocess.Popen(words) as server:
        try:
            _wait(port)
            idle = _rss(server.pid)
            found = crowd(people, seconds, lambda i: _client(port, cookies[i], i), think_s)
            return {**found, "idle_mb": idle, "busy_mb": _rss(server.pid)}
        finally:
            server.terminate()


SERVER = """
import sys; from pathlib import Path
from cowise.core.settings import Settings; from cowise.loop.workspace import open_workspace; from cowise.web.app import create
import uvicorn
home, port, db = sys.argv[1:]
app = create(open_workspace(Settings(home=Path(home), db=db)), port=int(port), work=False)
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False, http="h11", ws="none")
"""


def _client(port: int, cookie: str, i: int) -> Any:
    line, held = http.client.HTTPConnection("127.0.0.1", port, timeout=60), list[Any]()
    headers = {
        "Content-Type": "application/json", "Cookie": f"cowise_session={cookie}", "Sec-Fetch-Site": "same-origin"
    }  # fmt: skip

    def post(path: str, body: Any) -> Any:
        line.request("POST", f"/api/projects/p/{path}", json.dumps(body), headers)
        reply = line.getresponse()
        said = json.loads(reply.read())
        if reply.status != 200:
            raise RuntimeError(said)
        return said

    def step() -> bool:
        if not held:
            held.extend(post("questions", {"n": 3})["questions"])
            return False
        one = held.pop(0)
        answer = {"kind": "label", "value": LABELS[i % 3]}
        given = {"token": one["token"], "item": one["item"], "answer": answer, "seconds": 1.0}
        known = {one["token"] for one in held}
        then = post("answers", {**given, "next": 3})["next"]
        held.extend(q for q in then["questions"] if q["token"] not in known)
        return True

    return step


def _wait(port: int) -> None:
    for _ in range(3000):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the server does not answer")


def _rss(pid: int) -> float:
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def measured(asked: argparse.Namespace, db: str) -> dict[str, Any]:
    """All figures on one database."""
    with tempfile.TemporaryDirectory(prefix="desk") as folder:
        settings = Settings(home=Path(folder) / "home", db=db)
        begun_s = time.monotonic()
        prepare(settings, asked.items)
        found: dict[str, Any] = {
            "prepared_s": round(time.monotonic() - begun_s, 1), "load_before": round(os.getloadavg()[0], 1)
        }  # fmt: skip
        with open_workspace(settings) as ws:
            filler = Filler(ws, asked.items)
            filler.thread.start()
            begun = resource.getrusage(resource.RUSAGE_SELF)
            found["one_person"] = in_process(ws, 1, asked.seconds / 2)
            found["in_process"] = in_process(ws, asked.people, asked.seconds, asked.think)
            found["most"] = in_process(ws, asked.people, asked.seconds / 2)
            ended = resource.getrusage(resource.RUSAGE_SELF)
            n = sum(found[name]["answers"] for name in ("one_person", "in_process", "most"))
            spent = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
            found["cpu_ms_per_save_and_next"] = round(1000 * spent / max(1, n), 2)
            if asked.http:
                found["http_one_person"] = over_http(ws, 1, asked.seconds / 2, settings, 0.0)
                found["http"] = over_http(ws, asked.people, asked.seconds, settings, asked.think)
            filler.over.set()
            filler.thread.join()
        found["load_after"] = round(os.getloadavg()[0], 1)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--think", type=float, default=1.0)
    parser.add_argument("--http", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--on", nargs="*", choices=("sqlite", "postgres"), default=["sqlite", "postgres"])
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    found: dict[str, Any] = {
        "hardware": hardware(), "items": asked.items, "people": asked.people, "think_s": asked.think, "asked_p99_ms": ASKED
    }  # fmt: skip
    if asked.out.is_file():  # what is not asked for now stays
        before = json.loads(asked.out.read_text("utf-8"))
        found |= {name: before[name] for name in ASKED if name in before}
    if "sqlite" in asked.on:
        found["sqlite"] = {"synchronous": "FULL", **measured(asked, "")}
        print("sqlite", json.dumps(found["sqlite"]), flush=True)
    if "postgres" in asked.on and (why := cluster.missing()):
        print(f"postgres: left out, {why}")
    elif "postgres" in asked.on:
        with cluster.cluster() as made:
            found["postgres"] = {
                "version": cluster.version(), "synchronous_commit": "on", **measured(asked, made.address())
            }  # fmt: skip
        print("postgres", json.dumps(found["postgres"]), flush=True)
    asked.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

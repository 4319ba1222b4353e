"""kill -9 under load: 50 people review over HTTP, each keeps a list of what was acknowledged, and the server dies.

python tests/web/torture.py [--kills 100] [--people 50] [--fault early|unfenced] [--postgres]; prints what was found,
exit 1 for faults. With --postgres it is the database's processes that are killed, all at once; the server lives on.

3 % walk away with a question, 2 % answer after its hold, 5 % send twice, all send again what was not acknowledged,
under the same key. The server is killed every 0.3 to 1.5 s.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from benchmarks import cluster
from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify
from cowise.loop import accounts, records
from cowise.loop.workspace import Workspace, open_workspace
from cowise.store import items, ledger, opinions, queue
from cowise.store.queue import Wanted

SERVER = Path(__file__).with_name("torture_server.py")
ROOT = Path(__file__).parents[2]
HOLD_S = 2.0
WALK_AWAY, TOO_LATE, TWICE = 0.03, 0.02, 0.05
LABELS = ("bug", "billing", "praise")
COOKIE = "cowise_session"
UNSTORED = 507
"""The database could not be reached, it is said: the same again in a moment."""
Strike = Callable[[], None]


@dataclass(frozen=True)
class Hold:
    """A question as somebody got it; the hold began `HOLD_S` before its end."""

    person: int
    token: str
    item: str
    expires: float


@dataclass
class Person:
    """A client with its own list of acknowledgements."""

    number: int
    cookie: str
    port: int
    rng: random.Random
    over: threading.Event
    late: float = TOO_LATE
    holds: list[Hold] = field(default_factory=list)
    acked: dict[str, tuple[str, str]] = field(default_factory=dict)  # key -> (item, label)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        try:
            self.review()
        finally:
            self.hang_up()

    def hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None

    def review(self) -> None:
        waiting: list[dict] = []
        while not self.over.is_set():
            if not waiting:
                status, body = self.send("questions", {"n": self.rng.randint(1, 3)})
                if status != 200:
                    self.note(status, body)
                    continue
                waiting = self.holding(body)
            if not waiting:
                time.sleep(0.05)
            elif self.rng.random() >= WALK_AWAY:
                waiting = self.answer(waiting[0]) or waiting[1:]
            else:
                waiting = waiting[1:]

    def holding(self, body: dict) -> list[dict]:
        """The questions of a reply: held from now on."""
        self.holds += [Hold(self.number, one["token"], one["item"], one["expires"]) for one in body["questions"]]
        return list(body["questions"])

    def answer(self, one: dict) -> list[dict]:
        """Answer once or twice; what the reply brings along, which may be asked for."""
        if self.rng.random() < self.late:
            self.over.wait(HOLD_S + 0.3)
        label = self.rng.choice(LABELS)
        said = {"token": one["token"], "item": one["item"], "answer": {"kind": "label", "value": label}, "seconds": 1.0}
        brought: list[dict] = []
        for _ in range(2 if self.rng.random() < TWICE else 1):
            status, body = self.send("answers", {**said, "next": self.rng.randint(0, 3)})
            if status == 200:
                self.acked[one["token"]] = (one["item"], label)
                brought = self.holding(body["next"]) if body["next"] else brought
            else:
                self.note(status, body)
        return brought

    def note(self, status: int, body: dict) -> None:
        """409 is a hold that is over; 0 is that the procedure ended. All else is a fault."""
        self.refused += status == 409
        if status not in (0, 409):
            self.faults.append(f"{status} {json.dumps(body)[:200]}")

    def send(self, path: str, body: dict) -> tuple[int, dict]:
        """Ask, and ask again until there is an answer; (0, {}) once all is over."""
        text = json.dumps(body)
        headers = {
            "Content-Type": "application/json", "Cookie": f"{COOKIE}={self.cookie}", "Sec-Fetch-Site": "same-origin"
        }  # fmt: skip
        while not self.over.is_set():
            try:
                if self.line is None:
                    self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                self.line.request("POST", f"/api/projects/p/{path}", text, headers)
                reply = self.line.getresponse()
                status, body = reply.status, json.loads(reply.read() or b"{}")
                if status != UNSTORED:
                    return status, body
                self.over.wait(0.2)
            except (OSError, http.client.HTTPException, ValueError):
                self.hang_up()
                self.over.wait(0.2)
        return 0, {}


@dataclass
class Found:
    """What the procedure counted; everything from `lost` on must be zero."""

    kills: int = 0
    acknowledged: int = 0
    repeated_or_late: int = 0
    seconds: float = 0.0
    lost: int = 0
    altered: int = 0
    double: int = 0
    overlapping: int = 0
    outside: int = 0
    ledger: int = 0
    damaged: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        bad = (self.lost, self.altered, self.double, self.overlapping, self.outside, self.ledger, self.damaged)
        return not any(bad) and not self.faults


def prepare(settings: Settings, people: int, n: int) -> list[str]:
    """A project whose every text waits in the queue, and one signed-in person for each client; their sessions."""
    with open_workspace(settings, create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), Promise(), encoder="hashing")
        loop.add(ws, "p", [f"text number {i}" for i in range(n)])
        for i in range(0, n, 200):
            part = [Wanted(o, float(o), "decide") for o in range(i, min(n, i + 200))]
            ws.store.write(lambda tx, part=part: queue.fill(tx, 1, part))
        found, owner = [], accounts.operator(ws)
        for i in range(people):
            link = accounts.invite(ws, owner, "p", "reviewer").token
            found.append(accounts.accept(ws, link, name=f"person {i}", language="en").session_token)
        return found


def started(settings: Settings, port: int, fault: str) -> subprocess.Popen[bytes]:
    """A server that answers."""
    words = [sys.executable, str(SERVER), str(settings.home), str(port), fault, settings.db]
    process = subprocess.Popen(words, cwd=ROOT)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with (
            suppress(OSError, http.client.HTTPException),
            closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as line,
        ):
            line.request("GET", "/api/health")
            if line.getresponse().status == 200:
                return process
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        time.sleep(0.02)
    process.kill()
    raise RuntimeError("the server does not answer")


def torture(
    settings: Settings, *, kills: int, people: int, items: int = 20_000, fault: str = "", seed: int = 0,
    strike: Strike | None = None,
) -> Found:  # fmt: skip
    """Run it and look at what is left: kills the server, or lets `strike` do harm. Unfenced, many come late."""
    rng, over = random.Random(seed), threading.Event()
    sessions = prepare(settings, people, items)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    crowd = [
        Person(i, cookie, port, random.Random(seed * 1000 + i), over, 0.3 if fault == "unfenced" else TOO_LATE)
        for i, cookie in enumerate(sessions)
    ]
    threads = [threading.Thread(target=one.run, daemon=True) for one in crowd]
    begun, process = time.monotonic(), started(settings, port, fault)
    for thread in threads:
        thread.start()
    try:
        for _ in range(kills):
            time.sleep(rng.uniform(0.3, 1.5))
            _busy(crowd, rng.randint(1, 2 * people))
            if strike is not None:
                strike()
                continue
            process.kill()
            process.wait()
            process = started(settings, port, fault)
        _busy(crowd, people)
    finally:
        over.set()
        process.kill()
        process.wait()
    for thread in threads:
        thread.join(30)
    with open_workspace(settings) as ws:
        found = checked(ws, crowd)
    found.kills, found.seconds = kills, round(time.monotonic() - begun, 1)
    return found


def crashed(database: cluster.Cluster) -> None:
    """All processes of the database die, and it starts again a moment later."""
    database.crash()
    time.sleep(0.2)
    database.start()


def _busy(crowd: list[Person], more: int, most_s: float = 60.0) -> None:
    """Wait until so many more answers are acknowledged: on a slow machine a server must not be killed at rest."""
    before, until = sum(len(one.acked) for one in crowd), time.monotonic() + most_s
    while sum(len(one.acked) for one in crowd) < before + more and time.monotonic() < until:
        time.sleep(0.003)


def checked(ws: Workspace, crowd: list[Person]) -> Found:
    """Everything acknowledged is there as it was; nobody held what another held; the ledger says the same."""
    found = Found(
        acknowledged=sum(len(one.acked) for one in crowd), repeated_or_late=sum(one.refused for one in crowd),
        faults=[fault for one in crowd for fault in one.faults],
    )  # fmt: skip
    holds = {hold.token: hold for one in crowd for hold in one.holds}
    with ws.store.read() as tx:
        named = {c.first + i: content for c in items.chunks(tx, 1, texts=False) for i, content in enumerate(c.ids)}
        kept = {key: opinions.by_key(tx, 1, key) for key in holds}
        current = list(opinions.current(tx, 1))
        for one in crowd:
            for key, (item, label) in one.acked.items():
                row = kept[key]
                found.lost += row is None
                found.altered += row is not None and (named[row.ordinal], row.answer.value) != (item, label)
        found.double = sum(n - 1 for n in Counter(row.ordinal for row in current).values())
        found.outside = sum(
            row is not None and not holds[key].expires - HOLD_S - 1e-6 <= row.at < holds[key].expires
            for key, row in kept.items()
        )
        found.overlapping = overlaps(holds, kept)
        said = Counter(
            (record["item"], record["answer"])
            for record in (json.loads(e.record) for e in ledger.each(tx, project=1) if e.kind == "answered")
        )
        hashes = records.hashes_of(tx, 1, [row.ordinal for row in current])
        found.ledger = sum(
            (said - Counter((hashes[r.ordinal], records.answer_text(r.answer)) for r in current)).values()
        )
        found.ledger += abs(said.total() - len(current))
        if not ws.store.postgres:
            found.damaged = tx.connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok"
    found.damaged += not loop.verify(ws).ok
    return found


def overlaps(holds: dict[str, Hold], kept: dict[str, opinions.OpinionRow | None]) -> int:
    """How often somebody got an item while another still held it."""
    spans = defaultdict(list)
    for token, hold in holds.items():
        row = kept[token]
        end = hold.expires if row is None else min(hold.expires, row.at)
        spans[hold.item].append((hold.expires - HOLD_S, end))
    return sum(
        later[0] < earlier[1] - 1e-6
        for each in spans.values()
        for earlier, later in zip(sorted(each), sorted(each)[1:], strict=False)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--fault", choices=("", "early", "unfenced"), default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture") as folder, ExitStack() as stack:
        database = stack.enter_context(cluster.cluster()) if asked.postgres else None
        settings = Settings(home=Path(folder) / "home", db=database.address() if database else "")
        found = torture(
            settings, kills=asked.kills, people=asked.people, items=asked.items, fault=asked.fault, seed=asked.seed,
            strike=partial(crashed, database) if database else None,
        )  # fmt: skip
    text = json.dumps({**asdict(found), "fault": asked.fault, "people": asked.people}, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", "utf-8")
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())

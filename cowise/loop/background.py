"""The worker of a server: jobs run in a process of their own, so that learning never makes a request wait.

It starts when there is something to do, stays warm while it is told that people are there, and ends after five idle
minutes. It ends with its server too: the pipe between them closes, however the server ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from cowise.core.errors import CowiseError
from cowise.core.registry import load
from cowise.core.settings import Settings, read
from cowise.loop import jobs
from cowise.loop.jobs import JobView
from cowise.loop.news import Bus
from cowise.loop.workspace import Workspace, open_workspace

__all__ = ["Bus", "Worker", "main"]

OWNER = "worker"
IDLE_S = 300.0
LOOK_S = 2.0
"""How often a worker that was not woken looks for jobs of another process."""
AGAIN_S = 1.0
SOON_S = 1.5


class Worker:
    """Keeps one worker process for a workspace whose only server this is. Safe to use from many threads."""

    def __init__(self, ws: Workspace, bus: Bus, *, idle_s: float = IDLE_S) -> None:
        self._ws, self._bus, self._idle_s = ws, bus, idle_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._news: threading.Thread | None = None
        self._on = False

    def start(self) -> None:
        """Take over: jobs of a server that died go on now, the rest waits for `wake`."""
        self._on = True
        if jobs.left(self._ws, f"{OWNER} %"):
            self.wake()

    def add(self, kind: str, payload: Mapping[str, Any] | None = None, *, project: str = "") -> JobView:
        """Queue a job and wake the worker."""
        made = jobs.add(self._ws, kind, payload, project=project)
        self.tell(made)
        self.wake()
        return made

    def advance(self, project: str) -> None:
        """Have done what is due in a project (learning, filling the queue), unless that waits already."""
        if jobs.advance(self._ws, project):
            self.wake()

    def once(self, kind: str, project: str) -> None:
        """Have a job done, unless one of its kind waits or runs already."""
        if jobs.once(self._ws, kind, project):
            self.wake()

    def wake(self) -> None:
        """Somebody is there, or there is work: the worker runs, and stays for a while."""
        with self._lock:
            if not self._on:
                return
            for _ in range(2):
                if self._process is None or self._process.poll() is not None:
                    self._spawn()
                if self._poke():
                    return

    def soon(self, after_s: float = SOON_S) -> None:
        """Get warm in a moment: loading the heavy rooms would take the processor from a page that is just being opened."""
        waiting = threading.Timer(after_s, self.wake)
        waiting.daemon = True
        waiting.start()

    def _poke(self) -> bool:
        assert self._process is not None  # just spawned  # noqa: S101
        assert self._process.stdin is not None  # asked for  # noqa: S101
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def _spawn(self) -> None:
        words = [sys.executable, "-m", "cowise.loop.background", str(self._idle_s)]
        self._process = subprocess.Popen(  # noqa: S603 (ourselves)
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1,
            env=_environment(self._ws.settings), start_new_session=True,
        )  # fmt: skip
        self._news = threading.Thread(target=self._hear, args=(self._process,), daemon=True, name="worker news")
        self._news.start()

    def _hear(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None  # both asked for  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            with suppress(ValueError, TypeError):
                self.tell(JobView(**json.loads(line)))
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was still to be said to it has nobody to hear it
                pipe.close()
        if self._on and self._process is process:
            time.sleep(AGAIN_S)  # one that dies at once must not be restarted without a pause
            with suppress(CowiseError):
                if self._on and jobs.left(self._ws, f"{OWNER} {process.pid}"):
                    self.wake()

    def tell(self, job: JobView) -> None:
        """Bring news of a job to who listens; one that ended changed its project."""
        over = job.state in ("done", "failed", "cancelled")
        if job.kind != "advance" or job.state in ("running", "failed"):
            self._bus.tell(job.project, "job", job=job.to_json())
        if job.project and over:
            self._bus.tell(job.project, "status")
            self._bus.tell(job.project, "queue")

    def step(self) -> int:
        """Do all that waits in this process, for tests and small tools; how many jobs were done."""
        done = 0
        while True:
            if not jobs.step(self._ws, f"{OWNER} {os.getpid()}", self.tell):
                return done
            done += 1

    @property
    def pid(self) -> int | None:
        """The worker process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def stop(self, wait_s: float = 5.0) -> None:
        """End the worker; a job that it does not finish in time is taken up by the next server."""
        with self._lock:
            self._on = False
            process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # asked for  # noqa: S101
        assert self._news is not None  # as old as the process  # noqa: S101
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._news.join(wait_s)


def _environment(settings: Settings) -> dict[str, str]:
    """What the worker needs to open the same workspace; the key travels so and never on the command line."""
    found = {"HOME": settings.home, "DB": settings.db, "MODELS": settings.models, "KEY": settings.key}
    ours = {f"COWISE_{name}": str(value) for name, value in found.items() if str(value)}
    ours["COWISE_THREADS"] = str(settings.threads)
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, **ours, "PYTHONPATH": path}


class _Pipe:
    """The end of the pipe in the worker: `woken` after a line, `over` once the server is gone."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.over = False
        self.woken = threading.Event()
        threading.Thread(target=self._listen, daemon=True, name="server pipe").start()

    def _listen(self) -> None:
        for _ in self._stream:
            self.woken.set()
        self.over = True
        self.woken.set()


def _say(job: JobView) -> None:
    with suppress(OSError):
        print(json.dumps(job.to_json()), flush=True)


def main(words: list[str]) -> int:
    """The worker process: does jobs until the server is gone or nothing came for so many seconds."""
    idle_s = float(words[0]) if words else IDLE_S
    pipe = _Pipe(sys.stdin)
    threading.Thread(target=_leave_with, args=(pipe,), daemon=True, name="leave").start()
    try:
        ws = open_workspace(read())
    except CowiseError as cause:
        print(f"worker: {cause}", file=sys.stderr)
        return cause.exit_code
    with ws:
        load("loop.plan:advance")  # the heavy rooms, while nobody waits for them yet
        load("loop.uploads:tidy")(ws)
        load("loop.erase:unfinished")(ws)
        last = time.monotonic()
        while not pipe.over and time.monotonic() - last < idle_s:
            if jobs.step(ws, f"{OWNER} {os.getpid()}", _say):
                last = time.monotonic()
                continue
            if pipe.woken.wait(LOOK_S):
                pipe.woken.clear()
                last = time.monotonic()
    return 0


def _leave_with(pipe: _Pipe, grace_s: float = 4.0) -> None:
    """Once the server is gone, a job has a moment to end; then the process ends and the job waits for the next server."""
    while not pipe.over:
        time.sleep(0.2)
    time.sleep(grace_s)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

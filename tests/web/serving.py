"""A real server over a real socket, started and ended by a test."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A server process: its address, its one-time link token, and somebody signed in by it."""

    process: subprocess.Popen[str]
    address: str
    token: str
    client: httpx2.Client

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    """`cowise start` in a process of its own."""
    command = [sys.executable, "-m", "cowise.cli", "--home", str(home), "--json", "start", "--no-open", *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=home.parent
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(home: Path) -> Iterator[Running]:
    """A server on `home`; killed at the end if the test has not ended it."""
    process = start(home, "--port", str(free_port()))
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        text = ""
        while not text.endswith("}\n"):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            text += line
        said = json.loads(text)
        token = said["link"].rsplit("/", 1)[1]
        with httpx2.Client(base_url=said["address"], timeout=30) as client:
            client.post("/api/session/link", json={"token": token}).raise_for_status()
            yield Running(process, said["address"], token, client)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        process.stderr.close()  # type: ignore[union-attr]

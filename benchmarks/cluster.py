"""A PostgreSQL server of a benchmark or test: its own data, no network, and durable unless it is told otherwise."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def missing() -> str:
    """Why there can be none, "" when there can."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed; run: pip install 'cowise[postgres]'"
    if BIN is None or (os.geteuid() == 0 and "postgres" not in {one.pw_name for one in pwd.getpwall()}):
        return "no PostgreSQL server is installed; run: make postgres"
    return ""


@dataclass(frozen=True)
class Cluster:
    """A running server; all that it has lies in `folder`."""

    folder: Path
    options: str

    def address(self, name: str = "postgres") -> str:
        """Of a database, as `--db` takes it."""
        return f"postgresql+psycopg://cowise@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start it, after a crash too."""
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=200 {self.options}"
        _run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    def crash(self) -> None:
        """Kill all its processes at once, as a fault of the machine would."""
        file = self.folder / "data" / "postmaster.pid"
        master = int(file.read_text().split()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}/exe").exists() for pid in (master, *children)):
            time.sleep(0.01)
        # Where nobody asks for the dead, as in a container, their number looks taken for ever.
        for lock in (file, self.folder / ".s.PGSQL.5432.lock"):
            lock.unlink()

    def stop(self) -> None:
        """Stop it without ceremony."""
        _run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")


@contextmanager
def cluster(options: str = "") -> Iterator[Cluster]:
    """A new one; server and data are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cwpg", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres")
        _run("initdb", "-D", f"{folder}/data", "--locale=C.UTF-8", "-E", "UTF8", "-U", "cowise", "-A", "trust")
        made = Cluster(folder, options)
        made.start()
        try:
            yield made
        finally:
            made.stop()


def version() -> str:
    """What `postgres --version` says."""
    done = subprocess.run([f"{BIN}/postgres", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _run(program: str, *words: str) -> None:
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_owner, f"{BIN}/{program}", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

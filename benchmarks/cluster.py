"""A PostgreSQL server of one benchmark: its own data, no network, and durable as it comes."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a new database; server and data are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cwpg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres")
        _run("initdb", "-D", f"{folder}/data", "--locale=C.UTF-8", "-E", "UTF8", "-U", "cowise", "-A", "trust")
        options = f"-k {folder} -c listen_addresses='' -c max_connections=200"
        _run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://cowise@/postgres?host={folder}"
        finally:
            _run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")


def version() -> str:
    """What `postgres --version` says."""
    done = subprocess.run([f"{BIN}/postgres", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _run(program: str, *words: str) -> None:
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_owner, f"{BIN}/{program}", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

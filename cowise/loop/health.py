"""What is well and what is not, with the one thing to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec

from cowise.core.errors import CowiseError
from cowise.core.registry import load
from cowise.core.settings import Settings
from cowise.loop.kinds import Check
from cowise.loop.projects import DEFAULT_ENCODER
from cowise.loop.workspace import Workspace, exists, open_workspace
from cowise.store import ledger, projects

LEAST_FREE = 1 << 30


def doctor(settings: Settings) -> list[Check]:
    """Look at the machine and the workspace. Never raises for what it finds, and changes nothing."""
    found = [_python(), _sqlite(), _disk(settings), _encoder(settings), *_extras()]
    if not exists(settings):
        return [
            *found,
            Check("workspace", ok=True, what=f"{settings.home}: none yet", todo="cowise new NAME --labels a,b"),
        ]
    try:
        with open_workspace(settings) as ws:
            return [*found, *_workspace(ws)]
    except CowiseError as cause:
        return [*found, Check("workspace", ok=False, what=str(cause), todo="see the message")]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Check("python", good, version, "" if good else "use Python 3.11, 3.12 or 3.13")


def _sqlite() -> Check:
    return _tried("sqlite", lambda: f"SQLite {load('store.connect:library')().sqlite_version}")


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, what=look())
    except CowiseError as cause:
        return Check(name, ok=False, what=str(cause), todo="see the message")


def _disk(settings: Settings) -> Check:
    place = settings.home
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    good = free >= LEAST_FREE
    return Check("disk", good, f"{free / 1e9:.1f} GB free at {place}", "" if good else "free at least 1 GB")


def _encoder(settings: Settings) -> Check:
    here = (settings.models / DEFAULT_ENCODER).is_dir()
    if not here:
        return Check(
            "encoder", ok=False, what=f"{DEFAULT_ENCODER} is not here", todo=f"cowise models pull {DEFAULT_ENCODER}"
        )

    def whole() -> str:
        return f"{load('models.fetch:check')(DEFAULT_ENCODER, settings.models)} is whole"

    return _tried("encoder", whole)


def _extras() -> list[Check]:
    wanted = {"parquet": "pyarrow", "plot": "matplotlib", "postgres": "psycopg"}
    found = []
    for extra, module in wanted.items():
        here = find_spec(module) is not None
        what = f"{module} {'is here' if here else 'is not installed (only needed for this)'}"
        found.append(Check(f"extra {extra}", ok=True, what=what, todo="" if here else f"pip install 'cowise[{extra}]'"))
    return found


def _workspace(ws: Workspace) -> list[Check]:
    with ws.store.read() as tx:
        num = len(projects.all_of(tx))
        entries = ledger.head(tx).size
    keys = _tried("keys", lambda: f"signing key {ws.keys.signing().verifier.id.hex()} in {ws.keys.path}")
    report = load("loop.anchor:verify")(ws)
    whole = Check("ledger", report.ok, report.fault or f"{entries:,} entries, {report.marks} signed marks fit",
                  "" if report.ok else "restore a backup, and find out who could write to the database")  # fmt: skip
    return [Check("workspace", ok=True, what=f"{ws.home}: {num} project(s)"), keys, whole, _files(ws)]


def _files(ws: Workspace) -> Check:
    """Models and designs: a damaged one would be found only by the command that needs it."""
    bad = ws.store.blobs.damaged()
    if bad:
        return Check("files", ok=False, what=f"{len(bad)} damaged, first {bad[0]}", todo="restore them from a backup")
    return Check("files", ok=True, what=f"{sum(1 for _ in ws.store.blobs):,} models and tables are whole")

"""A power cut without root: strace records what a process writes and flushes, and the disk is built again as it may be left.

What was flushed is there. Of what was not, nothing, everything, any part, or a torn part is; names of files likewise.

python tests/store/power.py [--cuts 400]; prints what was found, exit 1 for losses
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from cowise.core.types import Promise, classify
from cowise.guard.ledger import verify
from cowise.store import items, ledger, load_items, open_store, opinions, projects, queue
from cowise.store.blobs import Blobs
from cowise.store.imports import NewItem
from cowise.store.queue import Wanted

WORKER = Path(__file__).with_name("crash_worker.py")
CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,lseek,mkdir"
LEFT = ("nothing", "everything", "some", "torn")
SECTOR = 512
_LINE = re.compile(r"(?P<pid>\d+) +(?:<\.\.\. (?P<ended>\w+) resumed>|(?P<call>\w+)\()(?P<rest>.*)")
_FD = re.compile(r"(\d+)<(.*?)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DONE = re.compile(r"\) += (-?\d+)")


class Event(NamedTuple):
    """One thing that happened, `path` for short names of files under the root; an `ack` is a line that was printed."""

    kind: str
    path: str = ""
    at: int = 0
    data: bytes = b""
    to: str = ""


@dataclass
class File:
    """What is on the disk for certain, what was written since, and how it looks to the process."""

    sure: bytearray = field(default_factory=bytearray)
    since: list[Event] = field(default_factory=list)
    now: bytearray = field(default_factory=bytearray)


def recorded(words: list[str], root: Path, log: Path) -> list[Event]:
    """Run a program under strace to its end; what it did to files under `root`, and what it printed."""
    traced = ["strace", "-f", "-qq", "-y", "-xx", "-s", "9000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    subprocess.run([*traced, "-o", str(log), *words], check=True, stdout=subprocess.PIPE)
    return list(_events(log, str(root)))


def _events(log: Path, root: str) -> Iterator[Event]:
    open_calls: dict[str, str] = {}
    at: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for line in log.read_text("utf-8", "replace").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        pid, call, rest = found["pid"], found["call"] or found["ended"], found["rest"]
        if rest.endswith("<unfinished ...>"):
            open_calls[pid] = rest.removesuffix("<unfinished ...>")
            continue
        if found["ended"]:
            rest = open_calls.pop(pid, "") + rest
        done = _DONE.search(rest)
        if done is not None and int(done[1]) >= 0:
            yield from _event(call, rest, int(done[1]), (root, at, sizes))


def _event(call: str, rest: str, result: int, state: tuple[str, dict[str, int], dict[str, int]]) -> Iterator[Event]:
    root, at, sizes = state
    texts = [bytes.fromhex(one.replace("\\x", "")) for one in _TEXT.findall(rest)]
    place = _FD.match(rest)
    fd, path = (place[1], _plain(place[2])) if place else ("", "")
    if call == "openat":
        name = texts[0].decode()
        at[str(result)] = sizes.get(name, 0) if "O_APPEND" in rest else 0
        if "O_CREAT" in rest and name.startswith(root):
            yield Event("create", name)
        if "O_TRUNC" in rest and name.startswith(root):
            yield Event("truncate", name, 0)
    elif call == "mkdir" and texts[0].decode().startswith(root):
        yield Event("mkdir", texts[0].decode())
    elif call.startswith(("rename", "unlink")):
        names = [one.decode() for one in texts]
        if names[0].startswith(root):
            yield Event(call[:6], names[0], to=names[-1])
    elif fd == "1" and call == "write":
        yield Event("ack", data=texts[0])
    elif call == "lseek":
        at[fd] = result
    elif path.startswith(root) and not path.endswith("-shm"):
        yield from _on_file(call, rest, (fd, path), texts, (at, sizes))


def _on_file(
    call: str, rest: str, place: tuple[str, str], texts: list[bytes], state: tuple[dict[str, int], dict[str, int]]
) -> Iterator[Event]:
    (fd, path), (at, sizes) = place, state
    if call in ("fsync", "fdatasync"):
        yield Event("sync", path)
    elif call == "ftruncate":
        yield Event("truncate", path, int(rest.rpartition(",")[2].partition(")")[0]))
    else:
        numbers = re.findall(r", (\d+)", rest.partition(") ")[0])
        start = int(numbers[-1]) if call == "pwrite64" else at.get(fd, 0)
        if call == "write":
            at[fd] = start + len(texts[0])
        sizes[path] = max(sizes.get(path, 0), start + len(texts[0]))
        yield Event("write", path, start, texts[0])


def _plain(path: str) -> str:
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path


def _put(content: bytearray, event: Event) -> None:
    if event.kind == "truncate":
        del content[event.at :]
        content.extend(bytes(event.at - len(content)))
        return
    content.extend(bytes(max(0, event.at - len(content))))
    content[event.at : event.at + len(event.data)] = event.data


class Disk:
    """Files as they were before, then what happened to them."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self.names = {name: File(bytearray(data), [], bytearray(data)) for name, data in before.items()}
        self.sure = dict(self.names)
        self.unsure_folders: set[str] = set()

    def see(self, event: Event) -> None:
        """One more thing happened."""
        if event.kind == "create":
            self.names.setdefault(event.path, File())
        elif event.kind == "mkdir":
            self.unsure_folders.add(event.path)
        elif event.kind == "rename":
            self.names[event.to] = self.names.pop(event.path)
        elif event.kind == "unlink":
            self.names.pop(event.path, None)
        elif event.kind == "sync":
            self._flush(event.path)
        elif event.kind != "ack":
            file = self.names.setdefault(event.path, File())
            file.since.append(event)
            _put(file.now, event)

    def _flush(self, path: str) -> None:
        if path in self.names:
            file = self.names[path]
            file.sure, file.since = bytearray(file.now), []
            self.sure[path] = file  # a file that is flushed is found again
            return
        self.unsure_folders = {name for name in self.unsure_folders if str(Path(name).parent) != path}
        inside = {name for name in (*self.names, *self.sure) if str(Path(name).parent) == path}
        for name in inside:
            self.sure.pop(name, None)
            if name in self.names:
                self.sure[name] = self.names[name]

    def left(self, how: str, rng: random.Random) -> dict[str, bytes]:
        """Files as a power cut now may leave them."""
        whole = how == "everything" or (how != "nothing" and rng.random() < 0.5)
        names, gone = (self.names, set()) if whole else (self.sure, self.unsure_folders)
        return {n: self._content(file, how, rng) for n, file in names.items() if str(Path(n).parent) not in gone}

    def _content(self, file: File, how: str, rng: random.Random) -> bytes:
        content, since = bytearray(file.sure), file.since
        if how == "everything":
            return bytes(file.now)
        if how == "some":
            since = [event for event in since if rng.random() < 0.5]
        elif how == "torn" and since:
            since = since[: rng.randint(1, len(since))]
            last = since[-1]
            since = [*since[:-1], last._replace(data=last.data[: SECTOR * rng.randint(0, len(last.data) // SECTOR)])]
        for event in since if how != "nothing" else ():
            _put(content, event)
        return bytes(content)


@dataclass
class Found:
    """What was there after the cuts; everything from `lost` on must be zero."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    damaged: int = 0
    blobs_lost: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is missing."""
        return not (self.lost or self.damaged or self.blobs_lost or self.faults)


def prepared(home: Path, n: int = 500) -> None:
    """A workspace whose questions wait."""
    with open_store(home) as store:
        store.write(lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c")))
        load_items(store, 1, "rows", [NewItem(f"row {i}") for i in range(n)])
        for i in range(0, n, 200):
            part = [Wanted(o, float(o), "decide") for o in range(i, min(n, i + 200))]
            store.write(lambda tx, part=part: queue.fill(tx, 1, part))


def cut(folder: Path, cuts: int, *, what: str = "answer", seed: int = 0) -> Found:
    """Record one run of the crash worker, and open what is left of its disk after cuts at random moments."""
    home, rng, found = folder / "home", random.Random(seed), Found(cuts=cuts)
    prepared(home)
    before = {str(p): p.read_bytes() for p in home.rglob("*") if p.is_file() and not p.name.endswith("-shm")}
    events = recorded([sys.executable, str(WORKER), what, str(home)], home, folder / "trace")
    moments = sorted(rng.randrange(len(events)) for _ in range(cuts))
    disk, said, seen = Disk(before), "", 0
    for number, moment in enumerate(moments):
        for event in events[seen:moment]:
            disk.see(event)
            said += event.data.decode() if event.kind == "ack" else ""
        seen, acks = moment, said.splitlines() if said.endswith("\n") else said.splitlines()[:-1]
        place = folder / "left"
        _laid(disk.left(LEFT[number % len(LEFT)], rng), home, place)
        _look(place, acks, found)
    found.acknowledged = len(acks)
    return found


def _laid(files: dict[str, bytes], home: Path, place: Path) -> None:
    for old in sorted(place.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for name, data in files.items():
        to = place / Path(name).relative_to(home)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(data)


def _look(place: Path, acks: list[str], found: Found) -> None:
    """Open the workspace as anybody would after the light is back, and look for all that was acknowledged."""
    try:
        with open_store(place, create=False) as store, store.read() as tx:
            answered = {row.ordinal for row in opinions.current(tx, 1)}
            for ack in acks:
                kind, _, name = ack.partition(" ")
                if kind == "blob":
                    found.blobs_lost += not _whole(store.blobs, name)
                else:
                    found.lost += int(kind) not in answered
            sound = tx.connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            found.damaged += not (sound and verify(ledger.rows(tx)).ok and items.visible(tx, 1) == 500)
    except Exception as cause:
        found.faults.append(f"{type(cause).__name__}: {cause}"[:200])


def _whole(blobs: Blobs, name: str) -> bool:
    try:
        return len(blobs.get(name)) > 0  # it checks the digest
    except Exception:
        return False


def main() -> int:
    """Cut the power so many times in the middle of answers, then in the middle of files of models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=400)
    asked, clean = parser.parse_args(), True
    for what in ("answer", "blobs"):
        with tempfile.TemporaryDirectory(prefix="power") as folder:
            found = cut(Path(folder), asked.cuts, what=what)
        print(json.dumps({"what": what, **asdict(found)}))
        clean &= found.clean
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())

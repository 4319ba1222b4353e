"""Files that a page sends: what is in them, hostile names, and what is kept."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import pytest

from cowise import loop
from cowise.core.errors import CowiseError, DataError, LimitError, MissingError, StorageError
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify
from cowise.loop import jobs, uploads
from cowise.loop.projects import create
from cowise.loop.uploads import AGE_S, MOST, FileView, Incoming
from cowise.loop.workspace import Workspace, open_workspace

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def ws(tmp_path):
    with open_workspace(Settings(home=tmp_path / "home"), create=True) as opened:
        yield opened


def sent(ws: Workspace, name: str, body: bytes) -> FileView:
    incoming = Incoming(ws, name)
    incoming.begin()
    for i in range(0, len(body), 1000):
        incoming.write(body[i : i + 1000])
    return incoming.finish()


@pytest.mark.parametrize("sample", ["bank", "travel"])
def test_a_sample_is_understood(ws, sample):
    found = sent(ws, f"{sample}.csv", (SAMPLES / sample / f"{sample}.csv").read_bytes())
    assert found.guess == {"text": "text", "label": "label"}
    assert found.whole
    assert sum(one["count"] for one in found.labels["label"]) == found.rows_seen
    assert len(found.sample) == 5


def test_columns_are_told_apart(ws):
    rows = ["id,body,team,price,empty"] + [
        f"{i},a longer text about thing number {i} and so on,{('a', 'b', 'c')[i % 3]},{i * 1.5}," for i in range(90)
    ]
    found = sent(ws, "x.csv", "\n".join(rows).encode())
    kinds = {one.name: one.kind for one in found.columns}
    assert kinds == {"id": "number", "body": "text", "team": "label", "price": "number", "empty": "other"}
    assert found.guess == {"text": "body", "label": "team"}
    assert found.labels["team"][0] == {"value": "a", "count": 30}


@pytest.mark.parametrize(("name", "body", "form"), [
    ("a.jsonl", b'{"text": "one", "n": 1}\n{"text": "two", "n": 2}\n', "jsonl"),
    ("a.json", json.dumps([{"text": "one"}, {"text": "two"}]).encode(), "json"),
    ("a.tsv", b"text\tkind\none thing\tx\ntwo things\ty\n", "tsv"),
    ("a.txt", "第一行\n第二行\n".encode("gb18030"), "text"),
    ("a.csv.gz", gzip.compress(b"text\none thing\ntwo things\n", mtime=0), "csv"),
    ("no ending", b"text,kind\none thing,x\n", "csv"),
])  # fmt: skip
def test_formats(ws, name, body, form):
    found = sent(ws, name, body)
    assert found.format == form
    assert found.rows_seen >= 1


@pytest.mark.parametrize(("name", "body"), [
    ("a.csv", b"\x89PNG\r\n\x1a\n0000"), ("a.csv", b"PK\x03\x04junk"), ("a.csv", b"%PDF-1.7"), ("a.csv", b"\x1f\x8bbroken gzip"),
    ("a.jsonl", b"{broken\n"), ("a.csv", b"text,kind\n"), ("a.parquet", b"PAR1 not really"), ("a.csv", b"\x00" * 64),
])  # fmt: skip
def test_what_is_not_what_its_name_says_is_refused_and_dropped(ws, name, body):
    with pytest.raises(CowiseError) as caught:
        sent(ws, name, body)
    assert str(ws.home) not in str(caught.value)
    assert not list((ws.home / uploads.FOLDER).iterdir())


@pytest.mark.parametrize("name", [
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "a\x00b.csv", "con.csv", "." * 300, "", "\u202egpj.csv", "a\nb.csv",
    "<img src=x onerror=alert(1)>.csv", "a;rm -rf ~.csv", "-rf.csv", "\ud800.csv", "名字.csv", "x" * 5000 + ".csv",
])  # fmt: skip
def test_hostile_names_stay_names(ws, name):
    found = sent(ws, name, b"text,kind\none thing,x\ntwo things,y\n")
    here = ws.home / uploads.FOLDER / found.file
    assert {each.name.split(".")[0] for each in here.iterdir()} == {"data", "name"}
    assert not set(found.name) & set("/\\\n\x00")
    assert found.name.encode("utf-8")
    assert len(found.name) <= 200
    assert uploads.get(ws, found.file).name == found.name


@pytest.mark.parametrize("file", ["", "..", "../keys", "a" * 32 + "/..", "0" * 32, "%2e%2e", "\x00", "." * 32])
def test_ids_are_ids(ws, file):
    with pytest.raises(MissingError, match="not here any more"):
        uploads.get(ws, file)


def test_too_many_wait_and_old_ones_go(ws):
    ids = [sent(ws, "a.csv", b"text\none thing\n").file for _ in range(MOST)]
    with pytest.raises(LimitError, match="wait already"):
        Incoming(ws, "b.csv").begin()
    old = ws.home / uploads.FOLDER / ids[0]
    then = time.time() - AGE_S - 60
    os.utime(old, (then, then))
    assert sent(ws, "b.csv", b"text\none thing\n").rows_seen == 1
    with pytest.raises(MissingError):
        uploads.get(ws, ids[0])
    uploads.drop(ws, ids[1])
    with pytest.raises(MissingError):
        uploads.get(ws, ids[1])


def test_imported_files_make_room(ws):
    ids = [sent(ws, "a.csv", b"text\none thing\n").file for _ in range(MOST)]
    create(ws, "p", classify("x", "y"), Promise(0.1, 0.9), encoder="hashing")
    jobs.add(ws, "import", {"file": ids[3], "text": "text"}, project="p")
    with pytest.raises(LimitError, match="wait already"):
        Incoming(ws, "b.csv").begin()
    while jobs.step(ws, "here", lambda _: None):
        pass
    assert uploads.get(ws, ids[3]).name == "a.csv"
    assert sent(ws, "b.csv", b"text\none thing\n").rows_seen == 1
    with pytest.raises(MissingError):
        uploads.get(ws, ids[3])
    assert uploads.get(ws, ids[4]).name == "a.csv"


def test_a_long_file_is_looked_into_and_not_read_through(ws):
    body = b"text,kind\n" + b"".join(b"text number %d,%d\n" % (i, i % 3) for i in range(uploads.ROWS + 500))
    found = sent(ws, "long.csv", body)
    assert (found.rows_seen, found.whole) == (uploads.ROWS, False)


def test_an_empty_file_says_so(ws):
    with pytest.raises(DataError, match="is empty"):
        sent(ws, "a.csv", b"")


def test_a_full_disk_is_told_and_nothing_stays(ws):
    class Full:
        """A file on a disk without room."""

        def write(self, part: bytes) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    incoming = Incoming(ws, "a.csv")
    incoming.begin()
    incoming._file.close()
    incoming._file = Full()
    with pytest.raises(StorageError, match=r"a\.csv cannot be kept \(No space left on device\); free some disk space"):
        incoming.write(b"text\n")
    incoming.drop()
    Incoming(ws, "never begun.csv").drop()
    assert list((ws.home / "uploads").iterdir()) == []


def test_the_file_that_a_forgotten_text_came_in_goes_with_it(ws):
    """A download that was cut off is no place to keep texts either."""
    create(ws, "p", classify("x", "y"), Promise(0.1, 0.9), encoder="hashing")
    file, other = (sent(ws, "a.csv", b"text\none thing\n").file for _ in range(2))
    jobs.add(ws, "import", {"file": file, "text": "text"}, project="p")
    while jobs.step(ws, "here", lambda _: None):
        pass
    cut, fresh = (ws.home / f"{uploads.DOWNLOAD}{name}.csv" for name in ("cut", "fresh"))
    for each in (cut, fresh):
        each.write_text("one thing")
    then = time.time() - AGE_S - 60
    os.utime(cut, (then, then))
    loop.forget_item(ws, "p", "one thing")
    assert not (ws.home / uploads.FOLDER / file).exists()
    assert uploads.get(ws, other).name == "a.csv", "nobody has imported it"
    assert (cut.exists(), fresh.exists()) == (False, True)

"""What goes wrong is said once, with an exit code of its own, and the workspace is as it was."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.conftest import Desk, table


def count(desk: Desk) -> tuple[int, int]:
    found = desk.json("list")[0]
    return found["items"], found["rows"]


FILES: dict[str, tuple[bytes, list[str], int, str]] = {
    "empty file": (b"", ["--text", "body"], 3, "empty"),
    "header alone": (b"body\n", ["--text", "body"], 3, "no text"),
    "white space only": (b"body,n\n  ,1\n\t,2\n\xe3\x80\x80,3\n", ["--text", "body"], 3, "blank"),
    "missing column": (b"text\nhello\n", ["--text", "body"], 3, "body"),
    "missing label column": (b"text\nhello\n", ["--text", "text", "--label", "topic"], 3, "topic"),
    "wrong encoding": ("text\ngrüße\n".encode("latin-1") + b"\xff\xfe\xfd\n", ["--text", "text", "--encoding", "utf-8"], 3, "utf-8"),
    "unknown encoding": (b"text\nhello\n", ["--text", "text", "--encoding", "klingon"], 3, "klingon"),
    "label not in the task": (b"text,t\nhello,bug\nworld,banana\n", ["--text", "text", "--label", "t"], 4, "banana"),
    "opinion not in the task": (b"text,o\nhello,banana\n", ["--text", "text", "--opinion", "o", "--by", "m"], 4, "banana"),
    "confidence that is no number": (
        b"text,o,c\nhello,bug,high\n", ["--text", "text", "--opinion", "o", "--confidence", "c", "--by", "m"], 3, "high",
    ),
    "confidence without opinion": (b"text,c\nhello,0.5\n", ["--text", "text", "--confidence", "c"], 2, "--opinion"),
    "100,000 columns": (b",".join(b"c%d" % n for n in range(100_000)) + b"\n1\n", ["--text", "c1"], 10, "columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_taken(desk: Desk, tmp_path: Path, case: str) -> None:
    content, options, code, word = FILES[case]
    file = tmp_path / "in.csv"
    file.write_bytes(content)
    desk.project()
    before = count(desk)
    message = desk.refused("add", "tickets", str(file), *options, code=code)
    assert word in message
    assert count(desk) == before


def test_a_broken_parquet_file(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    file.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    desk.project()
    message = desk.refused("add", "tickets", str(file), "--text", "body", code=3)
    assert "in.parquet" in message
    assert count(desk) == (0, 0)


@pytest.mark.parametrize(("size", "code"), [(10, 0), (17, 10)])
def test_a_cell_of_many_megabytes(desk: Desk, tmp_path: Path, size: int, code: int) -> None:
    file = table(tmp_path / "in.csv", ["body"], [["short"], ["x " * (size * 2**19)]])
    desk.project()
    if code:
        desk.refused("add", "tickets", str(file), "--text", "body", code=code)
        assert count(desk) == (0, 0)
    else:
        desk.run("add", "tickets", str(file), "--text", "body")
        assert count(desk) == (2, 2)


def test_nul_bytes_and_lone_surrogates_are_mended_and_told(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"body": "a\\u0000b"}\n{"body": "lone \\ud800 half"}\n{"body": "whole"}\n')
    desk.project()
    result = desk.run("add", "tickets", str(file), "--text", "body")
    assert "broken characters" in result.stdout
    assert count(desk) == (3, 3)


def test_conflicting_answers_are_counted_and_the_first_counts(desk: Desk, tmp_path: Path) -> None:
    file = table(tmp_path / "in.csv", ["body", "t"], [["Hello", "bug"], [" hello ", "praise"], ["Bye", "bug"]])
    desk.project()
    added = desk.json("add", "tickets", str(file), "--text", "body", "--label", "t")
    assert (added["items"], added["joined"], added["conflicts"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        (["--labels", "one"], 4, "2 to 2,000 labels, got 1"),
        (["--labels", ",".join(f"l{n}" for n in range(2001))], 4, "got 2,001"),
        (["--labels", "a,b,a"], 4, "count as the same"),
        (["--labels", "a,,b"], 4, "empty"),
        (["--labels", "a,b", "--max-error", "0"], 2, "max_error"),
        (["--labels", "a,b", "--max-error", "much"], 2, "max-error"),
        (["--labels", "a,b", "--confidence", "1"], 2, "confidence"),
        (["--labels", "a,b", "--promise", "solemn"], 2, "solemn"),
        (["--labels", "a,b", "--encoder", "bert-of-mars"], 5, "bert-of-mars"),
        ([], 2, "--labels"),
        (["--labels", "a,b", "--labels-from", "x.txt"], 2, "either"),
        (["--labels-from", "nowhere.txt"], 2, "nowhere.txt"),
    ],
)  # fmt: skip
def test_a_project_that_cannot_be(desk: Desk, words: list[str], code: int, word: str) -> None:
    desk.project(name="other")
    assert word in desk.refused("new", "tickets", *words, code=code)
    assert [each["name"] for each in desk.json("list")] == ["other"]


@pytest.mark.parametrize(
    "name", ["", "  ", "two\nlines", "red\x1b[31m", "a\x00b", "x" * 201, pytest.param("\ud800", id="lone surrogate")]
)
def test_a_name_that_would_not_stand_on_a_line(desk: Desk, name: str) -> None:
    desk.project(name="other")
    labels = ("--labels", "a,b", "--encoder", "hashing")
    for words in (("new", name, *labels), ("rename", "other", name), ("review", "other", "--as", name or " ")):
        assert "control codes" in desk.refused(*words, code=2)
    assert [each["name"] for each in desk.json("list")] == ["other"]


def test_two_thousand_labels_are_taken(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("\n".join(f"label {n}" for n in range(2000)), "utf-8")
    made = desk.json("new", "many", "--labels-from", str(file), "--encoder", "hashing")
    assert len(made["task"]["labels"]) == 2000


def test_a_taken_name_and_one_that_is_not_there(desk: Desk) -> None:
    desk.project()
    assert "tickets" in desk.refused("new", "tickets", "--labels", "a,b", "--encoder", "hashing", code=6)
    for words in (["status", "ticket"], ["review", "ticket"], ["rename", "ticket", "x"], ["learn", "ticket"], ["certify", "ticket"],
                  ["export", "ticket", "--out", "x.csv"], ["delete", "ticket", "--yes"], ["decide", "ticket", "a text"]):  # fmt: skip
        assert "tickets" in desk.refused(*words, code=5), words


def test_a_place_without_a_workspace(desk: Desk) -> None:
    for words in (["list"], ["status"], ["ledger", "verify"], ["key"]):
        assert "cowise new" in desk.refused(*words, code=5)
    assert not desk.home.exists()


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["frob"], "frob"), (["stat"], "status"), (["new"], "NAME"), (["add", "tickets"], "file"), (["status", "--frob"], "--frob"),
        (["models"], "list, pull, release, remove, serve, shadow, show, versions, withdraw"), (["ledger"], "verify"),
        (["export", "tickets"], "--out"), (["--lang", "fr", "list"], "fr"), (["review", "tickets", "--limit", "-3"], "limit"),
        (["forget", "tickets"], "--item"), (["certify", "tickets", "--for", "ever"], "ever"), (["delete", "tickets"], "--yes"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen(desk: Desk, words: list[str], word: str) -> None:
    desk.project()
    assert word in desk.refused(*words, code=2)


def test_a_file_that_is_not_there(desk: Desk) -> None:
    desk.project()
    assert "nowhere.csv" in desk.refused("add", "tickets", "nowhere.csv", "--text", "body", code=5)


def test_a_backup_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    assert "nowhere" in desk.refused("restore", str(tmp_path / "nowhere"), code=5)
    (tmp_path / "empty").mkdir()
    assert "empty" in desk.refused("restore", str(tmp_path / "empty"), code=8)


def test_settings_that_nobody_knows(desk: Desk) -> None:
    desk.project()
    (desk.home / "settings.toml").write_text("colour = 'blue'\n", "utf-8")
    assert "colour" in desk.refused("list", code=2)


def test_a_workspace_of_a_newer_version(desk: Desk) -> None:
    desk.project()
    with sqlite3.connect(desk.home / "cowise.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    before = (desk.home / "cowise.db").read_bytes()
    message = desk.refused("list", code=9)
    assert "newer" in message
    assert (desk.home / "cowise.db").read_bytes() == before


def test_a_database_that_is_none(desk: Desk) -> None:
    desk.project()
    for left in desk.home.glob("cowise.db*"):
        left.unlink()
    (desk.home / "cowise.db").write_bytes(b"no database at all" * 300)
    assert "database" in desk.refused("list", code=9)


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
from cowise.cli import main
main()
"""


def test_a_full_disk(desk: Desk, tmp_path: Path) -> None:
    """A limit on the size of files refuses writing as a full disk does."""
    desk.project()
    file = table(tmp_path / "in.csv", ["body"], ([f"a text of some length, number {n}"] for n in range(20_000)))
    words = ["--home", str(desk.home), "add", "tickets", str(file), "--text", "body"]
    done = subprocess.run([sys.executable, "-c", LIMITED, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    assert "Traceback" not in done.stderr
    a_minute_passes(desk)
    desk.run("add", "tickets", str(file), "--text", "body")
    assert count(desk) == (20_000, 20_000)


def test_a_folder_that_may_not_be_written(desk: Desk, tmp_path: Path) -> None:
    """A file in the place of a folder refuses root as well as anybody."""
    (tmp_path / "file").write_text("not a folder", "utf-8")
    result = desk.runner.invoke(
        __import__("cowise.cli", fromlist=["app"]).app,
        ["--home", str(tmp_path / "file" / "ws"), "new", "tickets", "--labels", "a,b", "--encoder", "hashing"],
    )
    assert result.exit_code == 9, result.output
    assert len(result.stderr.splitlines()) == 1


def a_minute_passes(desk: Desk) -> None:
    """An import is held by a lease: whoever died with it loses it after a minute."""
    with sqlite3.connect(desk.home / "cowise.db") as db:
        db.execute("UPDATE imports SET expires = 0 WHERE finished IS NULL")
    db.close()


def test_a_killed_import_goes_on_or_is_taken_back(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    file = table(tmp_path / "in.csv", ["body"], ([f"text {n}"] for n in range(120_000)))
    words = [
        sys.executable,
        "-m",
        "cowise.cli",
        "--home",
        str(desk.home),
        "add",
        "tickets",
        str(file),
        "--text",
        "body",
    ]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        database = desk.home / "cowise.db-wal"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and child.poll() is None:
            if database.exists() and database.stat().st_size > 1_000_000:
                break
        os.kill(child.pid, signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL, "the import ended before it could be killed"
    assert count(desk)[0] == 0, "no half of an import is to be seen"
    a_minute_passes(desk)
    other = table(tmp_path / "other.csv", ["body"], [["something else"]])
    assert "undo" in desk.refused("add", "tickets", str(other), "--text", "body", code=6)
    desk.run("add", "tickets", "--undo")
    desk.run("add", "tickets", str(other), "--text", "body")
    assert count(desk) == (1, 1)


def test_ctrl_c_leaves_the_workspace_whole(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    file = table(tmp_path / "in.csv", ["body"], ([f"text {n}"] for n in range(120_000)))
    words = [
        sys.executable,
        "-m",
        "cowise.cli",
        "--home",
        str(desk.home),
        "add",
        "tickets",
        str(file),
        "--text",
        "body",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        database = desk.home / "cowise.db-wal"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and child.poll() is None:
            if database.exists() and database.stat().st_size > 1_000_000:
                break
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert "Traceback" not in err
    assert "Stopped" in err
    desk.run("ledger", "verify")
    assert count(desk)[0] == 0
    small = table(tmp_path / "small.csv", ["body"], [["one"], ["two"]])
    desk.run("add", "tickets", str(small), "--text", "body")
    assert count(desk) == (2, 2)

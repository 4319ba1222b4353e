"""A project from the first command to the last, in process."""

from __future__ import annotations

import csv
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cowise.cli import words
from cowise.cli.asking import QUIT, Act, Choice
from cowise.cli.sheet import Frame
from cowise.core.types import Answer
from tests.flows.conftest import Desk, table

WORDS = {
    "food": ("dinner", "lunch", "menu", "vegetarian", "waiter", "noodles"),
    "hotel": ("room", "check in", "breakfast", "suite", "lobby", "towels"),
    "taxi": ("driver", "airport ride", "fare", "pick up", "cab", "boot for luggage"),
}
LABELS = tuple(WORDS)


def rows(n: int, start: int = 0) -> list[tuple[str, str]]:
    """Texts that give their label away, so that even a light encoder learns them."""
    found = []
    for k in range(start, start + n):
        label = LABELS[k % 3]
        said = WORDS[label]
        found.append((f"{said[k % 6]} and {said[(k // 6) % 6]} please, case {k}", label))
    return found


class Known:
    """A person who knows every answer, in the place of the terminal."""

    def __init__(self, gold: dict[str, str], limit: int) -> None:
        self.gold, self.left = gold, limit
        self.shown: list[str] = []

    def act(self, choice: Choice, frame: Frame) -> Act:
        del frame
        self.shown.append(choice.question.text)
        if not self.left:
            return QUIT
        self.left -= 1
        return Act("answer", Answer.of(self.gold[choice.question.text]))


@pytest.fixture
def sit(monkeypatch: pytest.MonkeyPatch) -> Any:
    def known(gold: dict[str, str], limit: int = 10_000) -> Known:
        person = Known(gold, limit)

        @contextmanager
        def front(*, out: Any) -> Iterator[Known]:
            del out
            yield person

        monkeypatch.setattr("cowise.cli.review.front", front)
        return person

    return known


def test_from_texts_to_decisions_under_a_certificate(desk: Desk, tmp_path: Path, sit: Any) -> None:
    data = rows(900)
    gold = dict(data)
    desk.project(",".join(LABELS), "--max-error", "0.05", "--confidence", "0.9", "--instructions", "What is it about?")
    added = desk.json("add", "tickets", str(table(tmp_path / "t.csv", ["body", "topic"], data)), "--text", "body")
    assert (added["items"], added["labels"]) == (900, 0)
    assert desk.json("status")["phase"] == "train"
    person = sit(gold, 30)
    tally = desk.json("review", "tickets", "--as", "ada")
    assert tally["answered"] == 30
    assert not tally["finished"]
    assert desk.json("status")["human"]["answers"] == 30
    assert desk.json("learn", "tickets")["state"] == "candidate"
    sit(gold)
    assert "nothing left to ask" in desk.run("review", "tickets", "--as", "ada").stdout
    now = desk.json("status", "tickets")
    assert now["open"] == 0
    assert now["automated"] > 300
    assert now["error_bound"] <= 0.05
    assert now["human"]["share"] < 0.6
    certificate = desk.json("certify", "tickets")
    assert certificate["n_automated"] == now["automated"]
    assert "Every text is decided" in desk.run("status", "tickets").stdout
    out = tmp_path / "decided.csv"
    desk.run("export", "tickets", "--out", str(out))
    with out.open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert len(written) == 900
    assert {row["route"] for row in written} == {"automated", "reviewed"}
    assert {row["by"] for row in written} == {"ada", "model"}
    wrong = sum(row["label"] != gold[row["text"]] for row in written)
    assert wrong <= 0.05 * 900
    assert person.shown
    assert desk.refused("export", "tickets", "--out", str(out), code=6)
    assert desk.json("ledger", "replay", "tickets")[0]["outcome"] == "same"
    one = next(row for row in written if row["route"] == "automated")
    proof = desk.json("ledger", "prove", "tickets", one["text"])
    assert proof["decision"].endswith(f" label:{one['label']}")
    assert "The decision is in entry" in desk.run("ledger", "prove", "tickets", one["id"]).stdout
    decided = desk.json("decide", "tickets", "dinner for two please")
    assert decided["decisions"][0]["route"] == "reviewed", "a batch certificate covers no new text"
    assert decided["people"] == 1


def test_answers_of_an_existing_model_need_audits_alone(desk: Desk, tmp_path: Path, sit: Any) -> None:
    data = rows(800)
    gold = dict(data)
    lines = [(text, LABELS[(LABELS.index(label) + 1) % 3] if k % 90 == 0 else label, 0.2 if k % 90 == 0 else 0.9 + k / 1e4)
             for k, (text, label) in enumerate(data)]  # fmt: skip
    desk.project(",".join(LABELS), "--confidence", "0.9")
    file = table(tmp_path / "t.csv", ["text", "answer", "sure"], lines)
    added = desk.json(
        "add", "tickets", str(file), "--text", "text", "--opinion", "answer", "--confidence", "sure", "--by", "m1"
    )
    assert added["opinions"] == 800
    assert desk.refused("certify", "tickets", code=7)
    sit(gold)
    desk.run("review", "tickets")
    now = desk.json("status")
    assert now["automated"] > 500
    assert now["human"]["training"] == 0
    assert now["human"]["share"] < 0.4


def test_a_rehearsal_prints_what_it_would_cost(desk: Desk, tmp_path: Path) -> None:
    file = str(table(tmp_path / "t.csv", ["text", "label"], rows(500)))
    common = [
        "simulate",
        file,
        "--text",
        "text",
        "--label",
        "label",
        "--encoder",
        "hashing",
        "--repeat",
        "2",
        "--pool",
        "400",
    ]
    found = desk.json(*common, "--confidence", "0.9")
    assert {"human_share", "error", "promise_kept", "training", "audit", "deferred", "seconds"} <= set(found["mean"])
    assert len(found["repetitions"]) == 2
    assert 0 < found["mean"]["human_share"] < 1
    assert not desk.home.exists(), "a rehearsal needs no workspace"
    (tmp_path / "people.csv").write_text("0.9,0.1,0\n0,1,0\n0,0.2,0.8\n", "utf-8")
    out = desk.run(
        *common, "--confusion", str(tmp_path / "people.csv"), "--skipping", "0.02", "--plots", str(tmp_path / "figures")
    )
    assert "human share" in out.stdout
    assert "mean" in out.stdout
    assert list((tmp_path / "figures").glob("*.svg"))
    for more, code, word in (
        (["--label", "topic"], 3, "topic"), (["--repeat", "0"], 2, "repeat"), (["--accuracy", "2"], 2, "accuracy"),
        (["--confusion", "no.csv"], 2, "no.csv"), (["--confusion", file], 2, "table of shares"), (["--promise", "x"], 2, "'x'"),
        (["--encoder", "bert-of-mars"], 5, "bert-of-mars"),
    ):  # fmt: skip
        assert word in desk.refused(*common, *more, code=code)


def test_backup_restore_and_anchors(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    desk.run("ledger", "anchor", str(tmp_path / "anchor"))
    desk.run("add", "tickets", str(table(tmp_path / "t.csv", ["body"], [["one"], ["two"]])), "--text", "body")
    assert desk.json("ledger", "verify", "--anchor", str(tmp_path / "anchor"))["ok"]
    desk.run("backup", str(tmp_path / "copy"))
    assert desk.refused("backup", str(tmp_path / "copy"), code=6)
    again = Desk(tmp_path / "again", desk.runner)
    shutil.copytree(desk.home / "keys", again.home / "keys")
    assert again.json("restore", str(tmp_path / "copy"))["ledger"]["ok"]
    assert again.json("list")[0]["items"] == 2
    assert again.json("ledger", "verify", "--anchor", str(tmp_path / "anchor"))["ok"]
    for file in (tmp_path / "copy").rglob("*"):
        if file.is_file() and file.stat().st_size > 4096:
            file.write_bytes(file.read_bytes()[:-100] + b"x" * 100)
    other = Desk(tmp_path / "other", desk.runner)
    assert other.refused("restore", str(tmp_path / "copy"), code=8)


def test_second_opinions(desk: Desk, tmp_path: Path) -> None:
    desk.project("bug,praise", name="calls")
    desk.run("add", "calls", str(table(tmp_path / "calls.csv", ["t"], [["it broke"], ["so nice"]])), "--text", "t")
    assert "not in this workspace" in desk.refused("again", "nowhere", "it broke", code=5)
    assert "nobody has answered it" in desk.refused("again", "calls", "it broke", "--as", "ada", code=2)
    desk.run("review", "calls", "--as", "ada", text="bug\nbug\n")
    assert "cowise invite calls" in desk.refused("again", "calls", "it broke", "--as", "ada", code=6)
    assert desk.json("again", "calls", "it broke", "so nice", "--as", "bob") == {"asked": 2, "waiting": 2}
    assert desk.json("again", "calls", "it broke", "--as", "bob") == {"asked": 0, "waiting": 2}
    assert desk.json("status", "calls")["second"] == 2
    assert "2 asked for, not answered yet" in desk.run("status", "calls").stdout
    assert "--as PERSON" in desk.run("again", "calls", "it broke", "--as", "bob").stdout
    desk.run("review", "calls", "--as", "bob", text="praise\npraise\n")
    assert desk.json("status", "calls")["second"] == 0
    desk.run("export", "calls", "--out", str(tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        assert {row["reason"] for row in csv.DictReader(file)} == {"1 of 2 people gave this answer"}
    assert desk.json("ledger", "verify")["ok"]


def test_rename_forget_delete(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    lines = [["call Ann", "bug"], ["call Bob", "praise"], ["call Cy", "billing"]]
    file = table(tmp_path / "t.csv", ["body", "t"], lines)
    desk.run("add", "tickets", str(file), "--text", "body", "--label", "t", "--by", "ada")
    desk.run("rename", "tickets", "calls")
    assert desk.json("forget", "calls", "--item", "call Bob", "--yes")["what"] == "item"
    assert desk.json("forget", "calls", "--person", "ada", "--yes")["what"] == "person"
    desk.run("export", "calls", "--out", str(tmp_path / "o.csv"))
    text = (tmp_path / "o.csv").read_text("utf-8")
    assert "Bob" not in text
    assert "ada" not in text
    desk.run("ledger", "verify")
    desk.run("delete", "calls", "--yes")
    assert desk.json("list") == []


def test_an_encrypted_workspace(desk: Desk) -> None:
    desk.project("a,b", "--encrypt")
    assert not (desk.home / "cowise.db").read_bytes().startswith(b"SQLite format 3")
    before = desk.json("key")
    assert before["encrypted"]
    after = desk.json("key", "--rotate", "data", "--yes")
    assert before["fingerprint"] != after["fingerprint"]
    assert desk.json("list")[0]["name"] == "tickets"
    shutil.move(desk.home / "keys", desk.home / "lost")
    desk.run("list", code=9)


def test_the_doctor_and_the_models(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWISE_MODELS", str(tmp_path / "models"))
    checks = {check["name"]: check for check in desk.json("doctor", code=1)["checks"]}
    assert not checks["encoder"]["ok"]
    assert "models pull" in checks["encoder"]["todo"]
    assert {each["name"]: each["here"] for each in desk.json("models", "list")}["use-multilingual"] is False
    desk.refused("models", "show", "bert-of-mars", code=5)
    assert "part of cowise" in desk.refused("models", "show", "hashing", code=2)
    desk.run("models", "remove", "use-multilingual")
    desk.run("new", "tickets", "--labels", "a,b")
    desk.run("add", "tickets", "-", text="a text\nanother\n")
    assert "cowise models pull" in desk.refused("review", "tickets", code=5)


def test_no_network_when_a_model_is_missing(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWISE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    message = desk.refused("models", "pull", "use-multilingual", code=5)
    assert "use-multilingual" in message
    assert not list((tmp_path / "models").rglob("*.onnx"))


def test_a_corrupted_model_folder(desk: Desk, tmp_path: Path, sit: Any) -> None:
    data = rows(120)
    desk.project(",".join(LABELS))
    desk.run("add", "tickets", str(table(tmp_path / "t.csv", ["body", "topic"], data)), "--text", "body")
    sit(dict(data), 40)
    desk.run("review", "tickets")
    digest = desk.json("learn", "tickets")["folder"]
    blob = next(path for path in (desk.home / "blobs").rglob("*") if path.is_file() and digest.endswith(path.name[2:]))
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-64] + bytes(64))
    assert desk.refused("decide", "tickets", "dinner", code=8)


def test_answers_by_pipe(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    desk.run("add", "tickets", "-", text="it crashes\nwrong invoice\nwell done\n")
    result = desk.run("review", "tickets", "--as", "ada", text="h\nnonsense\n2\nf odd text\nbilling\nu\npra\nq\n")
    assert "drawn by lot" in result.stdout
    assert "nonsense: no label" in result.stdout
    assert "is taken back" in result.stdout
    tally = desk.json("status")
    assert tally["human"]["answers"] == 2
    assert tally["flags"] == 1


def test_single_keys_in_a_terminal(desk: Desk) -> None:
    """The real program on a pseudo-terminal: a key answers, another takes back, Ctrl-C leaves everything whole."""
    desk.project()
    desk.run("add", "tickets", "-", text="it crashes\nwrong invoice\nwell done\n")
    master, slave = pty.openpty()
    # The first terminal that the leader of a session opens is the one whose Ctrl-C it hears.
    own = "import os; os.open(os.ttyname(0), os.O_RDWR); from cowise.cli import main; main()"
    words_of = [sys.executable, "-c", own, "--home", str(desk.home), "review", "tickets"]
    environ = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(
        words_of, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
    ) as child:
        os.close(slave)
        try:
            said = at_the_keys(master)
            child.wait(timeout=20)
        finally:
            child.kill()
    assert "Stopped" in said + Screen(master).rest()
    os.close(master)
    assert child.returncode == 130
    now = desk.json("status")
    assert (now["human"]["answers"], now["flags"]) == (1, 1)


def at_the_keys(master: int) -> str:
    """Answer, take back, flag, read the help, answer, interrupt; what was shown last."""
    screen = Screen(master)
    screen.until("0 answered")
    for keys, shown in (
        (b"2", "1 answered"), (b"u", "is taken back"), (b"f", "What is wrong"), (b"two texts\n", "Flagged"),
        (b"h", "drawn by lot"), (b" ", "0 answered"), (b"n", "1 answered"), (b"\x03", "Stopped"),
    ):  # fmt: skip
        os.write(master, keys)
        seen = screen.until(shown)
    return seen


class Screen:
    """What a terminal shows, read until a word appears."""

    def __init__(self, source: int) -> None:
        self._source = source

    def until(self, word: str, seconds: float = 20.0) -> str:
        seen, deadline = "", time.monotonic() + seconds
        while word not in seen:
            assert time.monotonic() < deadline, f"{word!r} did not appear in {seen!r}"
            if select.select([self._source], [], [], 0.2)[0]:
                seen += os.read(self._source, 65536).decode("utf-8", "replace")
        return seen

    def rest(self) -> str:
        seen = ""
        try:
            while select.select([self._source], [], [], 0.2)[0] and (part := os.read(self._source, 65536)):
                seen += part.decode("utf-8", "replace")
        except OSError:  # the other end is closed
            pass
        return seen


def test_every_command_speaks_chinese(desk: Desk, tmp_path: Path, sit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    missed: set[str] = set()

    class Table(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            if key not in self:
                missed.add(key)
            return super().get(key, default)

    monkeypatch.setitem(words.TABLES, "zh", Table(words.TABLES["zh"]))
    data = rows(60)
    gold = dict(data)
    out = desk.run("--lang", "zh", "new", "行程", "--labels", ",".join(LABELS), "--encoder", "hashing").stdout
    assert "已建立" in out
    assert (
        "读取"
        in desk.run(
            "--lang", "zh", "add", "行程", str(table(tmp_path / "t.csv", ["正文", "类别"], data)), "--text", "正文"
        ).stdout
    )
    sit(gold)
    for line in (["review", "行程"], ["status"], ["list"], ["learn", "行程"], ["ledger", "verify"], ["key"], ["models", "list"],
                 ["export", "行程", "--out", str(tmp_path / "o.csv")], ["backup", str(tmp_path / "copy")], ["--help"], ["--version"],
                 ["decide", "行程", "dinner"]):  # fmt: skip
        desk.run("--lang", "zh", *line)
    english = {each for each in missed if each.isascii()}
    assert not english
    assert "错误：" in desk.run("--lang", "zh", "status", "没有", code=5).stderr


def test_the_language_follows_the_locale(desk: Desk) -> None:
    result = desk.runner.invoke(
        __import__("cowise.cli", fromlist=["app"]).app, ["--help"], env={"LC_ALL": "zh_CN.UTF-8"}
    )
    assert "用法" in result.stdout
    assert "Usage" in desk.run("--help").stdout


def test_json_is_one_document_and_quiet_says_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    file = str(table(tmp_path / "t.csv", ["body", "topic"], [["one", "bug"]]))
    result = desk.run("add", "tickets", file, "--text", "body", "--json")
    json.loads(result.stdout)
    assert result.stderr == ""
    assert desk.run("--quiet", "rename", "tickets", "t2").output == ""
    assert desk.run("rename", "t2", "t3", "--quiet").output == ""

"""Commands that people seldom give, and what they are told when something stands in the way."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise
from tests.flows.conftest import Desk


def test_labels_from_a_file(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes("\ufeffbug\n\n  praise \n".encode())
    desk.run("new", "tickets", "--labels-from", str(file), "--encoder", "hashing")
    with loop.open_workspace(Settings(home=desk.home)) as ws:
        assert loop.get(ws, "tickets").task.labels == ("bug", "praise")
    for words, content, code, said in (
        (["--labels-from", str(file), "--labels", "a,b"], b"a\nb\n", 2, "give either --labels a,b,c or --labels-from"),
        ([], b"", 2, "give either --labels a,b,c or --labels-from"),
        (["--labels-from", str(tmp_path / "none")], b"", 2, "is not a file; name a text file"),
        (["--labels-from", str(file)], b"\xff\xfe\xfd\n", 2, "is not UTF-8; convert it"),
        (
            ["--labels-from", str(file)],
            b"x\n" * 2_200_000,
            10,
            "is larger than 4 MB; a task takes at most 2,000 labels",
        ),
    ):
        file.write_bytes(content)
        assert said in desk.refused("new", "other", *words, "--encoder", "hashing", code=code)


def test_a_checkpoint_is_printed_as_often_as_it_is_asked_for(desk: Desk) -> None:
    """A command that ends signs by itself where something was recorded: its note is the newest then."""
    desk.project()
    note = desk.json("ledger", "checkpoint")["note"]
    assert len(note.splitlines()) >= 5
    assert desk.run("ledger", "checkpoint").stdout == note
    desk.project(name="other")
    assert desk.json("ledger", "checkpoint")["note"] != note


def test_nothing_to_play_again(desk: Desk) -> None:
    desk.project()
    assert desk.run("ledger", "replay", "tickets").stdout == "There is no certificate to play again.\n"


def test_a_ledger_that_was_rewritten_ends_with_an_error(desk: Desk, tmp_path: Path) -> None:
    desk.project()
    desk.run("ledger", "checkpoint")
    desk.run("backup", str(tmp_path / "copy"))
    with sqlite3.connect(desk.home / "cowise.db") as found:
        for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            found.execute(f"DROP TRIGGER {name}")
        found.execute("UPDATE checkpoints SET root = zeroblob(32)")
    found.close()
    assert "the ledger does not fit: " in desk.refused("ledger", "verify", code=8)


def test_one_project_needs_no_name_and_several_do(desk: Desk) -> None:
    desk.project()
    assert desk.json("status")["items"] == 0
    desk.project(name="other")
    assert "which project? There are 2: other, tickets" in desk.refused("status", code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["decide", "tickets", "a text", "--from", "x.csv"], "give texts or --from FILE, not both"),
        (["forget", "tickets"], "give either --item ID or --person NAME"),
        (["forget", "tickets", "--item", "a", "--person", "b"], "give either --item ID or --person NAME"),
    ],
)
def test_two_ways_at_once_or_none(desk: Desk, words: list[str], said: str) -> None:
    desk.project()
    assert said in desk.refused(*words, code=2)


def test_forgetting_names_the_models_that_had_learned_from_it(desk: Desk) -> None:
    desk.project("a,b")
    pairs = [(f"text {word} {n}", word) for n in range(30) for word in ("a", "b")]
    csv = "body,t\n" + "".join(f"{text},{label}\n" for text, label in pairs)
    desk.run("add", "tickets", "-", "--text", "body", "--label", "t", "--by", "ada", text=csv)
    version = desk.json("learn", "tickets")["id"]
    told = desk.run("forget", "tickets", "--item", pairs[0][0], "--yes").stdout
    assert f"Models that had learned from it: {version}. Learn and certify anew where that matters." in told


def test_an_encoder_is_shown_and_removed_by_its_name_alone(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    monkeypatch.setenv("COWISE_MODELS", str(models))
    shown = desk.run("models", "show", "use-multilingual").stdout
    assert "not on this machine" in shown
    assert "model.onnx  sha256 " in shown
    assert "was not on this machine" in desk.run("models", "remove", "use-multilingual").stdout
    here: list[dict[str, Any]] = [{"name": "use-multilingual", "here": True}]
    monkeypatch.setattr(loop, "models_list", lambda settings: here)
    monkeypatch.setattr(loop, "models_remove", lambda settings, name: True)
    refused = desk.run("models", "remove", "use-multilingual", text="no\n", code=2)
    assert "repeat with --yes if you mean it" in refused.output
    assert "is removed." in desk.run("models", "remove", "use-multilingual", "--yes").stdout


def test_a_disk_fault_and_an_unknown_fault_are_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.project()

    def raises(cause: BaseException) -> None:
        def fails(*_: Any) -> None:
            raise cause

        monkeypatch.setattr(loop, "listing", fails)

    raises(OSError(28, "No space left on device", "/a/file"))
    assert "/a/file: the disk is full; free some space and repeat" in desk.refused("list", code=9)
    raises(OSError(5, "Input/output error"))
    assert "Input/output error" in desk.refused("list", code=9)


def test_a_selective_promise_is_said_as_it_is(desk: Desk) -> None:
    made = desk.run("new", "tickets", "--labels", "a,b", "--encoder", "hashing", "--promise", "selective")
    assert "of what the machine answers alone, at most 5 % may be wrong, with 95 % confidence" in made.stdout
    with loop.open_workspace(Settings(home=desk.home)) as ws:
        assert loop.get(ws, "tickets").promise == Promise(of="selective")

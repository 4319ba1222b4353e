"""`cowise labels`: all or nothing, and what it does is said first, with --yes too, as JSON and in Chinese."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "loop"))  # worlds.py

from worlds import answer, texts, world

from cowise.cli import app, words
from cowise.cli.here import Here
from cowise.cli.labels import agreed
from cowise.core.errors import InputError
from cowise.core.settings import Settings
from cowise.loop.changing import Change, consequences
from cowise.loop.consequences import Cost


@pytest.fixture(scope="module")
def gold():
    return texts(420)


@pytest.fixture
def run(tmp_path, gold):
    """The command line on a project that is certified."""
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
    yield lambda *said: CliRunner().invoke(app, ["--home", str(tmp_path), *said])
    words.speak("en")


def status(run):
    return json.loads(run("status", "p", "--json").stdout)


def test_steps_are_all_done_or_none(run):
    before = status(run)
    done = run("labels", "p", "--merge", "bug=praise", "--split", "zz=x,y", "--yes")
    assert (done.exit_code, done.stdout) == (4, "")
    assert "label 'zz' is not in the task" in done.stderr
    assert status(run) == before
    done = run(
        "labels", "p", "--merge", "bug=praise", "--split", "billing=x,y", "--rename", "x=z", "--add", "w", "--yes"
    )
    assert done.stdout.split() == ["z", "y", "praise", "w"]


def test_what_it_does_is_said_whoever_asks(run, gold):
    n = status(run)["automated"]
    lost = ["1 certificate is withdrawn", f"{n} texts go back to people"]
    asked = ("labels", "p", "--rename", "bug=fault")
    refused = run(*asked)
    assert refused.exit_code == 2
    assert f"consequences: {' | '.join(lost)}; it cannot be taken back; repeat with --yes" in refused.stderr
    assert lost[1] in json.loads(run(*asked, "--json").stdout)["error"]["message"]
    assert status(run)["automated"] == n
    done = run(*asked, "--yes")
    assert done.stdout.split() == ["billing", "fault", "praise"]
    assert done.stderr.splitlines() == ["This change has consequences:", *(f"  {one}" for one in lost)]
    assert status(run)["automated"] == 0


def test_what_it_does_is_a_field_of_the_document(run):
    n = status(run)["automated"]
    done = run("labels", "p", "--rename", "bug=fault", "--yes", "--json")
    found = json.loads(done.stdout)
    assert found["labels"] == ["billing", "fault", "praise"]
    assert (found["consequences"]["withdrawn"], found["consequences"]["back"]) == (1, n)
    assert found["consequences"]["said"][1] == f"{n} texts go back to people"
    assert json.loads(run("labels", "p", "--json").stdout) == {"labels": found["labels"]}


def test_in_chinese_it_is_said_in_chinese(run):
    n = status(run)["automated"]
    refused = run("--lang", "zh", "labels", "p", "--rename", "bug=fault")
    assert f"1 份证书被撤回 | {n} 条文本交还给人；此操作无法撤回" in refused.stderr
    done = run("--lang", "zh", "labels", "p", "--merge", "bug=praise", "--yes")
    assert done.stderr.splitlines()[0] == "这项更改的后果："
    assert f"  {n} 条文本交还给人" in done.stderr.splitlines()


@pytest.mark.parametrize(("tongue", "said"), [("en", "3 answers get another label"), ("zh", "3 个回答改为另一标签")])
def test_at_a_terminal_it_is_asked_in_the_language_spoken(monkeypatch, capsys, tongue, said):
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return "q\n"

    monkeypatch.setattr(sys, "stdin", Terminal())
    words.speak(tongue)
    try:
        with pytest.raises(InputError, match="nothing was changed: 'p' was not typed"):
            agreed(Here(Settings()), "p", Cost(moved=3, given_up=True), yes=False)
        heard = capsys.readouterr().err
    finally:
        words.speak("en")
    assert f"\n  {said}\n" in heard
    assert "confirm" not in heard
    assert tongue == "en" or not any(word in heard for word in ("answers", "audits", "name"))


def test_what_costs_nothing_is_not_asked_about(tmp_path):
    with world(tmp_path, texts(9)) as ws:
        assert consequences(ws, "p", Change(added=("x",))) == Cost()
    done = CliRunner().invoke(app, ["--home", str(tmp_path), "labels", "p", "--add", "x"])
    assert (done.exit_code, done.stdout.split(), done.stderr) == (0, ["billing", "bug", "praise", "x"], "")
    assert CliRunner().invoke(app, ["--home", str(tmp_path), "labels", "p", "--merge", "x=bug"]).exit_code == 2


def test_rare_labels_are_asked_about_earlier_and_nothing_else_moves(run):
    before = status(run)
    done = run("labels", "p", "--rare-first", "0.5")
    assert done.exit_code == 0
    assert done.stderr == ""
    now = status(run)
    assert (now["certificate"], now["automated"]) == (before["certificate"], before["automated"])
    refused = run("labels", "p", "--rare-first", "2")
    assert refused.exit_code != 0
    assert "give 0 to 1" in refused.stderr


@pytest.mark.parametrize("option", ["--merge", "--rename"])
def test_a_label_that_is_named_twice_is_refused(run, option):
    result = run("labels", "p", option, "bug=billing", option, "bug=praise", "--yes")
    assert result.exit_code != 0
    assert f"{option}: 'bug' is named twice" in result.stderr

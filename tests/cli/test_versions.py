"""`cowise models versions`, `release`, `withdraw`: one version at a time, and what stood on it goes back to people."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "loop"))  # worlds.py

from worlds import answer, texts, world

from cowise import loop
from cowise.cli import app, words
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify


@pytest.fixture
def run(tmp_path):
    """The command line on a workspace with one learned version."""
    home = tmp_path / "home"
    with loop.open_workspace(Settings(home=home), create=True) as ws:
        loop.create(ws, "tickets", classify("good", "bad"), Promise(), encoder="hashing")
        loop.add(ws, "tickets", [f"{'good' if i % 2 else 'bad'} text {i}" for i in range(40)])
        with loop.session(ws, "tickets", "ann") as review:
            for _ in range(8):
                (question,) = review.ask(1)
                review.take(question, Answer.of(question.text.split()[0]), 1.0)
        loop.learn(ws, "tickets")
    yield lambda *said: CliRunner().invoke(app, ["--home", str(home), *said])
    words.speak("en")


def states(run):
    return {one["id"]: one["state"] for one in json.loads(run("models", "versions", "tickets", "--json").stdout)}


def test_a_version_is_released_withdrawn_and_released_again(run):
    ((version, state),) = states(run).items()
    assert state == "candidate"
    assert version in run("models", "versions", "tickets").stdout
    done = run("models", "release", "tickets", version, "--reason", "a first one")
    assert done.exit_code == 0, done.output
    assert f"{version} is released; 0 certificates are withdrawn." in done.stdout
    assert states(run) == {version: "released"}
    done = run("models", "withdraw", "tickets", version, "--reason", "it is off")
    assert f"{version} is withdrawn; 0 certificates went with it." in done.stdout
    assert "cowise" in done.stdout
    assert states(run) == {version: "withdrawn"}
    assert json.loads(run("status", "tickets", "--json").stdout)["version"] == ""
    assert run("models", "withdraw", "tickets", version, "--reason", "twice", "--json").exit_code == 0
    assert "已发布" in run("--lang", "zh", "models", "release", "tickets", version, "--reason", "again").stdout
    assert states(run) == {version: "released"}


def test_what_cannot_be_withdrawn_says_why(run):
    (version,) = states(run)
    assert "is not released" in run("models", "withdraw", "tickets", version, "--reason", "x").stderr
    assert run("models", "withdraw", "tickets", "v-none", "--reason", "x").exit_code == 5
    assert run("models", "release", "tickets", version).exit_code == 2, "a reason is needed"
    assert "并未发布" in run("--lang", "zh", "models", "withdraw", "tickets", version, "--reason", "x").stderr


@pytest.mark.parametrize("act", ["release", "withdraw"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_no_reason_is_no_reason(run, act, reason):
    (version,) = states(run)
    if act == "withdraw":
        run("models", "release", "tickets", version, "--reason", "x")
    before = states(run)
    done = run("models", act, "tickets", version, "--reason", reason)
    assert (done.exit_code, states(run)) == (2, before)
    assert f"{act}: no reason is given; say why" in done.stderr


def test_a_version_of_other_labels_says_so(run):
    (version,) = states(run)
    run("models", "release", "tickets", version, "--reason", "a first one")
    assert "labels of before" not in run("models", "versions", "tickets").stdout
    run("labels", "tickets", "--rename", "good=fine", "--yes")
    assert "released, for the labels of before" in run("models", "versions", "tickets").stdout
    assert json.loads(run("models", "versions", "tickets", "--json").stdout)[0]["outdated"] is True
    assert "已发布，标签是更改之前的" in run("--lang", "zh", "models", "versions", "tickets").stdout


def test_one_certificate_is_one(tmp_path):
    gold, told = texts(420), []
    for i, act in enumerate(("release", "withdraw")):
        home = tmp_path / act
        with world(home, gold) as ws:
            answer(ws, gold, limit=40)
            earlier = loop.learn(ws, "p").id
            answer(ws, gold)
            version = (earlier, loop.status(ws, "p").version)[i]
        told.append(CliRunner().invoke(app, ["--home", str(home), "models", act, "p", version, "--reason", "x"]).stdout)
    assert "; 1 certificate is withdrawn." in told[0]
    assert "; 1 certificate went with it." in told[1]

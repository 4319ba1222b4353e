"""`cowise models shadow`: begun, told in the status, stopped; what cannot be tried is said."""

import json

import pytest
from typer.testing import CliRunner

from cowise import loop
from cowise.cli import app
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("shadow") / "ws"
    words = (("bug", "crash"), ("billing", "invoice"), ("praise", "love"))
    known = {f"{word} {i} please": label for label, word in words for i in range(60)}
    with loop.open_workspace(Settings(home=home), create=True) as ws:
        loop.create(ws, "tickets", classify("bug", "billing", "praise"), Promise(0.1, 0.8), encoder="hashing")
        loop.create(ws, "new", classify("bug", "praise"), Promise(0.1, 0.8), encoder="hashing")
        loop.add(ws, "tickets", list(known))
        with loop.session(ws, "tickets", "ann") as review:
            for _ in range(40):
                [question] = review.ask(1)
                review.take(question, Answer.of(known[question.text]), 1.0)
    return home


@pytest.fixture
def run(home):
    return lambda *words: CliRunner().invoke(app, ["--home", str(home), *words])


def test_it_begins_is_told_and_stops(run):
    said = run("models", "shadow", "tickets", "--texts", "300").stdout
    assert "decides nothing" in said
    assert "300 texts to come" in said
    assert "0 of 300 texts drawn" in run("status", "tickets").stdout
    assert json.loads(run("status", "tickets", "--json").stdout)["shadow"]["texts"] == 300
    again = run("models", "shadow", "tickets")
    assert again.exit_code != 0
    assert "runs in the shadow" in again.stderr
    assert "影子" in run("--lang", "zh", "models", "shadow", "tickets").stderr
    assert "dropped" in run("models", "shadow", "tickets", "--stop").stdout
    assert "No version" in run("models", "shadow", "tickets", "--stop").stdout


def test_what_has_learned_nothing_cannot_be_tried(run):
    done = run("models", "shadow", "new")
    assert done.exit_code != 0
    assert "needs answers first" in done.stderr

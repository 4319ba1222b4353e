"""`cowise label-errors`: the list, as JSON, in Chinese; asking people to look again; what it refuses."""

import json

import pytest
from typer.testing import CliRunner

from cowise import loop
from cowise.cli import app
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify, multilabel

KNOWN = {f"{word} {i}": label for label, word in (("bug", "crash"), ("billing", "invoice")) for i in range(80)}


@pytest.fixture
def home(tmp_path):
    """A project with 30 answers, one of them false, and one with labels that came with the data."""
    home = tmp_path / "ws"
    with loop.open_workspace(Settings(home=home), create=True) as ws:
        for name in ("tickets", "given", "new"):
            loop.create(ws, name, classify("bug", "billing"), Promise(0.1, 0.8), encoder="hashing")
        loop.create(ws, "sets", multilabel("bug", "billing"), Promise(0.1, 0.8), encoder="hashing")
        loop.add(ws, "tickets", list(KNOWN))
        rows = [{"t": text, "l": label} for text, label in [*KNOWN.items(), ("crash 99", "billing")]]
        loop.add(ws, "given", rows, loop.Columns(text="t", label="l"))
        with loop.session(ws, "tickets", "ann") as review:
            for i in range(30):
                [question] = review.ask(1)
                label = KNOWN[question.text]
                label = {"bug": "billing", "billing": "bug"}[label] if i == 20 else label
                review.take(question, Answer.of(label), 1.0)
        with loop.session(ws, "tickets", "bob") as review:
            review.ask(1)
    return home


@pytest.fixture
def run(home):
    return lambda *words: CliRunner().invoke(app, ["--home", str(home), *words])


def test_the_list_its_json_and_the_way_back_to_people(run, home):
    said = run("label-errors", "tickets")
    assert said.exit_code == 0, said.output
    assert "The most doubtful first" in said.stdout
    assert f"cowise --home {home} label-errors tickets --again" in said.stdout
    found = json.loads(run("label-errors", "tickets", "--limit", "1", "--json").stdout)
    [top] = found["rows"]
    assert top["suggested"] == KNOWN[top["text"]] != top["given"]
    assert (found["judged"], found["apart"]) == (30, 0)
    assert top["item"][:12] in said.stdout
    asked = run("label-errors", "tickets", "--again", "1", "--as", "ann")
    assert "Asked for 1 second opinions; 1 wait" in asked.stdout
    assert top["suggested"] not in asked.stdout, "who asks is told no suggestion"
    assert "1 labelled texts are left out" in run("label-errors", "tickets").stdout
    assert json.loads(run("label-errors", "tickets", "--again", "1", "--json").stdout) == {"asked": 1, "waiting": 2}


def test_labels_that_came_with_the_data(run):
    said = run("label-errors", "given", "--limit", "1").stdout
    assert "crash 99" in said
    assert "mended in their file" in said
    assert "looks again" not in said
    nothing = run("label-errors", "given", "--again", "3").stdout
    assert "Asked for 0 second opinions; 0 wait" in nothing


def test_in_chinese(run):
    said = run("--lang", "zh", "label-errors", "tickets").stdout
    assert "最可疑的在前" in said
    assert "不足两种" in run("--lang", "zh", "label-errors", "new").stderr
    assert "更可能" in said


def test_what_it_refuses(run):
    assert "cowise review new" in run("label-errors", "new").stderr
    assert "question of its own" in run("label-errors", "sets").stderr
    assert "give 1 to 200" in run("label-errors", "tickets", "--again", "500").stderr
    assert run("label-errors", "tickets", "--limit", "0").exit_code == 2

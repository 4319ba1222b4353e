"""`cowise estimate`: in words, as JSON, in Chinese; before there is anything to say, too."""

import json

import pytest
from typer.testing import CliRunner

from cowise import loop
from cowise.cli import app
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project with 100 answers, a few of them unsure; one without any; one that audits a model's own answers."""
    home = tmp_path_factory.mktemp("estimate") / "ws"
    words = (("bug", "crash"), ("billing", "invoice"), ("praise", "love"))
    known = {f"{word} {i} {'please' * (i % 3)}": label for label, word in words for i in range(250)}
    with loop.open_workspace(Settings(home=home), create=True) as ws:
        for name in ("tickets", "new", "own"):
            loop.create(ws, name, classify("bug", "billing", "praise"), Promise(0.02, 0.95), encoder="hashing")
        for name in ("tickets", "new"):
            loop.add(ws, name, list(known))
        rows = [{"t": text, "o": label} for text, label in known.items()]
        loop.add(ws, "own", rows, loop.Columns(text="t", opinion="o"), how=loop.How(by="robot"))
        with loop.session(ws, "tickets", "ann") as review:
            for i in range(100):
                [question] = review.ask(1)
                review.take(question, Answer("unsure") if i in (3, 40) else Answer.of(known[question.text]), 1.0)
        with loop.session(ws, "own", "ann") as review:
            review.ask(1)
        loop.advance(ws, "tickets")
    return home


@pytest.fixture
def run(home):
    return lambda *words: CliRunner().invoke(app, ["--home", str(home), *words])


def test_it_says_shares_intervals_and_what_it_is_not(run):
    said = run("estimate", "tickets").stdout
    assert "drawn by lot" in said
    assert "in no certificate" in said
    assert "2 questions without an answer" in said
    found = json.loads(run("estimate", "tickets", "--json").stdout)
    assert {one["label"] for one in found["labels"]} == {"bug", "billing", "praise"}
    assert all(one["low"] < 1 / 3 < one["high"] for one in found["labels"])
    assert f"{found['lots']} of them drawn by lot" in said


@pytest.mark.parametrize(("name", "words"), [("new", "there are 0"), ("own", "nothing can be estimated")])
def test_what_cannot_be_estimated_is_said(run, name, words):
    done = run("estimate", name)
    assert done.exit_code == 0
    assert words in done.stdout


def test_in_chinese(run):
    assert "不进入任何证书" in run("--lang", "zh", "estimate", "tickets").stdout

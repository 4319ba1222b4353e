"""`cowise explain`: words with signed bars, as JSON, in Chinese; what it refuses."""

import json

import pytest
from typer.testing import CliRunner

from cowise import loop
from cowise.cli import app
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify, content_id

TEXT = "my crash and invoice"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project with 60 answers and a version that learned from them."""
    home = tmp_path_factory.mktemp("explain") / "ws"
    known = {f"{word} {i}": label for label, word in (("bug", "crash"), ("billing", "invoice")) for i in range(80)}
    with loop.open_workspace(Settings(home=home), create=True) as ws:
        loop.create(ws, "tickets", classify("bug", "billing"), Promise(), encoder="hashing")
        loop.add(ws, "tickets", list(known))
        with loop.session(ws, "tickets", "ann") as review:
            for _ in range(60):
                [question] = review.ask(1)
                review.take(question, Answer.of(known[question.text]), 1.0)
        loop.learn(ws, "tickets")
    return home


@pytest.fixture
def run(home):
    return lambda *words: CliRunner().invoke(app, ["--home", str(home), *words])


def test_words_with_signed_bars_and_numbers(run):
    done = run("explain", "tickets", "--text", TEXT, "--target", "bug")
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "+0." in lines["crash"]
    assert "█" in lines["crash"]
    assert "-0." in lines["invoice"]
    assert "░" in lines["invoice"]
    assert "%" in lines["bug:"]
    assert "the model read 16 texts" in lines["paired:"]


def test_json_holds_every_word_with_its_place(run):
    found = json.loads(run("explain", "tickets", "--text", TEXT, "--method", "ends", "--json").stdout)
    assert [TEXT[word["start"] : word["end"]] for word in found["words"]] == TEXT.split()
    assert (found["method"], found["complete"], found["text"]) == ("ends", True, TEXT)


def test_long_texts_and_caps_are_said(run):
    long = " ".join(f"word{i}" for i in range(400))
    said = run("explain", "tickets", "--text", long, "--method", "permutation", "--cap", "900").stdout
    assert "more words weigh less" in said
    assert "The first 2,000 characters were explained" in said
    assert "The cap cut it short" in said
    assert "±" in said


@pytest.mark.parametrize(
    ("words", "sentence", "code"),
    [
        ((), "give --text or --item, one of them", 2),
        (("--text", "a", "--item", "b"), "give --text or --item, one of them", 2),
        (("--text", " "), "empty or white space", 2),
        (("--text", "a", "--method", "magic"), "no method 'magic'", 2),
        (("--text", "a", "--target", "magic"), "no label 'magic'", 2),
        (("--item", "nowhere"), "is not in project", 5),
    ],
)
def test_what_is_refused(run, words, sentence, code):
    done = run("explain", "tickets", *words)
    assert done.exit_code == code
    assert sentence in done.stderr


def test_an_open_item_is_refused_with_the_reason(run, home):
    with loop.open_workspace(Settings(home=home)) as ws:
        waits = next(one for one in loop.items(ws, "tickets") if one.route is None)
    for given in (waits.id, waits.text):
        done = run("explain", "tickets", "--item", given)
        assert done.exit_code == 12
        assert "not to be led by the model" in done.stderr
    assert content_id(waits.text) == waits.id
    assert run("explain", "tickets", "--text", waits.text).exit_code == 0


def test_in_chinese(run):
    assert "模型读了" in run("--lang", "zh", "explain", "tickets", "--text", TEXT).stdout
    assert "不应受模型引导" not in run("--lang", "zh", "explain", "tickets", "--help").stdout
    assert "哪些词使模型" in run("--lang", "zh", "explain", "--help").stdout

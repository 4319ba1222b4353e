"""`cowise forecast`: in words, as JSON, in Chinese."""

import json

import pytest
from typer.testing import CliRunner

from cowise import loop
from cowise.cli import app
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project that was played to its end, one without answers, one of another promise."""
    home = tmp_path_factory.mktemp("forecast") / "ws"
    words = (("bug", "crash"), ("billing", "invoice"), ("praise", "love"))
    known = {f"{word} {i} please": label for label, word in words for i in range(90)}
    with loop.open_workspace(Settings(home=home), create=True) as ws:
        for name, promise in (
            ("tickets", Promise(0.1, 0.8)),
            ("new", Promise()),
            ("alone", Promise(0.1, 0.8, "selective")),
            ("both", Promise(0.1, 0.8, "selective", per_label=True)),
        ):
            loop.create(ws, name, classify("bug", "billing", "praise"), promise, encoder="hashing")
            loop.add(ws, name, list(known))
        for name, limit in (("tickets", 0), ("alone", 70)):
            with loop.session(ws, name, "ann") as review:
                given = 0
                while (asked := review.ask(1)) and (not limit or given < limit):
                    review.take(asked[0], Answer.of(known[asked[0].text]), 1.0)
                    given += 1
    return home


@pytest.fixture
def run(home):
    return lambda *words: CliRunner().invoke(app, ["--home", str(home), *words])


def test_it_says_what_a_promise_costs_and_what_was_granted(run):
    done = run("forecast", "tickets")
    assert done.exit_code == 0
    assert "Error 10 % at 80 %: the machine would answer" in done.stdout
    assert "Check 1: foretold" in done.stdout
    found = json.loads(run("forecast", "tickets", "--max-error", "0.02", "--json").stdout)
    assert found["here"]["max_error"] == 0.02
    assert found["looks"][0]["granted"] > 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("new", "needs first answers, 20 that train the model; given: 0. Go on with: cowise review new"),
        ("both", "label by label, nothing is foretold"),
    ],
)
def test_where_nothing_is_foretold_it_says_why(run, name, told):
    done = run("forecast", name)
    assert done.exit_code == 0
    assert told in done.stdout


@pytest.mark.parametrize("words", [("--max-error", "1"), ("--max-error", "0"), ("--confidence", "0.3")])
def test_what_is_no_promise_is_refused_in_a_sentence(run, words):
    done = run("forecast", "tickets", *words)
    assert done.exit_code != 0
    assert "asked for" in done.stderr
    assert "Traceback" not in done.output


def test_in_chinese(run):
    assert "把握" in run("--lang", "zh", "forecast", "tickets").stdout


def test_what_grants_all_or_nothing_says_how_often(run):
    here = json.loads(run("forecast", "alone", "--json").stdout)["here"]
    assert 0 < here["chance"] <= 1
    assert here["automation"]["low"] == 0 or here["chance"] > 0.9
    told = run("forecast", "alone", "--max-error", "0.03").stdout
    assert "The check grants all of that or nothing" in told
    assert "要么全部通过" in run("--lang", "zh", "forecast", "alone", "--max-error", "0.03").stdout


def test_answers_that_were_imported_need_a_choice_of_questions(tmp_path):
    words = {"bug": "crash", "billing": "invoice"}
    rows = [{"text": f"{word} {i} please", "label": label} for label, word in words.items() for i in range(75)]
    with loop.open_workspace(Settings(home=tmp_path), create=True) as ws:
        loop.create(ws, "p", classify(*words), Promise(0.1, 0.8), encoder="hashing")
        loop.add(ws, "p", rows, loop.Columns("text", "label"))
        loop.add(ws, "p", [f"{word} {i} please" for word in words.values() for i in range(75, 150)])

    def said(*more):
        return CliRunner().invoke(app, ["--home", str(tmp_path), *more, "forecast", "p"]).stdout

    assert "150 answers are given, and no forecast is made yet" in said()
    assert "已有 150 个回答" in said("--lang", "zh")
    with loop.open_workspace(Settings(home=tmp_path)) as ws, loop.session(ws, "p", "ann") as review:
        review.ask(1)
    assert "the machine would answer" in said("--lang", "en")

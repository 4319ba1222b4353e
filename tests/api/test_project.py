"""The facade, as its users hold it."""

import json
import os
import signal
import subprocess
import sys

import httpx2
import pytest

import cowise as cw
from cowise.core.errors import GuaranteeError, InputError, MissingError
from tests.models.servers import answer, serving

GOLD = {f"{word} number {i}": label for i in range(40) for word, label in (("crash", "bug"), ("lovely", "praise"))}


@pytest.fixture
def project(tmp_path):
    task, promise = cw.classify("bug", "praise"), cw.Promise(0.15, 0.7)
    with cw.open("p", task=task, promise=promise, encoder="hashing", home=tmp_path) as found:
        found.add(list(GOLD))
        yield found


def test_the_loop_in_six_lines(project, tmp_path):
    with pytest.raises(GuaranteeError):
        project.certify()
    assert project.review(lambda q: GOLD[q.text], limit=20) == 20
    assert project.learn().metrics["answers"] > 10
    project.review(lambda q: GOLD[q.text])
    now = project.status()
    assert now.open == 0
    file = project.export(tmp_path / "out.csv")
    assert file.read_text("utf-8").count("\n") == len(GOLD) + 1
    found = list(project.decide(["crash again", "how lovely"]))
    assert [d.route for d in found] == ["reviewed", "reviewed"]
    assert "'bug'" in found[0].reason


def test_simulate_plays_with_known_answers(project):
    assert project.simulate(GOLD).open == 0


def test_answers_may_be_none_unsure_or_skipped(project):
    said = iter([cw.Answer("none"), None, cw.Answer("unsure"), "bug"])
    assert project.review(lambda q: next(said), limit=3) == 3
    assert project.status().reviewed == 2


def test_opening_again(project, tmp_path):
    project.close()
    with cw.open("p", home=tmp_path) as again:
        assert again.status().items == len(GOLD)
    with pytest.raises(InputError, match="another task"):
        cw.open("p", task=cw.classify("a", "b"), home=tmp_path)
    with pytest.raises(MissingError, match="give task="):
        cw.open("other", home=tmp_path)
    with pytest.raises(MissingError, match="holds no workspace"):
        cw.open("p", home=tmp_path / "nowhere")


def test_the_home_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("COWISE_HOME", str(tmp_path / "ws"))
    with cw.open("p", task=cw.classify("a", "b"), encoder="hashing"):
        assert (tmp_path / "ws" / "cowise.db").is_file()


def test_change_takes_effect(project):
    project.change(promise=cw.Promise(0.2, 0.8))
    assert project.status().promise.max_error == 0.2


def test_typing_in_the_terminal(project, monkeypatch):
    lines = iter(["9", "1", "praise", "n", "?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    assert project.review(limit=4) == 4
    assert project.status().reviewed == 3


def test_a_certificate_for_the_texts_here(tmp_path, monkeypatch):
    monkeypatch.setattr("cowise.guard.keys.new_key", lambda: bytes(range(32)))  # the same lots on every day
    gold = {f"{word} number {i}": label for i in range(150) for word, label in (("crash", "bug"), ("lovely", "praise"))}
    task, promise = cw.classify("bug", "praise"), cw.Promise(0.15, 0.7)
    with cw.open("p", task=task, promise=promise, encoder="hashing", home=tmp_path) as project:
        project.add(list(gold))
        assert project.simulate(gold).automated > 100
        found = project.certify()
    assert (found.promise, found.window, found.n_items) == (promise, "batch", 300)
    assert found.n_automated > 100


def test_reviewing_on_a_page(project, monkeypatch, capsys):
    """With a desktop the page opens in the browser, here a client that answers twice and presses Ctrl-C."""

    def browse(link):
        try:
            address, token = link.split("/#/enter/")
            with httpx2.Client(base_url=address, timeout=30) as client:
                client.post("/api/session/link", json={"token": token}).raise_for_status()
                for question in client.post("/api/projects/p/questions", json={"n": 2}).json()["questions"]:
                    answer = {"kind": "label", "value": GOLD[question["text"]]}
                    body = {"token": question["token"], "item": question["item"], "answer": answer}
                    client.post("/api/projects/p/answers", json=body).raise_for_status()
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("cowise.core.screen.browser_here", lambda: True)
    monkeypatch.setattr("webbrowser.open", browse)
    assert project.review() == 2
    assert project.status().reviewed == 2
    said = capsys.readouterr().out
    assert said.startswith("Open http://127.0.0.1:")
    assert "Ctrl-C ends." in said


def test_the_facade_is_light_and_whole():
    code = "import sys, cowise; print(*sorted({'numpy', 'sqlalchemy', 'sklearn', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert cw.TextClassifier.__name__ == "TextClassifier"
    with pytest.raises(AttributeError):
        cw.nothing  # noqa: B018


def test_language_models_have_seats(tmp_path):
    with (
        serving(lambda to, body: to.say(answer("bug"))) as (url, _),
        cw.open("t", task=cw.classify("bug", "praise"), encoder="hashing", home=tmp_path) as project,
    ):
        project.add(["It crashes", "I love it"])
        made = project.add_member("near", url, model="m", price="1", budget=9.0, private=True)
        assert made.budget == 9.0
        (found,) = project.opinions("near")
        assert (found.given, found.why) == (2, "")
        project.remove_member("near")
        assert [each.active for each in project.members()] == [False]
        assert project.opinions() == []


def test_a_project_of_sets_takes_lists_and_gives_them_back(tmp_path):
    gold = {
        f"{' '.join(held) or 'nothing'} number {i}": held for i in range(30) for held in (["bug"], ["bug", "slow"], [])
    }
    task = cw.multilabel("bug", "slow")
    with cw.open("sets", task=task, promise=cw.Promise(0.2, 0.7), encoder="hashing", home=tmp_path) as project:
        project.add([{"text": "came along", "l": ["slow", "bug"]}, *({"text": text} for text in gold)], label="l")
        said = iter([["bug"], "bug; slow", cw.Answer("labels", ("slow",)), cw.Answer("none")])
        assert project.review(lambda q: next(said), limit=4) == 4
        project.simulate({**gold, "came along": ["bug", "slow"]})
        now = project.status()
        assert now.open == 0
        lines = project.export(tmp_path / "out.jsonl").read_text("utf-8").splitlines()
        told = {row["text"]: row["label"] for row in map(json.loads, lines)}
        assert told["came along"] == ["bug", "slow"]
        assert all(isinstance(label, list) for label in told.values())
        with pytest.raises(cw.CowiseError, match="has another task"):
            cw.open("sets", task=cw.classify("bug", "slow"), home=tmp_path)


def test_the_terminal_takes_several_labels_in_a_line(tmp_path, monkeypatch):
    lines = iter(["1, slow", "3", "n"])
    monkeypatch.setattr("builtins.input", lambda _: next(lines))
    monkeypatch.setattr("cowise.core.screen.browser_here", lambda: False)
    with cw.open("sets", task=cw.multilabel("bug", "slow", "odd"), encoder="hashing", home=tmp_path) as project:
        project.add(["one", "two", "three"])
        assert project.review(limit=3) == 3
        lines = project.export(tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert sorted(json.loads(line)["label"] for line in lines) == [[], ["bug", "slow"], ["odd"]]

"""`cowise member` and `cowise opinions` from the first seat to the last figure."""

import json
from pathlib import Path

from typer.testing import CliRunner

from cowise.cli.program import app
from tests.models.servers import answer, serving


def run(home: Path, *words: str):
    return CliRunner().invoke(app, ["--home", str(home), *words])


def test_from_a_seat_to_opinions_and_back(tmp_path):
    (tmp_path / "t.csv").write_text("text\nit crashes\nI love it\n")
    home = tmp_path / "home"
    assert run(home, "new", "t", "--labels", "bug,praise", "--encoder", "hashing").exit_code == 0
    assert run(home, "add", "t", str(tmp_path / "t.csv"), "--text", "text").exit_code == 0
    assert "No language model" in run(home, "member", "list", "t").output
    with serving(lambda to, body: to.say(answer("bug"))) as (url, _):
        shut = run(home, "member", "add", "t", "near", "--llm", url, "--model", "m")
        assert shut.exit_code == 12
        assert "--private" in shut.stderr
        made = run(
            home,
            "member",
            "add",
            "t",
            "near",
            "--llm",
            url,
            "--model",
            "m",
            "--private",
            "--price",
            "1,1",
            "--budget",
            "9",
        )
        assert made.exit_code == 0, made.output
        assert "cowise --home" in made.output
        first = run(home, "opinions", "t", "--limit", "1")
        assert "near: 1 opinions, 0 texts without one, 0.2200 spent" in first.output
        found = json.loads(run(home, "opinions", "t", "--json").stdout)
        assert [(one["member"], one["given"], one["why"]) for one in found] == [("near", 1, "")]
    listed = run(home, "--lang", "zh", "member", "list", "t").output
    assert "意见" in listed
    assert "0.4400" in listed
    assert run(home, "member", "remove", "t", "near").exit_code == 0
    assert run(home, "opinions", "t", "--member", "near").exit_code == 5


def test_why_it_stopped_is_said_in_both_languages(tmp_path):
    home = tmp_path / "home"
    (tmp_path / "t.csv").write_text("text\n" + "".join(f"text {i}\n" for i in range(20)))
    run(home, "new", "t", "--labels", "bug,praise", "--encoder", "hashing")
    run(home, "add", "t", str(tmp_path / "t.csv"), "--text", "text")
    with serving(lambda to, body: to.say(answer("evil"))) as (url, _):
        run(home, "member", "add", "t", "near", "--llm", url, "--model", "m", "--private")
        assert "8 texts in a row got no answer: m answered with none of the labels" in run(home, "opinions", "t").output
        said = run(home, "--lang", "zh", "opinions", "t").output
    assert "连续 8 条文本没有得到回答：m 的回答不是任何一个标签" in said

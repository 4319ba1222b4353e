"""`cowise evaluate`: a table, one JSON document, Chinese; every format; what it refuses, and where."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cowise.cli import app

LABELS = ["bug", "billing", "表扬"]


def rows() -> list[dict[str, Any]]:
    """300 messages with known answers, two models' own, and the probabilities of the first."""
    rng, found = random.Random(0), []
    for i in range(300):
        true = rng.choice(LABELS)
        weights = [rng.random() + (label == true) * 0.6 for label in LABELS]
        p = {label: weight / sum(weights) for label, weight in zip(LABELS, weights, strict=True)}
        new = max(p, key=p.__getitem__)
        old = true if rng.random() < 0.4 else rng.choice(LABELS)
        found.append(
            {
                "text": f"message {i}",
                "label": true,
                "new": new,
                "old": old,
                "language": rng.choice(["en", "zh"]),
                "length": i,
                "p": p,
            }
        )
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same as CSV with a column for each probability, as CSV with JSON in a cell, and as JSON Lines."""
    folder = tmp_path_factory.mktemp("evaluate")
    known = rows()
    found = {name: folder / name for name in ("wide.csv", "cell.csv", "rows.jsonl")}
    wide = [
        {**{k: v for k, v in row.items() if k != "p"}, **{f"p_{label}": v for label, v in row["p"].items()}}
        for row in known
    ]
    for name, table in (("wide.csv", wide), ("cell.csv", [{**row, "p": json.dumps(row["p"])} for row in known])):
        with found[name].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    found["rows.jsonl"].write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in known), "utf-8")
    return found


Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    return lambda *words: CliRunner().invoke(app, list(map(str, words)))


def test_a_table_with_intervals_and_their_kinds(run: Run, files: dict[str, Path]) -> None:
    done = run("evaluate", files["wide.csv"], "--truth", "label", "--prediction", "new", "--slice", "language")
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.split()}
    assert "exact" in lines["accuracy"]
    assert "bootstrap" in lines["Matthews"]
    assert "表扬" in lines
    assert "language  zh" in done.stdout
    assert "Clopper & Pearson" in done.stdout
    assert "AUROC" not in done.stdout


def test_every_format_tells_the_same(run: Run, files: dict[str, Path]) -> None:
    told = []
    for name, p in (("wide.csv", "p_"), ("cell.csv", "p"), ("rows.jsonl", "p")):
        found = run("evaluate", files[name], "--truth", "label", "--prediction", "new", "--probabilities", p, "--json")
        assert found.exit_code == 0, found.output
        told.append(json.loads(found.stdout))
    assert told[0]["labels"] == LABELS
    for other in told[1:]:
        assert other["scores"]["auroc"] == told[0]["scores"]["auroc"]
        assert other["scores"]["ece"]["value"] == pytest.approx(told[0]["scores"]["ece"]["value"])
    assert told[0]["comparison"] is None
    assert told[0]["risk_coverage"][-1][0] == 1


def test_probabilities_alone_say_the_likeliest(run: Run, files: dict[str, Path]) -> None:
    one = run("evaluate", files["rows.jsonl"], "--truth", "label", "--probabilities", "p", "--json")
    other = run("evaluate", files["rows.jsonl"], "--truth", "label", "--prediction", "new", "--json")
    assert json.loads(one.stdout)["scores"]["accuracy"] == json.loads(other.stdout)["scores"]["accuracy"]


def test_two_models_beside_each_other(run: Run, files: dict[str, Path]) -> None:
    words = ("evaluate", files["wide.csv"], "--truth", "label", "--prediction", "new", "--against", "old")
    words += ("--slice", "language", "--slice", "length")
    done = run(*words)
    assert "new – old" in done.stdout
    assert "exact McNemar p" in done.stdout
    found = json.loads(run(*words, "--json", "--confidence", "0.9", "--resamples", "200", "--seed", "3").stdout)[
        "comparison"
    ]
    assert found["terms"]["confidence"] == 0.9
    assert len(found["slices"]) == 6
    known = rows()
    assert found["disagree"] == [i for i, row in enumerate(known) if row["new"] != row["old"]]


def test_in_chinese(run: Run, files: dict[str, Path]) -> None:
    words = (
        "--lang",
        "zh",
        "evaluate",
        files["wide.csv"],
        "--truth",
        "label",
        "--prediction",
        "new",
        "--against",
        "old",
    )
    said = run(*words).stdout
    for word in ("正确率", "95 % 区间", "按标签", "精确检验", "重抽样："):
        assert word in said
    assert "不需要项目" in run("--lang", "zh", "evaluate", "--help").stdout
    refused = run("--lang", "zh", "evaluate", files["wide.csv"], "--truth", "label")
    assert "没有可评价的" in refused.stderr


def test_labels_are_compared_as_texts(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    file.write_text('{"t": 1, "p": "1"}\n{"t": 2.0, "p": " 2 "}\n{"t": true, "p": "True"}\n', "utf-8")
    found = json.loads(run("evaluate", file, "--truth", "t", "--prediction", "p", "--json").stdout)
    assert found["scores"]["accuracy"]["value"] == 1
    assert found["labels"] == ["1", "2", "True"]


def test_labels_that_a_row_leaves_out_have_no_probability_there(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "short.jsonl"
    file.write_text('{"t": "a", "p": {"a": 1}}\n{"t": "b", "p": {"b": 0.75, "a": 0.25}}\n', "utf-8")
    found = json.loads(run("evaluate", file, "--truth", "t", "--probabilities", "p", "--json").stdout)
    assert found["labels"] == ["a", "b"]
    assert found["scores"]["brier"]["value"] == pytest.approx(0.0625 / 2)


def test_slices_are_named_as_they_stand(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kinds.jsonl"
    rows = [{"t": "a", "p": "a", "o": "z", "n": str(i % 3), "b": i % 2 == 0} for i in range(12)]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    words = ("--truth", "t", "--prediction", "p", "--against", "o", "--slice", "n", "--slice", "b", "--json")
    found = json.loads(run("evaluate", file, *words).stdout)
    assert [one["value"] for one in found["slices"]] == ["0", "1", "2", "False", "True"]
    assert found["comparison"]["mcnemar"]["only_a"] == 12


def one_row(text: str) -> str:
    return f"t,p,a,b,j\n{text}\n"


@pytest.mark.parametrize(
    ("text", "words", "said", "code"),
    [
        ("x,x,,,", ("--truth", "t"), "nothing to judge", 2),
        ("x,x,,,", ("--truth", "t", "--probabilities", "j", "--against", "p"), "--against needs a prediction", 2),
        ("x,x,,,", ("--truth", "no", "--prediction", "p"), "no column 'no' for --truth; it has 't'", 3),
        ("x,x,,,", ("--truth", "t", "--prediction", "no"), "no column 'no' for --prediction", 3),
        ("x,x,,,", ("--truth", "t", "--prediction", "p", "--slice", "no"), "no column 'no' for --slice", 3),
        ("x,x,,,", ("--truth", "t", "--probabilities", "no"), "none that begins so", 3),
        (",x,,,", ("--truth", "t", "--prediction", "p"), "row 2: 't' is empty", 3),
        ("x,x,,,", ("--truth", "t", "--probabilities", "j"), "row 2: 'j' holds no probabilities", 3),
        ("x,x,,,[1]", ("--truth", "t", "--probabilities", "j"), "row 2: 'j' holds no probabilities", 3),
        ("x,x,,,{", ("--truth", "t", "--probabilities", "j"), "row 2: 'j' holds no probabilities", 3),
        ('x,x,,,"{""x"": ""y""}"', ("--truth", "t", "--probabilities", "j"), "the probability of 'x' is 'y'", 3),
        ('x,x,,,"{""x"": null}"', ("--truth", "t", "--probabilities", "j"), "the probability of 'x' is 'None'", 3),
        (
            'x,x,,,"{""x"": 0.9}"',
            ("--truth", "t", "--probabilities", "j"),
            "row 2: probabilities from 0.9 that sum to 0.9",
            3,
        ),
        ('x,x,,,"{""x"": NaN}"', ("--truth", "t", "--probabilities", "j"), "that sum to nan", 3),
        (
            'x,x,,,"{""y"": 1}"',
            ("--truth", "t", "--probabilities", "j"),
            "row 2: label 'x' has no probability; there are 'y'",
            3,
        ),
        ("x,x,,,", ("--truth", "t", "--prediction", "p", "--confidence", "1"), "confidence: asked for 1.0", 2),
        ("x,x,,,", ("--truth", "t", "--prediction", "p", "--resamples", "5"), "resamples: asked for 5", 2),
        ("", ("--truth", "t", "--prediction", "p"), "has no rows", 3),
    ],
)
def test_what_is_refused(run: Run, tmp_path: Path, text: str, words: tuple[str, ...], said: str, code: int) -> None:
    file = tmp_path / "one.csv"
    file.write_text(one_row(text), "utf-8")
    done = run("evaluate", file, *words)
    assert said in done.stderr, done.output
    assert done.exit_code == code


def test_a_list_is_no_label(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sets.jsonl"
    file.write_text('{"t": ["a", "b"], "p": "a"}\n', "utf-8")
    assert "holds a list; give one label" in run("evaluate", file, "--truth", "t", "--prediction", "p").stderr
    assert run("evaluate", tmp_path / "nothing.csv", "--truth", "t", "--prediction", "p").exit_code == 5

"""Figures that pages state as facts are computed again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cowise.team import design, errors_that_break

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("percent", [5, 2])
def test_the_table_of_lots(percent: int) -> None:
    page = (DOCS / "how-to" / "own-answers.md").read_text("utf-8")
    row = re.search(rf"^\| at most {percent} %, confidence 90 % \| (\d+) \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    assert row
    assert [int(each) for each in row.groups()] == [
        design(6000, 6000, percent / 100, 0.1, kappa).lots for kappa in (0, 2, 5)
    ]


def test_the_chinese_page_states_the_same() -> None:
    page = (DOCS / "zh" / "promise.md").read_text("utf-8")
    assert [int(each) for each in re.findall(r"(\d+) 支", page)] == [
        design(6000, 6000, 0.05, 0.1, kappa).lots for kappa in (0, 2)
    ]


def test_the_error_that_breaks_the_promise() -> None:
    page = (DOCS / "explanation" / "audits.md").read_text("utf-8")
    assert f"*c* = {design(6000, 6000, 0.05, 0.1, 0).breaking}" in page


def test_the_human_share_of_the_example() -> None:
    """Rounded figures of one set: as far from the latest run as three points, no further; parts add up to the whole."""
    words = " ".join((DOCS / "explanation" / "human-share.md").read_text("utf-8").split())
    told = re.search(
        r"answered about (\d+) % of all items: (\d+) % for training, (\d+) % as audits, (\d+) % because .*? needed (\d+) %, PAC labels (\d+) %",
        words,
    )
    assert told
    whole, training, audit, deferred, fixed, pac = (int(each) for each in told.groups())
    assert abs(training + audit + deferred - whole) <= 1
    result = DOCS.parent / "benchmarks" / "results" / "human_share.json"
    case = json.loads(result.read_text("utf-8"))["cases"]["crosswoz_zh 0.05"] if result.is_file() else None
    if case is not None:  # written by the benchmark, which needs the sets
        for figure, share in (
            (whole, case["ours"]["human_share"]),
            (fixed, case["fixed"]["human_share"]),
            (pac, case["pac"]["human_share"]),
        ):
            assert abs(figure - 100 * share) <= 3


def test_the_items_that_need_nobody() -> None:
    page = (DOCS / "explanation" / "human-share.md").read_text("utf-8")
    assert f"At 5 % of 6,000 items, {errors_that_break(0.05, 6000) - 1} wrong ones keep the promise" in page


TITLES = {
    "AG News": "ag_news", "TREC": "trec6", "SST-2": "sst2", "ChnSentiCorp": "chnsenticorp", "CrossWOZ": "crosswoz_zh",
    "Banking77": "banking77",
}  # fmt: skip


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_front_page_states_what_was_measured(page: str) -> None:
    cases = json.loads((DOCS.parent / "benchmarks" / "results" / "human_share.json").read_text("utf-8"))["cases"]
    lines = (DOCS.parent / page).read_text("utf-8").splitlines()
    for title, name in TITLES.items():
        (row,) = (line for line in lines if line.startswith(f"| {title} |"))
        told = [int(cell.strip().removesuffix(" %")) for cell in row.strip("|").split("|")[1:]]
        assert told == [
            round(100 * cases[f"{name} {alpha}"][who]["human_share"])
            for alpha in ("0.05", "0.02")
            for who in ("ours", "fixed", "small_text", "pac")
        ]


@pytest.mark.parametrize("page", ["how-to/evaluate.md", "zh/evaluate.md"])
def test_what_is_said_of_evaluations_was_measured(page: str) -> None:
    words = " ".join((DOCS / page).read_text("utf-8").split())
    results = DOCS.parent / "benchmarks" / "results"
    rate = json.loads((results / "evaluate_rate.json").read_text("utf-8"))
    assert rate["target_met"]
    for figure in (f"{rate['evaluate']['cpu_seconds']:.1f}", f"{rate['scikit_learn_once']['cpu_seconds']:.1f}"):
        assert figure in words
    read = json.loads((results / "claims_intervals.json").read_text("utf-8"))
    cases = {name: one for name, one in read.items() if name.endswith(" items")}
    bounds = [one[f]["held"] for one in cases.values() for f in ("ece", "ece_mass", "ece_debiased")]
    assert f"{100 * min(bounds):.1f}" in words
    mirrored = [one["naive: ece, resamples mirrored"]["held"] for one in cases.values()]
    assert f"{100 * min(mirrored):.0f}" in words
    assert f"{100 * max(mirrored):.0f} %" in words
    for size in (200, 1000):
        rest = [
            row["held"]
            for name, one in cases.items()
            for figure, row in one.items()
            if name.endswith(f" {size} items") and not figure.startswith(("naive", "ece", "accuracy", "micro", "top"))
            if not figure.endswith("of a label") and figure != "weighted_recall"
        ]
        assert f"{100 * min(rest):.1f}" in words
        assert f"{100 * sum(rest) / len(rest):.1f} %" in words
